"""What the cover says of approval: each chapter, who signed it and when, and whether it still reads as they read it."""

from dataclasses import dataclass
from datetime import date

from analysis.report.edition.sign_off_record import SignOff, latest
from analysis.report.files.page_words import word
from analysis.report.pages.bind import Page
from analysis.report.site.drafts import chapter_digest, short
from analysis.report.site.front_matter import Report, said_date

MARKS = {"approved": "✓", "void": "✗", "unsigned": "○"}


@dataclass(frozen=True)
class Signature:
    """A signature as it is told: ``state`` is ``approved`` or ``void``; hashes and day as people say them."""

    name: str
    role: str
    day: str
    state: str
    was: str
    now: str


@dataclass(frozen=True)
class Approval:
    """A chapter and its signatures; there is none where nobody has signed it."""

    page: Page
    signatures: tuple[Signature, ...]

    @property
    def state(self) -> str:
        """``void`` where one signature is void, ``approved`` where all hold, ``unsigned`` where there is none."""
        states = {one.state for one in self.signatures}
        return "void" if "void" in states else "approved" if states else "unsigned"

    @property
    def mark(self) -> str:
        """A sign for the state, beside its word."""
        return MARKS[self.state]


def approval_lines(report: Report, language: str) -> list[Approval]:
    """A line for each chapter of a language; none at all where nothing of the report has been signed."""
    if not any(latest(report.sign_offs, page.name, page.language) for page in report.pages):
        return []
    return [approval_of(page, report.sign_offs) for page in report.pages_in(language)]


def approval_of(page: Page, sign_offs: tuple[SignOff, ...]) -> Approval:
    """Who has approved a chapter, and for which content."""
    signed = latest(sign_offs, page.name, page.language)
    now = chapter_digest(page) if signed else ""
    return Approval(page, tuple(_signature(one, now) for one in signed))


def by_signer(lines: list[Approval]) -> list[list[tuple[Page, Signature]]]:
    """What one person signed on one day, with the chapters: first what does not hold any more, then what does."""
    found: dict[tuple, list] = {}
    for line in lines:
        for one in line.signatures:
            found.setdefault((one.state != "void", one.name, one.role, one.day), []).append(
                (line.page, one)
            )
    return [found[key] for key in sorted(found, key=lambda key: key[0])]


def _signature(one: SignOff, now: str) -> Signature:
    state = "approved" if one.sha256 == now else "void"
    day = said_date(date.fromisoformat(one.date), one.language)
    return Signature(one.name, one.role, day, state, short(one.sha256), short(now))


def state_words(state: str, language: str, was: str = "", now: str = "") -> str:
    """The state in words, with the hashes that it rests on."""
    return word(f"approval.{state}", language, was=was, now=now)
