"""Numbers from code, formulas without a script."""

import nbformat
import pytest

from analysis.errors import ChapterError
from analysis.report.files.page_words import needs_sentence, word
from analysis.report.pages.prose import chapter_numbers, put_back, set_aside, source_title


def rendered(text, **numbers):
    kept = []
    return put_back(set_aside(text, numbers, kept), kept)


def test_numbers_take_their_place_and_are_escaped():
    assert (
        rendered("There were {{ n }} ({{few}}).", n="1 204", few="<5")
        == "There were 1 204 (&lt;5)."
    )


def test_a_number_s_own_signs_are_not_markup():
    kept = []
    aside = set_aside("{{ n }}", {"n": "*5* <b>"}, kept)
    assert "*" not in aside
    assert put_back(aside, kept) == "*5* &lt;b&gt;"


def test_an_unknown_number_is_named():
    with pytest.raises(ChapterError, match="quotes a number called deaths, rate"):
        rendered("{{ rate }} and {{ deaths }} and {{ n }}", n="1")


def test_two_numbers_under_one_name_are_refused():
    with pytest.raises(ChapterError, match="different numbers as n"):
        chapter_numbers([{"numbers": {"n": "1"}}, {"numbers": {"n": "2"}}])
    assert chapter_numbers([{"numbers": {"n": "1"}}, {"numbers": {"n": "1", "m": "2"}}, {}]) == {
        "n": "1",
        "m": "2",
    }


def test_formulas_become_mathml_and_money_and_code_stay():
    inline = rendered("A rate $r_1$ of")
    assert inline.startswith("A rate <math display=")
    assert "http" not in inline
    assert 'display="block"' in rendered("$$\na = b\n$$")
    for text in ("It costs $5 and $6.", "`$x$`", "```\n$x$\n```", "\\$x$", "one $ alone"):
        assert rendered(text) == text


def test_a_formula_that_cannot_be_read_is_named():
    with pytest.raises(ChapterError, match="formula"):
        rendered("$x_1_2$")


def test_the_title_of_a_chapter_that_is_not_run(small):
    notebook = nbformat.v4.new_notebook(cells=[small.prose("# The {{ year }} report")])
    assert source_title(notebook) == "The report"
    notebook.metadata["workbench"] = {"title": "The reports"}
    assert source_title(notebook) == "The reports"


def test_why_a_chapter_is_absent_is_one_sentence():
    assert needs_sentence(["population"], "nb") == "Vises ikke: det trenger befolkningstall."
    sentence = "Not shown: it needs one record for each child, population figures and grade."
    assert needs_sentence(["children", "population", "grade"], "en") == sentence


def test_the_same_word_in_each_language():
    assert (word("figure", "en"), word("figure", "nb")) == ("Figure", "Figur")
