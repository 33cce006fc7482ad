"""Excel workbooks: one sheet as a table, numbers and dates as Excel stores them."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

from analysis.errors import InputError
from analysis.register.contract.coercion import cell_text
from analysis.register.mapping.mapping_file import FileFormat
from analysis.register.sources.text_files import name_columns

PIECE = 50_000


def read_workbook(path: Path, file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    """Read one sheet of a workbook piece by piece; its first filled row is the header.

    Whole numbers are read as such (a code 9470 is not 9470.0) and dates as dates. Empty rows are no
    rows, but are counted, so that row 7 of a message is the eighth line of the sheet.

    Raises
    ------
    InputError
        No workbook, or a damaged one; the sheet is not there, or not named where there are several.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that are not read
            workbook = load_workbook(path, read_only=True, data_only=True)
            try:
                yield from _pieces(
                    workbook[_sheet(workbook.sheetnames, file_format.sheet, what)], what
                )
            finally:
                workbook.close()
    except InputError:
        raise
    except Exception:  # a damaged archive fails in the words of each of its layers
        raise InputError(what, ["is not an Excel workbook (.xlsx), or a damaged one"]) from None


def _sheet(names: list[str], wanted: str | None, what: str) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return wanted
    fault = "must say which sheet is read"
    if wanted is not None:
        fault = "says a sheet that it does not have"
    raise InputError(what, [f"file.sheet {fault}; its sheets are {', '.join(names)}"])


def _pieces(sheet, what: str) -> Iterator[pd.DataFrame]:
    sheet.reset_dimensions()  # the extent that a program wrote into the file may be wrong
    lines = sheet.iter_rows(values_only=True)
    header = next((line for line in lines if _is_filled(line)), ())
    # Empty cells to the right of the last name are no columns; a formatted sheet has many.
    titles = [cell_text(name) or "" for name in header]
    while titles and not titles[-1]:
        titles.pop()
    names = name_columns(titles, what)
    start = 0
    while chunk := list(islice(lines, PIECE)):
        yield _piece(dict(enumerate(chunk, start)), names, what)
        start += len(chunk)


def _piece(lines: Mapping[int, Sequence], names: list[str], what: str) -> pd.DataFrame:
    """The filled lines of a sheet, by their place in it, as a table."""
    width = len(names)
    filled = {place: line for place, line in lines.items() if _is_filled(line)}
    for place, line in filled.items():
        if _is_filled(line[width:]):
            fault = f"has cells beside its {width} named columns, first in row {place + 1}"
            raise InputError(what, [fault])
    columns = {
        name: _column([_cell(line, number) for line in filled.values()])
        for number, name in enumerate(names)
    }
    return pd.DataFrame(columns).set_axis(pd.Index(filled, dtype="int64"))


def _is_filled(line: Iterable) -> bool:
    return any(cell is not None and cell != "" for cell in line)


def _cell(line: Sequence, number: int) -> object:
    # A line of a sheet ends with its last cell, wherever the header ends.
    return line[number] if number < len(line) else None


def _column(cells: list) -> list | pd.Series:
    """A column of dates alone is one of dates; in any other, each cell is text."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(isinstance(cell, datetime | date) for cell in filled):
        return pd.Series(pd.array(cells, dtype="datetime64[us]"))
    return pd.Series([cell_text(cell) for cell in cells], dtype=object)
