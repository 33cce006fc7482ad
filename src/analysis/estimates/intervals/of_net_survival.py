"""Confidence intervals of net survival, which may exceed 1."""

import numpy as np

from analysis.estimates.intervals.confidence import normal_quantile, require_choice


def net_survival_interval(
    survival: np.ndarray, error_of_log: np.ndarray, confidence: float, interval: str
) -> tuple[np.ndarray, np.ndarray]:
    """The pointwise interval of net survival from the standard error of its logarithm, as R's relsurv gives it.

    Missing where nobody survives, and for ``log-log`` above 1; where nobody has died and nobody was to, it is [1, 1].
    """
    require_choice("interval of net survival", interval, NET_INTERVALS)
    margin = normal_quantile(confidence) * error_of_log
    alive = np.where(survival > 0, survival, np.nan)
    with np.errstate(all="ignore"):
        lower, upper = NET_INTERVALS[interval](alive, margin)
    certain = (survival == 1) & (error_of_log == 0)
    return np.where(certain, 1.0, lower), np.where(certain, 1.0, upper)


def net_survival_estimates(
    survival: np.ndarray, error_of_log: np.ndarray, confidence: float, interval: str
) -> dict[str, np.ndarray]:
    """Net survival with its standard error and interval, as columns; missing but for survival where nobody survives."""
    error_of_log = np.where(survival > 0, error_of_log, np.nan)
    lower, upper = net_survival_interval(survival, error_of_log, confidence, interval)
    return {
        "net_survival": survival,
        "standard_error": survival * error_of_log,
        "lower": lower,
        "upper": upper,
    }


def _log(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return survival * np.exp(-margin), survival * np.exp(margin)


def _log_log(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    below = np.where(survival < 1, survival, np.nan)
    spread = np.exp(margin / -np.log(below))
    return below**spread, below ** (1 / spread)


def _plain(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(survival - survival * margin, 0), survival + survival * margin


NET_INTERVALS = {"log": _log, "log-log": _log_log, "plain": _plain}
