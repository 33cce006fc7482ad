"""Identity kept out: national identity numbers, e-mail addresses and phone numbers, found and never shown."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from html import unescape

import numpy as np
import pandas as pd

from analysis.errors import SHOWN_ROWS, AnalysisError
from analysis.register.contract.faults import Fault, fault_in
from analysis.register.identity.contacts import find_contacts, may_hold_contacts
from analysis.register.identity.identity_numbers import CERTAIN
from analysis.register.identity.serial_numbers import SHARE, numbers_in_text

FOUND = ["column", "kind", "rows", "count"]
# Integers that an identity number without its leading zeros can be.
SMALLEST, LARGEST = 10**8, 10**12

# Quick and coarse: nine digits near each other.
_LIKELY = re.compile(r"[0-9](?<![0-9]{2})(?:[^0-9\n]{0,3}+[0-9]){8}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ENTITY = re.compile(r"&#?\w+;")
_NINE_DIGITS = re.compile(r"[0-9]{6}(?:[0-9]{3}|[-+A-FU-Y][0-9]{3})")
_CODE = re.compile(
    r"(?m)^[ '\"`]*[^\W\d]{0,8}[-_/.:#]?(\d{9,12}|\d{6}-\d{4,5}|\d{6}[-+A-FU-Y]\d{3}[0-9A-Y])(?:\.0+)?[ '\"]*$"
)


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
        lines = [("text", *finding) for finding in _text_findings(frame_or_text, today)]
        return pd.DataFrame(lines, columns=FOUND)
    lines = []
    # By number: two columns may have one name.
    for number, name in enumerate(frame_or_text.columns):
        named = _by_kind(_cell_findings([str(name)], today))
        shown = f"column {number + 1}" if named else name
        findings = _column_findings(frame_or_text.iloc[:, number], today)
        lines += [(shown, f"{kind} as its name", (), 1) for kind in named]
        lines += [(shown, *finding) for finding in findings]
    return pd.DataFrame(lines, columns=FOUND)


def identity_faults(frame: pd.DataFrame) -> list[Fault]:
    """What in a source, or a piece of one, names a person: a fault a column and kind.

    The index counts the rows of the source from 0.
    """
    rows = frame.index.to_numpy() + 1
    faults = []
    for finding in find_identity_numbers(frame).itertuples():
        sentence = f"{finding.column}: must not name a person; {finding.kind}"
        if finding.rows:
            faults += fault_in(f"{sentence} in", rows[np.array(finding.rows) - 1])
        else:
            faults.append(Fault(sentence))
    return faults


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
    for number, (name, text) in enumerate(files.items(), start=1):
        shown = name
        if _text_findings(name, today):
            faults.append(f"the name of file {number} of {len(files)}")
            # The name itself would be the leak.
            shown = f"file {number}"
        for kind, lines, _ in _text_findings(text, today):
            first = ", ".join(map(str, lines[:SHOWN_ROWS]))
            more = ", …" if len(lines) > SHOWN_ROWS else ""
            faults.append(f"{shown}: {kind} in line {first}{more}")
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise AnalysisError(f"a person could be named: nothing is published\n{listed}")


def _text_findings(text: str, today: date) -> list[tuple[str, tuple[int, ...], int]]:
    """Kind, lines from 1 and count of what a text holds."""
    by_kind = _by_kind(_cell_findings(text.split("\n"), today))
    return [
        (kind, tuple(line + 1 for line in sorted(times)), sum(times.values()))
        for kind, times in by_kind.items()
    ]


def _column_findings(column: pd.Series, today: date) -> list[tuple[str, tuple[int, ...], int]]:
    """Kind, rows from 1 and count of what a column holds."""
    values = _texts(column)
    if values is None:
        return []
    # Each distinct cell is read once: extracts repeat themselves.
    try:
        cells = values.unique()
    except TypeError:  # lists and the like
        values = values.map(str, na_action="ignore")
        cells = values.unique()
    cells = cells[pd.notna(cells)].tolist()
    by_kind = _by_kind(_cell_findings([str(cell) for cell in cells], today))
    if not by_kind:
        return []
    numbers = {cell: number for number, cell in enumerate(cells)}
    cell_of_row = values.map(numbers, na_action="ignore").to_numpy()
    findings = []
    for kind, times in by_kind.items():
        in_row = np.array([times.get(cell, 0) for cell in cell_of_row])
        rows = tuple((np.flatnonzero(in_row) + 1).tolist())
        findings.append((kind, rows, int(in_row.sum())))
    return findings


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
    by_kind: dict[str, Counter] = defaultdict(Counter)
    for kind, cell in findings:
        by_kind[kind][cell] += 1
    return by_kind


def _cell_findings(cells: list[str], today: date) -> list[tuple[str, int]]:
    """Kind and cell of everything that names a person."""
    # One search of one long text is many times quicker than a search of each cell.
    text = "\n".join(cells)
    if text.count("\n") >= len(cells):
        text = "\n".join(cell.replace("\n", " ") for cell in cells)
    plain = _plain(text)
    if not (_LIKELY.search(plain) or may_hold_contacts(plain)):
        return []
    codes = _codes(plain)
    findings = numbers_in_text(plain, codes, today) + _contacts(plain, codes)
    ends = [end.start() for end in re.finditer("\n", plain)] if findings else []
    return [(kind, bisect_left(ends, start)) for kind, start in findings]


def _codes(text: str) -> dict[int, str]:
    """Place and text of what is a code and nothing else in its cell."""
    if not _NINE_DIGITS.search(text):
        return {}
    return {match.start(1): match[1] for match in _CODE.finditer(text)}


def _contacts(text: str, codes: Mapping[int, str]) -> list[tuple[str, int]]:
    """Kind and place of addresses and phone numbers, without what is a phone number by chance."""
    contacts = find_contacts(text)
    among_codes = sum(start in codes for _, start in contacts)
    # A serial number that begins with 00 looks like a number abroad; where few do, none is one.
    if among_codes >= SHARE[CERTAIN] * len(codes):
        return contacts
    return [(kind, start) for kind, start in contacts if start not in codes]


def _plain(text: str) -> str:
    """As a person would read it; line by line the same."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: unescape(entity[0]).replace("\n", " "), text)
    if text.isascii():
        return text
    return _NOT_ASCII.sub(lambda character: _plain_character(character[0]), text)


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
    # Full-width letters only: a superscript must not become a digit of the number before it.
    is_wide = unicodedata.east_asian_width(character) == "F"
    return unicodedata.normalize("NFKC", character) if is_wide else character
