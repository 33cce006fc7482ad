"""Persons who have reserved themselves: left out of an extract before anything else sees them."""

import io
import re
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.mapping.mapping_file import Mapping as Rules

WHAT = "opt-outs"
DELIMITERS = ",;\t|"
# A column of numbers with gaps arrives as 12.0; a spreadsheet writes '12 for a text of digits.
_DRESSING = re.compile(r"^['\s]+|['\s]+$|\.0+\s*$")


def read_opt_outs(file: str | Path, column: str | None = None) -> frozenset[str]:
    """Read a list of persons who are not to be counted.

    Parameters
    ----------
    file
        Text: one person a line, or a table with a header (comma, semicolon, tab) where ``column`` is given.
    column
        Of the table. Persons are called as the extract calls them, before any pseudonym.

    Raises
    ------
    InputError
        The list cannot be read, or has no such column. What is in it is never shown.

    Notes
    -----
    Letter case, blanks around, apostrophes before and zeros at the beginning of a number do not
    distinguish persons here: a spreadsheet changes those, and someone who has opted out must not stay in.
    """
    path = Path(file)
    text = _decoded(path)
    listed = text.splitlines() if column is None else _column_of(text, column, path.name)
    return frozenset(spelt for person in listed if (spelt := _spelling(person)))


def _column_of(text: str, column: str, name: str) -> list[str]:
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=delimiter, dtype=str, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError(WHAT, [f"{name} must be a table with a header"]) from None
    table.columns = table.columns.str.strip()
    if column not in table.columns:
        raise InputError(WHAT, [f"{name} must have the column {column!r}"])
    return table[column].dropna().tolist()


def leave_out_persons(
    raw: pd.DataFrame, rules: Rules | None, persons: frozenset[str]
) -> pd.DataFrame:
    """The rows of everyone who has not opted out; row numbers (the index) stay those of the source.

    Parameters
    ----------
    raw
        The source's own columns, or a piece of them.
    rules
        Its mapping, which says in what column persons are.
    persons
        As `read_opt_outs` reads them.

    Raises
    ------
    InputError
        The extract has no column by which persons are known.

    Examples
    --------
    >>> leave_out_persons(pd.DataFrame({"person_id": [7, 8]}), None, frozenset(["7"])).index.tolist()
    [1]
    """
    if not persons:
        return raw
    has_rule = rules is not None and "person_id" in rules.columns
    column = rules.columns["person_id"].column if has_rule else "person_id"
    if column not in raw.columns:
        raise InputError(
            WHAT, ["the extract must have a column of persons, the one mapped to person_id"]
        )
    spelling = {person: _spelling(person) for person in raw[column].dropna().unique()}
    gone = raw[column].map(spelling, na_action="ignore").isin(persons).to_numpy()
    return raw[~gone] if gone.any() else raw


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(WHAT, [f"{path.name} must be a file that can be read"]) from None
    if b"\0" in content:
        raise InputError(
            WHAT, [f"{path.name} must be text: one person a line, or a table with a header"]
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Every byte is a letter in Latin-1: this cannot fail, and digits are the same in all encodings.
        return content.decode("latin-1")


def _spelling(person: object) -> str:
    # Twice, since what stands outside may hide what stands inside: "'12.0 ".
    text = _DRESSING.sub("", _DRESSING.sub("", str(person))).casefold()
    return text.lstrip("0") or "0" if text.isdecimal() else text
