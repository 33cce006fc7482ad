"""The rate of each year, and a fitted one with its band beside it."""

import numpy as np
import pandas as pd

from analysis.estimates.intervals.intervals import normal_quantile
from analysis.estimates.trends.loglinear import (
    YearlyCounts,
    expected_cases,
    log_rate_variance,
    widening,
)

# A limit a million times the rate says nothing, and would be drawn.
WIDEST = np.log(1e6)


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


def with_band(
    rates: pd.DataFrame, name: str, table: YearlyCounts, model: tuple, per: float, confidence: float
) -> pd.DataFrame:
    """Put a model's rate of each year and its pointwise interval beside the rates observed.

    ``model`` is its design, coefficients, their covariance and the dispersion. Rates are of all person-years of a year,
    also of ages without a case, so that fitted cases add up to the cases.
    """
    design, coefficients, covariance, dispersion = model
    expected = expected_cases(table, design @ coefficients).sum(axis=1)
    variance = log_rate_variance(table, design, design @ coefficients, covariance) * widening(
        dispersion
    )
    margin = normal_quantile(confidence) * np.sqrt(variance)
    known = np.where(margin < WIDEST, margin, np.nan)
    band = pd.DataFrame(
        {name: expected, "lower": expected * np.exp(-known), "upper": expected * np.exp(known)}
    )
    at_years = band.set_axis(table.years).reindex(rates["year"]).mul(per).reset_index(drop=True)
    return rates.join(at_years.div(rates["person_years"], axis=0))
