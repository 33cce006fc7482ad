"""A trend without a shape given beforehand: the penalised spline."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.rates.crude_rates import note_unit
from analysis.estimates.trends.annual_change import (
    FittedLine,
    observed_rates,
    with_band,
    without_band,
)
from analysis.estimates.trends.loglinear import (
    LogLinearFit,
    YearlyCounts,
    fit_poisson,
    has_a_slope,
    pearson_dispersion,
    trend_rows,
    yearly_counts,
)
from analysis.strata import each_stratum

DEGREE, MOST_SPLINES, FEWEST_CASES = 3, 20, 10
# The log of the smoothing parameter: first a coarse look, then the best place exactly. At the beginning growth may
# change by a factor of 1,000 from one spline to the next; at the end, so far above the log of the cases, the curve is
# straight.
BENT, STRAIGHT, LOOKS = -4.0, 14.0, 33


def smooth_trend(
    counts: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    per: float = 1_000_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate as a smooth curve over the years, with a band.

    .. math:: \\log E(d_{ya}) = \\log Y_{ya} + \\alpha_a + f(y), \\quad
        \\text{maximising } \\ell - \\tfrac{\\lambda}{2} \\sum (\\Delta^2 \\gamma)^2

    with f a cubic spline of coefficients :math:`\\gamma` (P-spline). Reads ``year``, ``cases`` (d, a count),
    ``person_years`` (Y, years), the columns of ``by`` and, if there, ``age_group``, ``age_at_diagnosis`` or ``age``
    (each then has its own level); adds ``rate``, ``smooth_rate``, ``lower`` and ``upper`` (cases per ``per``
    person-years) and ``effective_degrees_of_freedom``.

    Parameters
    ----------
    counts
        One row a stratum, year and age, as ``rate_table`` gives it; further rows are added up.
    by
        Stratum columns; empty for the whole.
    per
        Person-years that rates are expressed in.
    confidence
        Pointwise coverage of the band.

    Returns
    -------
    pandas.DataFrame
        ``by… year cases person_years rate smooth_rate lower upper effective_degrees_of_freedom``, one row a stratum and
        year with person-years, in order. 1 degree of freedom is a straight line on the log scale. The smooth is missing
        where ``annual_percent_change`` is.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``annual_percent_change``.

    Notes
    -----
    The smoothing parameter maximises the restricted likelihood (Laplace's approximation), which wanders less than
    cross-validation in series this short. The band is the Bayesian one, the smoothing parameter taken as known, and is
    widened by the root of the dispersion where that is above 1. Basis: splines at equal distances, one for every fourth
    year and four more, at most 20, as R's ``mgcv`` places them for ``bs = "ps"``. With fewer than ten cases the curve
    is straight. Rates are crude, and a band without bounds is missing, as in ``fitted_trend``.

    References
    ----------
    Eilers, Marx. Stat Sci 1996;11:89–121. Wood. J R Stat Soc B 2011;73:3–36.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2001, 2002, 2003], "cases": [100, 110, 121], "person_years": [1e6] * 3})
    >>> smooth_trend(counts).round(1)[["year", "rate", "smooth_rate", "effective_degrees_of_freedom"]]
       year   rate  smooth_rate  effective_degrees_of_freedom
    0  2001  100.0        100.0                           1.0
    1  2002  110.0        110.0                           1.0
    2  2003  121.0        121.0                           1.0
    """
    normal_quantile(confidence)
    rows = trend_rows("smooth trend", counts, by)
    return note_unit(each_stratum(rows, by, lambda stratum: _smooth(stratum, per, confidence)), per)


def _smooth(rows: pd.DataFrame, per: float, confidence: float) -> pd.DataFrame:
    rates, table = observed_rates(rows, per), yearly_counts(rows)
    if not has_a_slope(table):
        return without_band(rates, "smooth_rate").assign(effective_degrees_of_freedom=np.nan)
    design, penalty = _splines(table)
    penalty = penalty * np.exp(_smoothing_parameter(table, design, penalty))
    fit = fit_poisson(table, design[None], penalty)
    covariance = np.linalg.inv(fit.information[0] + penalty)
    freedom = np.trace(covariance @ fit.information[0])
    dispersion = pearson_dispersion(table, design @ fit.coefficients[0], parameters=freedom)
    line = FittedLine(design, fit.coefficients[0], covariance, dispersion)
    smooth = with_band(rates, "smooth_rate", table, line, per=per, confidence=confidence)
    return smooth.assign(effective_degrees_of_freedom=freedom)


def _splines(table: YearlyCounts) -> tuple[np.ndarray, np.ndarray]:
    """B-splines of the years, less their constant, and the penalty of second differences."""
    from scipy.interpolate import BSpline

    number = min(len(table.years) // 4 + 4, MOST_SPLINES)
    first, last = table.elapsed[[0, -1]] + np.array([-0.001, 0.001]) * np.ptp(table.elapsed)
    distance = (last - first) / (number - DEGREE)
    knots = first + distance * np.arange(-DEGREE, number + 1)
    basis = BSpline.design_matrix(table.elapsed, knots, DEGREE).toarray()
    # The levels of the ages hold the constant; what is orthogonal to it remains.
    rest = np.linalg.qr(np.column_stack([np.ones(number), np.eye(number)[:, 1:]]))[0][:, 1:]
    bend = np.diff(np.eye(number), 2, axis=0) @ rest
    return basis @ rest, bend.T @ bend


def _smoothing_parameter(table: YearlyCounts, design: np.ndarray, penalty: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar

    looked_at = np.linspace(BENT, STRAIGHT + np.log(table.cases.sum()), LOOKS)
    if table.cases.sum() < FEWEST_CASES:
        return float(looked_at[-1])

    def loss(logs: np.ndarray) -> np.ndarray:
        penalties = np.exp(logs)[:, None, None] * penalty
        fit = fit_poisson(table, np.broadcast_to(design, (len(logs), *design.shape)), penalties)
        return _restricted_loss(fit, penalties, logs)

    best = np.nanargmin(loss(looked_at))
    beside = (looked_at[max(best - 1, 0)], looked_at[min(best + 1, LOOKS - 1)])
    fine = minimize_scalar(
        lambda log: loss(np.array([log]))[0],
        bounds=beside,
        method="bounded",
        options={"xatol": 1e-8},
    )
    return float(fine.x)


def _restricted_loss(fit: LogLinearFit, penalties: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Minus twice the restricted log-likelihood, up to a constant."""
    rank = penalties.shape[1] - 1
    wiggliness = np.einsum("pi,pij,pj->p", fit.coefficients, penalties, fit.coefficients)
    determinant = np.linalg.slogdet(fit.information + penalties)[1]
    return fit.deviance + wiggliness + determinant - rank * logs
