"""What a survival curve says at a glance: at fixed times, its median, its mean, and given that one has come so far."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals import survival_interval
from analysis.estimates.survival import bounds, greenwood_terms, in_strata
from analysis.strata import require_columns
from analysis.terms import DAYS_PER_YEAR

ROUNDING = 1.5e-8
ESTIMATED = ["survival", "standard_error", "lower", "upper"]


def survival_at(curve: pd.DataFrame, years: Sequence[float] = (1, 5, 10), extend: bool = False) -> pd.DataFrame:
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
    require_columns(curve, ["time_days", "at_risk", *ESTIMATED])
    curve, numbers, strata = in_strata(curve)
    columns = curve[["time_days", "at_risk", *ESTIMATED]].to_numpy(dtype=float)
    years = np.atleast_1d(years)
    pieces = [_at_times(columns[start:end], years * DAYS_PER_YEAR, extend) for start, end in bounds(numbers, strata)]
    values = np.array(pieces).reshape(-1, 1 + len(ESTIMATED))
    table = strata.iloc[np.repeat(np.arange(len(strata)), len(years))].reset_index(drop=True)
    table = table.assign(years=np.tile(years, len(strata)), at_risk=values[:, 0].astype(np.int64))
    return table.assign(**dict(zip(ESTIMATED, values[:, 1:].T, strict=True)))


def _at_times(rows: np.ndarray, days: np.ndarray, extend: bool) -> np.ndarray:
    times, at_risk, estimated = rows[:, 0], rows[:, 1], rows[:, 2:]
    before_any = [1.0, 0.0, 1.0, 1.0] if len(rows) else [np.nan] * 4
    values = np.vstack([before_any, estimated])[np.searchsorted(times, days, side="right")]
    if not extend and len(rows):
        values[(days > times[-1]) & (values[:, 0] > 0)] = np.nan
    # Those followed just before a time are at risk at the next exit, at the latest on that very day.
    followed = np.append(at_risk, 0)[np.searchsorted(times, days, side="left")]
    return np.column_stack([followed, values])


def median_survival(curve: pd.DataFrame) -> pd.DataFrame:
    """The time by which half have died, with the interval read from the curve's band.

    Reads a curve of ``kaplan_meier``; adds ``median_days``, ``lower_days`` and ``upper_days`` (days).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.

    Returns
    -------
    pandas.DataFrame
        ``by… median_days lower_days upper_days``, one row a stratum. Missing where the curve, or the side of its band,
        does not come down to one half.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.

    Notes
    -----
    Where the curve runs flat at exactly one half, the middle of the flat stretch is taken, as in R.

    References
    ----------
    Brookmeyer, Crowley. Biometrics 1982;38:29–41.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "time_days": [100, 200, 300], "survival": [0.8, 0.5, 0.2], "lower": [0.2, 0.1, 0.0], "upper": [1, 0.9, 0.7],
    ... })
    >>> median_survival(curve)
       median_days  lower_days  upper_days
    0        250.0       100.0         NaN
    """
    require_columns(curve, ["time_days", "survival", "lower", "upper"])
    curve, numbers, strata = in_strata(curve)
    sides = {"median_days": "survival", "lower_days": "lower", "upper_days": "upper"}
    medians = {
        name: [_time_of_half(curve.iloc[start:end], column) for start, end in bounds(numbers, strata)]
        for name, column in sides.items()
    }
    return strata.assign(**medians)


def _time_of_half(rows: pd.DataFrame, column: str) -> float:
    read = rows[["time_days", column]].dropna().to_numpy(dtype=float)
    at_or_below = np.flatnonzero(read[:, 1] <= 0.5 + ROUNDING)
    if not at_or_below.size:
        return np.nan
    time, value = read[at_or_below[0]]
    below = np.flatnonzero(read[:, 1] < 0.5 - ROUNDING)
    end_of_step = read[below[0], 0] if below.size else rows["time_days"].to_numpy(dtype=float)[-1]
    return (time + end_of_step) / 2 if abs(value - 0.5) <= ROUNDING else time


def restricted_mean_survival(curve: pd.DataFrame, years: float) -> pd.DataFrame:
    """Mean time lived during the first years after diagnosis: the area under the survival curve.

    .. math:: \\mu(\\tau) = \\int_0^\\tau S(t)\\,dt, \\quad
              se^2 = \\sum_{t_j \\le \\tau} \\left(\\int_{t_j}^\\tau S(t)\\,dt\\right)^2 \\frac{d_j}{n_j (n_j - d_j)}

    Reads a curve of ``kaplan_meier``; adds ``restricted_mean_years`` and ``standard_error`` (years).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    years
        The horizon, years of 365.25 days.

    Returns
    -------
    pandas.DataFrame
        ``by… years restricted_mean_years standard_error``, one row a stratum; missing where the follow-up ends before
        the horizon with someone alive.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.

    References
    ----------
    Irwin. J Hyg 1949;47:188–189. Royston, Parmar. BMC Med Res Methodol 2013;13:152.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [365.25, 730.5], "at_risk": [4, 2], "events": [2, 0],
    ...                       "survival": [0.5, 0.5]})
    >>> restricted_mean_survival(curve, years=2).round(3)
       years  restricted_mean_years  standard_error
    0      2                    1.5            0.25
    """
    require_columns(curve, ["time_days", "at_risk", "events", "survival"])
    curve, numbers, strata = in_strata(curve)
    means = [_area(curve.iloc[start:end], years * DAYS_PER_YEAR) for start, end in bounds(numbers, strata)]
    mean, standard_error = np.array(means).reshape(-1, 2).T / DAYS_PER_YEAR
    return strata.assign(years=years, restricted_mean_years=mean, standard_error=standard_error)


def _area(rows: pd.DataFrame, horizon: float) -> tuple[float, float]:
    times, survival = rows["time_days"].to_numpy(dtype=float), rows["survival"].to_numpy(dtype=float)
    if not len(rows) or (times[-1] < horizon and survival[-1] > 0):
        return np.nan, np.nan
    within = times <= horizon
    steps = np.diff(times[within], prepend=0, append=horizon)
    areas = steps * np.append(1.0, survival[within])
    still_to_come = areas.sum() - np.cumsum(areas)[:-1]
    terms = greenwood_terms(rows["at_risk"].to_numpy(dtype=float)[within], rows["events"].to_numpy(dtype=float)[within])
    variance = np.sum(np.where(np.isfinite(terms), still_to_come**2 * np.nan_to_num(terms, posinf=0), 0))
    return areas.sum(), np.sqrt(variance)


def conditional_survival(
    curve: pd.DataFrame,
    given_years: float,
    further_years: float,
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
        Years already survived, and years from there on.
    confidence
        Coverage of the interval.
    interval
        As for ``kaplan_meier``.

    Returns
    -------
    pandas.DataFrame
        ``by… given_years further_years at_risk survival standard_error lower upper``, one row a stratum; ``at_risk``
        counts those followed beyond the years given. Missing where nobody was, or the follow-up ends too soon.

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
    if given_years < 0 or further_years < 0:
        raise InputError("conditional survival", ["given_years and further_years must not be negative"])
    require_columns(curve, ["time_days", "at_risk", "events", "survival"])
    curve, numbers, strata = in_strata(curve)
    start_days, end_days = given_years * DAYS_PER_YEAR, (given_years + further_years) * DAYS_PER_YEAR
    pieces = [_from_then_on(curve.iloc[start:end], start_days, end_days) for start, end in bounds(numbers, strata)]
    at_risk, survival, standard_error = np.array(pieces, dtype=float).reshape(-1, 3).T
    lower, upper = survival_interval(survival, standard_error, confidence, interval)
    table = strata.assign(given_years=given_years, further_years=further_years, at_risk=at_risk.astype(np.int64))
    return table.assign(survival=survival, standard_error=standard_error, lower=lower, upper=upper)


def _from_then_on(rows: pd.DataFrame, start: float, end: float) -> tuple[float, float, float]:
    times = rows["time_days"].to_numpy(dtype=float)
    at_risk, died = rows["at_risk"].to_numpy(dtype=float), rows["events"].to_numpy(dtype=float)
    survival = rows["survival"].to_numpy(dtype=float)
    later = (times > start) & (times <= end)
    remaining = np.append(at_risk, 0)[np.searchsorted(times, start, side="right")]
    reached_end = len(rows) > 0 and (times[-1] >= end or survival[-1] == 0)
    if not remaining or not reached_end or survival[times <= start].min(initial=1) == 0:
        return remaining, np.nan, np.nan
    ratio = np.prod(1 - died[later] / at_risk[later])
    with np.errstate(invalid="ignore"):
        return remaining, ratio, ratio * np.sqrt(greenwood_terms(at_risk[later], died[later]).sum())
