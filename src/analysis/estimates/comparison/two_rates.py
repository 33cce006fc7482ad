"""Two Poisson counts in their person-years: ratio and difference of their rates, with intervals and p values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtr

from analysis.estimates.intervals.exact_tests import (
    binomial_at_least,
    binomial_at_most,
    central_p_value,
)

HALVINGS = 64  # of an interval: to within the last digit of a number
Estimates = dict[str, np.ndarray]


@dataclass(frozen=True)
class Pairs:
    """Cases and person-years of each level, and of what it is compared with: pairs (rows) × ages."""

    cases: np.ndarray
    person_years: np.ndarray
    reference_cases: np.ndarray
    reference_person_years: np.ndarray

    def totals(self) -> dict[str, np.ndarray]:
        """All ages of each pair added up, counts as whole numbers."""
        sums = {name: values.sum(axis=1) for name, values in vars(self).items()}
        whole = {name: sums[name].astype(np.int64) for name in ("cases", "reference_cases")}
        return {**sums, **whole}

    def all_ages(self) -> "Pairs":
        """The same pairs with all ages added up."""
        return Pairs(*(values.sum(axis=1) for values in vars(self).values()))


@dataclass(frozen=True)
class CrudePairs:
    """Cases of both sides, the person-years of the reference over those of the level, and the ratio of the rates."""

    cases: np.ndarray
    reference_cases: np.ndarray
    scale: np.ndarray
    ratio: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Cases of both sides together."""
        return self.cases + self.reference_cases

    @property
    def share(self) -> np.ndarray:
        """The share of all cases that the level has, were the rates equal."""
        return 1 / (1 + self.scale)

    def of_ratio(self, lower: np.ndarray, upper: np.ndarray, p_value: np.ndarray) -> Estimates:
        """Limits of the share of cases as limits of the ratio; missing where there is no case, or no limit."""
        estimated = (self.total > 0) & ~np.isnan(self.scale)
        upper = np.where(np.isnan(self.ratio), np.nan, self.scale * upper / (1 - upper))
        estimates = {
            "rate_ratio": self.ratio,
            "lower": self.scale * lower / (1 - lower),
            "upper": upper,
            "p_value": p_value,
        }
        return {name: np.where(estimated, values, np.nan) for name, values in estimates.items()}


def _crude(pairs: Pairs) -> CrudePairs:
    sums = pairs.all_ages()
    cases, others = sums.cases, sums.reference_cases
    observed = (sums.person_years > 0) & (sums.reference_person_years > 0)
    scale = np.where(observed, sums.reference_person_years / sums.person_years, np.nan)
    return CrudePairs(cases, others, scale, np.where(others > 0, scale * cases / others, np.nan))


def _exact(pairs: Pairs, tail: float, z: float) -> Estimates:
    crude = _crude(pairs)
    cases, others = crude.cases, crude.reference_cases
    # Given all cases, those of the level are binomial: Clopper and Pearson, carried over to the ratio.
    lower = np.where(cases > 0, betaincinv(cases, others + 1, tail), 0)
    upper = betaincinv(cases + 1, others, 1 - tail)
    return crude.of_ratio(lower, upper, central_p_value(cases, crude.total, crude.share))


def _mid_p(pairs: Pairs, tail: float, z: float) -> Estimates:
    crude = _crude(pairs)
    cases, total = crude.cases, crude.total

    def below(share: np.ndarray) -> np.ndarray:
        """Probability of fewer cases, and half of that of as many."""
        return (
            binomial_at_most(cases, total, share) + binomial_at_most(cases - 1, total, share)
        ) / 2

    # The mid-p limits solve an equation in the share, which falls steadily.
    none, every = np.zeros(len(total)), np.ones(len(total))
    lower = _bisected(lambda share: below(share) > 1 - tail, none, every)
    upper = _bisected(lambda share: below(share) > tail, none, every)
    above = (
        binomial_at_least(cases, total, crude.share)
        + binomial_at_least(cases + 1, total, crude.share)
    ) / 2
    p_value = 2 * np.minimum(below(crude.share), above)
    return crude.of_ratio(np.where(cases > 0, lower, 0), upper, p_value)


def _log_normal(pairs: Pairs, tail: float, z: float) -> Estimates:
    crude = _crude(pairs)
    error = np.sqrt(1 / crude.cases + 1 / crude.reference_cases)
    return _around_log(crude.ratio, error, z)


def _mantel_haenszel(pairs: Pairs, tail: float, z: float) -> Estimates:
    years, other_years = pairs.person_years, pairs.reference_person_years
    # An age without person-years on one side tells nothing: an infinite total gives it no weight.
    whole = np.where((years > 0) & (other_years > 0), years + other_years, np.inf)
    above = (pairs.cases * other_years / whole).sum(axis=1)
    below = (pairs.reference_cases * years / whole).sum(axis=1)
    total = pairs.cases + pairs.reference_cases
    spread = (total * years * other_years / whole**2).sum(axis=1)
    ratio = np.where(below > 0, above / below, np.nan)
    # R - S is observed less expected cases: d1 - d y1 / y, age by age.
    p_value = np.where(spread > 0, 2 * ndtr(-np.abs(above - below) / np.sqrt(spread)), np.nan)
    return {**_around_log(ratio, np.sqrt(spread / (above * below)), z), "p_value": p_value}


def _around_log(ratio: np.ndarray, error: np.ndarray, z: float) -> Estimates:
    error = np.where(ratio > 0, error, np.nan)
    lower = np.where(ratio == 0, 0, ratio * np.exp(-z * error))
    return {
        "rate_ratio": ratio,
        "lower": lower,
        "upper": ratio * np.exp(z * error),
        "p_value": 2 * ndtr(-np.abs(np.log(ratio)) / error),
    }


ADJUSTED_FOR_AGE = "mantel-haenszel"
METHODS: dict[str, Callable[[Pairs, float, float], Estimates]] = {
    "exact": _exact,
    "mid-p": _mid_p,
    "log-normal": _log_normal,
    ADJUSTED_FOR_AGE: _mantel_haenszel,
}


def _likeliest_rate(pairs: Pairs, whole: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """The rate of the reference that the counts make likeliest if the level's is higher by ``delta``."""
    half = (pairs.cases + pairs.reference_cases - whole * delta) / (2 * whole)
    root = np.sqrt(half**2 + pairs.reference_cases * delta / whole)
    return np.maximum(half + root, np.maximum(0, -delta))


def score_interval(pairs: Pairs, z: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The difference of two rates a person-year, and the limits of Miettinen and Nurminen; one age, or all together."""
    years, other_years = (
        np.where(side > 0, side, np.nan)
        for side in (pairs.person_years, pairs.reference_person_years)
    )
    rate, other = pairs.cases / years, pairs.reference_cases / other_years
    difference = rate - other

    def within(delta: np.ndarray) -> np.ndarray:
        likeliest = _likeliest_rate(pairs, years + other_years, delta)
        variance = (likeliest + delta) / years + likeliest / other_years
        return ~((difference - delta) ** 2 > z**2 * variance)

    margin = z * np.sqrt(rate / years + other / other_years)
    lower = _bisected(within, difference, difference - margin - z**2 / other_years)
    upper = _bisected(within, difference, difference + margin + z**2 / years)
    return difference, lower, upper


def _bisected(
    holds: Callable[[np.ndarray], np.ndarray], inside: np.ndarray, outside: np.ndarray
) -> np.ndarray:
    """Where ``holds`` ceases to be true between ``inside``, where it is, and ``outside``, where it is not."""
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        still = holds(middle)
        inside, outside = np.where(still, middle, inside), np.where(still, outside, middle)
    return (inside + outside) / 2
