"""Who approved which chapter, at which content hash: a record beside the edition's file, an input of the report."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.errors import InputError

_KEYS = ("chapter", "language", "sha256", "name", "role", "date")


@dataclass(frozen=True)
class SignOff:
    """One person's approval of one chapter in one language, as it read then; ``date`` is ISO 8601."""

    chapter: str
    language: str
    sha256: str
    name: str
    role: str
    date: str


def sign_offs_path(edition: Path) -> Path:
    """Where the record lies: ``params/demo.sign-offs.json`` for ``params/demo.yml``."""
    return edition.with_name(f"{edition.stem}.sign-offs.json")


def read_sign_offs(edition: Path) -> tuple[SignOff, ...]:
    """The approvals of an edition, by the path of its file; none where nobody signed.

    Raises
    ------
    InputError
        The record is not as ``workbench review sign-off`` writes it.
    """
    path = sign_offs_path(edition)
    if not path.exists():
        return ()
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["sign_offs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"sign-offs {path.name}", ["must be JSON with a list called sign_offs"]
        ) from None
    if not isinstance(entries, list):
        raise InputError(f"sign-offs {path.name}", ["sign_offs must be a list"])
    sign_offs, faults = [], []
    for number, entry in enumerate(entries, start=1):
        if fault := _fault(entry):
            faults.append(f"sign-off {number}: {fault}")
        else:
            # A later version may write more keys; those that are known here are enough.
            sign_offs.append(SignOff(**{key: entry[key] for key in _KEYS}))
    if faults:
        raise InputError(f"sign-offs {path.name}", faults)
    return tuple(sign_offs)


def _fault(entry: object) -> str:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in _KEYS):
        return f"must have {', '.join(_KEYS)}, each as text"
    if not re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]):
        return "sha256 must be 64 hexadecimal digits"
    try:
        date.fromisoformat(entry["date"])
    except ValueError:
        return "date must be a date such as 2026-11-24"
    return "" if entry["name"].strip() else "name must not be empty"


def latest(sign_offs: Iterable[SignOff], chapter: str, language: str) -> Sequence[SignOff]:
    """The last word of each person on a chapter, in the order in which they first signed it."""
    of_chapter = [
        sign_off
        for sign_off in sign_offs
        if (sign_off.chapter, sign_off.language) == (chapter, language)
    ]
    return list({sign_off.name: sign_off for sign_off in of_chapter}.values())
