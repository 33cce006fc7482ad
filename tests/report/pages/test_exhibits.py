"""An exhibit has a number, a name, words and data."""

import re

import pytest

from analysis.errors import ChapterError
from analysis.report.pages.drawings import accessible_svg
from analysis.report.pages.exhibits import PlacedExhibit, exhibit_html, split_caption

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img" aria-label="old"><desc>old</desc><defs>'
    '<clipPath id="c"></clipPath></defs><use href="#c"/><g clip-path="url(#c)"></g></svg>'
)


def placed(**changes):
    fields = {
        "kind": "figure",
        "body": DRAWING,
        "csv": "a\n",
        "alternative": "It <rises>.",
        "notes": ["1 < 2"],
    } | changes
    return PlacedExhibit(
        fields, "9.I.1", "Rates &amp; <em>years</em>", "<p>Per million.</p>", "nb", "09_group-I"
    )


def test_ids_numbers_and_files_name_the_chapter():
    exhibit = placed()
    assert (exhibit.anchor, exhibit.csv_name) == ("figure-9-I-1", "09_group-I-figure-9-I-1.csv")
    markup = exhibit_html(exhibit)
    assert '<span class="exhibit-number">Figur 9.I.1</span>' in markup
    assert 'href="data/09_group-I-figure-9-I-1.csv"' in markup
    assert "1 &lt; 2" in markup


def test_a_drawing_is_named_described_and_its_ids_are_its_own():
    svg = accessible_svg(DRAWING, "figure-1-1", "Figure 1.1. Rates", "It <rises>.")
    assert '<title id="figure-1-1-title">Figure 1.1. Rates</title>' in svg
    assert '<desc id="figure-1-1-desc">It &lt;rises&gt;.</desc>' in svg
    assert 'aria-labelledby="figure-1-1-title figure-1-1-desc"' in svg
    assert "old" not in svg
    assert "http" not in svg
    assert 'id="figure-1-1-c"' in svg
    assert 'href="#figure-1-1-c"' in svg
    assert "url(#figure-1-1-c)" in svg


def test_the_words_are_for_sighted_readers_too():
    assert "<summary>Med ord</summary><p>It &lt;rises&gt;.</p>" in exhibit_html(placed())


def test_a_drawing_without_words_is_refused():
    with pytest.raises(ChapterError, match="figure-9-I-1 has no text alternative"):
        exhibit_html(placed(alternative=" "))


def test_a_table_scrolls_in_a_region_that_the_keyboard_reaches():
    markup = exhibit_html(placed(kind="table", body="<table></table>"))
    region = re.search(
        r'<div class="scroll" role="region" tabindex="0" aria-labelledby="([^"]+)">\s*<table>',
        markup,
    )
    assert f'id="{region[1]}"' in markup


def test_the_first_line_of_a_caption_is_its_title():
    assert split_caption("**Cases**\nAll of\nthem.") == ("Cases", "All of\nthem.")
    assert split_caption("Cases") == ("Cases", "")
