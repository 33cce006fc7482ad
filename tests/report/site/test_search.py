"""What the search finds: sections and exhibits, each with the page and the place to go to."""

import json

from analysis.report.pages.bind import Page
from analysis.report.pages.exhibits import PlacedExhibit
from analysis.report.site.search import search_index

BODY = (
    "<p>Opening &lt; 5</p><figure>left out</figure>"
    '<h2 id="how">How <em>many</em>?</h2><p>Twelve.</p><details>left out</details>'
    '<div class="definition" id="t">left out</div>'
)


def places_of(page):
    text = search_index([page])
    assert text.startswith("window.reportPlaces=[\n") and text.endswith("\n];\n")
    return json.loads(text.removeprefix("window.reportPlaces=").removesuffix(";\n"))


def test_chapters_sections_and_exhibits_are_found_in_reading_order():
    fields = {"kind": "table", "body": "", "csv": "", "alternative": "a" * 500}
    exhibit = PlacedExhibit(fields, "3.1", "<b>Cases</b>", "<p>All</p>", "en", "03_rates")
    page = Page("03_rates", "en", "", "Rates", "", BODY, (), exhibits=(exhibit,))
    chapter, section, table = places_of(page)
    assert chapter == {
        "id": 0,
        "to": "03_rates.html",
        "title": "3 Rates",
        "page": "",
        "text": "Opening < 5",
        "kind": "chapter",
    }
    assert section == {
        "id": 1,
        "to": "03_rates.html#how",
        "title": "How many?",
        "page": "3 Rates",
        "text": "Twelve.",
        "kind": "section",
    }
    assert (table["to"], table["title"], table["kind"]) == (
        "03_rates.html#table-3-1",
        "Table 3.1 Cases",
        "table",
    )
    assert (table["page"], table["text"]) == ("3 Rates", f"All {'a' * 400}")


def test_a_page_without_a_number_is_called_by_its_title():
    assert places_of(Page("foreword", "en", "", "Foreword", "", "", ()))[0]["title"] == "Foreword"
