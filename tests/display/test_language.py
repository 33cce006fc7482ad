"""Numbers and findings as each language says them."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import (
    say_count,
    say_date,
    say_estimate,
    say_interval,
    say_number,
    say_p,
    say_percent,
)
from analysis.errors import InputError

HARD, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
RATE = {"cases": 1200, "rate": 172.31, "lower": 165.2, "upper": 179.6}


def test_numbers_have_the_sign_and_spaces_of_their_language():
    assert say_number(1234567.891, "nb", 2) == f"1{THIN}234{THIN}567,89"
    assert say_number(1234567.891, "en", 2) == f"1{THIN}234{THIN}567.89"
    assert say_number(-0.04, "en", 1) == "0.0"
    assert say_number(-1.5, "nb", 1) == "−1,5"


@pytest.mark.parametrize("nothing", [np.nan, None, pd.NA, np.inf])
def test_what_is_undefined_is_not_a_number(nothing):
    assert say_number(nothing, "en") == "not estimated"
    assert say_number(nothing, "nb") == "ikke estimert"


def test_missing_parts_are_not_estimated():
    assert (
        say_percent(None, "nb")
        == say_p(np.nan, "nb")
        == say_interval(np.nan, 1, "nb")
        == "ikke estimert"
    )
    assert say_estimate({}, "en", "rate") == say_estimate(pd.DataFrame(), "en") == "not estimated"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5")]
)
def test_small_counts_are_not_said(n, said):
    assert say_count(n, "en", 5) == said


def test_a_limit_of_three_says_so():
    assert say_count(2, "nb", 3) == "færre enn 3"


def test_rates_carry_their_interval():
    assert say_estimate(RATE, "nb") == f"172,3 (95{HARD}%{HARD}KI 165,2–179,6)".replace(HARD, " ")
    assert say_estimate(pd.DataFrame([RATE]), "en") == say_estimate(pd.Series(RATE), "en")


@pytest.mark.parametrize("cases", [1, 4])
def test_a_rate_of_few_is_not_said(cases):
    assert say_estimate(RATE | {"cases": cases}, "en") == "not shown"
    assert say_estimate(RATE | {"cases": cases}, "en", minimum=1).startswith("172.3")


def test_a_rate_of_none_is_said():
    assert say_estimate({"cases": 0, "rate": 0.0, "lower": 0.0, "upper": 12.3}, "en").startswith(
        "0.0 ("
    )


def test_a_share_that_leaves_few_out_is_not_said():
    indicator = {"eligible": 50, "met": 48, "share": 0.96, "lower": 0.86, "upper": 0.99}
    assert say_estimate(indicator, "en") == "not shown"
    assert say_estimate(indicator | {"met": 50, "share": 1.0}, "en").startswith(f"100.0{HARD}%")


def test_two_rows_are_not_one_finding():
    with pytest.raises(InputError, match="one row"):
        say_estimate(pd.DataFrame([RATE, RATE]), "en")


def test_intervals_with_negative_limits_have_a_word_between():
    assert say_interval(-0.24, 1.41, "nb") == "−0,2 til 1,4"


def test_dates_and_p_values():
    assert say_date("2023-12-31", "en") == "31 December 2023"
    assert say_date(pd.Timestamp("1985-01-01"), "nb") == "1. januar 1985"
    assert say_date("", "en") == "unknown"
    assert say_p(0.00004, "nb") == f"p{HARD}<{HARD}0,001"
    assert say_p(0.5, "en") == f"p{HARD}={HARD}0.50"


def test_another_language_is_refused():
    with pytest.raises(InputError, match="en, nb"):
        say_number(1, "sv")


def test_any_estimate_is_said_with_its_interval_or_not_at_all():
    row = {"events": 40, "survival_difference": 0.031, "lower": -0.01, "upper": 0.07}
    assert say_estimate(row, "en").replace("\N{NO-BREAK SPACE}", " ") == "3.1 (95 % CI −1.0 to 7.0)"
    assert say_estimate({**row, "events": 4}, "nb") == "vises ikke"
    assert (
        say_estimate({"events": 40, "hazard_ratio": np.nan, "lower": np.nan, "upper": np.nan}, "en")
        == "not estimated"
    )
    both = {"rate_ratio": 1.2, "difference": 3.0, "lower": 1.0, "upper": np.inf}
    assert say_estimate(both, "en", "rate_ratio").endswith("CI 1.00–∞)")
    assert say_estimate(both, "en", "difference").startswith("3.0 (")


RISK = {"cases": 80, "cumulative_risk": 1 / 400, "risk_lower": 1 / 420, "risk_upper": 1 / 380}


def test_a_risk_is_one_in_so_many():
    assert (
        say_estimate(RISK, "en", "one_in").replace(HARD, " ")
        == "1 in 400 (95 % CI 1 in 380 to 1 in 420)"
    )
    assert say_estimate(pd.DataFrame([RISK]), "nb", "one_in").startswith("1 av 400")
    assert say_estimate(RISK | {"risk_lower": 0.0}, "en", "one_in") == "1 in 400"


@pytest.mark.parametrize("changed", [{"cases": 3}, {"suppressed": True}])
def test_a_risk_of_few_children_is_not_said(changed):
    assert say_estimate(RISK | changed, "en", "one_in") == "not shown"


@pytest.mark.parametrize("risk", [0.0, np.nan, None])
def test_no_risk_is_not_one_in_infinity(risk):
    assert say_estimate(RISK | {"cumulative_risk": risk}, "nb", "one_in") == "ikke estimert"
