"""Frame chapters into a report that is read from a folder: contents, next and previous, languages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.report.binding import TEMPLATES, Page, chapter_number
from analysis.report.edition import Edition
from analysis.report.notebooks import read_notebook
from analysis.report.planning import AbsentChapter
from analysis.report.prose import source_title
from analysis.report.provenance import PACKAGE, package_version
from analysis.report.words import needs_sentence, word, words_in


@dataclass(frozen=True)
class Report:
    """All that the pages of an edition are made of.

    ``invented`` names the sources (``cases``, ``population``) that describe nobody.
    """

    edition: Edition
    pages: tuple[Page, ...]
    absent: tuple[AbsentChapter, ...] = ()
    invented: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entry:
    """A line of the contents: one page, or the pages of a chapter that is run for several values."""

    number: str
    title: str
    pages: tuple[Page, ...]


def report_files(report: Report) -> dict[str, str]:
    """Every file of the public report by its path in the public folder.

    The text depends on the chapters and the edition alone: no clock, no host, no path.
    """
    files = {"style.css": (TEMPLATES / "style.css").read_text(encoding="utf-8")}
    languages = [code for code in report.edition.languages if any(page.language == code for page in report.pages)]
    files["index.html"] = _render("front.html.j2", report, languages[0], languages=languages, root="")
    for language in languages:
        pages = [page for page in report.pages if page.language == language]
        files[f"{language}/index.html"] = _contents(report, pages, languages)
        for position, page in enumerate(pages):
            files[f"{language}/{page.name}.html"] = _chapter(report, pages, position, languages)
            files |= {f"{language}/data/{name}": text for name, text in page.files.items()}
    return files


def contents_entries(pages: Sequence[Page]) -> list[Entry]:
    """The lines of the contents, pages of one notebook under one entry.

    Pages with a value share the number of their chapter; the entry is called what the notebook
    says, or else what the titles of its pages begin with.
    """
    grouped: dict[str, list[Page]] = {}
    for page in pages:
        grouped.setdefault(page.name.removesuffix(f"-{page.value}") if page.value else page.name, []).append(page)
    return [
        Entry(
            chapter_number(name),
            group[0].title if not group[0].value else group[0].series or _shared_beginning(group),
            tuple(group),
        )
        for name, group in grouped.items()
    ]


def _shared_beginning(pages: Sequence[Page]) -> str:
    if len(pages) == 1:
        return pages[0].title
    first, last = (f"{title} " for title in (min(page.title for page in pages), max(page.title for page in pages)))
    alike = next((i for i, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    shared = re.sub(r"\W*\w*$", "", first[:alike])
    return shared.strip(" –—:·,-") or f"{pages[0].title} – {pages[-1].title}"


def banner(invented: frozenset[str], language: str) -> str:
    """The sentence that stands on every page of a report that describes nobody; else empty."""
    kinds = invented & {"cases", "population"}
    if not kinds:
        return ""
    return word(f"invented.{'both' if len(kinds) == 2 else next(iter(kinds))}", language)


def provisional_note(edition: Edition, language: str) -> str:
    """Which years of diagnosis later reports will change; empty where none."""
    if not edition.provisional_year:
        return ""
    first, last = edition.provisional_year, edition.diagnosis_years.last
    return word("provisional.one" if first == last else "provisional.many", language, first=first, last=last)


def about_lines(edition: Edition, language: str) -> list[tuple[str, str]]:
    """What every number of the report rests on, as pairs of label and text."""
    years = edition.diagnosis_years
    lines = [
        ("about.edition", edition.title[language]),
        ("about.years", f"{years.first}–{years.last}" if years else ""),
        ("about.closing", edition.closing_date.isoformat() if edition.closing_date else ""),
        ("about.age", word("about.age_below", language, limit=edition.age_limit)),
        ("about.standard", word(f"standard.{edition.standard_population}", language)),
        ("about.classification", word(f"classification.{edition.classification}", language)),
        ("about.minimum", str(edition.minimum_cell)),
        ("about.package", f"{PACKAGE} {package_version()}"),
    ]
    return [(word(key, language), text) for key, text in lines if text]


def _contents(report: Report, pages: Sequence[Page], languages: Sequence[str]) -> str:
    language = pages[0].language
    absent = [
        (
            chapter_number(chapter.name),
            source_title(read_notebook(chapter.notebook), language) or chapter.name,
            needs_sentence(chapter.missing, language),
        )
        for chapter in report.absent
    ]
    return _render(
        "contents.html.j2",
        report,
        language,
        entries=contents_entries(pages),
        absent=absent,
        switch=[(code, f"../{code}/index.html") for code in languages if code != language],
    )


def _chapter(report: Report, pages: Sequence[Page], position: int, languages: Sequence[str]) -> str:
    page = pages[position]
    here = {other.language for other in report.pages if other.name == page.name}
    return _render(
        "page.html.j2",
        report,
        page.language,
        page=page,
        previous=pages[position - 1] if position else None,
        following=pages[position + 1] if position + 1 < len(pages) else None,
        switch=[
            (code, f"../{code}/{page.name if code in here else 'index'}.html")
            for code in languages
            if code != page.language
        ],
    )


def _render(template: str, report: Report, language: str, **more) -> str:
    about = {
        "language": language,
        "words": words_in(language),
        "word": word,
        "banner": banner,
        "invented": report.invented,
        "edition": report.edition,
        "provisional": provisional_note(report.edition, language),
        "about": about_lines(report.edition, language),
        "root": "../",
    }
    return template_environment().get_template(template).render({**about, **more})


@cache
def template_environment() -> Environment:
    """What renders the templates of the report: text is escaped, and an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
