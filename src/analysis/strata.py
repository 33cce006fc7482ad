"""One quantity, in every stratum."""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.errors import MissingStepError
from analysis.terms import ADDED_BY, AGE_GROUPS, COUNTRIES, HEALTH_REGIONS, ICCC3_GROUPS, SEXES

# What an event table and the curves made from it hold beside their strata (and ``events_<cause>``).
CURVE_COLUMNS = (
    *("time_days", "at_risk", "events", "censored", "entered"),
    *("survival", "cumulative_incidence", "standard_error", "lower", "upper"),
    *("net_survival", "excess_hazard", "expected_survival"),
)


# What a population can be divided by; every other stratum column of a rate table describes the diagnosis.
POPULATION_COLUMNS = ("country", "region", "year", "period", "sex", "age", "age_at_diagnosis", "age_group")

# Strata come in reading order: as the field lists them, not by the alphabet (group IX after VIII, 5-9 before 10-14).
AFTER_ALL_AGES = 999
READING_ORDER = {
    "country": COUNTRIES,
    "region": HEALTH_REGIONS,
    "sex": SEXES,
    "age_group": tuple(AGE_GROUPS),
    "iccc3_group": ICCC3_GROUPS,
    "iccc3_subgroup": ICCC3_GROUPS,
    "iccc3_extended": ICCC3_GROUPS,
}


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
        raise MissingStepError(
            "; ".join(f"{column}: {ADDED_BY.get(column, 'absent from the extract')}" for column in absent)
        )


def strata_columns(frame: pd.DataFrame, known: Iterable[str]) -> list[str]:
    """The stratum columns of a statistics table: those that are not one of its ``known`` columns."""
    known = set(known)
    return [column for column in frame.columns if column not in known]


def curve_strata(table: pd.DataFrame) -> list[str]:
    """The stratum columns of an event table, or of a curve made from one.

    Examples
    --------
    >>> curve_strata(pd.DataFrame(columns=["sex", "time_days", "at_risk", "events", "events_cancer"]))
    ['sex']
    """
    return [column for column in strata_columns(table, CURVE_COLUMNS) if not str(column).startswith("events_")]


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
        of its categories, anything else sorted. Without ``by``, one stratum, even of no rows.

    Examples
    --------
    >>> numbers, strata = number_strata(pd.DataFrame({"sex": ["male", None, "female"]}), ["sex"])
    >>> numbers
    array([0, 2, 1])
    >>> strata.sex.tolist()
    ['male', 'female', None]
    """
    by = list(by)
    require_columns(frame, by)
    numbers = np.zeros(len(frame), dtype=np.int64)
    if not by:
        whole = pd.DataFrame(index=range(1))
        # What a frame notes of itself (its outcome) goes on to what is made of it, as pandas does for a stratum column.
        whole.attrs = dict(frame.attrs)
        return numbers, whole
    for column in by:
        codes, levels = _level_codes(frame[column])
        numbers = pd.factorize(numbers * (levels + 1) + codes, sort=True)[0]
    first = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(frame))[::-1]
    return numbers, frame[by].iloc[first].reset_index(drop=True)


def _level_codes(column: pd.Series) -> tuple[np.ndarray, int]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = column.cat.codes.to_numpy(), len(column.cat.categories)
    else:
        codes, found = pd.factorize(column, sort=True)
        levels = len(found)
        if column.name in READING_ORDER:
            order = sorted(range(levels), key=lambda code: _reading_place(column.name, found[code]))
            codes = np.append(np.argsort(order), -1)[codes]
    return np.where(codes < 0, levels, codes).astype(np.int64), levels


def _reading_place(column: str, value: object) -> int:
    if column == "age_group":
        first_age = re.match(r"\d+", str(value))
        return int(first_age.group()) if first_age else AFTER_ALL_AGES
    listed, word = READING_ORDER[column], str(value).split("(")[0]
    return listed.index(word) if word in listed else len(listed)


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
    by = list(by)
    numbers, strata = number_strata(frame, by)
    if strata.empty and by:
        empty = quantity(frame).iloc[:0].reset_index(drop=True)
        return pd.concat([strata, empty], axis=1)
    pieces = [quantity(frame[numbers == number]).reset_index(drop=True) for number in range(len(strata))]
    repeats = np.repeat(np.arange(len(strata)), [len(piece) for piece in pieces])
    return pd.concat([strata.iloc[repeats].reset_index(drop=True), pd.concat(pieces, ignore_index=True)], axis=1)
