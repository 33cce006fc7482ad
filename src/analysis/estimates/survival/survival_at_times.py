"""What a curve says at fixed times, and given that one has come so far."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.kaplan_meier_curve import (
    bounds,
    counts_of,
    greenwood_terms,
    in_strata,
    surviving_share,
)
from analysis.estimates.survival.risk_sets import followed_before, whole_counts
from analysis.strata import require_columns
from analysis.terms import DAYS_PER_YEAR

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
    curve, numbers, strata = in_strata(curve)
    at_start = {"survival": 1.0, "standard_error": 0.0, "lower": 1.0, "upper": 1.0}
    return _at_times(curve, bounds(numbers, strata), strata, years, at_start, extend)


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
    curve, numbers, strata = in_strata(curve)
    at_start = dict.fromkeys(["cumulative_incidence", *UNCERTAINTY], 0.0)
    return _at_times(curve, bounds(numbers, strata), strata, years, at_start, extend)


def _at_times(curve, spans, strata, years, at_start, extend):
    years = np.atleast_1d(years)
    days, times = years * DAYS_PER_YEAR, counts_of(curve, "time_days")
    latest = np.array(
        [a + np.searchsorted(times[a:b], days, side="right") - 1 for a, b in spans], dtype=np.int64
    )
    latest, first, end = (
        latest.reshape(-1, len(days)),
        *np.array(spans, dtype=np.int64).reshape(-1, 2).T[:, :, None],
    )
    known = end > first
    if not extend:
        known = known & (
            _ends_for_good(curve)[end - 1] | (days <= np.append(times, np.nan)[end - 1])
        )
    table = strata.iloc[np.repeat(np.arange(len(strata)), len(years))].reset_index(drop=True)
    table = table.assign(
        years=np.tile(years, len(strata)), at_risk=followed_before(curve, spans, days)
    )
    for column, value in at_start.items():
        reached = np.where(
            latest >= first, np.append(counts_of(curve, column), np.nan)[latest], value
        )
        table[column] = np.where(known, reached, np.nan).ravel()
    return table


def _ends_for_good(curve: pd.DataFrame) -> np.ndarray:
    # Whether a curve that ends in a row keeps its value: nobody is left alive, not: nobody is followed any more.
    for_good = curve["survival"] == 0 if "survival" in curve else curve["censored"] == 0
    return np.append(for_good.to_numpy(dtype=bool), False)


def conditional_survival(
    curve: pd.DataFrame,
    given_years: float | Sequence[float],
    further_years: float | Sequence[float],
    confidence: float = 0.95,
    interval: str = "log-log",
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
    confidence
        Coverage of the interval.
    interval
        As for ``kaplan_meier``.

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
        A negative number of years, or an interval that is not known.

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
    given, further = (np.atleast_1d(years).astype(float) for years in (given_years, further_years))
    if not ((given >= 0).all() and (further >= 0).all()):
        raise InputError(
            "conditional survival",
            ["given_years and further_years must be filled and not negative"],
        )
    require_columns(curve, ["time_days", "at_risk", "events", "survival"])
    curve, numbers, strata = in_strata(curve)
    rows = [counts_of(curve, column) for column in ("time_days", "at_risk", "events", "survival")]
    pairs = list(product(given * DAYS_PER_YEAR, further * DAYS_PER_YEAR))
    spans = bounds(numbers, strata)
    pieces = [
        _from_then_on([values[a:b] for values in rows], *pair) for a, b in spans for pair in pairs
    ]
    at_risk, survival, standard_error = np.array(pieces, dtype=float).reshape(-1, 3).T
    lower, upper = survival_interval(survival, standard_error, confidence, interval)
    table = strata.iloc[np.repeat(np.arange(len(strata)), len(pairs))].reset_index(drop=True)
    told = product(range(len(strata)), np.atleast_1d(given_years), np.atleast_1d(further_years))
    _, table["given_years"], table["further_years"] = (
        np.array(list(told), dtype=object).reshape(-1, 3).T
    )
    return table.infer_objects().assign(
        at_risk=whole_counts(at_risk),
        survival=survival,
        standard_error=standard_error,
        lower=lower,
        upper=upper,
    )


def _from_then_on(
    rows: list[np.ndarray], start: float, further: float
) -> tuple[float, float, float]:
    times, at_risk, died, survival = rows
    end = start + further
    later = (times > start) & (times <= end)
    remaining = np.append(at_risk, 0)[np.searchsorted(times, start, side="right")]
    reached_end = len(times) > 0 and (times[-1] >= end or survival[-1] == 0)
    if not remaining or not reached_end or survival[times <= start].min(initial=1) == 0:
        return remaining, np.nan, np.nan
    ratio = np.prod(surviving_share(at_risk[later], died[later]))
    with np.errstate(invalid="ignore"):
        return remaining, ratio, ratio * np.sqrt(greenwood_terms(at_risk[later], died[later]).sum())
