"""Years since diagnosis, as a reader asks for them."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import (
    conditional_survival,
    cumulative_incidence_at,
    kaplan_meier,
    net_survival_at,
    numbers_at_risk,
    restricted_mean_survival,
    survival_at,
)
from analysis.estimates.survival.fixed_times import days_since_diagnosis

EVENTS = pd.DataFrame({"time_days": [10, 20], "at_risk": [4, 2], "events": [1, 1], "censored": 1})
CURVE = kaplan_meier(EVENTS)


def test_years_are_of_365_and_a_quarter_days():
    years, days = days_since_diagnosis("years", [0, 1, 120])
    assert (years.tolist(), days.tolist()) == ([0, 1, 120], [0, 365.25, 43830])
    assert days_since_diagnosis("years", 5)[1].tolist() == [1826.25]


@pytest.mark.parametrize("years", [1826, [1, 1826], -0.5, np.nan, None, "five", [120.5]])
def test_what_is_no_number_of_years_is_refused(years):
    with pytest.raises(InputError, match="given_years: must be years since diagnosis, from 0 to"):
        days_since_diagnosis("given_years", years)


@pytest.mark.parametrize(
    "summary",
    [
        lambda: survival_at(CURVE, [1826]),
        lambda: numbers_at_risk(EVENTS, [1826]),
        lambda: restricted_mean_survival(CURVE, 1826),
        lambda: net_survival_at(CURVE.rename(columns={"survival": "net_survival"}), [1826]),
        lambda: cumulative_incidence_at(
            CURVE.rename(columns={"survival": "cumulative_incidence"}), [1826]
        ),
    ],
)
def test_days_are_not_taken_for_years(summary):
    with pytest.raises(InputError, match="years: must be years .* and not days; 1826 is not"):
        summary()


def test_the_argument_is_named():
    with pytest.raises(InputError, match="further_years: must be years"):
        conditional_survival(CURVE, 1, 1826)
    with pytest.raises(InputError, match="given_years: must be years"):
        conditional_survival(CURVE, 365, 5)
