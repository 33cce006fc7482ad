"""Confidence intervals shared by the estimates: for a count, for a proportion still alive."""

from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv, gammaln, ndtri

from analysis.errors import InputError

# More than enough from within the bracket: the error is at the last bit after six.
NEWTON_STEPS = 10


def require_choice(what: str, value: object, known: Iterable[str]) -> None:
    """Refuse a choice that is not among the known ones, and list those."""
    known = list(known)
    if value not in known:
        raise InputError(what, [f"{value!r} is not known; choose one of {', '.join(known)}"])


def normal_quantile(confidence: float) -> float:
    """The standard normal quantile of a two-sided interval: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise InputError("confidence", ["must lie between 0 and 1, as in 0.95"])
    return float(ndtri(0.5 + confidence / 2))


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
    tail = (1 - confidence) / 2
    return gammaincinv(cases, tail), gammainccinv(cases + 1, tail)


def _mid_p(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits m at which P(X < x) + P(X = x)/2 is 1 − alpha/2 (lower) and alpha/2 (upper), by Newton's method.

    Half the sum of two gamma tails, so that each limit lies between the exact ones of x and of one case more (lower)
    or fewer (upper); the search does not leave that bracket.
    """
    tail = (1 - confidence) / 2
    # Large tables hold few different counts.
    cases, place = np.unique(cases, return_inverse=True)
    lower = _between(cases, gammaincinv(cases, tail), gammaincinv(cases + 1, tail), gammainc, tail)
    upper = _between(
        cases, gammainccinv(cases, tail), gammainccinv(cases + 1, tail), gammaincc, tail
    )
    return lower[place], np.where(cases == 0, -np.log(2 * tail), upper)[place]


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


def _log_normal(cases: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    factor = np.exp(normal_quantile(confidence) / np.sqrt(cases))
    return cases / factor, np.where(cases > 0, cases * factor, np.nan)


COUNT_INTERVALS = {"exact": _exact, "mid-p": _mid_p, "byar": _byar, "log-normal": _log_normal}


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
