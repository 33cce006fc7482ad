"""Confidence intervals of a survival proportion, of the kinds that R's ``survfit`` has."""

import numpy as np

from analysis.estimates.intervals.confidence import normal_quantile, require_choice


def survival_interval(
    survival: np.ndarray, standard_error: np.ndarray, confidence: float, interval: str
) -> tuple[np.ndarray, np.ndarray]:
    """The pointwise interval of a survival proportion, as R's ``survfit`` gives it for each ``conf.type``.

    Where nobody survives it is missing; where nobody has died it is [1, 1] (missing for ``arcsin``, as in R).
    """
    z = survival_interval_quantile(confidence, interval)
    alive = np.where(survival > 0, survival, np.nan)
    with np.errstate(all="ignore"):
        lower, upper = SURVIVAL_INTERVALS[interval](alive, z * standard_error / alive)
    if interval != "arcsin":
        # The transforms have no value at 1; R gives the point.
        nobody_died = survival == 1
        lower[nobody_died] = upper[nobody_died] = 1
    return lower, upper


def survival_interval_quantile(confidence: float, interval: str) -> float:
    """The normal quantile of an interval of survival; refuses a confidence or a kind of interval that is not one."""
    require_choice("interval of survival", interval, SURVIVAL_INTERVALS)
    return normal_quantile(confidence)


def _log_log(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log = np.log(survival)
    factor = np.exp(margin / log)
    return np.exp(log / factor), np.exp(log * factor)


def _log(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return survival * np.exp(-margin), np.minimum(survival * np.exp(margin), 1)


def _plain(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(survival - survival * margin, 0), np.minimum(survival + survival * margin, 1)


def _logit(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centre, margin = np.log(survival / (1 - survival)), margin * (1 + survival / (1 - survival))
    return 1 - 1 / (1 + np.exp(centre - margin)), 1 - 1 / (1 + np.exp(centre + margin))


def _arcsin(survival: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centre, margin = np.arcsin(np.sqrt(survival)), 0.5 * margin * np.sqrt(survival / (1 - survival))
    return np.sin(np.maximum(centre - margin, 0)) ** 2, np.sin(
        np.minimum(centre + margin, np.pi / 2)
    ) ** 2


SURVIVAL_INTERVALS = {
    "log-log": _log_log,
    "plain": _plain,
    "log": _log,
    "logit": _logit,
    "arcsin": _arcsin,
}
