"""Hand-written chapters: in their place, quoting what was computed, with nothing in them that runs."""

import pytest

from analysis.errors import ChapterError, InputError
from analysis.report.edition.read import read_edition
from analysis.report.pages.hand_written import bind_text

NUMBERS = {"03_incidence.cases": "1 < 2"}


@pytest.fixture
def with_texts(write_edition, tmp_path):
    """An edition with texts: Markdown by file name."""

    def write(texts, notebooks=None, **changes):
        (tmp_path / "chapters").mkdir(exist_ok=True)
        for name, text in texts.items():
            (tmp_path / "chapters" / name).write_text(text, encoding="utf-8")
        return write_edition(notebooks, **changes)

    return write


def both(name, en, nb=None):
    return {f"{name}.en.md": en, f"{name}.nb.md": nb or en}


def test_a_text_becomes_a_page_with_numbers_formulas_and_places():
    page = bind_text(
        "# About us\n\nOf {{ 03_incidence.cases }} and $x^2$.\n\n## Why?\n\nSo.",
        "about",
        "en",
        NUMBERS,
    )
    assert (page.title, page.number, page.headings) == ("About us", "", (("why", "Why?"),))
    assert page.description.startswith("Of 1 < 2 and")
    assert "1 &lt; 2" in page.body and "<math" in page.body and '<p id="p-' in page.body


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        'A <img src=x onerror="alert(1)"> b',
        "[x](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "\ue0000\ue001",
        "| a |\n| --- |\n| <b onclick=alert(1)>x</b> |",
    ],
)
def test_what_looks_like_html_is_text(written):
    body = bind_text(f"# A\n\n{written}", "a", "en", {}).body
    assert not any(
        tag in body
        for tag in ("<script", "<img", "<b ", 'href="javascript', 'href="data', "\ue000")
    )


def test_a_link_leads_within_the_report_or_to_a_doi_and_else_is_text():
    body = bind_text(
        "# A\n\n[b](02_b.html) [c](https://doi.org/10.1/c) [d](https://example.org/d)",
        "a",
        "en",
        {},
    ).body
    assert 'href="02_b.html"' in body and 'href="https://doi.org/10.1/c"' in body
    assert "d (https://example.org/d)" in body and body.count("<a ") == 2


def test_a_table_of_a_text_is_reached_by_the_keyboard():
    body = bind_text("# A\n\n| a | b |\n| --- | ---: |\n| c | 1 |", "a", "en", {}).body
    assert '<div class="scroll" role="region" tabindex="0" aria-label="Table 1"><table>' in body
    assert (
        '<th scope="col">a</th>' in body
        and '<td class="number">1</td>' in body
        and "style=" not in body
    )


@pytest.mark.parametrize(
    "text", ["no title", "# A\n\n# B", "# A\n\n![x](y.png)", "# A\n\n[@nobody1900]"]
)
def test_a_text_that_cannot_be_bound_says_why(text):
    with pytest.raises(ChapterError):
        bind_text(text, "a", "en", {})


def test_texts_and_notebooks_stand_in_the_order_of_the_edition(with_texts, build_small):
    path = with_texts(
        both("foreword", "# Foreword", "# Forord"), chapters=["03_incidence", "foreword.md"]
    )
    finished = build_small(path)
    contents = (finished.public / "nb" / "index.html").read_text()
    assert contents.index("03_incidence.html") < contents.index("foreword.html")
    page = (finished.public / "en" / "foreword.html").read_text()
    assert 'rel="prev" href="03_incidence.html"' in page and "is provisional" not in page


def test_all_faults_of_all_texts_are_told_at_once(with_texts, build_small):
    texts = both("a", "# A\n\n{{ 03_incidence.nowhere }} {{ bare }} {{ 09_x.n }}") | both(
        "b", "# B\n\n# C"
    )
    with pytest.raises(InputError) as refused:
        build_small(with_texts(texts, chapters=["03_incidence", "a.md", "b.md"]))
    said = str(refused.value)
    assert "a.en.md: 03_incidence.nowhere: 03_incidence quotes no number called nowhere" in said
    assert "a.nb.md: bare must name its chapter" in said
    assert "09_x.n: this report has no computed chapter 09_x" in said
    with pytest.raises(InputError, match=r"b\.en\.md: .*this one has 2"):
        build_small(with_texts(both("b", "# B\n\n# C"), chapters=["03_incidence", "b.md"]))


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (
            ["03_incidence", "gone.md"],
            "chapters[2].text: must be there in every language of the edition: no gone.en.md",
        ),
        (["03_incidence", "../x.md"], "chapters[2].text: must be the name of a text"),
        (["here.md"], "chapters: must name a notebook"),
        (["03_incidence", "here.md", "here.md"], "chapters: must not repeat here"),
    ],
)
def test_a_text_that_is_not_there_is_a_fault_of_the_edition(with_texts, lines, fault):
    with pytest.raises(InputError) as refused:
        read_edition(with_texts(both("here", "# A"), chapters=lines))
    assert fault in str(refused.value)
