"""An event table, or a curve made from one, as it is read: sorted by stratum and time, its counts held to be sound."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, faults_in_rows
from analysis.estimates.survival.running_sums import pieces_of
from analysis.strata import curve_strata, number_strata, require_columns

# Weighted counts are sums of floats: what is nought but for their rounding.
ROUNDING = 1e-9


def event_rows(
    events: pd.DataFrame, counted: Sequence[str]
) -> tuple[pd.DataFrame, np.ndarray, list[np.ndarray]]:
    """An event table that can be read as one, sorted by stratum and time, the stratum number of its rows, its counts.

    ``counted`` are columns of events; the counts are those at risk and then these.
    """
    require_columns(events, ["time_days", "at_risk", *counted])
    table, stratum, _ = in_strata(events)
    times, *counts = (counts_of(table, column) for column in ("time_days", "at_risk", *counted))
    for rows in pieces_of(stratum):
        if not _is_sound(stratum[rows], times[rows], *(count[rows] for count in counts)):
            twice = ["time_days: must not be there twice in a stratum"]
            raise InputError("event table", _faults(events, counted) or twice)
    return table, stratum, counts


def _is_sound(
    stratum: np.ndarray, times: np.ndarray, at_risk: np.ndarray, *happened: np.ndarray
) -> bool:
    # What is missing is neither more nor less than anything, hence never sound.
    within = all((count >= 0).all() and _within(count, at_risk) for count in happened)
    rises = (times[1:] > times[:-1]) | (stratum[1:] != stratum[:-1])
    return bool(within and (at_risk >= 0).all() and (times >= 0).all() and rises.all())


def _within(count: np.ndarray, at_risk: np.ndarray) -> bool:
    return (count <= at_risk).all() or (count <= at_risk * (1 + ROUNDING)).all()


def _faults(events: pd.DataFrame, counted: Sequence[str]) -> list[str]:
    columns = {column: counts_of(events, column) for column in ("time_days", "at_risk", *counted)}
    rules = {
        f"{column}: must be filled and not negative": ~(values >= 0)
        for column, values in columns.items()
    }
    most = columns["at_risk"] * (1 + ROUNDING)
    rules |= {f"{column}: must not exceed at_risk": columns[column] > most for column in counted}
    return faults_in_rows(rules)


def counts_of(table: pd.DataFrame, column: str) -> np.ndarray:
    """A column of numbers as it is, or as floats with missing values as NaN where it is of another type."""
    values = table[column]
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "if":
        return values.to_numpy()
    return values.to_numpy(dtype=float, na_value=np.nan)


def in_strata(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """A table sorted by stratum and time; the stratum number of its rows; the strata.

    What is sorted already is neither sorted nor copied, and only the first row of each run of equal strata is numbered.
    """
    by = curve_strata(table)
    begins = _run_begins(table, by)
    heads = np.flatnonzero(begins)
    runs, strata = number_strata(table.iloc[heads], by)
    stratum = np.repeat(runs, np.diff(heads, append=len(table)))
    times = counts_of(table, "time_days")
    if (np.diff(runs) > 0).all() and ((times[1:] >= times[:-1]) | begins[1:]).all():
        as_it_stands = table.copy(deep=False)
        as_it_stands.index = pd.RangeIndex(len(table))
        return as_it_stands, stratum, strata
    order = np.lexsort((times, stratum))
    return table.iloc[order].reset_index(drop=True), stratum[order], strata


def _run_begins(table: pd.DataFrame, by: list[str]) -> np.ndarray:
    begins = np.zeros(len(table), dtype=bool)
    begins[:1] = True
    for column in by:
        begins[1:] |= _differs_from_above(table[column])
    return begins


def _differs_from_above(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = column.cat.codes.to_numpy()
    elif isinstance(column.dtype, np.dtype):
        values = column.to_numpy()
    else:
        values = pd.factorize(column)[0]
    try:
        return values[1:] != values[:-1]
    except TypeError:  # pandas' own missing value answers no comparison
        codes = pd.factorize(column)[0]
        return codes[1:] != codes[:-1]


def bounds(stratum: np.ndarray, strata: pd.DataFrame) -> list[tuple[int, int]]:
    """First row and row after the last of each stratum, in a table that ``in_strata`` sorted."""
    edges = np.searchsorted(stratum, np.arange(len(strata) + 1))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def strata_with(strata: pd.DataFrame, **columns: np.ndarray) -> pd.DataFrame:
    """Every stratum with each row of some columns of one length, for a table of strata and times.

    Examples
    --------
    >>> strata_with(pd.DataFrame({"sex": ["male", "female"]}), years=np.array([1, 5]))
          sex  years
    0    male      1
    1    male      5
    2  female      1
    3  female      5
    """
    length = max(map(len, columns.values()))
    table = strata.iloc[np.repeat(np.arange(len(strata)), length)].reset_index(drop=True)
    return table.assign(**{name: np.tile(values, len(strata)) for name, values in columns.items()})


def beside(curve: pd.DataFrame, estimated: dict[str, np.ndarray]) -> pd.DataFrame:
    """A copy of a table with estimates as further columns."""
    columns = {name: curve[name].copy() for name in curve.columns} | estimated
    return pd.DataFrame(columns, index=curve.index, copy=False)
