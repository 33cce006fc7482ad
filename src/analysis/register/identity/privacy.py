"""Identity kept out: national identity numbers, e-mail addresses and phone numbers, found and never shown."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from html import unescape

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.register.contract.faults import Fault, fault_in
from analysis.register.identity.contacts import find_contacts, may_hold_contacts
from analysis.register.identity.identity_numbers import (
    CERTAIN,
    CHECKED,
    UNCHECKED,
    candidates,
    proofs,
)

FOUND = ["column", "kind", "rows", "count"]
# A column of codes: among this many and more, chance alone makes a few of them valid, fewer than this share.
SERIALS = {CERTAIN: 200, CHECKED: 20}
SHARE = {CERTAIN: 0.02, CHECKED: 0.2, UNCHECKED: 0.5}
SMALLEST, LARGEST = (
    10**8,
    10**12,
)  # integers that an identity number without its leading zeros can be
NAMED_BEFORE = 24  # characters before a number in which it may be named

# Quick and coarse: nine digits near each other.
_LIKELY = re.compile(r"[0-9](?<![0-9]{2})(?:[^0-9\n]{0,3}+[0-9]){8}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ENTITY = re.compile(r"&#?\w+;")
_NINE_DIGITS = re.compile(r"[0-9]{6}(?:[0-9]{3}|[-+A-FU-Y][0-9]{3})")
_CODE = re.compile(
    r"(?m)^[ '\"`]*[^\W\d]{0,8}[-_/.:#]?(\d{9,12}|\d{6}-\d{4,5}|\d{6}[-+A-FU-Y]\d{3}[0-9A-Y])(?:\.0+)?[ '\"]*$"
)
_NAMED = re.compile(r"(?i)cpr|personn|fødsels|fodsels|kennit|person ?id|p-?n(?:umme)?r")


def find_identity_numbers(
    frame_or_text: pd.DataFrame | str, today: date | None = None
) -> pd.DataFrame:
    """Find what names a person: identity numbers of eight countries, e-mail addresses, phone numbers.

    Every text column is read, every column of numbers that could hold an identity number without its
    leading zeros, and the names of the columns. Digits of any script, zero-width characters, hyphens and
    spaces of any kind, leading apostrophes and character references are read as a person would read them.

    Parameters
    ----------
    frame_or_text
        A table, or a text such as a page that is about to be published.
    today
        Births after this day are no births; the present day where None.

    Returns
    -------
    pandas.DataFrame
        One row a column and kind: ``column`` (``"text"`` for a text), ``kind``, ``rows`` (rows of the
        table, or lines of the text, from 1), ``count`` (how many were found). Never a value. A column
        whose name is itself an identity number is called by its place (``"column 3"``), without rows.

    Notes
    -----
    Check digits decide, and a birth date of a living person. Chance alone makes one in 300 serial numbers of
    eleven digits valid where there are two check digits, and one in ten to 300 where there is one; so in a
    column that holds codes and nothing else, 200 or more (20 or more) of them, they count where 2 (20) per
    cent are valid. In free text, and in a smaller column, each counts. A Danish number without check digit
    is only a date and four digits: it counts where it is written with a hyphen or named, and else where half
    of the long numbers of the column are such.

    Examples
    --------
    >>> find_identity_numbers("seen by the doctor, 131052-308T")[["kind", "rows", "count"]].values.tolist()
    [['FI henkilötunnus', (1,), 1]]
    """
    today = today or date.today()
    if isinstance(frame_or_text, str):
        lines = [("text", *found) for found in _text_findings(frame_or_text, today)]
        return pd.DataFrame(lines, columns=FOUND)
    lines = []
    for place, name in enumerate(frame_or_text.columns):
        named = _by_kind(_cell_findings([str(name)], today))
        shown = f"column {place + 1}" if named else name
        lines += [(shown, f"{kind} as its name", (), 1) for kind in named]
        lines += [
            (shown, *found) for found in _column_findings(frame_or_text.iloc[:, place], today)
        ]
    return pd.DataFrame(lines, columns=FOUND)


def identity_faults(frame: pd.DataFrame) -> list[Fault]:
    """What in a source, or a piece of one, names a person: a fault a column and kind.

    The index counts the rows of the source from 0.
    """
    rows = frame.index.to_numpy() + 1
    return [
        fault
        for column, kind, at in find_identity_numbers(frame)[FOUND[:3]].itertuples(index=False)
        for fault in (
            fault_in(f"{column}: must not name a person; {kind} in", rows[np.array(at) - 1])
            if at
            else [Fault(f"{column}: must not name a person; {kind}")]
        )
    ]


def require_no_identity_in_files(files: Mapping[str, str]) -> None:
    """Refuse texts that are about to be published and in which a person is named.

    Parameters
    ----------
    files
        Text by file name; the names are read too.

    Raises
    ------
    AnalysisError
        Each file, its lines and the kind; never a value.
    """
    faults, today = [], date.today()
    for place, (name, text) in enumerate(files.items()):
        named = bool(_text_findings(name, today))
        faults += [f"the name of file {place + 1} of {len(files)}"] * named
        shown = f"file {place + 1}" if named else name
        for kind, lines, _ in _text_findings(text, today):
            faults.append(
                f"{shown}: {kind} in line {', '.join(map(str, lines[:5]))}{', …' * (len(lines) > 5)}"
            )
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise AnalysisError(f"a person could be named: nothing is published\n{listed}")


def _text_findings(text: str, today: date) -> list[tuple[str, tuple[int, ...], int]]:
    """Kind, lines from 1 and count of what a text holds."""
    found = _by_kind(_cell_findings(text.split("\n"), today))
    return [
        (kind, tuple(line + 1 for line in sorted(at)), sum(at.values()))
        for kind, at in found.items()
    ]


def _column_findings(column: pd.Series, today: date) -> list[tuple[str, tuple[int, ...], int]]:
    """Kind, rows from 1 and count of what a column holds."""
    values = _texts(column)
    if values is None:
        return []
    try:
        cells = values.unique()
    except TypeError:  # lists and the like
        values = values.map(str, na_action="ignore")
        cells = values.unique()
    cells = cells[pd.notna(cells)].tolist()
    found = _by_kind(_cell_findings([str(cell) for cell in cells], today))
    if not found:
        return []
    place = values.map(
        {cell: position for position, cell in enumerate(cells)}, na_action="ignore"
    ).to_numpy()
    lines = []
    for kind, at in found.items():
        times = np.array([at.get(cell, 0) for cell in place])
        lines.append((kind, tuple((np.flatnonzero(times) + 1).tolist()), int(times.sum())))
    return lines


def _texts(column: pd.Series) -> pd.Series | None:
    """What a column says, by row; None where it can hold nothing of the kind."""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        return None
    if pd.api.types.is_numeric_dtype(kind):
        numbers = pd.to_numeric(column, errors="coerce").astype("float64")
        could_be = (numbers >= SMALLEST) & (numbers < LARGEST) & (numbers % 1 == 0)
        return numbers.where(could_be).astype("Int64").astype(object) if could_be.any() else None
    return column.astype(object)


def _by_kind(findings: list[tuple[str, int]]) -> dict[str, Counter]:
    """From kind to how often in which cell."""
    found: dict[str, Counter] = defaultdict(Counter)
    for kind, cell in findings:
        found[kind][cell] += 1
    return found


def _cell_findings(cells: list[str], today: date) -> list[tuple[str, int]]:
    """Kind and cell of everything that names a person."""
    text = "\n".join(cells)
    if text.count("\n") >= len(cells):
        text = "\n".join(cell.replace("\n", " ") for cell in cells)
    plain = _plain(text)
    if not (_LIKELY.search(plain) or may_hold_contacts(plain)):
        return []
    codes = (
        {match.start(1): match[1] for match in _CODE.finditer(plain)}
        if _NINE_DIGITS.search(plain)
        else {}
    )
    phones = find_contacts(plain)
    if sum(start in codes for _, start in phones) < SHARE[CERTAIN] * len(codes):
        phones = [(kind, start) for kind, start in phones if start not in codes]
    found = _numbers(plain, codes, today) + phones
    ends = [at.start() for at in re.finditer("\n", plain)] if found else []
    return [(kind, bisect_left(ends, start)) for kind, start in found]


def _plain(text: str) -> str:
    """As a person would read it; line by line the same."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: unescape(entity[0]).replace("\n", " "), text)
    return (
        text if text.isascii() else _NOT_ASCII.sub(lambda found: _plain_character(found[0]), text)
    )


@cache
def _plain_character(character: str) -> str:
    """Digits, spaces and hyphens of any script in their plain form; what takes no room, away."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category in ("Zs", "Pd") or character == "−":
        return " " if category == "Zs" else "-"
    return (
        unicodedata.normalize("NFKC", character)
        if unicodedata.east_asian_width(character) == "F"
        else character
    )


def _numbers(text: str, codes: Mapping[int, str], today: date) -> list[tuple[str, int]]:
    """Kind and place of the identity numbers, those left out that serial numbers give by chance."""
    written = dict(candidates(text))
    found = [
        (kind, sure, start)
        for start, one in written.items()
        for kind, sure in proofs(one, today).items()
    ]
    proven = {start for _, _, start in found}
    found += [
        (kind, CHECKED if sure == CERTAIN else UNCHECKED, start)
        for start, code in codes.items()
        if start not in proven and len(code) in (9, 10)
        for kind, sure in proofs(
            f"0{code}", today
        ).items()  # a spreadsheet takes the leading zero away
        if sure != UNCHECKED
    ]
    chance = _by_chance(found, codes.keys(), len(written.keys() | codes.keys()))
    told = {
        start for start, one in written.items() if start not in codes and _is_told(text, start, one)
    }
    return [
        (kind, start) for kind, sure, start in found if (sure, start) not in chance or start in told
    ]


def _by_chance(
    found: list[tuple[str, str, int]], codes: Collection[int], numbers: int
) -> set[tuple[str, int]]:
    """What serial numbers give by chance: how sure, and where."""
    passed = {one: {start for _, sure, start in found if sure == one} for one in SHARE}
    serial = {one: passed[one] & codes for one, many in SERIALS.items() if len(codes) >= many}
    serial = {
        one: places for one, places in serial.items() if len(places) < SHARE[one] * len(codes)
    }
    chance = {(one, start) for one, places in serial.items() for start in places}
    if len(passed[UNCHECKED]) < SHARE[UNCHECKED] * numbers:
        return chance | {(UNCHECKED, start) for start in passed[UNCHECKED]}
    return chance | {(UNCHECKED, start) for start in passed[UNCHECKED] & codes if CHECKED in serial}


def _is_told(text: str, start: int, written: str) -> bool:
    """Whether a number without check digit is written or named as one."""
    before = text[max(0, start - NAMED_BEFORE) : start].rpartition("\n")[2]
    return "-" in written or bool(_NAMED.search(before))
