"""Who is at risk at each time, and weights of children summed over them."""

import numpy as np
import pytest

from analysis.estimates.relative_survival.life_lines import LifeLines
from analysis.estimates.relative_survival.weighted_risk_sets import (
    each_risk_set,
    round_times,
    weights_at_risk,
)


def lines_of(entry, exit_days, event=None, weight=None):
    children = len(exit_days)
    nought = np.zeros(children, dtype=int)
    return LifeLines(
        place=nought,
        birth=nought,
        diagnosis=nought,
        entry=np.array(entry, dtype=float),
        exit=np.array(exit_days, dtype=float),
        event=np.ones(children, dtype=bool) if event is None else np.array(event),
        weight=np.ones(children) if weight is None else np.array(weight),
    )


def test_round_times_are_months_of_the_first_year_and_whole_years():
    assert round_times(0).tolist() == []
    assert round_times(30).tolist() == [30]
    assert round_times(365).tolist()[-2:] == [334, 365]
    assert round_times(366).tolist()[-1] == 365
    assert len(round_times(365.25 * 3)) == 11 + 3
    assert round_times(1461).tolist()[-3:] == [730, 1095, 1461]


@pytest.mark.parametrize("late", [False, True])
def test_those_at_risk_are_counted_one_by_one(late):
    random = np.random.default_rng(5)
    exit_days = random.integers(20, 60, 40)
    entry = np.where(random.random(40) < 0.5, exit_days - random.integers(1, 20, 40), 0)
    entry = entry if late else np.zeros(40)
    weight, stratum = random.random(40), random.integers(0, 3, 40)
    sets, _ = each_risk_set(lines_of(entry, exit_days), stratum, exit_days.astype(float))
    at_risk = weights_at_risk(sets, weight)
    for row in range(len(sets)):
        time = sets.times[sets.rank[row]]
        # Who enters at a time is not at risk then, who leaves at it still is.
        here = (
            (stratum == sets.stratum[row]) & (exit_days >= time) & ((entry < time) | (entry == 0))
        )
        assert at_risk[row] == pytest.approx(weight[here].sum(), abs=1e-12)


def test_rows_are_of_each_stratum_until_its_last_exit():
    sets, staying = each_risk_set(
        lines_of([0, 0, 5], [40, 20, 65]), np.array([0, 0, 1]), np.array([90.0, 20, 65])
    )
    days = sets.times[sets.rank]
    assert days[sets.stratum == 0].tolist() == [20, 30, 40, 90]
    assert days[sets.stratum == 1].tolist() == [5, 30, 60, 65]
    assert days[sets.gone].tolist() == [40, 20, 65]
    assert days[staying.gone].tolist() == [90, 20, 65]
    assert sets.come.tolist() == [-1, -1, 4]
    assert sets.leaving(np.array([1.0, 2, 4])).tolist() == [2, 0, 1, 0, 0, 0, 0, 4]
    assert sets.change(np.array([1.0, 2, 4]), np.zeros(3)).tolist() == [0, 0, 0, 0, 4, 0, 0, 0]
    assert sets.at_beginning(np.array([1.0, 2, 4])).tolist() == [3, 3, 3, 3, 0, 0, 0, 0]


def test_nobody_is_at_risk_in_no_cohort():
    sets, _ = each_risk_set(lines_of([], []), np.zeros(0, dtype=int), np.zeros(0))
    assert len(sets) == 0
    assert weights_at_risk(sets, np.zeros(0)).tolist() == []
