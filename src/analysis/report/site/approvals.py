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
    """A signature as it is shown: ``state`` is ``approved`` or ``void``; hashes and day as people say them."""

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
        states = {signature.state for signature in self.signatures}
        return "void" if "void" in states else "approved" if states else "unsigned"

    @property
    def mark(self) -> str:
        """A sign for the state, beside its word."""
        return MARKS[self.state]


def approval_lines(report: Report, language: str) -> list[Approval]:
    """A line for each chapter of a language; none at all where nothing of the report has been signed."""
    # An edition that is not signed at all should not read as if approval were missing.
    if not any(latest(report.sign_offs, page.name, page.language) for page in report.pages):
        return []
    return [approval_of(page, report.sign_offs) for page in report.pages_in(language)]


def approval_of(page: Page, sign_offs: tuple[SignOff, ...]) -> Approval:
    """Who has approved a chapter, and for which content."""
    signed = latest(sign_offs, page.name, page.language)
    now = chapter_digest(page) if signed else ""
    return Approval(page, tuple(_signature(sign_off, now) for sign_off in signed))


def by_signer(lines: list[Approval]) -> list[list[tuple[Page, Signature]]]:
    """What one person signed on one day, with the chapters: first what does not hold any more, then what does."""
    groups: dict[tuple[bool, str, str, str], list[tuple[Page, Signature]]] = {}
    for line in lines:
        for signature in line.signatures:
            holds = signature.state != "void"
            key = (holds, signature.name, signature.role, signature.day)
            groups.setdefault(key, []).append((line.page, signature))
    # By the first part alone: within each half people stay in the order of the chapters.
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


def _signature(sign_off: SignOff, now: str) -> Signature:
    state = "approved" if sign_off.sha256 == now else "void"
    day = said_date(date.fromisoformat(sign_off.date), sign_off.language)
    return Signature(sign_off.name, sign_off.role, day, state, short(sign_off.sha256), short(now))


def state_words(state: str, language: str, was: str = "", now: str = "") -> str:
    """The state in words, with the hashes that were compared."""
    return word(f"approval.{state}", language, was=was, now=now)
