"""Tails and exact p values, against scipy's distributions and by adding up probabilities."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, poisson

from analysis.estimates.intervals.exact_tests import (
    binomial_at_least,
    binomial_at_most,
    central_p_value,
    mid_p_value,
    poisson_at_least,
    poisson_at_most,
    poisson_p_value,
)

COUNTS = np.arange(-1, 13)
EXPECTED = [0.02, 0.7, 3.0, 7.7, 40.0]
SHARES = [0.01, 0.3, 0.5, 0.92]


@pytest.mark.parametrize("expected", EXPECTED)
def test_poisson_tails(expected):
    at_most = poisson_at_most(COUNTS, expected)
    np.testing.assert_allclose(at_most, poisson.cdf(COUNTS, expected), rtol=1e-12)
    at_least = poisson_at_least(COUNTS, expected)
    np.testing.assert_allclose(at_least, poisson.sf(COUNTS - 1, expected), rtol=1e-12)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("total", [1, 5, 11])
def test_binomial_tails(share, total):
    at_most = binomial_at_most(COUNTS, np.array(total), np.array(share))
    np.testing.assert_allclose(at_most, binom.cdf(COUNTS, total, share), rtol=1e-11)
    at_least = binomial_at_least(COUNTS, np.array(total), np.array(share))
    np.testing.assert_allclose(at_least, binom.sf(COUNTS - 1, total, share), rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("expected", EXPECTED)
def test_the_exact_p_value_adds_up_all_counts_no_likelier(expected):
    every = np.arange(400)
    probability = poisson.pmf(every, expected)
    for cases in (0, 1, 2, 5, 9, 20, 60):
        as_unlikely = probability <= probability[cases] * (1 + 1e-7)
        by_hand = min(probability[as_unlikely].sum(), 1)
        ours = poisson_p_value(np.array([cases]), np.array([expected]))
        np.testing.assert_allclose(ours, [by_hand], rtol=1e-8)


def test_a_count_as_expected_and_one_of_nothing():
    p_value = poisson_p_value(np.array([3, 3, np.nan]), np.array([3.0, 0.0, 2.0]))
    assert p_value[0] == 1
    assert np.isnan(p_value[1:]).all()
    assert np.isnan(mid_p_value(np.array([3]), np.array([0.0]))).all()


@pytest.mark.parametrize("cases", [0, 2, 3, 8])
def test_the_mid_p_value_halves_the_count_itself(cases):
    expected = 3.3
    above = poisson.sf(cases, expected) + poisson.pmf(cases, expected) / 2
    by_hand = 2 * min(above, 1 - above)
    ours = mid_p_value(np.array([cases]), np.array([expected]))
    np.testing.assert_allclose(ours, [by_hand], rtol=1e-12)


@pytest.mark.parametrize("cases", range(8))
def test_the_central_p_value_agrees_with_clopper_and_pearson(cases):
    share = 0.3
    p_value = central_p_value(np.array(cases), np.array(7), np.array(share))
    for confidence in (1 - p_value * 1.0001, 1 - p_value * 0.9999):
        if 0 < confidence < 1:
            interval = binomtest(cases, 7).proportion_ci(float(confidence), method="exact")
            inside = interval.low <= share <= interval.high
            assert inside == (confidence > 1 - p_value)
