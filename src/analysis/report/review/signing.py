"""Sign chapters of a draft: what ``workbench review sign-off`` adds to the record of an edition."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import InputError
from analysis.report.edition.sign_off_record import SignOff, read_sign_offs, sign_offs_path
from analysis.report.files.page_words import plain_language
from analysis.report.files.writing import Guard, write_record
from analysis.report.review.comment_files import look_of
from analysis.report.site.drafts import Draft, DraftChapter

LONGEST = 200
# What has no sign of its own, or turns the text behind it round, is in no name.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Asked:
    """Which chapters are signed: by name or number and by language; ``everything`` takes all where none is named."""

    chapters: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    everything: bool = False


def sign_chapters(
    edition: Path,
    draft: Draft,
    asked: Asked,
    signer: tuple[str, str],
    today: date,
    guard: Guard | None = None,
) -> list[SignOff]:
    """Add to the record that somebody approves chapters of a draft as they read now.

    Parameters
    ----------
    edition
        The edition's file.
    draft
        As it was built last.
    asked
        Which chapters.
    signer
        Name and role; the role may be empty.
    today
        The day of the signature.
    guard
        Looks through name and role, which are published; see ``replace_public``.

    Returns
    -------
    list of SignOff
        What is new in the record: whoever signed a chapter as it reads now has signed it already.

    Raises
    ------
    InputError
        Nobody is named; a chapter or language is not in the draft; all are meant and that is not said.
    """
    name, role = (" ".join(_UNPRINTABLE.sub(" ", part).split()) for part in signer)
    faults = [
        *_choice_faults(draft, asked),
        *_signer_faults(name, role, guard),
        *_edition_faults(draft, edition),
    ]
    if faults:
        raise InputError("sign-off", faults)
    before = read_sign_offs(edition)
    signed = {
        (earlier.chapter, earlier.language, earlier.sha256, earlier.name) for earlier in before
    }
    new = [
        SignOff(chapter.name, chapter.language, chapter.sha256, name, role, today.isoformat())
        for chapter in _chosen(draft, asked)
        if (chapter.name, chapter.language, chapter.sha256, name) not in signed
    ]
    if new:
        record = {"sign_offs": [vars(sign_off) for sign_off in (*before, *new)]}
        write_record(record, sign_offs_path(edition))
    return new


def _signer_faults(name: str, role: str, guard: Guard | None) -> list[str]:
    faults = [] if name else ["--name must say who signs"]
    refusal = look_of(guard)(f"{name}\n\n{role}")
    if refusal:
        faults.append(f"--name and --role {refusal}")
    if max(len(name), len(role)) > LONGEST:
        faults.append(f"--name and --role must not be longer than {LONGEST} characters")
    return faults


def _edition_faults(draft: Draft, edition: Path) -> list[str]:
    if draft.edition != edition.stem:
        return [f"the folder holds the edition {draft.edition}, and the file is {edition.name}"]
    if not edition.is_file():
        return [f"no {edition.name} beside outputs: name the edition's file with --edition"]
    return []


def _choice_faults(draft: Draft, asked: Asked) -> list[str]:
    """What is wrong with what was asked; all chapters or languages are meant only where that is said."""
    written = sorted({chapter.language for chapter in draft.chapters})
    languages = ", ".join(written)
    unknown = [code for code in _languages(asked) if code not in written]
    faults = [f"language {code}: must be one of {languages}" for code in unknown]
    if not asked.chapters and not asked.everything:
        faults.append("name a chapter with --chapter, or say --all for every chapter")
    if not asked.languages and len(written) > 1 and not asked.everything:
        choice = f"name the language with --language ({languages})"
        faults.append(f"{choice}, or say --all for every language")
    return faults + _chapter_faults(draft, asked)


def _chapter_faults(draft: Draft, asked: Asked) -> list[str]:
    names = ", ".join(dict.fromkeys(chapter.series for chapter in draft.chapters))
    inside = _in_languages(draft, asked)
    return [
        f"chapter {name}: must be one of {names}"
        for name in dict.fromkeys(asked.chapters)
        if not any(_is_called(chapter, name) for chapter in inside)
    ]


def _chosen(draft: Draft, asked: Asked) -> list[DraftChapter]:
    """The chapters that are meant, in the order of the draft."""
    inside = _in_languages(draft, asked)
    if not asked.chapters:
        return inside
    return [
        chapter for chapter in inside if any(_is_called(chapter, name) for name in asked.chapters)
    ]


def _languages(asked: Asked) -> list[str]:
    return [plain_language(code) for code in asked.languages]


def _in_languages(draft: Draft, asked: Asked) -> list[DraftChapter]:
    languages = _languages(asked)
    return [chapter for chapter in draft.chapters if not languages or chapter.language in languages]


def _is_called(chapter: DraftChapter, name: str) -> bool:
    plain = name.removesuffix(".ipynb").removesuffix(".md")
    if plain in (chapter.name, chapter.series):
        return True
    # ``3`` is chapter 3, and chapter 3.1 of a series too.
    number = chapter.number.partition(".")[0]
    return plain.isdecimal() and number.isdecimal() and int(plain) == int(number)
