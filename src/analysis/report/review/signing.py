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
    chosen, faults = _chosen(draft, asked)
    faults += [] if name else ["--name must say who signs"]
    faults += (
        [f"--name and --role {fault}"] if (fault := look_of(guard)(f"{name}\n\n{role}")) else []
    )
    faults += [f"--name and --role must not be longer than {LONGEST} characters"] * (
        max(map(len, (name, role))) > LONGEST
    )
    if draft.edition != edition.stem:
        faults.append(
            f"the folder holds the edition {draft.edition}, and the file is {edition.name}"
        )
    elif not edition.is_file():
        faults.append(f"no {edition.name} beside outputs: name the edition's file with --edition")
    if faults:
        raise InputError("sign-off", faults)
    before = read_sign_offs(edition)
    signed = {(one.chapter, one.language, one.sha256, one.name) for one in before}
    new = [
        SignOff(one.name, one.language, one.sha256, name, role, today.isoformat())
        for one in chosen
        if (one.name, one.language, one.sha256, name) not in signed
    ]
    if new:
        write_record({"sign_offs": [vars(one) for one in (*before, *new)]}, sign_offs_path(edition))
    return new


def _chosen(draft: Draft, asked: Asked) -> tuple[list[DraftChapter], list[str]]:
    """The chapters that are meant, and what is wrong with what was asked."""
    languages = [plain_language(code) for code in asked.languages]
    written = sorted({one.language for one in draft.chapters})
    faults = [
        f"language {code}: must be one of {', '.join(written)}"
        for code in languages
        if code not in written
    ]
    if not asked.chapters and not asked.everything:
        faults.append("name a chapter with --chapter, or say --all for every chapter")
    if not languages and len(written) > 1 and not asked.everything:
        faults.append(
            f"name the language with --language ({', '.join(written)}), or say --all for every language"
        )
    inside = [one for one in draft.chapters if not languages or one.language in languages]
    found = {name: [one for one in inside if _is_called(one, name)] for name in asked.chapters}
    names = ", ".join(dict.fromkeys(one.series for one in draft.chapters))
    faults += [
        f"chapter {name}: must be one of {names}"
        for name, chapters in found.items()
        if not chapters
    ]
    return [
        one for one in inside if not found or any(one in chapters for chapters in found.values())
    ], faults


def _is_called(one: DraftChapter, name: str) -> bool:
    plain, number = name.removesuffix(".ipynb").removesuffix(".md"), one.number.partition(".")[0]
    return plain in (one.name, one.series) or (
        plain.isdecimal() and number.isdecimal() and int(plain) == int(number)
    )
