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
        given = json.loads(path.read_text(encoding="utf-8"))["sign_offs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"sign-offs {path.name}", ["must be JSON with a list called sign_offs"]
        ) from None
    found, faults = [], [] if isinstance(given, list) else ["sign_offs must be a list"]
    for number, one in enumerate(given if isinstance(given, list) else (), start=1):
        fault = _fault(one)
        faults += [f"sign-off {number}: {fault}"] if fault else []
        found += [] if fault else [SignOff(**{key: one[key] for key in _KEYS})]
    if faults:
        raise InputError(f"sign-offs {path.name}", faults)
    return tuple(found)


def _fault(one: object) -> str:
    if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in _KEYS):
        return f"must have {', '.join(_KEYS)}, each as text"
    if not re.fullmatch(r"[0-9a-f]{64}", one["sha256"]):
        return "sha256 must be 64 hexadecimal digits"
    try:
        date.fromisoformat(one["date"])
    except ValueError:
        return "date must be a date such as 2026-11-24"
    return "" if one["name"].strip() else "name must not be empty"


def latest(sign_offs: Iterable[SignOff], chapter: str, language: str) -> Sequence[SignOff]:
    """The last word of each person on a chapter, in the order in which they first signed it."""
    of = [one for one in sign_offs if (one.chapter, one.language) == (chapter, language)]
    return list({one.name: one for one in of}.values())
