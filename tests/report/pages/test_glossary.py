"""Words explained, works cited, places to point at, and what a page may load."""

import re

import pytest
import yaml
from nbformat.v4 import new_notebook

from analysis.errors import ChapterError
from analysis.report.edition.read import read_edition
from analysis.report.pages.anchors import anchored_paragraphs, content_id, with_own_ids
from analysis.report.pages.bind import bind_chapter
from analysis.report.pages.glossary import glossary_terms, with_terms
from analysis.report.pages.references import known_references
from analysis.report.site.citation import bibtex, citation_line
from analysis.report.site.policy import content_policy, css_string


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_term_is_a_button_once_and_never_in_a_heading_link_or_table(language):
    term = next(term for term in glossary_terms(language) if term.key == "kaplan-meier").term
    markup = (
        f"<h2>{term}</h2><p><a href='#'>{term}</a> <code>{term}</code> {term}, {term}</p>"
        f"<table><td>{term}</td></table>"
    )
    marked = with_terms(markup, language)
    assert marked.count("<button") == 1 and marked.count('popovertarget="term-kaplan-meier"') == 1
    assert "</code> <button" in marked and 'id="term-kaplan-meier" popover' in marked


def test_every_term_is_explained_in_both_languages_and_no_form_means_two_things():
    keys = [{term.key for term in glossary_terms(language)} for language in ("en", "nb")]
    assert keys[0] == keys[1] and len(keys[0]) >= 15
    for language in ("en", "nb"):
        forms = [
            form.lower()
            for term in glossary_terms(language)
            for form in {form.lower() for form in term.forms}
        ]
        assert len(forms) == len(set(forms))
        assert all(term.text.endswith(".") for term in glossary_terms(language))


def test_a_work_is_cited_by_its_key(small):
    page = bind_chapter(
        new_notebook(cells=[small.prose("# A\n\nSo [@fay1997; @garwood1936].", "en")]), "01_a", "en"
    )
    assert (
        '<a class="cite" href="references.html#ref-fay1997">Fay &amp; Feuer 1997</a>' in page.body
    )
    assert page.cited == ("fay1997", "garwood1936")
    with pytest.raises(ChapterError, match="does not hold nobody1900"):
        bind_chapter(new_notebook(cells=[small.prose("# A\n\n[@nobody1900]", "en")]), "01_a", "en")


def test_every_work_is_whole_and_its_doi_an_address():
    works = known_references().values()
    assert all(
        work.authors and work.title and work.source and 1900 <= work.year <= 2100 for work in works
    )
    assert all(
        re.fullmatch(r"https://doi\.org/10\.\d{4,9}/[\w/:;().%-]+", work.address)
        for work in works
        if work.doi
    )
    assert known_references()["steliarova2005"].short == "Steliarova-Foucher et al. 2005"
    assert known_references()["gupta2016"].short == "Gupta et al. 2016"


def test_a_paragraph_keeps_its_id_when_another_or_its_number_changes(small):
    def ids(*paragraphs, n="12"):
        cells = [
            small.prose("# A", "en"),
            *(small.prose(text, "en") for text in paragraphs),
            small.exhibit(),
        ]
        cells[-1].outputs = []
        page = bind_chapter(new_notebook(cells=cells), "01_a", "en")
        return re.findall(r'<p id="(p-[^"]+)">', page.body)

    first = ids("One.", "Two.", "Two.")
    assert ids("New.", "One.", "Two.", "Two.")[1:] == first
    assert first[2] == f"{first[1]}-2"
    assert anchored_paragraphs("<p>Of \ue0001\ue001 x</p>", set()) == anchored_paragraphs(
        "<p>Of \ue0007\ue001 x</p>", set()
    ).replace("\ue0007", "\ue0001")
    assert content_id("p", "a") != content_id("p", "b")


def test_ids_of_a_piece_become_its_own():
    markup = '<g id="a" clip-path="url(#a)"><use xlink:href="#a"/><a aria-labelledby="a b" href="x.html#a">'
    assert with_own_ids(markup, "p-") == (
        '<g id="p-a" clip-path="url(#p-a)"><use xlink:href="#p-a"/><a aria-labelledby="p-a p-b" href="x.html#a">'
    )


def test_the_policy_allows_files_of_the_report_and_hashes_alone():
    policy = content_policy(("p{}",))
    assert "default-src 'none'" in policy and "'sha256-" in policy
    assert not any(word in policy for word in ("unsafe", "*", "http"))
    alone = content_policy(("p{}",), alone=True)
    assert "'self'" not in alone and "script-src 'none'" in alone


@pytest.mark.parametrize(
    "text", ['"}</style><script>', "a\\", "line\nbreak", "Ås – 5 %", "/* x */"]
)
def test_no_title_leaves_its_string_in_a_style(text):
    said = css_string(text)[1:-1]
    assert not re.search(r'["<>\n]|/\*', said)
    assert not said.endswith("\\")


def test_the_report_is_cited_as_the_edition_says(write_edition):
    citation = {
        "authors": ["Hansen K", "Ås M", "The registry"],
        "publisher": {"en": "The registry", "nb": "Registeret"},
        "year": 2024,
        "doi": "10.1234/ab",
    }
    edition = read_edition(write_edition(citation=citation))
    line = citation_line(edition, "en")
    assert line.startswith(
        "Hansen K, Ås M, The registry (2024). Childhood cancer."
    ) and line.endswith("https://doi.org/10.1234/ab")
    assert "author = {Hansen, K and Ås, M and {The registry}}" in bibtex(edition, "en")
    assert citation_line(read_edition(write_edition()), "nb").startswith(
        "Kreft hos barn. Utgave «small»."
    )


def test_an_unknown_key_of_a_citation_is_a_fault(write_edition):
    path = write_edition()
    content = yaml.safe_load(path.read_text()) | {"citation": {"autors": ["A"]}}
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(Exception, match="citation.autors: unknown key"):
        read_edition(path)
