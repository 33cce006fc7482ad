"""What a joinpoint model says as a whole: its average change over a span of years, and its line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.crude_rates import note_unit
from analysis.estimates.trends.annual_change import (
    FittedLine,
    observed_rates,
    with_band,
    without_band,
)
from analysis.estimates.trends.joinpoint_search import fit_placement
from analysis.estimates.trends.joinpoints import joinpoint
from analysis.estimates.trends.loglinear import (
    YearlyCounts,
    has_a_slope,
    pearson_dispersion,
    percent_change,
    total_cases,
    trend_rows,
    widening,
    yearly_counts,
)
from analysis.strata import each_stratum, number_strata, require_columns, require_list

STRATUM = "the_stratum"


def average_annual_percent_change(
    counts: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    first_year: int | None = None,
    last_year: int | None = None,
    segments: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """By how many per cent a year the rate changed on average over a span of years, though its trend may bend.

    .. math:: AAPC = 100 \\left(\\exp\\frac{\\sum_j w_j b_j}{\\sum_j w_j} - 1\\right)

    with the slope :math:`b_j` of each segment and :math:`w_j`, its years within the span. Reads ``year``, ``cases`` (a
    count), ``person_years`` (years), the columns of ``by`` and an age column, as ``joinpoint`` does; adds
    ``average_annual_percent_change``, ``lower`` and ``upper`` (per cent a year) and ``p_value``.

    Parameters
    ----------
    counts
        One row a stratum, year and age, as ``rate_table`` gives it.
    by
        Stratum columns; empty for the whole.
    first_year, last_year
        The span, both included; where left out, the first and last year observed in the stratum.
    segments
        The model, as ``joinpoint`` gave it for these counts and ``by``; left out, ``joinpoint`` is asked.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… cases first_year last_year joinpoints average_annual_percent_change lower upper p_value dispersion``, one
        row a stratum. ``cases`` are those of the span, ``joinpoints`` those inside it. The estimate is missing where
        the model has none, or where the span reaches beyond the years observed.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``annual_percent_change``; a span that does not end after it begins; a stratum without segments.

    Notes
    -----
    The average is the slope between the fitted ends of the span. Its variance takes the covariance of the slopes, the
    joinpoints as known. Over a span in one segment it is that segment's annual percent change.

    References
    ----------
    Clegg, Hankey, Tiwari, Feuer, Edwards. Stat Med 2009;28:3670–3682.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2001, 2002, 2003], "cases": [100, 110, 121], "person_years": [1e6] * 3})
    >>> average_annual_percent_change(counts).round(2)[["cases", "average_annual_percent_change", "lower", "upper"]]
       cases  average_annual_percent_change  lower  upper
    0    331                           10.0  -3.63  25.55
    """
    if None not in (first_year, last_year) and not first_year < last_year:
        fault = "last_year: must be later than first_year"
        raise InputError("average annual percent change", [fault])
    segments = joinpoint(counts, by, confidence=confidence) if segments is None else segments
    rows = trend_rows("average annual percent change", counts, by)

    def average(stratum: pd.DataFrame, table: YearlyCounts, joinpoints: np.ndarray) -> pd.DataFrame:
        span = _span(stratum, table, first_year, last_year)
        return _average(stratum, table, joinpoints, span, confidence)

    return _with_model(rows, by, segments, average)


def fitted_trend(
    counts: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    segments: pd.DataFrame | None = None,
    per: float = 1_000_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate of each year beside the joinpoint model's, with a band.

    Reads what ``joinpoint`` reads; adds ``rate``, ``fitted``, ``lower`` and ``upper`` (cases per ``per`` person-years).

    Parameters
    ----------
    counts
        One row a stratum, year and age, as ``rate_table`` gives it.
    by
        Stratum columns; empty for the whole.
    segments
        The model, as ``joinpoint`` gave it for these counts and ``by``; left out, ``joinpoint`` is asked.
    per
        Person-years that rates are expressed in.
    confidence
        Pointwise coverage of the band.

    Returns
    -------
    pandas.DataFrame
        ``by… year cases person_years rate fitted lower upper``, one row a stratum and year with person-years, in
        order. ``fitted lower upper`` are missing where the model has no estimate.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``annual_percent_change``; a stratum without segments.

    Notes
    -----
    Both rates are crude: with ages in the table the fitted one is of the year's own age structure, and so need not
    be straight between joinpoints. The band is that of the expected rate, the joinpoints as known, and is widened where
    counts vary more than by chance; single years scatter beyond it. It is missing where it would reach further than a
    factor of a million from the line.

    References
    ----------
    Kim, Fay, Feuer, Midthune. Stat Med 2000;19:335–351.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2001, 2002, 2003], "cases": [100, 110, 121], "person_years": [1e6] * 3})
    >>> fitted_trend(counts).round(1)
       year  cases  person_years   rate  fitted  lower  upper      per
    0  2001    100     1000000.0  100.0   100.0   83.8  119.4  1000000
    1  2002    110     1000000.0  110.0   110.0   98.7  122.6  1000000
    2  2003    121     1000000.0  121.0   121.0  102.7  142.6  1000000
    """
    segments = joinpoint(counts, by, confidence=confidence) if segments is None else segments
    rows = trend_rows("fitted trend", counts, by)

    def line(stratum: pd.DataFrame, table: YearlyCounts, joinpoints: np.ndarray) -> pd.DataFrame:
        rates = observed_rates(stratum, per)
        if not has_a_slope(table):
            return without_band(rates, "fitted")
        fitted = _fitted_line(table, joinpoints)
        return with_band(rates, "fitted", table, fitted, per=per, confidence=confidence)

    return note_unit(_with_model(rows, by, segments, line), per)


def _with_model(
    rows: pd.DataFrame, by: Sequence[str], segments: pd.DataFrame, quantity: Callable
) -> pd.DataFrame:
    """Apply a quantity to the rows of each stratum and the years of its joinpoints."""
    require_list("by", by)
    by = list(by)
    require_columns(segments, ["joinpoint", *by])
    # Both tables are numbered together, so that the same stratum has the same number.
    both = pd.concat([frame[by].astype(object) for frame in (rows, segments)], ignore_index=True)
    numbers = number_strata(both, by)[0]
    of_rows, of_segments = numbers[: len(rows)], numbers[len(rows) :]
    without = np.setdiff1d(of_rows, of_segments).size
    if without:
        fault = f"segments: must hold every stratum of the counts; {without} are absent"
        raise InputError("joinpoint model", [fault])
    joinpoints = segments["joinpoint"].to_numpy(dtype=float, na_value=np.nan)

    def of_stratum(stratum: pd.DataFrame) -> pd.DataFrame:
        own = joinpoints[np.isin(of_segments, stratum[STRATUM])]
        return quantity(stratum, yearly_counts(stratum), np.sort(own[~np.isnan(own)]))

    return each_stratum(rows.assign(**{STRATUM: of_rows}), by, of_stratum)


def _fitted_line(table: YearlyCounts, joinpoints: np.ndarray) -> FittedLine:
    """The trend that bends at these years, fitted to the counts."""
    if not np.isin(joinpoints, table.years[1:-1]).all():
        fault = "segments: each joinpoint must be a year observed between first and last"
        raise InputError("joinpoint model", [fault])
    fit, design = fit_placement(table, np.searchsorted(table.years, joinpoints))
    coefficients = fit.coefficients[0]
    # A joinpoint is a slope and the year at which it begins: two parameters.
    parameters = 1 + 2 * len(joinpoints)
    dispersion = pearson_dispersion(table, design @ coefficients, parameters=parameters)
    return FittedLine(design, coefficients, np.linalg.inv(fit.information[0]), dispersion)


@dataclass(frozen=True)
class Span:
    """The first and the last year that a change is averaged over."""

    first: float
    last: float

    def joinpoints_inside(self, joinpoints: np.ndarray) -> int:
        """How many joinpoints lie between the two."""
        return int(((joinpoints > self.first) & (joinpoints < self.last)).sum())

    def years_after(self, joinpoints: np.ndarray) -> np.ndarray:
        """How many years of the span lie after each joinpoint."""
        return np.maximum(self.last - joinpoints, 0) - np.maximum(self.first - joinpoints, 0)


def _span(
    rows: pd.DataFrame, table: YearlyCounts, first_year: int | None, last_year: int | None
) -> Span:
    years = pd.Series(table.years) if len(table.years) else rows["the_year"]
    first = years.min() if first_year is None else float(first_year)
    last = years.max() if last_year is None else float(last_year)
    return Span(first, last)


def _average(
    rows: pd.DataFrame, table: YearlyCounts, joinpoints: np.ndarray, span: Span, confidence: float
) -> pd.DataFrame:
    slope = error = dispersion = np.nan
    if has_a_slope(table) and table.years[0] <= span.first < span.last <= table.years[-1]:
        line = _fitted_line(table, joinpoints)
        dispersion = line.dispersion
        length = span.last - span.first
        # Of each slope (the line's, then the bends'), the years of the span in which it adds to the trend.
        weights = np.array([length, *span.years_after(joinpoints)]) / length
        slope = weights @ line.coefficients
        error = np.sqrt(weights @ line.covariance @ weights * widening(dispersion))
    rows_inside = rows[rows["the_year"].between(span.first, span.last)]
    average = {
        "cases": total_cases(rows_inside),
        "first_year": span.first,
        "last_year": span.last,
        "joinpoints": span.joinpoints_inside(joinpoints),
        **percent_change("average_annual_percent_change", slope, error, confidence),
        "dispersion": dispersion,
    }
    return pd.DataFrame([average]).astype({"first_year": "Int64", "last_year": "Int64"})
