"""How many are still alive: the Kaplan–Meier curve."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import InputError, faults_in_rows
from analysis.estimates.intervals.of_survival import survival_interval, survival_interval_quantile
from analysis.strata import curve_strata, number_strata, require_columns

# Weighted counts are sums of floats: what is nought but for their rounding.
ROUNDING = 1e-9
PIECE = 16_384


def kaplan_meier(
    events: pd.DataFrame, confidence: float = 0.95, interval: str = "log-log"
) -> pd.DataFrame:
    """Observed survival after each time of follow-up, in each stratum.

    .. math:: S(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{d_j}{n_j}\\right), \\quad
              se(t) = S(t) \\sqrt{\\sum_{t_j \\le t} \\frac{d_j}{n_j (n_j - d_j)}}

    Reads ``time_days`` (days), ``at_risk`` (n), ``events`` (d) and the stratum columns, which are all the others;
    adds ``survival``, ``standard_error`` (Greenwood's, of survival), ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    events
        An event table, as ``analysis.counts.event_table`` gives it.
    confidence
        Coverage of the pointwise interval.
    interval
        ``"log-log"``, ``"log"``, ``"plain"``, ``"logit"`` or ``"arcsin"``: the ``conf.type`` of R's ``survfit``.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        An interval that is not known; counts that are missing, negative or larger than those at risk; two rows of one
        stratum at the same time.

    Notes
    -----
    Where survival has reached 0 the standard error and the interval are undefined, hence missing; where nobody has
    died yet the interval is [1, 1]. With delayed entry the risk set can empty early: survival is then 0 for ever, and
    `analysis.estimates.emptied_risk_sets` tells where. Counts need not be whole: weighted ones are taken as
    frequencies, also in the variance.

    References
    ----------
    Kaplan, Meier. J Am Stat Assoc 1958;53:457–481. Kalbfleisch, Prentice. The Statistical Analysis of Failure Time
    Data, 2nd ed., 2002, section 1.4 (log–log interval).

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [10, 20, 30], "at_risk": [4, 3, 1], "events": [1, 1, 0]})
    >>> kaplan_meier(events)[["time_days", "survival", "standard_error", "lower", "upper"]].round(3)
       time_days  survival  standard_error  lower  upper
    0         10      0.75           0.217  0.128  0.961
    1         20      0.50           0.250  0.058  0.845
    2         30      0.50           0.250  0.058  0.845
    """
    survival_interval_quantile(confidence, interval)
    curve, numbers, (at_risk, died) = event_rows(events, ["events"])
    estimated = np.empty((4, len(curve)))
    for rows in pieces(numbers):
        changes, latest = changes_of_curve(numbers[rows], died[rows])
        survival, error = _product_limit(
            numbers[rows][changes], at_risk[rows][changes], died[rows][changes]
        )
        limits = survival_interval(survival, error, confidence, interval)
        for values, held in zip((survival, error, *limits), estimated[:, rows], strict=True):
            values.take(latest, out=held, mode="clip")
    return beside(
        curve, dict(zip(("survival", "standard_error", "lower", "upper"), estimated, strict=True))
    )


def _product_limit(
    numbers: np.ndarray, at_risk: np.ndarray, died: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    survival = running(np.cumprod, numbers, surviving_share(at_risk, died))
    variance_of_log = running(np.cumsum, numbers, greenwood_terms(at_risk, died))
    with np.errstate(invalid="ignore"):
        return survival, survival * np.sqrt(variance_of_log)


def event_rows(
    events: pd.DataFrame, counted: Sequence[str]
) -> tuple[pd.DataFrame, np.ndarray, list[np.ndarray]]:
    """An event table that can be read as one, sorted by stratum and time, the stratum number of its rows, its counts.

    ``counted`` are columns of events; the counts are those at risk and then these.
    """
    require_columns(events, ["time_days", "at_risk", *counted])
    table, numbers, _ = in_strata(events)
    times, *counts = (counts_of(table, column) for column in ("time_days", "at_risk", *counted))
    if not all(
        _is_sound(numbers[rows], times[rows], *(values[rows] for values in counts))
        for rows in pieces(numbers)
    ):
        raise InputError(
            "event table",
            _faults(events, counted) or ["time_days: must not be there twice in a stratum"],
        )
    return table, numbers, counts


def _is_sound(
    numbers: np.ndarray, times: np.ndarray, at_risk: np.ndarray, *happened: np.ndarray
) -> bool:
    # What is missing is neither more nor less than anything, hence never sound.
    within = all((died >= 0).all() and _within(died, at_risk) for died in happened)
    rises = (times[1:] > times[:-1]) | (numbers[1:] != numbers[:-1])
    return bool(within and (at_risk >= 0).all() and (times >= 0).all() and rises.all())


def _within(died: np.ndarray, at_risk: np.ndarray) -> bool:
    return (died <= at_risk).all() or (died <= at_risk * (1 + ROUNDING)).all()


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
    signed = isinstance(table[column].dtype, np.dtype) and table[column].dtype.kind in "if"
    return (
        table[column].to_numpy() if signed else table[column].to_numpy(dtype=float, na_value=np.nan)
    )


def in_strata(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """A table sorted by stratum and time; the stratum number of its rows; the strata.

    What is sorted already is neither sorted nor copied, and only the first row of each run of equal strata is numbered.
    """
    by = curve_strata(table)
    begins = _run_begins(table, by)
    heads = np.flatnonzero(begins)
    runs, strata = number_strata(table.iloc[heads], by)
    numbers = np.repeat(runs, np.diff(heads, append=len(table)))
    times = counts_of(table, "time_days")
    if (np.diff(runs) > 0).all() and ((times[1:] >= times[:-1]) | begins[1:]).all():
        as_it_stands = table.copy(deep=False)
        as_it_stands.index = pd.RangeIndex(len(table))
        return as_it_stands, numbers, strata
    order = np.lexsort((times, numbers))
    return table.iloc[order].reset_index(drop=True), numbers[order], strata


def _run_begins(table: pd.DataFrame, by: list[str]) -> np.ndarray:
    begins = np.zeros(len(table), dtype=bool)
    begins[:1] = True
    for column in by:
        begins[1:] |= _differs_from_above(table[column])
    return begins


def _differs_from_above(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = column.cat.codes.to_numpy()
    else:
        values = (
            column.to_numpy() if isinstance(column.dtype, np.dtype) else pd.factorize(column)[0]
        )
    try:
        return values[1:] != values[:-1]
    except TypeError:  # pandas' own missing value answers no comparison
        codes = pd.factorize(column)[0]
        return codes[1:] != codes[:-1]


def bounds(numbers: np.ndarray, strata: pd.DataFrame) -> list[tuple[int, int]]:
    """First row and row after the last of each stratum, in a table that ``in_strata`` sorted."""
    edges = np.searchsorted(numbers, np.arange(len(strata) + 1))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def pieces(numbers: np.ndarray) -> list[slice]:
    """Rows of a sorted table in pieces of whole strata, such that work on one stays in the processor's cache."""
    edges = _edges(numbers)
    near = np.searchsorted(edges, np.arange(0, len(numbers) + PIECE, PIECE)).clip(
        max=len(edges) - 1
    )
    return [slice(start, end) for start, end in pairwise(np.unique(edges[near]).tolist())]


def changes_of_curve(numbers: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows at which a curve may change: the first of its stratum and those with an event; each row's latest one."""
    may_change = events > 0
    may_change[_edges(numbers)[:-1]] = True
    changes = np.flatnonzero(may_change)
    return changes, np.repeat(np.arange(len(changes)), np.diff(changes, append=len(numbers)))


def beside(curve: pd.DataFrame, estimated: dict[str, np.ndarray]) -> pd.DataFrame:
    """A copy of a table with estimates as further columns."""
    columns = {name: curve[name].copy() for name in curve.columns} | estimated
    table = pd.DataFrame(columns, index=curve.index, copy=False)
    table.attrs = dict(curve.attrs)
    return table


def running(accumulate: Callable, numbers: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """A running sum or product that starts anew in each stratum.

    One short run a stratum keeps full precision; differences of one long sum would not.
    """
    result = np.empty(len(terms))
    for start, end in pairwise(_edges(numbers).tolist()):
        accumulate(terms[start:end], out=result[start:end])
    return result


def _edges(numbers: np.ndarray) -> np.ndarray:
    inner = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    return np.concatenate([[0], inner, [len(numbers)]])


def surviving_share(at_risk: np.ndarray, died: np.ndarray) -> np.ndarray:
    """The share of those at risk that each time leaves alive; 0 where all die, rounding of weighted counts apart."""
    with np.errstate(invalid="ignore"):
        share = 1 - died / at_risk
    share[share < ROUNDING] = 0
    share[at_risk == 0] = 1
    return share


def greenwood_terms(at_risk: np.ndarray, died: np.ndarray) -> np.ndarray:
    """What each time adds to the variance of log survival; infinite where the last at risk die."""
    left = at_risk - died
    left[left < ROUNDING * at_risk] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = died / (at_risk * left)
    terms[at_risk == 0] = 0
    return terms
