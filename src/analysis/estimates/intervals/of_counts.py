"""Confidence intervals of a Poisson count, and of a weighted sum of counts: a standardised or cumulative rate."""

from collections.abc import Callable

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv, gammaln

from analysis.estimates.intervals.confidence import normal_quantile, require_choice

# More than enough from within the bracket: the error is at the last bit after six.
NEWTON_STEPS = 10

Limits = tuple[np.ndarray, np.ndarray]


def count_interval(
    cases: np.ndarray, confidence: float, interval: str
) -> tuple[np.ndarray, np.ndarray]:
    """The interval of a Poisson mean around an observed count: ``exact``, ``mid-p``, ``byar`` or ``log-normal``."""
    require_choice("interval of a rate", interval, COUNT_INTERVALS)
    normal_quantile(confidence)
    with np.errstate(all="ignore"):
        lower, upper = COUNT_INTERVALS[interval](np.asarray(cases, dtype=float), confidence)
    return np.where(cases == 0, 0.0, lower), upper


def _exact(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    # A Poisson tail is a gamma tail: P(X >= x
    #  m) is the gamma distribution of shape x at m.
    tail = (1 - confidence) / 2
    return gammaincinv(cases, tail), gammainccinv(cases + 1, tail)


def _mid_p(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits m at which P(X < x) + P(X = x)/2 is 1 − alpha/2 (lower) and alpha/2 (upper), by Newton's method.

    Half the sum of two gamma tails, so that each limit lies between the exact ones of x and of one case more (lower)
    or fewer (upper); the search does not leave that bracket.
    """
    tail = (1 - confidence) / 2
    # Large tables hold few different counts.
    cases, row = np.unique(cases, return_inverse=True)
    lower = _between(cases, gammaincinv(cases, tail), gammaincinv(cases + 1, tail), gammainc, tail)
    upper = _between(
        cases, gammainccinv(cases, tail), gammainccinv(cases + 1, tail), gammaincc, tail
    )
    return lower[row], np.where(cases == 0, -np.log(2 * tail), upper)[row]


def _between(
    cases: np.ndarray, first: np.ndarray, last: np.ndarray, side: Callable, tail: float
) -> np.ndarray:
    first = np.maximum(first, np.finfo(float).tiny)
    mean = (first + last) / 2
    for _ in range(NEWTON_STEPS):
        probability = (side(cases, mean) + side(cases + 1, mean)) / 2
        slope = np.exp(cases * np.log(mean) - mean - gammaln(cases + 1)) * (cases / mean + 1) / 2
        # The logarithm of the lower tail is nearly straight in that of the mean, the upper one's in the mean itself.
        step = np.log(probability / tail) * probability / slope
        mean = np.clip(
            mean * np.exp(-step / mean) if side is gammainc else mean + step, first, last
        )
    return mean


def _byar(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    z, more = normal_quantile(confidence), cases + 1
    lower = cases * (1 - 1 / (9 * cases) - z / (3 * np.sqrt(cases))) ** 3
    return np.maximum(lower, 0), more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def _count_log_normal(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    factor = np.exp(normal_quantile(confidence) / np.sqrt(cases))
    return cases / factor, np.where(cases > 0, cases * factor, np.nan)


COUNT_INTERVALS = {"exact": _exact, "mid-p": _mid_p, "byar": _byar, "log-normal": _count_log_normal}


def weighted_sum(
    cases: np.ndarray, case_weight: np.ndarray, interval: str, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A weighted sum of counts with its limits, for each stratum (row) over its ages (columns).

    A case weight is what one case adds to the sum; where one is missing, so are the sum and its limits. With no case
    the lower limit is 0; the upper one is missing where the interval has none.
    """
    check_weighted_interval(interval, confidence)
    with np.errstate(all="ignore"):
        total, variance = (case_weight * cases).sum(axis=1), (case_weight**2 * cases).sum(axis=1)
        total = total if cases.shape[1] else np.full(len(total), np.nan)
        lower, upper = WEIGHTED_INTERVALS[interval](
            total, variance, case_weight, cases.sum(axis=1), confidence
        )
    return total, np.where(total == 0, 0, lower), np.where(np.isnan(total), np.nan, upper)


def check_weighted_interval(interval: str, confidence: float) -> None:
    """Refuse an interval that is not known, or a confidence that cannot be."""
    require_choice("interval of a standardised rate", interval, WEIGHTED_INTERVALS)
    normal_quantile(confidence)


def _gamma(total, variance, more_total, more_variance, confidence) -> Limits:
    tail = (1 - confidence) / 2
    raised, spread = total + more_total, variance + more_variance
    lower = gammaincinv(total**2 / variance, tail) * variance / total
    return lower, gammainccinv(raised**2 / spread, tail) * spread / raised


def _fay_feuer(total, variance, case_weight, cases, confidence) -> Limits:
    # One case more at the age where it adds most: the limit holds wherever it may fall.
    largest = case_weight.max(axis=1, initial=0)
    return _gamma(total, variance, largest, largest**2, confidence)


def _tiwari(total, variance, case_weight, cases, confidence) -> Limits:
    ages = case_weight.shape[1]
    return _gamma(
        total,
        variance,
        case_weight.sum(axis=1) / ages,
        (case_weight**2).sum(axis=1) / ages,
        confidence,
    )


def _dobson(total, variance, case_weight, cases, confidence) -> Limits:
    lower, upper = count_interval(cases, confidence, "exact")
    # The exact interval of the count, stretched to the variance of the sum.
    scale = np.sqrt(variance / cases)
    return total + scale * (lower - cases), total + scale * (upper - cases)


def _normal(total, variance, case_weight, cases, confidence) -> Limits:
    # With no case the variance is 0 and the interval would be a point.
    margin = np.where(variance > 0, normal_quantile(confidence) * np.sqrt(variance), np.nan)
    return np.maximum(total - margin, 0), total + margin


def _log_normal(total, variance, case_weight, cases, confidence) -> Limits:
    factor = np.exp(
        np.where(total > 0, normal_quantile(confidence) * np.sqrt(variance) / total, np.nan)
    )
    return total / factor, total * factor


WEIGHTED_INTERVALS: dict[str, Callable[..., Limits]] = {
    "fay-feuer": _fay_feuer,
    "tiwari": _tiwari,
    "dobson": _dobson,
    "normal": _normal,
    "log-normal": _log_normal,
}
