"""A draft as reviewers hold it: what each chapter says, known by its hash, in a file beside their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.files.digests import digest_of
from analysis.report.files.writing import read_record, record_text

FILE = "draft.json"
# Enough to tell the drafts of an edition apart, and few enough to be read aloud.
SHORT = 8


@dataclass(frozen=True)
class DraftChapter:
    """A chapter of a draft: its page's name, its notebook or text (``series``), and the hash of what it says."""

    name: str
    language: str
    number: str
    title: str
    series: str
    sha256: str


@dataclass(frozen=True)
class Draft:
    """A built draft: the edition's name, its title by language, its chapters in reading order, the hash of all."""

    edition: str
    titles: Mapping[str, str]
    chapters: tuple[DraftChapter, ...]
    sha256: str


def chapter_digest(page) -> str:
    """The SHA-256 of what a reader reads of a page's chapter: its title and its body, not the frame around it."""
    return digest_of([page.title, page.body])


def short(sha256: str) -> str:
    """The beginning of a hash, by which people call it."""
    return sha256[:SHORT]


def draft_of(edition: str, titles: Mapping[str, str], pages: Iterable) -> Draft:
    """The draft that a report's pages are."""
    chapters = tuple(
        DraftChapter(
            page.name,
            page.language,
            page.number,
            page.title,
            page.notebook,
            chapter_digest(page),
        )
        for page in pages
    )
    return Draft(
        edition,
        dict(titles),
        chapters,
        digest_of([[chapter.language, chapter.name, chapter.sha256] for chapter in chapters]),
    )


def draft_text(draft: Draft) -> str:
    """The draft as it stands beside the reviewers' pages, JSON text."""
    chapters = [vars(chapter) for chapter in draft.chapters]
    return record_text(vars(draft) | {"chapters": chapters})


def read_draft(folder: str | Path) -> Draft:
    """The draft that was built last in an edition's folder.

    Raises
    ------
    InputError
        The folder is not there, or holds no reviewers' pages.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(
            f"edition {folder.name}", [f"must be a folder that is there; there is no {folder.name}"]
        )
    record = read_record(folder / "review" / FILE)
    try:
        chapters = tuple(DraftChapter(**fields) for fields in record["chapters"])
        return Draft(record["edition"], record["titles"], chapters, record["sha256"])
    except (KeyError, TypeError):
        faults = [f"must hold the reviewers' pages of a build (review/{FILE}); build it first"]
        raise InputError(f"edition {folder.name}", faults) from None
