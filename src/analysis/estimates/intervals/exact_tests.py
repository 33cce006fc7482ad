"""Exact tests of a count: against what was expected (Poisson), and of its share of a total (binomial)."""

import numpy as np
from scipy.special import betainc, betaincc, gammainc, gammaincc, gammaln

# As in R: outcomes within this of the observed probability are as likely as it.
AS_LIKELY = 1e-7
HALVINGS = 64


def poisson_p_value(cases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Two-sided exact p value of a Poisson count: the probability of all counts no more likely than it.

    Missing where the expected count is 0 or missing.

    Examples
    --------
    >>> poisson_p_value(np.array([10, 0]), np.array([7.7, 0.5])).round(6)
    array([0.365064, 1.      ])
    """
    cases, expected = np.asarray(cases, dtype=float), np.asarray(expected, dtype=float)
    expected = np.where(expected > 0, expected, np.nan)
    with np.errstate(all="ignore"):
        observed = _log_probability(cases, expected)
        beyond = _first_as_unlikely(expected, observed, cases < expected)
        many = np.where(cases < expected, beyond, cases)
        few = np.where(cases < expected, cases, beyond)
        p_value = poisson_at_least(many, expected) + poisson_at_most(few, expected)
    return np.where(
        np.isnan(expected) | np.isnan(cases),
        np.nan,
        np.where(cases == expected, 1, np.minimum(p_value, 1)),
    )


def mid_p_value(cases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Two-sided mid-P value of a Poisson count: twice the smaller tail, half of the observed count's own probability.

    Examples
    --------
    >>> mid_p_value(np.array([10, 0]), np.array([7.7, 0.5])).round(6)
    array([0.402412, 0.606531])
    """
    cases, expected = np.asarray(cases, dtype=float), np.asarray(expected, dtype=float)
    # Nothing expected: no count is more or less likely than another.
    expected = np.where(expected > 0, expected, np.nan)
    with np.errstate(all="ignore"):
        more = (poisson_at_least(cases, expected) + poisson_at_least(cases + 1, expected)) / 2
        return np.minimum(2 * np.minimum(more, 1 - more), 1)


def poisson_at_least(cases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Probability of that many cases or more."""
    return np.where(cases <= 0, 1, gammainc(np.maximum(cases, 0), expected))


def poisson_at_most(cases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Probability of that many cases or fewer."""
    return np.where(cases < 0, 0, gammaincc(np.maximum(cases, 0) + 1, expected))


def _log_probability(cases: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return cases * np.log(expected) - expected - gammaln(cases + 1)


def _first_as_unlikely(expected: np.ndarray, observed: np.ndarray, above: np.ndarray) -> np.ndarray:
    """The count nearest the expected one, on the other side of it, that is no more likely than the observed one."""
    # Counts on that side become less likely the farther they are: halve the distance in which the first one lies.
    nearest = np.where(above, np.ceil(expected), np.floor(expected))
    away = np.where(above, 1, -1)
    too_near, far = np.full(nearest.shape, -1.0), np.where(above, 50 * expected + 1000, nearest + 1)
    for _ in range(HALVINGS):
        middle = np.floor((too_near + far) / 2)
        unlikely = _log_probability(nearest + away * middle, expected) <= observed + AS_LIKELY
        open_still = far - too_near > 1
        far, too_near = (
            np.where(open_still & unlikely, middle, far),
            np.where(open_still & ~unlikely, middle, too_near),
        )
    return nearest + away * far


def binomial_at_most(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Probability of so many cases of a total or fewer, each with probability ``share``."""
    inside = betaincc(np.clip(cases, 0, None) + 1, np.maximum(total - cases, 1), share)
    return np.where(cases < 0, 0.0, np.where(cases >= total, 1.0, inside))


def binomial_at_least(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Probability of so many cases of a total or more, each with probability ``share``."""
    inside = betainc(np.maximum(cases, 1), np.maximum(total - cases, 0) + 1, share)
    return np.where(cases <= 0, 1.0, np.where(cases > total, 0.0, inside))


def central_p_value(cases: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Twice the smaller tail, at most 1: the test that the Clopper–Pearson interval inverts."""
    return np.minimum(
        2
        * np.minimum(binomial_at_most(cases, total, share), binomial_at_least(cases, total, share)),
        1,
    )
