"""One quantity, in every stratum."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, MissingStepError
from analysis.quantities import added_by, is_of_cause, note_columns, notes_of, with_trait
from analysis.terms import READING_ORDER, reading_place

# What a population can be divided by; every other stratum column of a rate table describes the diagnosis.
POPULATION_COLUMNS = with_trait("population")

# Rows that are looked at to see how a column is stored.
SAMPLED_ROWS = 10_000


def require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Say which step is missing when a frame has not come far enough.

    Raises
    ------
    MissingStepError
        Naming each absent column and the step that adds it.

    Examples
    --------
    >>> require_columns(pd.DataFrame({"event": [1]}), ["event", "follow_up_days"])
    Traceback (most recent call last):
    ...
    analysis.errors.MissingStepError: follow_up_days: added by analysis.cases.add_follow_up
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise MissingStepError("; ".join(f"{column}: {_missing_step(column)}" for column in absent))


def _missing_step(column: str) -> str:
    step = added_by(column)
    return f"added by {step}" if step else "absent from the extract"


def require_list(argument: str, columns: Sequence[str]) -> None:
    """Refuse a single name where a list of columns is asked for: its letters would be taken for columns.

    Raises
    ------
    InputError
        Naming the argument and what to write.

    Examples
    --------
    >>> require_list("by", "sex")
    Traceback (most recent call last):
    ...
    analysis.errors.InputError: argument: 1 fault
      - by: must be a list of columns; write by=["sex"]
    """
    if isinstance(columns, str):
        raise InputError(
            "argument", [f'{argument}: must be a list of columns; write {argument}=["{columns}"]']
        )


def strata_columns(frame: pd.DataFrame, known: Iterable[str]) -> list[str]:
    """The stratum columns of a statistics table: those that are neither ``known`` columns nor notes of it."""
    known = {*known, *note_columns(frame)}
    return [column for column in frame.columns if column not in known]


def curve_strata(table: pd.DataFrame) -> list[str]:
    """The stratum columns of an event table, or of a curve made from one.

    Examples
    --------
    >>> curve_strata(pd.DataFrame(columns=["sex", "time_days", "at_risk", "events", "events_cancer"]))
    ['sex']
    """
    columns = strata_columns(table, with_trait("curve"))
    return [column for column in columns if not is_of_cause(column)]


def number_strata(frame: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the strata: each row's stratum, and the values that each stratum stands for.

    Parameters
    ----------
    frame
        Any frame with the columns of ``by``.
    by
        Stratum columns; empty for the whole. A missing value is a stratum of its own, the last.

    Returns
    -------
    tuple of numpy.ndarray and pandas.DataFrame
        The stratum number of each row, from 0; one row a stratum with the columns of ``by``, in reading
        order: as ``terms`` lists countries, sexes and diagnostic groups, age groups by age, a categorical in the order
        of its categories, anything else sorted. Without ``by``, one stratum, even of no rows. What the frame notes of
        itself (``outcome``, ``per``) stands behind, so that it goes on to what is made of the strata.

    Raises
    ------
    MissingStepError, InputError
        A column of ``by`` is not there; ``by`` is a single name.

    Examples
    --------
    >>> numbers, strata = number_strata(pd.DataFrame({"sex": ["male", None, "female"]}), ["sex"])
    >>> numbers
    array([0, 2, 1])
    >>> strata.sex.tolist()
    ['male', 'female', None]
    """
    require_list("by", by)
    by = list(by)
    require_columns(frame, by)
    if not by:
        return np.zeros(len(frame), dtype=np.int64), _noted(pd.DataFrame(index=range(1)), frame)
    numbers, size = _level_codes(frame[by[0]])
    for column in by[1:]:
        codes, levels = _level_codes(frame[column])
        if size * levels > _room(len(frame)):
            numbers, size = number_densely(numbers, size)
        numbers *= levels
        numbers += codes
        size *= levels
    numbers, size = number_densely(numbers, size)
    first = _first_rows(numbers, size)
    strata = pd.DataFrame(
        {column: frame[column].iloc[first].reset_index(drop=True) for column in by}
    )
    return numbers, _noted(strata, frame)


def _noted(strata: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The strata with what their frame notes of itself and they do not say already."""
    notes = {
        column: pd.Series([value] * len(strata), dtype=frame[column].dtype)
        for column, value in notes_of(frame).items()
        if column not in strata.columns
    }
    return strata.assign(**notes)


def repeat_strata(strata: pd.DataFrame, rows: np.ndarray) -> dict:
    """The columns of ``strata``, a value for each of ``rows``, for a frame to be made of them.

    Examples
    --------
    >>> repeat_strata(pd.DataFrame({"sex": ["male", "female"]}), np.array([1, 1]))
    {'sex': array(['female', 'female'], dtype=object)}
    """
    columns = {name: column.iloc[rows] for name, column in strata.items()}
    # An array of pandas' own around words would be looked through for missing values.
    return {
        name: column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array
        for name, column in columns.items()
    }


def number_densely(numbers: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Number anew from 0, in the same order and without gaps, whole numbers below ``size``; and how many they are.

    Examples
    --------
    >>> number_densely(np.array([7, 3, 7]), 10)
    (array([1, 0, 1]), 2)
    """
    if size > _room(len(numbers)):
        dense, found = pd.factorize(numbers, sort=True)
        return dense, len(found)
    taken = np.zeros(size, dtype=bool)
    taken[numbers] = True
    place = np.cumsum(taken) - 1
    return place[numbers], int(place[-1]) + 1 if size else 0


def _room(rows: int) -> int:
    # Up to here a table of all numbers that could occur is quicker than a search for those that do.
    return max(4 * rows, 100_000)


def _level_codes(column: pd.Series) -> tuple[np.ndarray, int]:
    """The place of each row's value in reading order, the missing ones last; and a bound above all places."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _missing_last(column.cat.codes.to_numpy(), len(column.cat.categories))
    if column.dtype.kind in "iu" and column.name not in READING_ORDER:
        whole_numbers = _codes_of_whole_numbers(column)
        if whole_numbers is not None:
            return whole_numbers
    row, distinct = _distinct_values(column)
    codes, found = pd.factorize(distinct, sort=True)
    levels = len(found)
    if column.name in READING_ORDER:
        order = sorted(range(levels), key=lambda code: reading_place(column.name, found[code]))
        codes = np.append(np.argsort(order), -1)[codes]
    codes, levels = _missing_last(codes, levels)
    return codes if row is None else codes[row], levels


def _missing_last(codes: np.ndarray, levels: int) -> tuple[np.ndarray, int]:
    if (codes < 0).any():
        codes = np.where(codes < 0, levels, codes)
    return codes.astype(np.int64, copy=False), levels + 1


def _codes_of_whole_numbers(column: pd.Series) -> tuple[np.ndarray, int] | None:
    missing = (
        None
        if isinstance(column.dtype, np.dtype) or not column.hasnans
        else column.isna().to_numpy()
    )
    values = column.to_numpy(dtype=np.int64, na_value=0)
    known = values if missing is None else values[~missing]
    lowest, highest = (int(known.min()), int(known.max())) if known.size else (0, -1)
    levels = highest - lowest + 1
    if levels > _room(len(column)):
        return None
    codes = values - lowest
    return _missing_last(codes if missing is None else np.where(missing, -1, codes), levels)


def _distinct_values(column: pd.Series) -> tuple[np.ndarray | None, pd.Series]:
    """Each row's place among the objects that the column holds, and these objects; or no places, and the column.

    The words of a column are mostly a few objects referred to by many rows, and a reference is told from another
    five times sooner than a word. One word may be two objects: these are still to be told apart by value.
    """
    if column.dtype not in (object, "string[python]"):
        return None, column
    words = np.ascontiguousarray(column.to_numpy(dtype=object))
    # An array of objects holds references; read as numbers, equal ones are the same object while the array lives.
    references = np.ndarray(words.shape, dtype=np.intp, buffer=words)
    sample = references[:: len(words) // SAMPLED_ROWS + 1]
    if 4 * len(np.unique(sample)) >= len(sample):
        return None, column
    row, distinct = pd.factorize(references)
    return row, column.iloc[_first_rows(row, len(distinct))]


def _first_rows(numbers: np.ndarray, size: int) -> np.ndarray:
    """The first row of each number below ``size``, all of which occur."""
    looked_at, seen = SAMPLED_ROWS, 0
    first = np.full(size, -1)
    while seen < size:
        # Most numbers occur soon, and a pass through all rows is spared.
        part = numbers[:looked_at]
        first[part[::-1]] = np.arange(len(part))[::-1]
        looked_at, seen = 10 * looked_at, np.count_nonzero(first >= 0)
    return first


def each_stratum(
    frame: pd.DataFrame, by: Sequence[str], quantity: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Apply ``quantity`` to the rows of every stratum; put the stratum in front of what it returns.

    Parameters
    ----------
    frame
        One row an observation or a statistic, with the columns of ``by``.
    by
        Stratum columns; empty for the whole. A missing stratum value is a stratum of its own.
    quantity
        From the rows of one stratum to a table.

    Returns
    -------
    pandas.DataFrame
        ``by…`` and the columns of ``quantity``, strata in reading order, a fresh index.

    Examples
    --------
    >>> counts = pd.DataFrame({"sex": ["male", "female", "male"], "cases": [2, 3, 4]})
    >>> each_stratum(counts, ["sex"], lambda rows: rows[["cases"]].max().to_frame().T)
          sex  cases
    0    male      4
    1  female      3
    """
    numbers, strata = number_strata(frame, by)
    if strata.empty and len(by):
        empty = quantity(frame).iloc[:0].reset_index(drop=True)
        return pd.concat([strata[list(by)], empty], axis=1)
    pieces = [
        quantity(frame[numbers == number]).reset_index(drop=True) for number in range(len(strata))
    ]
    repeats = np.repeat(np.arange(len(strata)), [len(piece) for piece in pieces])
    quantities = pd.concat(pieces, ignore_index=True)
    renewed = [column for column in note_columns(quantities) if column not in by]
    strata = strata.drop(columns=renewed, errors="ignore")
    return pd.concat([strata.iloc[repeats].reset_index(drop=True), quantities], axis=1)
