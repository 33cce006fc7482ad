"""Which changes are told first."""

import pytest

from analysis.report.compare.changed_numbers import Change
from analysis.report.compare.large_changes import is_finding, is_large_change


def change(was, now, quantity="rate", **more):
    return Change(quantity, (), was, now, **more)


@pytest.mark.parametrize(
    ("number", "large"),
    [
        (change("100", "110"), True),
        (change("100", "90"), True),
        (change("100", "109.9"), False),
        (change("100", "101", was_limits=(99, 100.5), now_limits=(100.6, 102)), True),
        (change("100", "101", was_limits=(99, 101), now_limits=(100, 102)), False),
        (change("100", "101", p_value=0.001, adjusted=0.009), True),
        (change("100", "101", p_value=0.001, adjusted=0.01), False),
        (change("", ""), False),
        (change("100", "200", "lower_95"), False),
    ],
)
def test_a_change_is_large_by_its_share_its_interval_or_chance(number, large):
    assert is_large_change(number, 0.1) is large


@pytest.mark.parametrize(
    "quantity",
    [
        *("rate", "cases", "survival", "person_years", "median_years", "mean_years", ""),
        *("difference_years", "restricted_mean_years", "annual_percent_change", "fitted", "goals"),
    ],
)
def test_estimates_counts_and_numbers_of_the_text_are_findings(quantity):
    assert is_finding(change("1", "2", quantity))


@pytest.mark.parametrize(
    "quantity",
    [
        *("left_out", "remaining", "overall", "upper_998", "rank", "rank_lower", "joinpoint"),
        *("joinpoints", "segment", "year", "first_year", "years", "given_years", "age"),
        *("attained_age", "age_at_diagnosis", "p_value", "adjusted_p_value", "time_days"),
        *("label", "goal", "base_year", "window_years"),
    ],
)
def test_what_is_read_beside_a_finding_is_none(quantity):
    assert not is_finding(change("1", "2", quantity))
