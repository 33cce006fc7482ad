"""Frame chapters into a report that is read from a folder: contents, next and previous, languages, lists."""

from collections.abc import Sequence
from pathlib import Path

from analysis.report.files.notebooks import read_notebook
from analysis.report.files.page_words import needs_sentence, word
from analysis.report.pages.bind import Page, chapter_number
from analysis.report.pages.glossary import glossary_terms
from analysis.report.pages.prose import source_title
from analysis.report.pages.references import listed
from analysis.report.pages.translations import translate_notebook
from analysis.report.site.citation import bibtex, citation_line
from analysis.report.site.frame import framed, template_text
from analysis.report.site.front_matter import Report, contents_entries
from analysis.report.site.policy import running_heads
from analysis.report.site.search import search_index
from analysis.report.site.single_file import whole_report

LISTS = ("figures", "glossary", "references")
# A page loads nothing from elsewhere: what it needs is a file of the report.
SCRIPTS = {"report.js": "report.js", "minisearch.js": "vendor/minisearch.js"}


def report_files(report: Report) -> dict[str, str | bytes]:
    """Every file of the public report by its path in the public folder.

    The text depends on the chapters and the edition alone: no clock, no host, no path.
    """
    files: dict[str, str | bytes] = {"style.css": template_text("style.css")}
    files |= {name: template_text(path) for name, path in SCRIPTS.items()}
    languages = report.languages
    files["index.html"] = framed(
        "front.html.j2", report, languages[0], languages=languages, root=""
    )
    for language in languages:
        files |= {
            f"{language}/{name}": content
            for name, content in _language_files(report, language).items()
        }
        files[f"{report.edition.path.stem}-{language}.html"] = whole_report(report, language)
    return files


def _language_files(report: Report, language: str) -> dict[str, str | bytes]:
    pages = report.pages_in(language)
    files: dict[str, str | bytes] = {
        "index.html": _contents(report, pages),
        "search.js": search_index(pages),
    }
    for name in LISTS:
        files[f"{name}.html"] = _listing(report, pages, name)
    for position, page in enumerate(pages):
        files[f"{page.name}.html"] = chapter_page(report, pages, position, page.body)
        files |= {f"data/{name}": content for name, content in page.files.items()}
    return files


def _contents(report: Report, pages: Sequence[Page]) -> str:
    language = pages[0].language
    absent = [
        (
            chapter_number(chapter.name),
            _title_of(chapter.notebook, language) or chapter.name,
            needs_sentence(chapter.missing, language),
        )
        for chapter in report.absent
    ]
    return framed(
        "contents.html.j2",
        report,
        language,
        entries=contents_entries(pages),
        absent=absent,
        cite=citation_line(report.edition, language),
        bibtex=bibtex(report.edition, language),
        whole=f"../{report.edition.path.stem}-{language}.html",
        switch=_switch(report, language, "index"),
    )


def _title_of(path: Path, language: str) -> str:
    return source_title(translate_notebook(read_notebook(path), path, language))


def _listing(report: Report, pages: Sequence[Page], name: str) -> str:
    """The list of figures and tables, the glossary or the references."""
    language = pages[0].language
    more = {
        "figures": lambda: {"pages": [page for page in pages if page.exhibits]},
        "glossary": lambda: {"terms": glossary_terms(language)},
        "references": lambda: {"works": listed(key for page in pages for key in page.cited)},
    }[name]()
    switch = _switch(report, language, name)
    return framed(
        f"{name}.html.j2", report, language, heading=word(name, language), switch=switch, **more
    )


def chapter_page(
    report: Report,
    pages: Sequence[Page],
    position: int,
    body: str,
    template: str = "page.html.j2",
    **more,
) -> str:
    """One chapter in its frame.

    Parameters
    ----------
    pages
        Of the language, in reading order.
    position
        Of the chapter among them.
    body
        What of it is shown: ``Page.body``, or ``Page.reviewed`` with all its code.
    template
        Of the page.
    more
        What the template is given beside.
    """
    page = pages[position]
    here = {other.language for other in report.pages if other.name == page.name}
    switch = [
        (code, f"../{code}/{page.name if code in here else 'index'}.html")
        for code in report.languages
        if code != page.language
    ]
    heads = running_heads(
        report.edition.title[page.language], f"{page.number} {page.title}".strip()
    )
    around = {
        "page": page,
        "body": body,
        "heads": heads,
        "previous": pages[position - 1] if position else None,
        "following": pages[position + 1] if position + 1 < len(pages) else None,
        "switch": switch,
    }
    return framed(template, report, page.language, **{**around, **more})


def _switch(report: Report, language: str, name: str) -> list[tuple[str, str]]:
    return [(code, f"../{code}/{name}.html") for code in report.languages if code != language]
