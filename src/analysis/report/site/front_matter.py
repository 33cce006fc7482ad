"""What stands around every chapter: banner, notices, how the numbers were made, the lines of the contents."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from babel.dates import format_date

from analysis.report.edition.chapters import AbsentChapter
from analysis.report.edition.model import Edition
from analysis.report.edition.sign_off_record import SignOff
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.page_words import word
from analysis.report.pages.bind import Page, chapter_number
from analysis.terms import locale_of


@dataclass(frozen=True)
class Report:
    """All that the pages of an edition are made of.

    ``invented`` names the sources (``cases``, ``population``) that describe nobody; ``inputs`` gives name, sha256,
    bytes and rows of each source; ``sign_offs`` say who has approved what.
    """

    edition: Edition
    pages: tuple[Page, ...]
    absent: tuple[AbsentChapter, ...] = ()
    invented: frozenset[str] = frozenset()
    inputs: tuple[Mapping, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()

    @property
    def languages(self) -> list[str]:
        """Those of the edition in which there is a page."""
        return [
            code
            for code in self.edition.languages
            if any(page.language == code for page in self.pages)
        ]

    def pages_in(self, language: str) -> list[Page]:
        """The pages of a language in reading order."""
        return [page for page in self.pages if page.language == language]


@dataclass(frozen=True)
class Entry:
    """A line of the contents: one page, or the pages of a chapter that is run for several values."""

    number: str
    title: str
    pages: tuple[Page, ...]


def contents_entries(pages: Sequence[Page]) -> list[Entry]:
    """The lines of the contents, pages of one notebook under one entry.

    Pages with a value share the number of their chapter; the entry is called what the notebook
    says, or else what the titles of its pages begin with.
    """
    by_notebook: dict[str, list[Page]] = {}
    for page in pages:
        by_notebook.setdefault(page.notebook, []).append(page)
    return [
        Entry(chapter_number(notebook), _entry_title(group), tuple(group))
        for notebook, group in by_notebook.items()
    ]


def _entry_title(pages: Sequence[Page]) -> str:
    first = pages[0]
    if not first.value:
        return first.title
    return first.series or _shared_beginning([page.title for page in pages])


def _shared_beginning(titles: Sequence[str]) -> str:
    if len(titles) == 1:
        return titles[0]
    # What the first and the last by the alphabet share is shared by all between them. The blank behind each
    # makes a title that is the beginning of another end with a whole word.
    pairs = zip(f"{min(titles)} ", f"{max(titles)} ", strict=False)
    shared = "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    whole_words = re.sub(r"\W*\w*$", "", shared)
    return whole_words.strip(" –—:·,-") or f"{titles[0]} – {titles[-1]}"


def banner(invented: frozenset[str], language: str) -> str:
    """The sentence that stands on every page of a report that describes nobody; else empty."""
    # Where only the life table is invented, all who are counted are real.
    kinds = invented & {"cases", "population"}
    if not kinds:
        return ""
    (kind,) = kinds if len(kinds) == 1 else ("both",)
    return word(f"invented.{kind}", language)


def provisional_note(edition: Edition, language: str) -> str:
    """Which years of diagnosis later reports will change; empty where none."""
    if not edition.provisional_year:
        return ""
    first, last = edition.provisional_year, edition.diagnosis_years.last
    return word(
        "provisional.one" if first == last else "provisional.many", language, first=first, last=last
    )


def said_date(day: date, language: str) -> str:
    """A day as people of a language write it."""
    return format_date(day, "long", locale=locale_of(language))


def about_lines(edition: Edition, language: str) -> list[tuple[str, str]]:
    """What holds for every number of the report, as pairs of label and text."""
    years = edition.diagnosis_years
    lines = [
        ("about.edition", edition.title[language]),
        ("about.years", f"{years.first}–{years.last}" if years else ""),
        (
            "about.closing",
            said_date(edition.closing_date, language) if edition.closing_date else "",
        ),
        ("about.age", word("about.age_below", language, limit=edition.age_limit)),
        ("about.standard", word(f"standard.{edition.standard_population}", language)),
        ("about.classification", word(f"classification.{edition.classification}", language)),
        ("about.minimum", str(edition.minimum_cell)),
        ("about.package", f"{PACKAGE} {package_version()}"),
    ]
    return [(word(key, language), text) for key, text in lines if text]
