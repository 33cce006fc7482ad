"""What a curve says at fixed times, and given that one has come so far."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.event_tables import bounds, counts_of, in_strata, strata_with
from analysis.estimates.survival.fixed_times import days_since_diagnosis
from analysis.estimates.survival.kaplan_meier_curve import greenwood_terms, surviving_share
from analysis.estimates.survival.risk_sets import as_whole_numbers, followed_before
from analysis.strata import require_columns

UNCERTAINTY = ["standard_error", "lower", "upper"]


def survival_at(
    curve: pd.DataFrame, years: Sequence[float] = (1, 5, 10), extend: bool = False
) -> pd.DataFrame:
    """Survival at fixed times after diagnosis, in each stratum.

    Reads a curve of ``kaplan_meier``; keeps ``at_risk``, ``survival``, ``standard_error``, ``lower`` and ``upper``,
    adds ``years`` (years of 365.25 days).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    years
        Times since diagnosis.
    extend
        Carry the last value beyond the last follow-up, as R's ``summary(…, extend = TRUE)`` does.

    Returns
    -------
    pandas.DataFrame
        ``by… years at_risk survival standard_error lower upper``; ``at_risk`` counts those still followed just before
        the time. One row a stratum and time.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.
    InputError
        Years that are negative, or more than 120.

    Notes
    -----
    Beyond the last follow-up of a stratum survival is not estimable and missing, unless nobody was left alive.

    References
    ----------
    Kaplan, Meier. J Am Stat Assoc 1958;53:457–481.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "time_days": [300, 700], "at_risk": [4, 2], "events": [1, 0], "censored": [1, 2], "survival": [0.75, 0.75],
    ...     "standard_error": [0.217, 0.217], "lower": [0.128, 0.128], "upper": [0.961, 0.961],
    ... })
    >>> survival_at(curve, years=(1, 5))
       years  at_risk  survival  standard_error  lower  upper
    0      1        2      0.75           0.217  0.128  0.961
    1      5        0       NaN             NaN    NaN    NaN
    """
    require_columns(curve, ["time_days", "at_risk", "survival", *UNCERTAINTY])
    at_start = {"survival": 1.0, "standard_error": 0.0, "lower": 1.0, "upper": 1.0}
    return _at_times(curve, years, at_start, extend)


def cumulative_incidence_at(
    curve: pd.DataFrame, years: Sequence[float] = (1, 5, 10), extend: bool = False
) -> pd.DataFrame:
    """Cumulative incidence at fixed times after diagnosis, in each stratum.

    Reads a curve of ``cumulative_incidence_function`` or ``cumulative_incidence_by_cause``; keeps ``at_risk``,
    ``cumulative_incidence``, ``standard_error``, ``lower`` and ``upper``, adds ``years`` (years of 365.25 days).

    Parameters
    ----------
    curve
        As ``cumulative_incidence_function`` gives it.
    years, extend
        As for ``survival_at``.

    Returns
    -------
    pandas.DataFrame
        ``by… years at_risk cumulative_incidence standard_error lower upper``, one row a stratum and time.

    Raises
    ------
    MissingStepError
        The table is not a curve of cumulative incidence.
    InputError
        Years that are negative, or more than 120.

    Notes
    -----
    Beyond the last follow-up of a stratum it is not estimable and missing, unless the last ones left by an event.

    References
    ----------
    Aalen, Johansen. Scand J Stat 1978;5:141–150.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "time_days": [300, 700], "at_risk": [4, 2], "events": [1, 0], "censored": [1, 2],
    ...     "cumulative_incidence": [0.25, 0.25], "standard_error": [0.217, 0.217], "lower": [0.01, 0.01],
    ...     "upper": [0.67, 0.67],
    ... })
    >>> cumulative_incidence_at(curve, years=(1, 5))
       years  at_risk  cumulative_incidence  standard_error  lower  upper
    0      1        2                  0.25           0.217   0.01   0.67
    1      5        0                   NaN             NaN    NaN    NaN
    """
    require_columns(
        curve, ["time_days", "at_risk", "censored", "cumulative_incidence", *UNCERTAINTY]
    )
    at_start = dict.fromkeys(["cumulative_incidence", *UNCERTAINTY], 0.0)
    return _at_times(curve, years, at_start, extend)


def _at_times(
    curve: pd.DataFrame, years: Sequence[float], at_start: dict[str, float], extend: bool
) -> pd.DataFrame:
    """A row a stratum and time, with what a curve has come to by then; ``at_start`` before its first row."""
    years, days = days_since_diagnosis("years", years)
    curve, stratum, strata = in_strata(curve)
    spans = bounds(stratum, strata)
    first, end = np.reshape(spans, (-1, 2)).astype(int).T[:, :, None]
    latest = _latest_rows(counts_of(curve, "time_days"), spans, days)
    estimable = (end > first) & (extend | _is_followed(curve, end - 1, days))
    at_risk = followed_before(curve, spans, days)
    table = strata_with(strata, years=years).assign(at_risk=at_risk)
    for column, value in at_start.items():
        # One value more, since a stratum that is the table's first has no row before its first time.
        values = np.append(counts_of(curve, column), np.nan)
        by_then = np.where(latest < first, value, values[latest])
        table[column] = np.where(estimable, by_then, np.nan).ravel()
    return table


def _latest_rows(
    times: np.ndarray, spans: Sequence[tuple[int, int]], days: np.ndarray
) -> np.ndarray:
    """The last row of each stratum at or before each of the days; the row before its first where none is."""
    rows = [
        start - 1 + np.searchsorted(times[start:end], days, side="right") for start, end in spans
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, len(days))


def _is_followed(curve: pd.DataFrame, last: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Whether a curve that ends in the ``last`` row of its stratum can be read at each of the days."""
    times = np.append(counts_of(curve, "time_days"), np.nan)
    return _ends_for_good(curve)[last] | (days <= times[last])


def _ends_for_good(curve: pd.DataFrame) -> np.ndarray:
    # Whether a curve that ends in a row keeps its value: nobody is left alive, not: nobody is followed any more.
    for_good = curve["survival"] == 0 if "survival" in curve else curve["censored"] == 0
    return np.append(for_good.to_numpy(dtype=bool), False)


def conditional_survival(
    curve: pd.DataFrame,
    given_years: float | Sequence[float],
    further_years: float | Sequence[float],
    *,
    interval: str = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Survival for further years among those who have already survived some.

    .. math:: S(t_0 + h \\mid t_0) = S(t_0 + h) / S(t_0)

    Reads a curve of ``kaplan_meier``; adds ``given_years`` and ``further_years`` (years of 365.25 days), ``survival``,
    ``standard_error``, ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    given_years, further_years
        Years already survived, and years from there on; several of them give a row each.
    interval
        As for ``kaplan_meier``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… given_years further_years at_risk survival standard_error lower upper``, one row a stratum and pair of
        years; ``at_risk`` counts those followed beyond the years given. Missing where nobody was, or the follow-up ends
        too soon.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.
    InputError
        Years that are negative or more than 120, or an interval that is not known.

    Notes
    -----
    The variance holds Greenwood's terms after the years given, since what happened before is known.

    References
    ----------
    Hieke, Kleber, König, Engelhardt, Schumacher. Clin Cancer Res 2015;21:1530–1536.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [100, 500, 900], "at_risk": [4, 3, 2], "events": [1, 1, 0],
    ...                       "survival": [0.75, 0.5, 0.5]})
    >>> conditional_survival(curve, given_years=1, further_years=1).round(3)
       given_years  further_years  at_risk  survival  standard_error  lower  upper
    0            1              1        3     0.667           0.272  0.054  0.945
    """
    given_years, given_days = days_since_diagnosis("given_years", given_years)
    further_years, further_days = days_since_diagnosis("further_years", further_years)
    require_columns(curve, ["time_days", "at_risk", "events", "survival"])
    curve, stratum, strata = in_strata(curve)
    stretches = list(product(given_days, further_days))
    spans = bounds(stratum, strata)
    at_risk, survival, error = _conditional(curve, spans, stretches).T
    lower, upper = survival_interval(survival, error, confidence, interval)
    table = strata_with(
        strata,
        given_years=np.repeat(given_years, len(further_years)),
        further_years=np.tile(further_years, len(given_years)),
    )
    table["at_risk"] = as_whole_numbers(at_risk)
    return table.assign(survival=survival, standard_error=error, lower=lower, upper=upper)


def _conditional(
    curve: pd.DataFrame,
    spans: Sequence[tuple[int, int]],
    stretches: Sequence[tuple[float, float]],
) -> np.ndarray:
    """Those followed, survival and its error: a row for each stratum and stretch (days before it, and in it)."""
    columns = ("time_days", "at_risk", "events", "survival")
    rows = [counts_of(curve, column) for column in columns]
    estimates = [
        _from_then_on(*(values[first:last] for values in rows), start=start, end=start + further)
        for first, last in spans
        for start, further in stretches
    ]
    return np.array(estimates, dtype=float).reshape(-1, 3)


def _from_then_on(
    times: np.ndarray,
    at_risk: np.ndarray,
    died: np.ndarray,
    survival: np.ndarray,
    *,
    start: float,
    end: float,
) -> tuple[float, float, float]:
    """Those followed beyond the start, the share of them alive some days further on, and its standard error."""
    later = (times > start) & (times <= end)
    followed = np.append(at_risk, 0)[np.searchsorted(times, start, side="right")]
    reached_end = len(times) > 0 and (times[-1] >= end or survival[-1] == 0)
    if not followed or not reached_end or survival[times <= start].min(initial=1) == 0:
        return followed, np.nan, np.nan
    ratio = np.prod(surviving_share(at_risk[later], died[later]))
    with np.errstate(invalid="ignore"):
        error = ratio * np.sqrt(greenwood_terms(at_risk[later], died[later]).sum())
    return followed, ratio, error
