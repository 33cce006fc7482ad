"""Was this year unusual: its cases beside those that earlier years lead one to expect."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincc

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.intervals.exact_tests import binomial_at_least, binomial_at_most
from analysis.estimates.rates.crude_rates import refuse_repeated_person_years, whole_counts
from analysis.strata import each_stratum, require_columns, require_list

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResults

FEWEST_YEARS = 3  # for a slope
AS_EXPECTED, HIGHER, LOWER = "as_expected", "higher", "lower"
MODELS = ("constant", "overdispersed", "trend")


def observed_against_expected(
    counts: pd.DataFrame,
    year: int,
    by: Sequence[str] = (),
    *,
    base_years: Sequence[int] | None = None,
    model: str = "constant",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The cases of a year beside those expected from earlier years, with the interval in which a usual year would fall.

    .. math:: D \\mid D + D_0 \\sim \\mathrm{Binomial}\\left(D + D_0, \\frac{y}{y + y_0}\\right), \\quad
              E = D_0 \\frac{y}{y_0}

    for a constant rate, with D cases in y person-years this year and :math:`D_0` in :math:`y_0` before. Reads
    ``year``, ``cases`` (a count), ``person_years`` (years), the columns of ``by`` and, in the two models that are
    fitted, ``age_group`` if there.

    Parameters
    ----------
    counts
        One row a stratum and year, years without a case among them, as ``rate_table`` gives it; further rows are
        added up.
    year
        The year looked at.
    by
        Stratum columns; empty for the whole.
    base_years
        The years that it is held against; left out, all earlier ones in the table.
    model
        ``"constant"``: one rate, counts vary by chance alone (exact). ``"overdispersed"``: one rate at each age, and
        years may vary by more. ``"trend"``: as before, with rates that rise or fall by the same per cent every year.
    confidence
        Probability that a year like the others falls in the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… year cases person_years base_cases base_person_years expected lower upper p_value verdict``: ``expected``
        cases, whole numbers of cases between which (both included) the year is as expected, the two-sided p value, and
        ``"as_expected"``, ``"higher"`` or ``"lower"``. Missing without person-years on either side or, in a fitted
        model, without a case before, with a single base year (fewer than three for a trend), or where the cases before
        all fell in the first or the last year of a trend.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A model that is not known; a year that the table lacks, or one among its base years; counts that are missing,
        negative or no whole numbers; a diagnosis column outside ``by``, whose person-years would be counted several
        times.

    Notes
    -----
    A prediction interval, not a confidence interval: it holds the chance of this year's count besides what is not known
    of the rate. By ``"constant"`` it is Nelson's, by inverting the test of two Poisson counts, and covers at least
    ``confidence``; with no case before, its upper limit still stands. In the fitted models the count is negative
    binomial with the fit's mean and a variance of dispersion × (mean + variance of the fitted mean); dispersion is
    Pearson's chi-square of the yearly totals over its degrees of freedom, at least 1, and known poorly from few years:
    from ten, a 95 % interval was measured to hold 92 % of years whose variance was 2.5 times the mean, where the exact
    one held 82 %. ``"constant"`` adds ages up, which is right while the population's ages change slowly. Of many strata
    looked at, one in twenty is unusual by chance. A provisional year is low because cases are yet to be reported.

    References
    ----------
    Nelson. J Qual Technol 1970;2:1–13 (prediction of a Poisson count). Krishnamoorthy, Peng. J Stat Plan Inference
    2011;141:1709–1718. Farrington, Andrews, Beale, Catchpole. J R Stat Soc A 1996;159:547–563 (dispersion).

    Examples
    --------
    >>> counts = pd.DataFrame({"year": range(2018, 2024), "cases": [20, 25, 18, 22, 20, 38], "person_years": 1e5})
    >>> observed_against_expected(counts, 2023)[["year", "cases", "expected", "lower", "upper", "p_value", "verdict"]]
       year  cases  expected  lower  upper   p_value verdict
    0  2023     38      21.0   12.0   32.0  0.003714  higher
    """
    require_choice("model of a usual year", model, MODELS)
    normal_quantile(confidence)
    require_list("by", by)
    require_columns(counts, ["year", *by])
    base_years = None if base_years is None else [int(base_year) for base_year in base_years]
    _check_years(counts, year, base_years)
    whole_counts(counts)
    refuse_repeated_person_years(counts, by)
    return each_stratum(
        counts, by, lambda rows: _one_stratum(rows, int(year), base_years, model, confidence)
    )


def _check_years(counts: pd.DataFrame, year: int, base_years: list[int] | None) -> None:
    years = set(counts["year"].dropna())
    faults = []
    if base_years is not None and year in base_years:
        faults.append(f"base_years: must not hold {year}, the year looked at")
    if years and year not in years:
        faults.append(f"year: {year} is not in the table, which has {min(years)} to {max(years)}")
    if years and base_years and not years & set(base_years):
        faults.append("base_years: none of them is in the table")
    if faults:
        raise InputError("observed against expected", faults)


def _one_stratum(
    rows: pd.DataFrame, year: int, base_years: list[int] | None, model: str, confidence: float
) -> pd.DataFrame:
    years = rows["year"].to_numpy(dtype=float, na_value=np.nan)
    this = years == year
    before = years < year if base_years is None else np.isin(years, base_years)
    cases, person_years = whole_counts(rows)
    totals = {
        "cases": int(cases[this].sum()),
        "person_years": person_years[this].sum(),
        "base_cases": int(cases[before].sum()),
        "base_person_years": person_years[before].sum(),
    }
    is_constant = model == "constant"
    usual = _constant(**totals) if is_constant else _fitted(rows[this], rows[before], model)
    judged = _judged(totals["cases"], usual, (1 - confidence) / 2)
    verdict = {"year": year, **totals, "expected": usual.expected if usual else np.nan, **judged}
    return pd.DataFrame([verdict]).astype({"verdict": object})


@dataclass(frozen=True)
class UsualYear:
    """What a usual year holds: cases expected, and the probabilities of so many or fewer, and or more."""

    expected: float
    at_most: Callable[[int], float]
    at_least: Callable[[int], float]


def _constant(
    cases: int, person_years: float, base_cases: int, base_person_years: float
) -> UsualYear | None:
    if not (person_years > 0 and base_person_years > 0):
        return None
    share = person_years / (person_years + base_person_years)
    return UsualYear(
        base_cases * person_years / base_person_years,
        lambda count: binomial_at_most(count, count + base_cases, share),
        lambda count: binomial_at_least(count, count + base_cases, share),
    )


def _fitted(this: pd.DataFrame, before: pd.DataFrame, model: str) -> UsualYear | None:
    mean, variance = _predicted(this, before, model)
    if not mean > 0:
        return None
    # Negative binomial, by its mean and variance.
    size, share = mean**2 / (variance - mean), mean / variance
    return UsualYear(
        mean,
        lambda count: betainc(size, count + 1, share),
        lambda count: np.where(count > 0, betaincc(size, np.maximum(count, 1), share), 1.0),
    )


def _predicted(this: pd.DataFrame, before: pd.DataFrame, model: str) -> tuple[float, float]:
    """Mean and variance of this year's cases, by Poisson regression on the years before."""
    observed = _ages_with_cases(_by_year_and_age(before))
    slopes = int(model == "trend")
    freedom = observed["year"].nunique() - 1 - slopes
    if freedom < 1 or (slopes and not _has_a_slope(observed)):
        return np.nan, np.nan
    fit = _poisson_regression(_design(observed, observed, slopes), observed)
    coming = _by_year_and_age(this)
    coming = coming[coming["age"].isin(observed["age"])]
    design = _design(coming, observed, slopes)
    means = coming["person_years"].to_numpy() * np.exp(design @ fit.params)
    gradient = means @ design
    of_the_fit = gradient @ fit.cov_params() @ gradient
    dispersion = _yearly_dispersion(observed.assign(fitted=fit.fittedvalues), freedom)
    return means.sum(), dispersion * (means.sum() + of_the_fit)


def _ages_with_cases(observed: pd.DataFrame) -> pd.DataFrame:
    # An age without a case has no rate to be carried on.
    with_cases = observed.groupby("age")["cases"].transform("sum") > 0
    return observed[with_cases].reset_index(drop=True)


def _yearly_dispersion(observed: pd.DataFrame, freedom: int) -> float:
    """Pearson's chi-square of the yearly totals over its degrees of freedom, at least 1."""
    by_year = observed.groupby("year")[["cases", "fitted"]].sum()
    pearson = ((by_year["cases"] - by_year["fitted"]) ** 2 / by_year["fitted"]).sum()
    return max(pearson / freedom, 1.0)


def _by_year_and_age(rows: pd.DataFrame) -> pd.DataFrame:
    cases, person_years = whole_counts(rows)
    age = rows["age_group"].astype(str).to_numpy() if "age_group" in rows.columns else ""
    years = rows["year"].to_numpy(dtype=float)
    counted = pd.DataFrame(
        {"year": years, "age": age, "cases": cases, "person_years": person_years}
    )
    observed = counted[person_years > 0].groupby(["year", "age"], as_index=False)
    return observed[["cases", "person_years"]].sum()


def _has_a_slope(observed: pd.DataFrame) -> bool:
    of_age, with_cases = observed.groupby("age")["year"], observed["cases"] > 0
    later = (observed["year"] > of_age.transform("min"))[with_cases].any()
    earlier = (observed["year"] < of_age.transform("max"))[with_cases].any()
    return bool(observed["year"].nunique() >= FEWEST_YEARS and earlier and later)


def _design(table: pd.DataFrame, observed: pd.DataFrame, slopes: int) -> np.ndarray:
    ages = (table["age"].to_numpy()[:, None] == observed["age"].unique()).astype(float)
    slope = (table["year"] - observed["year"].mean()).to_numpy()[:, None]
    return np.hstack([ages, slope]) if slopes else ages


def _poisson_regression(design: np.ndarray, observed: pd.DataFrame) -> "GLMResults":
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    cases, offset = observed["cases"].to_numpy(), np.log(observed["person_years"].to_numpy())
    model = sm.GLM(cases, design, family=sm.families.Poisson(), offset=offset)
    with warnings.catch_warnings():
        # Counts that lie on the line exactly are no fault of theirs.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        return model.fit(tol=1e-13, tol_criterion="params", maxiter=200)


def _judged(cases: int, usual: UsualYear | None, tail: float) -> dict[str, object]:
    """Limits, p value and verdict."""
    if usual is None:
        return {"lower": np.nan, "upper": np.nan, "p_value": np.nan, "verdict": None}
    below, above = float(usual.at_most(cases)), float(usual.at_least(cases))
    # By the tails and not by the limits: of a discrete count the two must agree.
    verdict = HIGHER if above <= tail else LOWER if below <= tail else AS_EXPECTED
    return {
        "lower": _first_count(lambda count: usual.at_most(count) > tail),
        "upper": _first_count(lambda count: usual.at_least(count + 1) <= tail),
        "p_value": min(1.0, 2 * min(below, above)),
        "verdict": verdict,
    }


def _first_count(holds: Callable[[int], bool]) -> float:
    """The smallest count from which on ``holds`` is true."""
    high = 1
    while not holds(high):
        high *= 2
    # Doubled until it holds, then halved: the count may be in the thousands.
    low = -1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return float(high)
