"""Tails of the binomial distribution, at any count from none to all."""

import numpy as np
from scipy.special import betainc, betaincc


def at_most(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Probability of so many cases of a total or fewer, each with probability ``share``."""
    inside = betaincc(np.clip(cases, 0, None) + 1, np.maximum(total - cases, 1), share)
    return np.where(cases < 0, 0.0, np.where(cases >= total, 1.0, inside))


def at_least(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Probability of so many cases of a total or more, each with probability ``share``."""
    inside = betainc(np.maximum(cases, 1), np.maximum(total - cases, 0) + 1, share)
    return np.where(cases <= 0, 1.0, np.where(cases > total, 0.0, inside))


def central_p_value(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Twice the smaller tail, at most 1: the test that the Clopper–Pearson interval inverts."""
    return np.minimum(
        2 * np.minimum(at_most(cases, total, share), at_least(cases, total, share)), 1
    )
