"""Confidence intervals of a weighted sum of Poisson counts: standardised and cumulative rates."""

from collections.abc import Callable

import numpy as np
from scipy.special import gammainccinv, gammaincinv

from analysis.estimates.intervals.intervals import count_interval, normal_quantile, require_choice

Limits = tuple[np.ndarray, np.ndarray]


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
    scale = np.sqrt(variance / cases)
    return total + scale * (lower - cases), total + scale * (upper - cases)


def _normal(total, variance, case_weight, cases, confidence) -> Limits:
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
