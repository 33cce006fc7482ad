"""How many are under observation: the numbers below a curve, and where nobody is left although others come later."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.survival.event_tables import (
    ROUNDING,
    beside,
    bounds,
    counts_of,
    event_rows,
    in_strata,
    strata_with,
)
from analysis.estimates.survival.fixed_times import days_since_diagnosis
from analysis.estimates.survival.running_sums import running_maximum
from analysis.quantities import note_columns
from analysis.strata import curve_strata, require_columns

CURVE_ESTIMATES = ("survival", "standard_error", "lower", "upper")


def numbers_at_risk(events: pd.DataFrame, years: Sequence[float] = (0, 1, 5, 10)) -> pd.DataFrame:
    """How many are under observation just before fixed times, for the lines below a survival curve.

    Reads ``time_days``, ``at_risk`` and the stratum columns; adds ``years`` (years of 365.25 days).

    Parameters
    ----------
    events
        An event table, or a curve made from one.
    years
        Times since diagnosis.

    Returns
    -------
    pandas.DataFrame
        ``by… years at_risk``, one row a stratum and time; 0 beyond the last follow-up.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        Years that are negative, or more than 120.

    Notes
    -----
    Those who leave at the very time are still counted, as in R's ``summary.survfit``. An event table knows its risk
    sets at times of exit: with delayed entry, those who enter before the next exit are counted as there.

    References
    ----------
    Pocock, Clayton, Altman. Lancet 2002;359:1686–1689.

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [300, 700], "at_risk": [4, 2], "events": [1, 0], "censored": [1, 2]})
    >>> numbers_at_risk(events, years=(0, 1, 5))
       years  at_risk
    0      0        4
    1      1        2
    2      5        0
    """
    require_columns(events, ["time_days", "at_risk"])
    table, stratum, strata = in_strata(events)
    years, days = days_since_diagnosis("years", years)
    followed = followed_before(table, bounds(stratum, strata), days)
    return strata_with(strata, years=years).assign(at_risk=followed)


def followed_before(
    table: pd.DataFrame, spans: Sequence[tuple[int, int]], days: np.ndarray
) -> np.ndarray:
    """Those at risk at the next exit from each day on, in each span of rows; spans after one another."""
    times, at_risk = counts_of(table, "time_days"), counts_of(table, "at_risk")
    followed = [np.zeros(0, dtype=np.int64)]
    for start, end in spans:
        # Those followed just before a time are at risk at the next exit, at the latest on that very day.
        next_exit = np.searchsorted(times[start:end], days, side="left")
        followed.append(np.append(at_risk[start:end], 0)[next_exit])
    return as_whole_numbers(np.concatenate(followed))


def as_whole_numbers(counts: np.ndarray) -> np.ndarray:
    """Counts as whole numbers, unless weights have made them fractions."""
    return counts.astype(np.int64) if (counts == np.round(counts)).all() else counts


def emptied_risk_sets(events: pd.DataFrame) -> pd.DataFrame:
    """Where everybody under observation has left although others come later: what a page must warn of.

    Reads ``time_days``, ``at_risk``, ``events``, ``censored`` and the stratum columns of an event table with delayed
    entry.

    Parameters
    ----------
    events
        An event table.

    Returns
    -------
    pandas.DataFrame
        ``by… emptied_days resumed_days events at_risk_later``, one row for each gap: when the last one left, the next
        exit, the events at which the set emptied, and how many were at risk at that next exit. No row where no risk set
        empties, as always without delayed entry.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        Counts that contradict each other.

    Notes
    -----
    Where ``events`` is not 0, all the last ones had the event: Kaplan–Meier is 0 from there on, whatever happens to
    those who come later, and must not be read. Where it is 0, they were censored: the curve runs flat over a stretch of
    time in which nobody was watched. Such gaps come of small numbers in the first days of a period analysis; join
    strata, widen the window, or show `exponential_survival`.

    References
    ----------
    Lai, Ying. Ann Stat 1991;19:417–442. Klein, Moeschberger. Survival Analysis, 2nd ed., 2003, section 4.6.

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [2, 5, 9], "at_risk": [1, 2, 1], "events": [1, 1, 0],
    ...                        "censored": [0, 0, 1], "entered": [1, 2, 0]})
    >>> emptied_risk_sets(events)
       emptied_days  resumed_days  events  at_risk_later
    0             2             5       1              2
    """
    require_columns(events, ["censored"])
    table, stratum, (at_risk, died, censored) = event_rows(events, ["events", "censored"])
    emptied = np.flatnonzero(_emptied(stratum, at_risk, died + censored))
    strata = [*curve_strata(table), *note_columns(table)]
    gaps = table.iloc[emptied][strata].reset_index(drop=True)
    times = counts_of(table, "time_days")
    gaps = gaps.assign(emptied_days=times[emptied], resumed_days=times[emptied + 1])
    return gaps.assign(events=died[emptied], at_risk_later=at_risk[emptied + 1])


def _emptied(stratum: np.ndarray, at_risk: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Rows at which all who were at risk have left, although their stratum goes on."""
    last = np.append(stratum[1:] != stratum[:-1], True)[: len(stratum)]
    return (at_risk - left <= ROUNDING * at_risk) & ~last


def end_where_emptied(curve: pd.DataFrame) -> pd.DataFrame:
    """A curve of delayed entry as far as it may be read: to where its risk set empties although others come later.

    Reads a curve of ``kaplan_meier``; adds ``emptied`` (true from where it may not be read), and makes ``survival``,
    ``standard_error``, ``lower`` and ``upper`` missing there.

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.

    Returns
    -------
    pandas.DataFrame
        The rows of the curve, with ``emptied``; nowhere true without delayed entry.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.

    Notes
    -----
    Where the last ones at risk had the event the curve ends before it, where they were censored, with them; see
    ``emptied_risk_sets``, which tells where that is.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [2, 5, 9], "at_risk": [1, 2, 1], "events": [1, 1, 0],
    ...                       "censored": [0, 0, 1], "survival": [0.0, 0.0, 0.0]})
    >>> end_where_emptied(curve)[["survival", "emptied"]].values.tolist()
    [[nan, True], [nan, True], [nan, True]]
    """
    require_columns(curve, ["censored", "survival"])
    table, stratum, (at_risk, died, censored) = event_rows(curve, ["events", "censored"])
    emptied = _emptied(stratum, at_risk, died + censored)
    # A survival of 0 that the last ones left behind is itself not to be read; one that is censored flat is, to there.
    begins = (emptied & (died > 0)) | np.append(False, emptied[:-1])[: len(emptied)]
    beyond = running_maximum(stratum, begins.astype(float)) > 0
    estimates = [column for column in CURVE_ESTIMATES if column in table]
    readable = {column: np.where(beyond, np.nan, table[column]) for column in estimates}
    return beside(table, readable | {"emptied": beyond})


def withhold_few_at_risk(estimates: pd.DataFrame, fewest: int = 10) -> pd.DataFrame:
    """Estimates at fixed times, missing where fewer than so many are still under observation.

    Reads ``at_risk`` and the estimates that stand beside it (``survival``, ``net_survival``,
    ``cumulative_incidence``, ``standard_error``, ``lower``, ``upper``); adds ``fewest_at_risk``, the same in each
    row, so that a page says it.

    Parameters
    ----------
    estimates
        As ``survival_at``, ``conditional_survival``, ``cumulative_incidence_at`` or ``net_survival_at`` gives it.
    fewest
        How many must be at risk.

    Returns
    -------
    pandas.DataFrame
        The same rows; the numbers at risk stay.

    Raises
    ------
    MissingStepError
        ``at_risk`` is not there.

    Notes
    -----
    A survival of 0 stays: that nobody is at risk any more is then what is told, and not how little is known.

    Examples
    --------
    >>> estimates = pd.DataFrame({"at_risk": [40, 7, 0], "survival": [0.9, 0.8, 0.0]})
    >>> withhold_few_at_risk(estimates)["survival"].tolist()
    [0.9, nan, 0.0]
    """
    require_columns(estimates, ["at_risk"])
    few = pd.to_numeric(estimates["at_risk"]).fillna(0) < fewest
    if "survival" in estimates:
        few &= ~(estimates["survival"] == 0).fillna(False).astype(bool)
    estimated = (*CURVE_ESTIMATES, "net_survival", "cumulative_incidence")
    columns = [column for column in estimated if column in estimates]
    withheld = {column: estimates[column].mask(few) for column in columns}
    return estimates.assign(**withheld, fewest_at_risk=fewest)
