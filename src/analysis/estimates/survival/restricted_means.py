"""How long they live on average in the first years, and by how much that differs between groups."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.survival.kaplan_meier_curve import (
    bounds,
    counts_of,
    greenwood_terms,
    in_strata,
)
from analysis.strata import curve_strata, number_strata, require_columns
from analysis.terms import DAYS_PER_YEAR


def restricted_mean_survival(
    curve: pd.DataFrame, years: float, confidence: float = 0.95
) -> pd.DataFrame:
    """Mean time lived during the first years after diagnosis: the area under the survival curve.

    .. math:: \\mu(\\tau) = \\int_0^\\tau S(t)\\,dt, \\quad
              se^2 = \\sum_{t_j \\le \\tau} \\left(\\int_{t_j}^\\tau S(t)\\,dt\\right)^2 \\frac{d_j}{n_j (n_j - d_j)}

    Reads a curve of ``kaplan_meier``; adds ``restricted_mean_years``, ``standard_error``, ``lower`` and ``upper``
    (years).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    years
        The horizon, years of 365.25 days.
    confidence
        Coverage of the normal interval, which stays between 0 and the horizon.

    Returns
    -------
    pandas.DataFrame
        ``by… years restricted_mean_years standard_error lower upper``, one row a stratum; missing where the follow-up
        ends before the horizon with someone alive. Without deaths the error is 0 and the interval missing.

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
       years  restricted_mean_years  standard_error  lower  upper
    0      2                    1.5            0.25   1.01   1.99
    """
    require_columns(curve, ["time_days", "at_risk", "events", "survival"])
    z = normal_quantile(confidence)
    curve, numbers, strata = in_strata(curve)
    rows = [counts_of(curve, column) for column in ("time_days", "at_risk", "events", "survival")]
    areas = [
        _area([values[a:b] for values in rows], years * DAYS_PER_YEAR)
        for a, b in bounds(numbers, strata)
    ]
    mean, error = np.array(areas, dtype=float).reshape(-1, 2).T / DAYS_PER_YEAR
    margin = np.where(error > 0, z * error, np.nan)
    table = strata.assign(years=years, restricted_mean_years=mean, standard_error=error)
    return table.assign(lower=np.maximum(mean - margin, 0), upper=np.minimum(mean + margin, years))


def _area(rows: list[np.ndarray], horizon: float) -> tuple[float, float]:
    times, at_risk, died, survival = rows
    if not len(times) or (times[-1] < horizon and survival[-1] > 0):
        return np.nan, np.nan
    within = times <= horizon
    steps = np.diff(times[within], prepend=0, append=horizon)
    areas = steps * np.append(1.0, survival[within])
    still_to_come = areas.sum() - np.cumsum(areas)[:-1]
    terms = greenwood_terms(at_risk[within], died[within])
    variance = np.sum(
        np.where(np.isfinite(terms), still_to_come**2 * np.nan_to_num(terms, posinf=0), 0)
    )
    return areas.sum(), np.sqrt(variance)


def restricted_mean_difference(
    curve: pd.DataFrame,
    years: float,
    between: str,
    reference: object = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """By how much the mean time lived during the first years differs between strata.

    .. math:: \\Delta = \\mu_1(\\tau) - \\mu_0(\\tau), \\quad se^2 = se_1^2 + se_0^2

    Reads a curve of ``kaplan_meier``; adds ``difference_years``, ``standard_error``, ``lower``, ``upper`` (years) and
    ``p_value`` (two-sided, of no difference).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    years
        The horizon, years of 365.25 days, fixed beforehand and within the follow-up of every stratum.
    between
        The stratum column whose values are compared, within each stratum of the others.
    reference
        The value that the others are compared with; the first in reading order where none is given.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… between reference years difference_years standard_error lower upper p_value``: a row for each value of
        ``between`` but the reference. Missing where a mean is, or where nobody died on either side.

    Raises
    ------
    MissingStepError
        The table is not a survival curve, or has no column ``between``.
    InputError
        ``between`` does not hold the reference.

    Notes
    -----
    Positive where they live longer than the reference. It asks nothing of the hazards, which may cross.

    References
    ----------
    Royston, Parmar. BMC Med Res Methodol 2013;13:152. Uno et al. J Clin Oncol 2014;32:2380–2385.

    Examples
    --------
    >>> curve = pd.DataFrame({"sex": ["male"] * 2 + ["female"] * 2, "time_days": [365.25, 730.5] * 2,
    ...     "at_risk": [4, 2, 4, 3], "events": [2, 0, 1, 0], "survival": [0.5, 0.5, 0.75, 0.75]})
    >>> restricted_mean_difference(curve, years=2, between="sex").round(3).T[0].tolist()
    ['female', 'male', 2, 0.25, 0.331, -0.398, 0.898, 0.45]
    """
    require_columns(curve, [between])
    means = restricted_mean_survival(curve, years, confidence)
    others = [column for column in curve_strata(curve) if column != between]
    levels = number_strata(means, [between])[1][between]
    reference = levels.iloc[0] if reference is None and len(levels) else reference
    if len(levels) and not (levels == reference).any():
        raise InputError(
            "difference of restricted means", [f"{between}: must hold the reference {reference!r}"]
        )
    place = number_strata(means, others)[0]
    is_reference = (means[between] == reference).fillna(False).to_numpy(dtype=bool)
    mean, error = (
        means[column].to_numpy() for column in ("restricted_mean_years", "standard_error")
    )
    theirs = np.full((2, place.max(initial=0) + 1), np.nan)
    theirs[:, place[is_reference]] = mean[is_reference], error[is_reference]
    difference, both = (
        (mean - theirs[0, place])[~is_reference],
        np.hypot(error, theirs[1, place])[~is_reference],
    )
    both = np.where(both > 0, both, np.nan)
    table = (
        means.loc[~is_reference, [*others, between]]
        .reset_index(drop=True)
        .assign(reference=reference, years=years)
    )
    return _with_normal_interval(table, difference, both, normal_quantile(confidence))


def _with_normal_interval(
    table: pd.DataFrame, difference: np.ndarray, error: np.ndarray, z: float
) -> pd.DataFrame:
    table = table.assign(difference_years=difference, standard_error=error)
    limits = {"lower": difference - z * error, "upper": difference + z * error}
    return table.assign(**limits, p_value=2 * ndtr(-np.abs(difference) / error))
