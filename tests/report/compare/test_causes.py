"""Why a number changed, as far as two runs tell."""

from pathlib import Path

import pytest

from analysis.report.compare.causes import (
    Causes,
    chapter_causes,
    counts_same_years,
    edition_causes,
    reasons,
)
from analysis.report.compare.published import PublishedEdition
from analysis.report.compare.published_pages import PublishedChapter


def causes(**different):
    same = dict.fromkeys(("years", "closing", "inputs", "package", "parameters"), ())
    return Causes(**same | different)


YEARS, CLOSING = {"years": ("1985–2022 → 1985–2023",)}, {"closing": ("2022-12-31 → 2023-12-31",)}
INPUTS, PACKAGE = {"inputs": ("cases.csv: a → b",)}, {"package": ("1.0 a → 1.0 b",)}
CODE = {"method": ("",)}


@pytest.mark.parametrize(
    ("different", "columns", "strata", "counts_changed", "keys"),
    [
        (YEARS, ("cases",), ("sex",), True, ("new_year",)),
        (YEARS, ("cases",), ("year",), True, ("not_known",)),
        (CLOSING, ("cases",), ("sex",), False, ("new_year",)),
        (CLOSING, ("survival",), ("period",), False, ("new_year",)),
        (CLOSING, ("cases",), ("period",), False, ("not_known",)),
        (YEARS | INPUTS, ("cases",), ("sex",), True, ("new_year",)),
        (YEARS | INPUTS, ("cases",), ("year",), True, ("corrected",)),
        (INPUTS, ("cases",), ("sex",), True, ("corrected",)),
        (INPUTS, ("cases",), ("sex",), False, ("inputs",)),
        (INPUTS, ("rate",), ("sex",), None, ("inputs",)),
        ({"inputs": None}, ("cases",), ("sex",), True, ("corrected",)),
        ({"inputs": None}, ("cases",), ("sex",), False, ("not_known",)),
        (PACKAGE, (), (), None, ("package",)),
        (PACKAGE | INPUTS, (), (), None, ("inputs",)),
        (CODE | PACKAGE, (), (), None, ("method",)),
        (INPUTS | {"parameters": ("a",)} | CODE, (), (), None, ("inputs", "parameters", "method")),
        ({}, (), (), None, ("not_known",)),
    ],
)
def test_the_nearest_reasons_are_named(different, columns, strata, counts_changed, keys):
    assert reasons(causes(**different), columns, strata, counts_changed) == keys


def test_rows_of_both_editions_count_the_same_years_where_they_name_them_or_none_moved():
    assert counts_same_years(("sex",), causes())
    assert counts_same_years(("sex", "diagnosis_period"), causes(**YEARS))
    assert not counts_same_years(("sex",), causes(**YEARS))
    assert not counts_same_years(("sex",), causes(**CLOSING))
    assert not counts_same_years(("sex",), causes(years=None))


def chapter(code="a", **parameters):
    return PublishedChapter("03_a", "3 A", (), (), code, parameters or None)


@pytest.mark.parametrize(
    ("parameters", "years", "closing"),
    [
        ({"first_year": 1985}, YEARS["years"], ()),
        ({"provisional_year": 2022}, YEARS["years"], ()),
        ({"last_year": 2022}, YEARS["years"], CLOSING["closing"]),
        ({"closing_date": "2022-12-31"}, (), CLOSING["closing"]),
        ({"sexes": True}, (), ()),
    ],
)
def test_a_chapter_changes_with_the_years_that_it_takes(parameters, years, closing):
    whole = causes(**YEARS, **CLOSING)
    own = chapter_causes(whole, chapter(**parameters), chapter(**parameters))
    assert (own.years, own.closing, own.parameters, own.method) == (years, closing, (), ())


def test_code_and_parameters_of_a_chapter_are_compared_where_both_are_known():
    own = chapter_causes(causes(), chapter("a", top=1, last_year=1), chapter("b", top=2))
    assert (own.parameters, own.method) == (("top: 1 → 2",), ("",))
    unknown = chapter_causes(causes(parameters=("x",)), chapter(None), chapter("b", top=2))
    assert (unknown.parameters, unknown.method) == (("x",), None)


def edition(record=None, **about):
    return PublishedEdition("demo", Path("demo/public"), {}, {"en": about}, record or {})


RECORD = {
    "edition": {
        "title": {"en": "A"},
        "diagnosis_years": {"first": 1985, "last": 2022},
        "closing_date": "2022-12-31",
        "survival": {"years": [1, 5]},
        "countries": [],
    },
    "inputs": [{"name": "cases.csv", "sha256": "abcdefghij"}],
    "package": {"version": "1.2", "sha256": "0123456789"},
}


def test_what_differs_between_editions_is_told_by_their_records():
    other = {
        "edition": {
            "title": {"en": "B"},
            "diagnosis_years": {"first": 1985, "last": 2023},
            "closing_date": "2023-12-31",
            "survival": {"years": [1, 10]},
            "countries": ["NO"],
        },
        "inputs": [{"name": "cases.csv", "sha256": "zbcdefghij"}, {"name": "deaths.csv"}],
        "package": {"version": "1.3", "sha256": "1123456789"},
    }
    found = edition_causes(edition(RECORD), edition(other), "en")
    assert found.years == ("1985–2022 → 1985–2023",)
    assert found.closing == ("2022-12-31 → 2023-12-31",)
    assert found.inputs == ("cases.csv: abcdefgh → zbcdefgh", "deaths.csv: – → ")
    assert found.package == ("1.2 01234567 → 1.3 11234567",)
    assert found.parameters == ("survival.years: 1, 5 → 1, 10", "countries: – → NO")
    assert edition_causes(edition(RECORD), edition(RECORD), "en") == causes()


def test_without_a_record_the_pages_tell_what_they_print():
    found = edition_causes(
        edition(RECORD, years="1985–2022", age="0–14"),
        edition(years="1985–2023", age="0–17", closing="31 December 2023"),
        "en",
    )
    assert found.years == ("1985–2022 → 1985–2023",)
    assert found.parameters == ("age: 0–14 → 0–17",)
    assert found.unknown == ("closing", "inputs", "package")
