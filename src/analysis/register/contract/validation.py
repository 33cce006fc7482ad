"""Whole tables held against the contract: every fault at once, columns typed."""

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import InputError
from analysis.register.contract.coercion import coerce_column
from analysis.register.contract.faults import Fault, broken_rules, fault_in
from analysis.register.contract.schema import SCHEMAS


def validate_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Check a table of cases (one row a tumour) and return it with its columns typed.

    Columns of the contract are read and typed (dates, whole numbers, text); others are left out.

    Parameters
    ----------
    cases
        Columns by the names of the data dictionary; ISO dates may be text.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order, columns in the dictionary's order.

    Raises
    ------
    InputError
        Listing every fault: column, what must hold, how many rows, which first.

    Examples
    --------
    >>> validate_cases(pd.DataFrame({"case_id": ["1"], "behaviour": [7]}))
    Traceback (most recent call last):
    ...
    analysis.errors.InputError: cases: 5 faults
      - person_id: is required and absent
      - country: is required and absent
      - topography: is required and absent
      - morphology: is required and absent
      - behaviour: must be one of 0, 1, 2, 3; does not hold in 1 row (1)
    """
    return _raise_faults("cases", *find_faults(cases, "cases"))


def validate_population(population: pd.DataFrame) -> pd.DataFrame:
    """Check a population table (persons by country, year, sex and age); see `validate_cases`."""
    return _raise_faults("population", *find_faults(population, "population"))


def validate_life_table(life_table: pd.DataFrame) -> pd.DataFrame:
    """Check a life table (yearly mortality rate by country, year, sex and age); see `validate_cases`."""
    return _raise_faults("life table", *find_faults(life_table, "life_table"))


def validate_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Check a table of counts (cases and person-years by stratum); see `validate_cases`."""
    return _raise_faults("counts", *find_faults(counts, "counts"))


def require_table(table: str) -> None:
    """Refuse a name that is none of the four tables.

    Raises
    ------
    InputError
        Naming the argument and the tables.

    Examples
    --------
    >>> require_table("case")
    Traceback (most recent call last):
    ...
    analysis.errors.InputError: argument: 1 fault
      - table: must be one of cases, population, life_table, counts; is 'case'
    """
    if table not in SCHEMAS:
        raise InputError("argument", [f"table: must be one of {', '.join(SCHEMAS)}; is {table!r}"])


def find_faults(
    frame: pd.DataFrame, table: str, rows: np.ndarray | None = None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Type the columns of one of the four tables and list its faults, none raised.

    Parameters
    ----------
    frame
        Any index.
    table
        ``"cases"``, ``"population"``, ``"life_table"`` or ``"counts"``.
    rows
        The row number of each row in its source; counted from 1 when not given.
    """
    schema = SCHEMAS[table]
    rows = np.arange(1, len(frame) + 1) if rows is None else rows
    # Without rows no column has a type, and each would be told as a fault of its own.
    if frame.empty:
        return frame, [Fault("has no rows")]
    faults = [
        absent_fault(name)
        for name, column in schema.columns.items()
        if column.required and name not in frame.columns
    ]
    typed = {}
    for name in (name for name in schema.columns if name in frame.columns):
        typed[name], of_column = _typed_column(frame[name], schema.columns[name], name, rows)
        faults += of_column
    whole = pd.DataFrame(typed, index=pd.RangeIndex(len(frame)))
    return whole, faults + broken_rules(whole, schema.checks, rows)


def _typed_column(
    cells: pd.Series, column: pa.Column, name: str, rows: np.ndarray
) -> tuple[pd.Series, list[Fault]]:
    """One column typed, and its faults: what has not its type, what is not allowed, what is not filled."""
    kind, check = column.metadata["kind"], column.checks[0]
    typed, untyped, refused = coerce_column(
        cells, kind, name, lambda levels: check(levels).check_output.to_numpy(dtype=bool)
    )
    # A cell that could not be typed is missing now; it is told once, as what it is not.
    empty = np.setdiff1d(np.flatnonzero(typed.isna()), untyped) if column.required else []
    return typed.reset_index(drop=True), [
        *fault_in(f"{name}: {check.error}; does not hold in", rows[refused]),
        *fault_in(f"{name}: must be filled; does not hold in", rows[empty] if len(empty) else []),
        *fault_in(f"{name}: must be {_KINDS[kind]}; is not in", rows[untyped]),
    ]


def absent_fault(column: str) -> Fault:
    """What is said of a required column that is not there."""
    return Fault(f"{column}: is required and absent")


_KINDS = {
    "text": "text",
    "date": "a date (YYYY-MM-DD)",
    "whole": "a whole number",
    "decimal": "a number",
}


def _raise_faults(what: str, frame: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    if faults:
        raise InputError(what, [fault.told() for fault in faults])
    return frame
