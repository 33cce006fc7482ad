"""Excel workbooks: one sheet as a table, numbers and dates as Excel stores them."""

import warnings
from collections.abc import Iterable, Iterator
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
    said = (
        "says a sheet that it does not have"
        if wanted is not None
        else "must say which sheet is read"
    )
    raise InputError(what, [f"file.sheet {said}; its sheets are {', '.join(names)}"])


def _pieces(sheet, what: str) -> Iterator[pd.DataFrame]:
    sheet.reset_dimensions()  # the extent that a program wrote into the file may be wrong
    lines = sheet.iter_rows(values_only=True)
    header = next((line for line in lines if _is_filled(line)), ())
    width = max((place for place, name in enumerate(header, start=1) if cell_text(name)), default=0)
    names = name_columns([cell_text(name) or "" for name in header[:width]], what)
    start = 0
    while chunk := list(islice(lines, PIECE)):
        places = [place for place, line in enumerate(chunk, start) if _is_filled(line)]
        wide = [place + 1 for place in places if _is_filled(chunk[place - start][width:])]
        if wide:
            raise InputError(
                what, [f"has cells beside its {width} named columns, first in row {wide[0]}"]
            )
        columns = (
            [_cell(chunk[place - start], number) for place in places] for number in range(width)
        )
        piece = pd.DataFrame(
            {name: _column(cells) for name, cells in zip(names, columns, strict=True)}
        )
        yield piece.set_axis(pd.Index(places, dtype="int64"))
        start += len(chunk)


def _is_filled(line: Iterable) -> bool:
    return any(cell is not None and cell != "" for cell in line)


def _cell(line: tuple, number: int) -> object:
    return line[number] if number < len(line) else None


def _column(cells: list) -> list | pd.Series:
    """A column of dates alone is one of dates; in any other, each cell is text."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(isinstance(cell, datetime | date) for cell in filled):
        return pd.Series(pd.array(cells, dtype="datetime64[us]"))
    return pd.Series([cell_text(cell) for cell in cells], dtype=object)
