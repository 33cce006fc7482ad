"""Is it becoming more frequent: the annual percent change, and each year's rate beside a fitted one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.trends.loglinear import (
    YearlyCounts,
    fit_poisson,
    fitted_cases,
    has_a_slope,
    log_rate_variance,
    pearson_dispersion,
    percent_change,
    total_cases,
    trend_rows,
    widening,
    yearly_counts,
)
from analysis.strata import each_stratum

# A limit a million times the rate says nothing, and would be drawn.
WIDEST = np.log(1e6)


def annual_percent_change(
    counts: pd.DataFrame, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """By how many per cent the rate rises or falls a year, in each stratum.

    .. math:: \\log E(d_{ya}) = \\log Y_{ya} + \\alpha_a + \\beta\\,y, \\quad APC = 100 (e^\\beta - 1)

    Reads ``year``, ``cases`` (d, a count), ``person_years`` (Y, years), the columns of ``by`` and, if there,
    ``age_group``, ``age_at_diagnosis`` or ``age`` (then the change is adjusted for age); adds
    ``annual_percent_change``, ``lower`` and ``upper`` (per cent a year), ``p_value`` and ``dispersion``.

    Parameters
    ----------
    counts
        One row a stratum, year and age group, as ``rate_table`` gives it; further rows are added up.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… cases first_year last_year annual_percent_change lower upper p_value dispersion``, one row a stratum.
        Missing with fewer than three years, without a case, or where all cases fell in the first or the last year.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A year or count missing, a broken year, a negative count; a diagnosis column outside ``by``, whose
        person-years would be counted several times.

    Notes
    -----
    Poisson regression, so years without a case need no correction. ``dispersion`` is Pearson's chi-square over its
    degrees of freedom; above 1 the counts vary more than by chance and the interval is widened by its root, below 1 it
    is left as it is. One straight line on the log scale: a trend that bends needs
    ``joinpoint``.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, chapter 4. McCullagh, Nelder. Generalized Linear
    Models, 2nd ed., 1989, section 6.2 (overdispersion).

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2001, 2002, 2003], "cases": [100, 110, 121], "person_years": [1e6] * 3})
    >>> annual_percent_change(counts).round(2)[["cases", "annual_percent_change", "lower", "upper"]]
       cases  annual_percent_change  lower  upper
    0    331                   10.0  -3.63  25.55
    """
    rows = trend_rows("annual percent change", counts, by)
    return each_stratum(rows, by, lambda stratum: _log_linear_trend(stratum, confidence))


def _log_linear_trend(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    table = yearly_counts(rows)
    slope = error = dispersion = np.nan
    if has_a_slope(table):
        fit = fit_poisson(table, table.elapsed[None, :, None])
        slope = fit.coefficients[0, 0]
        dispersion = pearson_dispersion(table, slope * table.elapsed, parameters=1)
        error = np.sqrt(widening(dispersion) / fit.information[0, 0, 0])
    result = {
        "cases": total_cases(rows),
        "first_year": rows["the_year"].min(),
        "last_year": rows["the_year"].max(),
        **percent_change("annual_percent_change", slope, error, confidence),
        "dispersion": dispersion,
    }
    return pd.DataFrame([result]).astype({"first_year": "Int64", "last_year": "Int64"})


def observed_rates(rows: pd.DataFrame, per: float) -> pd.DataFrame:
    """``year cases person_years rate`` of one stratum, for each year with person-years."""
    observed = rows[rows["the_person_years"] > 0]
    totals = observed.groupby("the_year")[["the_cases", "the_person_years"]].sum().reset_index()
    totals.columns = ["year", "cases", "person_years"]
    totals = totals.astype({"year": "int64"})
    if (totals["cases"] % 1 == 0).all():
        totals = totals.astype({"cases": "int64"})
    return totals.assign(rate=per * totals["cases"] / totals["person_years"])


def without_band(rates: pd.DataFrame, name: str) -> pd.DataFrame:
    """Beside the rates observed: no model."""
    return rates.assign(**{name: np.nan, "lower": np.nan, "upper": np.nan})


@dataclass(frozen=True)
class FittedLine:
    """A fitted trend: its design, coefficients and their covariance for Poisson counts, and the dispersion."""

    design: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    dispersion: float

    @property
    def log_rate(self) -> np.ndarray:
        """The log rate ratio of each year."""
        return self.design @ self.coefficients


def with_band(
    rates: pd.DataFrame,
    name: str,
    table: YearlyCounts,
    line: FittedLine,
    *,
    per: float,
    confidence: float,
) -> pd.DataFrame:
    """Put a model's rate of each year and its pointwise interval beside the rates observed.

    Rates are of all person-years of a year, also of ages without a case, so that fitted cases add up to the cases.
    """
    expected = fitted_cases(table, line.log_rate).sum(axis=1)
    variance = log_rate_variance(table, line.design, line.log_rate, line.covariance)
    error = np.sqrt(variance * widening(line.dispersion))
    margin = normal_quantile(confidence) * error
    margin = np.where(margin < WIDEST, margin, np.nan)
    band = pd.DataFrame(
        {name: expected, "lower": expected * np.exp(-margin), "upper": expected * np.exp(margin)}
    )
    at_years = band.set_axis(table.years).reindex(rates["year"]).mul(per).reset_index(drop=True)
    return rates.join(at_years.div(rates["person_years"], axis=0))
