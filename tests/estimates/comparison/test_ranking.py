import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import rank_interval

RANKS = ["rank", "rank_lower", "rank_upper"]


def units(cases, person_years):
    names = [f"u{unit:02}" for unit in range(len(cases))]
    return pd.DataFrame({"region": names, "cases": cases, "person_years": person_years})


def test_ranks_agree_with_pairwise_tests_in_r(oracle, agree):
    answer = oracle("answer_ranks").set_index("country")
    ours = rank_interval(oracle("comparisons"), ["country"], confidence=0.8)
    agree(ours, answer.loc[ours["country"]], RANKS)


def test_clear_differences_leave_one_rank_and_none_leave_all():
    clear = rank_interval(units([10, 1000, 100], [1e4] * 3))
    assert clear[RANKS].values.tolist() == [[3, 3, 3], [1, 1, 1], [2, 2, 2]]
    alike = rank_interval(units([10, 10, 10], [1e4] * 3))
    assert alike[RANKS].values.tolist() == [[1, 1, 3]] * 3


def test_no_case_is_ranked_last_and_no_person_years_not_at_all():
    answer = rank_interval(units([0, 40, 3, 0], [1e4, 1e4, 0, 1e4]))
    assert answer["rank"].tolist()[:2] == [2, 1]
    assert answer.loc[2, ["rate", *RANKS]].isna().all()
    assert answer.loc[[0, 3], ["rank_lower", "rank_upper"]].values.tolist() == [[2, 3]] * 2
    assert all(str(answer[name].dtype) == "Int64" for name in RANKS)


def test_all_intervals_hold_the_true_ranks_together():
    random = np.random.default_rng(4)
    rates = np.array([5.0, 5.0, 9.0, 14.0, 30.0])
    lowest = [1 + (rates > rate).sum() for rate in rates]
    highest = [(rates >= rate).sum() for rate in rates]
    draws = pd.concat(
        [units(random.poisson(rates), [1.0] * 5).assign(draw=draw) for draw in range(400)]
    )
    answer = rank_interval(draws, by=["draw"], per=1, confidence=0.9)
    lower, upper = (answer[name].to_numpy(int).reshape(-1, 5) for name in RANKS[1:])
    assert ((lower <= lowest) & (upper >= highest)).all(axis=1).mean() >= 0.9
    assert (upper - lower < 4).any()


def test_the_empty_and_the_unnamed():
    assert rank_interval(units([], [])).empty
    assert rank_interval(units([3], [1e4]))[RANKS].values.tolist() == [[1, 1, 1]]
    with pytest.raises(InputError, match="between: name the columns whose levels are compared"):
        rank_interval(units([3], [1e4]), [])
