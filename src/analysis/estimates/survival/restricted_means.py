"""How long they live on average in the first years, and by how much that differs between groups."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.survival.event_tables import bounds, counts_of, in_strata
from analysis.estimates.survival.fixed_times import days_since_diagnosis
from analysis.estimates.survival.kaplan_meier_curve import greenwood_terms
from analysis.strata import curve_strata, number_strata, require_columns
from analysis.terms import DAYS_PER_YEAR


def restricted_mean_survival(
    curve: pd.DataFrame, years: float, *, confidence: float = 0.95
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
    InputError
        Years that are negative, or more than 120.

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
    _, horizon = days_since_diagnosis("years", years)
    curve, stratum, strata = in_strata(curve)
    rows = [counts_of(curve, column) for column in ("time_days", "at_risk", "events", "survival")]
    areas = [
        _area(*(values[start:end] for values in rows), horizon=horizon[0])
        for start, end in bounds(stratum, strata)
    ]
    mean, error = np.array(areas, dtype=float).reshape(-1, 2).T / DAYS_PER_YEAR
    # Without a death the error is 0, and an interval of no width would be read as certainty.
    margin = np.where(error > 0, z * error, np.nan)
    table = strata.assign(years=years, restricted_mean_years=mean, standard_error=error)
    return table.assign(lower=np.maximum(mean - margin, 0), upper=np.minimum(mean + margin, years))


def _area(
    times: np.ndarray, at_risk: np.ndarray, died: np.ndarray, survival: np.ndarray, horizon: float
) -> tuple[float, float]:
    """Days lived until the horizon, and their standard error."""
    if not len(times) or (times[-1] < horizon and survival[-1] > 0):
        return np.nan, np.nan
    within = times <= horizon
    steps = np.diff(times[within], prepend=0, append=horizon)
    areas = steps * np.append(1.0, survival[within])
    still_to_come = areas.sum() - np.cumsum(areas)[:-1]
    terms = greenwood_terms(at_risk[within], died[within])
    # Where the last ones die the term is infinite, and nothing is still to come: together they add nothing.
    finite = np.isfinite(terms)
    return areas.sum(), np.sqrt(np.sum(still_to_come[finite] ** 2 * terms[finite]))


def restricted_mean_difference(
    curve: pd.DataFrame,
    years: float,
    between: str,
    *,
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
        ``between`` does not hold the reference; years that are negative, or more than 120.

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
    z = normal_quantile(confidence)
    means = restricted_mean_survival(curve, years, confidence=confidence)
    reference = _reference(means, between, reference)
    others = [column for column in curve_strata(curve) if column != between]
    stratum, _ = number_strata(means, others)
    is_reference = (means[between] == reference).fillna(False).to_numpy(dtype=bool)
    mean, error = means["restricted_mean_years"].to_numpy(), means["standard_error"].to_numpy()
    difference = mean - _of_reference(mean, stratum, is_reference)
    both = np.hypot(error, _of_reference(error, stratum, is_reference))
    table = means[[*others, between]].assign(reference=reference, years=years)
    table = table.assign(**_normal_test(difference, both, z))
    return table[~is_reference].reset_index(drop=True)


def _normal_test(difference: np.ndarray, error: np.ndarray, z: float) -> dict[str, np.ndarray]:
    # Nobody died on either side: of that nothing can be said.
    error = np.where(error > 0, error, np.nan)
    return {
        "difference_years": difference,
        "standard_error": error,
        "lower": difference - z * error,
        "upper": difference + z * error,
        "p_value": 2 * ndtr(-np.abs(difference) / error),
    }


def _of_reference(values: np.ndarray, stratum: np.ndarray, is_reference: np.ndarray) -> np.ndarray:
    """For each row the value of the reference in its stratum, missing where there is none."""
    of_stratum = np.full(stratum.max(initial=-1) + 1, np.nan)
    of_stratum[stratum[is_reference]] = values[is_reference]
    return of_stratum[stratum]


def _reference(means: pd.DataFrame, between: str, reference: object) -> object:
    """The value that the others are compared with."""
    levels = number_strata(means, [between])[1][between]
    if reference is None and len(levels):
        return levels.iloc[0]
    if len(levels) and not (levels == reference).any():
        choices = ", ".join(map(str, levels))
        raise InputError(
            "difference of restricted means",
            [f"reference: {reference!r} is not one of {between}: {choices}"],
        )
    return reference
