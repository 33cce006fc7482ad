"""What frames a chapter: contents, banner, notices."""

import pytest

from analysis.report.edition.read import read_edition
from analysis.report.pages.bind import Page
from analysis.report.site.front_matter import (
    about_lines,
    banner,
    contents_entries,
    provisional_note,
)


def page(name, title, value="", series=""):
    return Page(name, "en", value, title, "", "", (), series)


def test_pages_of_one_notebook_share_an_entry():
    entries = contents_entries(
        [
            page("03_incidence", "Incidence"),
            *(page(f"09_group-{v}", f"Diagnostic group {v}: x", v) for v in ("I", "II")),
        ]
    )
    assert [(entry.number, entry.title, len(entry.pages)) for entry in entries] == [
        ("3", "Incidence", 1),
        ("9", "Diagnostic group", 2),
    ]


@pytest.mark.parametrize(
    ("titles", "series", "shared"),
    [
        (("Leukaemias", "Lymphomas"), "", "Leukaemias – Lymphomas"),
        (("Leukaemias", "Lymphomas"), "The groups", "The groups"),
        (("Group I", "Group I"), "", "Group I"),
        (("Only one",), "", "Only one"),
    ],
)
def test_an_entry_is_called_what_its_pages_share(titles, series, shared):
    pages = [page(f"09_group-{i}", title, str(i), series) for i, title in enumerate(titles)]
    assert contents_entries(pages)[0].title == shared


def test_the_banner_says_what_is_invented():
    assert banner(frozenset(), "en") == banner(frozenset({"life_table"}), "en") == ""
    assert banner(frozenset({"cases"}), "en").startswith(
        "The children in this report are invented."
    )
    assert banner(frozenset({"cases"}), "nb").startswith("Barna i denne rapporten er oppdiktet.")
    assert "population" in banner(frozenset({"population"}), "en")
    assert "befolkningstallene" in banner(frozenset({"cases", "population"}), "nb")


def test_provisional_years_are_told(write_edition):
    assert provisional_note(read_edition(write_edition()), "nb").startswith("2023 er foreløpig")
    assert provisional_note(read_edition(write_edition(provisional_years=3)), "en").startswith(
        "2021–2023 are"
    )
    assert provisional_note(read_edition(write_edition(provisional_years=0)), "en") == ""


def test_a_page_says_what_its_numbers_rest_on(write_edition):
    lines = dict(about_lines(read_edition(write_edition(closing_date=...)), "en"))
    assert lines["Age"] == "under 18 years"
    assert lines["Years of diagnosis"] == "1985–2023"
    assert "Followed to" not in lines
