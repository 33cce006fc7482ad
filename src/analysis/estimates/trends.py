"""Is it becoming more frequent: the annual percent change."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError, rows_phrase
from analysis.estimates.intervals import normal_quantile
from analysis.estimates.rates import checked_counts, refuse_repeated_person_years
from analysis.strata import each_stratum, require_columns

FEWEST_YEARS = 3


def annual_percent_change(counts: pd.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pd.DataFrame:
    """By how many per cent the rate rises or falls a year, in each stratum.

    .. math:: \\log E(d_{ya}) = \\log Y_{ya} + \\alpha_a + \\beta\\,y, \\quad APC = 100 (e^\\beta - 1)

    Reads ``year``, ``cases`` (d, a count), ``person_years`` (Y, years), the columns of ``by`` and, if there,
    ``age_group`` (then the change is adjusted for age); adds ``annual_percent_change``, ``lower`` and ``upper`` (per
    cent a year), ``p_value`` and ``dispersion``.

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
        A year or count missing, a negative count; a diagnosis column outside ``by``, whose person-years would be
        counted several times.

    Notes
    -----
    Poisson regression, so years without a case need no correction. ``dispersion`` is Pearson's chi-square over its
    degrees of freedom; above 1 the counts vary more than by chance and the interval is widened by its root, below 1 it
    is left as it is. One straight line on the log scale: a trend that bends needs joinpoints.

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
    require_columns(counts, ["year", *by])
    cases, _ = checked_counts(counts)
    unknown = np.flatnonzero(np.isnan(cases) | counts["year"].isna().to_numpy())
    if unknown.size:
        raise InputError("annual percent change", [f"year and cases: must be filled in {rows_phrase(unknown + 1)}"])
    refuse_repeated_person_years(counts, by)
    return each_stratum(counts, by, lambda rows: _log_linear_trend(rows, confidence))


def _log_linear_trend(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    observed = _by_year_and_age(rows)
    slope = error = dispersion = np.nan
    if _has_a_slope(observed):
        slope, error, dispersion = _fitted_slope(observed)
    margin = normal_quantile(confidence) * error
    result = {
        "cases": rows["cases"].sum(),
        "first_year": rows["year"].min(),
        "last_year": rows["year"].max(),
        "annual_percent_change": 100 * np.expm1(slope),
        "lower": 100 * np.expm1(slope - margin),
        "upper": 100 * np.expm1(slope + margin),
        "p_value": 2 * ndtr(-abs(slope / error)) if error > 0 else np.nan,
        "dispersion": dispersion,
    }
    return pd.DataFrame([result]).astype({"first_year": "Int64", "last_year": "Int64"})


def _by_year_and_age(rows: pd.DataFrame) -> pd.DataFrame:
    age = rows["age_group"].astype(str) if "age_group" in rows.columns else ""
    counted = pd.DataFrame(
        {
            "year": rows["year"].astype(float),
            "age": age,
            "cases": rows["cases"].astype(float),
            "person_years": rows["person_years"].astype(float),
        }
    )
    counted = counted[counted["person_years"] > 0]
    observed = counted.groupby(["year", "age"], as_index=False)[["cases", "person_years"]].sum()
    # An age without a case says nothing of the slope, and its own rate would run off to nought.
    return observed[observed.groupby("age")["cases"].transform("sum") > 0].reset_index(drop=True)


def _has_a_slope(observed: pd.DataFrame) -> bool:
    if observed["year"].nunique() < FEWEST_YEARS:
        return False
    of_age = observed.groupby("age")["year"]
    with_cases = observed["cases"] > 0
    earlier = (observed["year"] > of_age.transform("min"))[with_cases].any()
    later = (observed["year"] < of_age.transform("max"))[with_cases].any()
    return bool(earlier and later)


def _fitted_slope(observed: pd.DataFrame) -> tuple[float, float, float]:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    ages = pd.get_dummies(observed["age"], dtype=float)
    design = ages.assign(slope=observed["year"] - observed["year"].mean())
    model = sm.GLM(observed["cases"], design, family=sm.families.Poisson(), offset=np.log(observed["person_years"]))
    with warnings.catch_warnings():
        # Counts that lie on the line exactly are no fault of theirs.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = model.fit(tol=1e-13, tol_criterion="params", maxiter=200)
    dispersion = fit.pearson_chi2 / fit.df_resid
    return fit.params["slope"], fit.bse["slope"] * np.sqrt(max(dispersion, 1.0)), dispersion
