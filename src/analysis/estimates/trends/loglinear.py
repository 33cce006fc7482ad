"""Log-linear Poisson models of yearly counts: one trend for all ages, each age at its own level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, xlogy

from analysis.errors import raise_faults
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.rates.ages import AGE_COLUMNS
from analysis.estimates.rates.crude_rates import checked_counts, refuse_repeated_person_years
from analysis.strata import require_columns, require_list

FEWEST_YEARS = 3
# Newton: a log rate moves by at most 3 a step, and has settled when no step moves it by 1e-9.
MOST_STEPS, LARGEST_STEP, CONVERGED = 60, 3.0, 1e-9
DESIGNS_AT_ONCE = 1_000


@dataclass(frozen=True)
class YearlyCounts:
    """Cases and person-years by year (rows) and age (columns); no year without person-years, no age without a case."""

    years: np.ndarray
    cases: np.ndarray
    person_years: np.ndarray

    @property
    def elapsed(self) -> np.ndarray:
        """Years since their middle, so that powers stay small."""
        return self.years - self.years.mean()


@dataclass(frozen=True)
class LogLinearFit:
    """Maximum likelihood for each of several designs of the same counts; what has no estimate is missing."""

    coefficients: np.ndarray
    information: np.ndarray
    deviance: np.ndarray


def trend_rows(what: str, counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Rows fit for a trend: the columns of ``by``, and ``the_year the_age the_cases the_person_years`` as numbers."""
    require_list("by", by)
    require_columns(counts, ["year", *by])
    cases, person_years = checked_counts(counts)
    year = pd.to_numeric(counts["year"].astype(object), errors="coerce")
    years = year.to_numpy(dtype=float, na_value=np.nan)
    has_year = np.isfinite(years)
    rules = {
        "year and cases: must be filled": ~np.isfinite(cases) | ~has_year,
        "year: must be a whole year": has_year & (years % 1 != 0),
    }
    raise_faults(what, rules)
    refuse_repeated_person_years(counts, by)
    age = next((name for name in AGE_COLUMNS if name in counts.columns), None)
    # Names of its own, since a stratum may be called year or cases.
    return counts[list(dict.fromkeys(by))].assign(
        the_year=years,
        the_age=counts[age].astype(str).to_numpy() if age else "",
        the_cases=cases,
        the_person_years=person_years,
    )


def total_cases(rows: pd.DataFrame) -> float:
    """All cases of the rows; a whole number unless the counts are not."""
    total = rows["the_cases"].sum()
    return int(total) if total % 1 == 0 else total


def yearly_counts(rows: pd.DataFrame) -> YearlyCounts:
    """Add up the rows of one stratum by year and age; without person-years a cell was not observed."""
    observed = rows[rows["the_person_years"] > 0]
    # An age without a case says nothing of the trend, and its own rate would run off to 0.
    observed = observed[observed.groupby("the_age")["the_cases"].transform("sum") > 0]
    years, year = np.unique(observed["the_year"], return_inverse=True)
    ages, age = np.unique(observed["the_age"].to_numpy(dtype=str), return_inverse=True)
    cases, person_years = np.zeros((2, len(years), len(ages)))
    np.add.at(cases, (year, age), observed["the_cases"])
    np.add.at(person_years, (year, age), observed["the_person_years"])
    return YearlyCounts(years, cases, person_years)


def has_a_slope(table: YearlyCounts) -> bool:
    """Whether a straight line has an estimate: three years, and cases neither all in the first nor all in the last."""
    if len(table.years) < FEWEST_YEARS:
        return False
    observed = table.person_years > 0
    year = np.arange(len(table.years))[:, None]
    # Of each age, since an age may be observed in some of the years only.
    first = observed.argmax(axis=0)
    last = len(year) - 1 - observed[::-1].argmax(axis=0)
    has_cases = table.cases > 0
    return bool((has_cases & (year > first)).any() and (has_cases & (year < last)).any())


def fit_poisson(
    table: YearlyCounts, designs: np.ndarray, penalty: np.ndarray | float = 0.0
) -> LogLinearFit:
    """Maximum (penalised) likelihood of ``log rate = level of the age + design · coefficients``, for each design.

    The levels of the ages are maximised out exactly: given the trend, the fitted cases of an age are its cases. The
    information is therefore that of the coefficients with the levels estimated beside them.
    """
    penalty = np.broadcast_to(penalty, (len(designs), designs.shape[2], designs.shape[2]))
    pieces = [
        _newton(
            table,
            designs[start : start + DESIGNS_AT_ONCE],
            penalty[start : start + DESIGNS_AT_ONCE],
        )
        for start in range(0, len(designs), DESIGNS_AT_ONCE)
    ]
    return LogLinearFit(*(np.concatenate(piece) for piece in zip(*pieces, strict=True)))


def _newton(
    table: YearlyCounts, designs: np.ndarray, penalty: np.ndarray
) -> tuple[np.ndarray, ...]:
    coefficients = np.zeros((len(designs), designs.shape[2]))
    moving = np.arange(len(designs))
    for _ in range(MOST_STEPS):
        step, largest = _step(table, designs[moving], penalty[moving], coefficients[moving])
        # A long step is shortened on the scale of log rates, where it may overshoot and not return.
        shortened = np.minimum(1, LARGEST_STEP / np.maximum(largest, LARGEST_STEP))
        coefficients[moving] += step * shortened[:, None]
        moving = moving[largest > CONVERGED]
        if not moving.size:
            break
    _, information = _score_and_information(table, designs, coefficients)
    deviance = _deviance(table, designs, coefficients)
    # A design that does not settle has no maximum.
    deviance[moving] = np.nan
    return coefficients, information, deviance


def _step(
    table: YearlyCounts, designs: np.ndarray, penalty: np.ndarray, coefficients: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's step of each design, and the most that it moves a log rate by."""
    score, information = _score_and_information(table, designs, coefficients)
    score -= (penalty @ coefficients[:, :, None])[:, :, 0]
    step = _solved(information + penalty, score)
    return step, np.abs(designs @ step[:, :, None]).max(axis=(1, 2))


def _solved(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    # A trace on the diagonal keeps a trend that runs off from stopping the others; where there is a maximum it is moved
    # to no other place.
    size = matrices.shape[1]
    trace = 1e-13 * np.trace(matrices, axis1=1, axis2=2) + 1e-13
    raised = matrices + trace[:, None, None] * np.eye(size)
    return np.linalg.solve(raised, vectors[:, :, None])[:, :, 0]


def age_levels(table: YearlyCounts, trend: np.ndarray) -> np.ndarray:
    """The rate of each age where the log trend is 0, for each of several trends."""
    return table.cases.sum(axis=0) / (np.exp(trend) @ table.person_years)


def fitted_cases(table: YearlyCounts, trend: np.ndarray) -> np.ndarray:
    """Fitted cases by year and age, of one log trend."""
    return np.exp(trend)[:, None] * table.person_years * age_levels(table, trend)


def _score_and_information(
    table: YearlyCounts, designs: np.ndarray, coefficients: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    trend = np.exp((designs @ coefficients[:, :, None])[:, :, 0])
    levels = table.cases.sum(axis=0) / (trend @ table.person_years)
    expected = trend * (levels @ table.person_years.T)
    score = ((table.cases.sum(axis=1) - expected)[:, None, :] @ designs)[:, 0]
    of_age = np.tensordot(trend[:, :, None] * designs, table.person_years, axes=(1, 0))
    of_age = of_age.swapaxes(1, 2)
    scaled = of_age * (levels / np.sqrt(table.cases.sum(axis=0)))[:, :, None]
    weighted = np.swapaxes(designs * expected[:, :, None], 1, 2) @ designs
    return score, weighted - np.swapaxes(scaled, 1, 2) @ scaled


def _deviance(table: YearlyCounts, designs: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    trend = (designs @ coefficients[:, :, None])[:, :, 0]
    observed = table.person_years > 0
    rates = table.cases / np.where(observed, table.person_years, 1)
    saturated = xlogy(table.cases[observed], rates[observed]).sum()
    of_year, of_age = table.cases.sum(axis=1), table.cases.sum(axis=0)
    fitted = trend @ of_year + np.log(age_levels(table, trend)) @ of_age
    return np.maximum(2 * (saturated - fitted), 0)


def pearson_dispersion(table: YearlyCounts, trend: np.ndarray, parameters: float) -> float:
    """Pearson's chi-square over its degrees of freedom; missing where none are left."""
    observed, expected = table.person_years > 0, fitted_cases(table, trend)
    # Each age has a level of its own beside the parameters of the trend.
    freedom = observed.sum() - table.cases.shape[1] - parameters
    if freedom <= 0:
        return np.nan
    squares = (table.cases - expected)[observed] ** 2 / expected[observed]
    return float(squares.sum() / freedom)


def widening(dispersion: float) -> float:
    """What variances are multiplied by: the dispersion, where counts vary more than by chance."""
    return float(np.fmax(dispersion, 1.0))


def log_rate_variance(
    table: YearlyCounts, design: np.ndarray, trend: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Variance of the log of all fitted cases of a year, for a Poisson count (delta method)."""
    expected = fitted_cases(table, trend)
    share, of_age = expected / expected.sum(axis=1, keepdims=True), expected.sum(axis=0)
    gradient = design - share @ (expected / of_age).T @ design
    quadratic = np.einsum("yi,ij,yj->y", gradient, covariance, gradient)
    return (share**2 / of_age).sum(axis=1) + quadratic


def percent_change(name: str, slope: float, error: float, confidence: float) -> dict[str, float]:
    """A log-linear slope and its standard error as per cent a year, with interval and p value of no change."""
    margin = normal_quantile(confidence) * error
    with np.errstate(over="ignore"):
        return {
            name: 100 * np.expm1(slope),
            "lower": 100 * np.expm1(slope - margin),
            "upper": 100 * np.expm1(slope + margin),
            "p_value": 2 * ndtr(-abs(slope / error)) if error > 0 else np.nan,
        }
