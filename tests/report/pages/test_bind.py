"""Executed notebooks become pages: numbered, captioned, without what display did not make."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.display import Exhibit
from analysis.errors import ChapterError
from analysis.report.pages.bind import bind_chapter, chapter_number

TITLE = "# Incidence\n\nHow many *children*?"


def shown(kind="table", **numbers):
    fields = Exhibit(
        kind,
        "<svg><text>I</text></svg>" if kind == "figure" else "<table></table>",
        "a\n1\n",
        "One.",
    )
    fields = json.loads(json.dumps(fields.quoting(**numbers)._repr_mimebundle_()))
    return new_code_cell("step()", outputs=[new_output("execute_result", fields)])


def page_of(*cells, language="en", name="03_incidence", value=""):
    return bind_chapter(new_notebook(cells=list(cells)), name, language, value)


def test_figures_and_tables_are_numbered_apart_in_reading_order(small):
    cells = [small.prose(TITLE, "en")]
    for kind, title in (("table", "A"), ("figure", "B"), ("table", "C"), ("figure", "D")):
        cells += [shown(kind), small.prose(title, "en", "caption")]
    page = page_of(*cells)
    places = [
        page.body.index(f">{label}</span> <span>{title}")
        for label, title in (
            ("Table 3.1", "A"),
            ("Figure 3.1", "B"),
            ("Table 3.2", "C"),
            ("Figure 3.2", "D"),
        )
    ]
    assert places == sorted(places)
    assert sorted(page.files) == [
        "03_incidence-figure-3-1.csv",
        "03_incidence-figure-3-1.svg",
        "03_incidence-figure-3-2.csv",
        "03_incidence-figure-3-2.svg",
        "03_incidence-table-3-1.csv",
        "03_incidence-table-3-2.csv",
    ]
    assert {text for name, text in page.files.items() if name.endswith(".csv")} == {"a\n1\n"}


def test_a_chapter_run_for_a_value_carries_it_in_its_numbers(small):
    cells = [small.prose("# Gruppe"), shown(), small.prose("Tall", "caption")]
    page = page_of(*cells, language="nb", name="09_group-III", value="III")
    assert "Tabell 9.III.1" in page.body
    assert (chapter_number("09_group-III", "III"), chapter_number("methods")) == ("9.III", "")


def test_title_description_and_headings(small):
    page = page_of(
        small.prose(f"{TITLE}\n\n## How many?\n\n### Boys\n\n## How many?\n\n## Text", "en")
    )
    assert (page.title, page.description) == ("Incidence", "How many children?")
    assert page.headings == (
        ("how-many", "How many?"),
        ("how-many-2", "How many?"),
        ("text-2", "Text"),
    )
    assert "<h1" not in page.body


def test_numbers_are_found_earlier_and_later_in_the_chapter_in_titles_and_captions(small):
    page = page_of(
        small.prose("# In {{ year }}", "en"),
        small.prose("Of {{ few }} cases", "en"),
        shown(few="<5", year="2023"),
        small.prose("Cases in {{ year }}\nFewer: {{ few }}", "en", "caption"),
    )
    assert page.title == "In 2023"
    assert "Of &lt;5 cases" in page.body
    assert "<span>Cases in 2023</span>" in page.body


def test_only_what_display_made_reaches_the_page(small):
    loose = new_code_cell(
        "frame",
        outputs=[
            new_output("stream", name="stderr", text="FutureWarning: secret"),
            new_output("stream", name="stdout", text="secret"),
            new_output("display_data", {"text/html": "<b>secret</b>", "text/plain": "secret"}),
        ],
    )
    page = page_of(small.prose(TITLE, "en"), loose)
    assert "secret" not in page.body + page.reviewed
    assert "<summary>How this was computed</summary>" in page.reviewed


def test_code_that_shows_nothing_is_for_reviewers_folded_escaped_and_without_parameters(small):
    parameters = new_code_cell(
        'cases_source = "/private/cases"', metadata={"tags": ["injected-parameters"]}
    )
    page = page_of(
        small.prose(TITLE, "en"), parameters, new_code_cell("a < b"), new_code_cell("'<script>'")
    )
    assert "/private" not in page.body + page.reviewed
    assert "a &lt; b\n\n'&lt;script&gt;'" in page.reviewed
    assert (page.body.count("<details"), page.reviewed.count("<details")) == (0, 1)
    assert "\ue002" not in page.body + page.reviewed


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (
            lambda s: [s.prose(TITLE, "en"), s.prose("{{ absent }}", "en")],
            "quotes a number called absent",
        ),
        (lambda s: [s.prose(TITLE, "en"), shown()], "table 3.1 has no caption in English"),
        (
            lambda s: [s.prose(TITLE, "en"), s.prose("Lost", "en", "caption")],
            "“Lost” follows no exhibit",
        ),
        (lambda s: [s.prose("no title", "en")], "this one has 0"),
        (lambda s: [s.prose("# A\n\n# B", "en")], "this one has 2"),
    ],
)
def test_a_chapter_that_cannot_be_bound_says_why(small, cells, fault):
    with pytest.raises(ChapterError, match=fault):
        page_of(*cells(small))
