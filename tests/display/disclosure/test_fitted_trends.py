"""Trends drawn through counts of which some are withheld."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.display.disclosure.fitted_trends import (
    Trend,
    _known_sums,
    _tells,
    _width,
    publish_fits,
)


def trend(cases, group="I", joints=()):
    cases = np.array(cases, dtype=float)
    years = np.arange(2000, 2000 + len(cases))
    frame = pd.DataFrame(
        {"iccc3_group": group, "year": years, "cases": cases, "person_years": 1e6, "rate": cases}
    )
    frame = frame.assign(
        lower=cases * 0.6, upper=cases * 1.5 + 2, fitted=cases.mean() + (years - years.mean()) / 10
    )
    frame = frame.assign(fitted_lower=frame["fitted"] * 0.8, fitted_upper=frame["fitted"] * 1.2)
    return frame.assign(joinpoint=np.isin(years, joints))


def test_where_nothing_is_withheld_the_trend_stands():
    published = publish_fits(trend(range(10, 22)), 5, [])
    assert published.frame["fitted"].notna().all() and not published.withheld.any()


@pytest.mark.parametrize(("joints", "least"), [((), 5), ((2004,), 6), ((2004, 2008), 7)])
def test_a_withheld_year_takes_so_many_others_that_the_trend_cannot_give_it_back(joints, least):
    published = publish_fits(trend([3, *range(10, 30)], joints=joints), 5, [])
    assert published.withheld.sum() == least and published.frame["fitted"].notna().all()
    assert published.frame.loc[published.withheld, ["cases", "rate", "lower"]].isna().all(axis=None)
    assert published.frame["cases"].iloc[0:least].isna().all()  # the smallest go


@pytest.mark.parametrize("seed", range(8))
def test_no_withheld_year_follows_from_the_sums_of_a_trend(seed):
    rng = np.random.default_rng(seed)
    frame = trend(rng.poisson(rng.choice([4, 7, 10]), 14))
    hidden = publish_fits(frame, 5, []).withheld.to_numpy()
    values = frame["cases"].to_numpy()[hidden]
    sums = np.vstack([np.ones(14), np.arange(14)])[:, hidden]
    for cell in np.flatnonzero((values > 0) & (values < 5)):
        goal = np.eye(len(values))[cell]
        least, most = (
            linprog(sign * goal, A_eq=sums, b_eq=sums @ values, bounds=(0, None))
            for sign in (1, -1)
        )
        assert -most.fun - least.fun >= 5 - 1e-6


def test_where_there_are_not_enough_others_the_trend_goes():
    published = publish_fits(trend([3, 20, 30, 0]), 5, [])
    assert published.frame["fitted"].isna().all() and published.frame["fitted_upper"].isna().all()


def test_a_trend_whose_total_is_the_secret_goes():
    frame = pd.concat([trend([0] * 9 + [3], "I"), trend(range(20, 30), "II")], ignore_index=True)
    published = publish_fits(frame, 5, [["year"]], "iccc3_group").frame
    assert published.loc[published["iccc3_group"] == "I", "fitted"].isna().all()
    assert published.loc[published["iccc3_group"] == "II", "fitted"].notna().any()


def test_the_frame_that_came_in_is_left_alone():
    frame = trend([3, *range(10, 20)])
    before = frame.copy()
    publish_fits(frame, 5, [])
    pd.testing.assert_frame_equal(frame, before)


def test_a_straight_line_tells_the_sum_and_the_sum_by_time():
    rows = pd.DataFrame({"year": [2001, 2003, 2004], "cases": [1, 2, 3]})
    assert _known_sums(rows, "year").tolist() == [[1, 1, 1], [0, 2, 3]]
    assert _known_sums(rows.drop(columns="year"), "year").tolist() == [[1, 1, 1], [0, 1, 2]]
    periods = rows.assign(year=["a", "b", "c"])
    assert _known_sums(periods, "year").tolist() == [[1, 1, 1], [0, 1, 2]]
    assert _known_sums(rows.assign(year=[2001, None, 2004]), "year")[1].tolist() == [0, 1, 2]


def test_each_bend_tells_one_sum_more():
    rows = pd.DataFrame({"year": [2001, 2002, 2003, 2004], "joinpoint": [None, True, False, False]})
    assert _known_sums(rows, "year").tolist() == [
        [1, 1, 1, 1],
        [0, 1, 2, 3],
        [0, 0, 1, 2],
    ]


def tells(counts, hidden, sums=None, minimum=5):
    counts, hidden = pd.Series(counts, dtype=float), pd.Series(hidden, dtype=bool)
    sums = np.ones((1, len(counts))) if sums is None else np.array(sums, dtype=float)
    return _tells(Trend(counts.index, counts, sums, ((), ()), minimum), hidden)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        # One small year and its sum: told. Two whose sum is 8 are four each.
        ([3], True),
        ([4, 4], True),
        # Of two whose sum is 7 one is 3 or 4.
        ([3, 4], False),
        # Two of sum 2 are one each; three and one are also two and two.
        ([1, 1], True),
        ([1, 3], True),
        ([2, 3], False),
        # Who knows no rule has five values open from a sum of five on, not from one of four.
        ([1, 4], False),
        # A protecting year is five or more: of 3 and 5 the small one is 1 to 3.
        ([3, 5], False),
        ([1, 5], True),
        ([2, 5], False),
        ([5, 9], False),
        ([0, 0], False),
    ],
)
def test_what_sums_tell_of_small_years(counts, told):
    assert tells(counts, [True] * len(counts)) == told


def test_years_that_are_not_withheld_tell_nothing():
    assert not tells([3, 4, 60], [True, True, False])
    assert tells([3, 4, 60], [True, False, False])


@pytest.mark.parametrize(("years", "told"), [(15, True), (16, False)])
def test_many_withheld_years_are_not_audited(years, told):
    # Each year is a sum by itself.
    assert tells([3] + [60] * (years - 1), [True] * years, np.eye(years)) == told


@pytest.mark.parametrize(("bounds", "width"), [([(0, None)] * 2, 7), ([(1, 4), (5, None)], 1)])
def test_the_width_of_what_is_possible(bounds, width):
    values = np.array([2.0, 5.0])
    assert _width(0, np.ones((1, 2)), values, bounds) == pytest.approx(width)


def test_what_no_sum_holds_is_as_wide_as_can_be():
    assert _width(0, np.array([[0.0, 1.0]]), np.array([2.0, 5.0]), [(0, None)] * 2) == np.inf


def test_a_frame_without_a_trend_is_published_as_ever():
    frame = trend([3, 20, 30]).drop(columns=["fitted", "fitted_lower", "fitted_upper"])
    assert publish_fits(frame, 5, []).withheld.tolist() == [True, False, False]


def test_what_was_withheld_is_marked_and_the_trend_is_not():
    published = publish_fits(trend([3, *range(10, 30)]), 5, [])
    assert published.marks["cases"].tolist() == ["small", *["protecting"] * 4, *[""] * 16]
    assert published.marks["rate"].tolist()[:6] == ["small", *["protecting"] * 4, ""]
    assert (published.marks[["fitted", "fitted_lower", "fitted_upper"]] == "").all(axis=None)


def test_a_trend_that_goes_is_marked_as_protecting():
    published = publish_fits(trend([3, 20, 30, 0]), 5, [])
    assert (published.marks["fitted"] != "").all()
    assert published.frame["cases"].isna().tolist() == [True, True, False, False]


def test_zeros_hide_nobody():
    # Five years of which four are zero leave one other that can be withheld.
    published = publish_fits(trend([3, 20, 0, 0, 0, 0]), 5, [])
    assert published.frame["fitted"].isna().all()
    assert published.frame["cases"].iloc[2:].tolist() == [0, 0, 0, 0]


def test_exactly_enough_others_keep_the_trend():
    assert publish_fits(trend([3, 10, 11, 12, 13]), 5, []).frame["fitted"].notna().all()
    assert publish_fits(trend([3, 10, 11, 12]), 5, []).frame["fitted"].isna().all()


def test_each_series_keeps_or_loses_its_own_trend():
    frame = pd.concat([trend([3, 20, 0, 0], "I"), trend(range(20, 30), "II")], ignore_index=True)
    published = publish_fits(frame, 5, [], "iccc3_group").frame
    of_first = published["iccc3_group"] == "I"
    assert published.loc[of_first, "fitted"].isna().all()
    assert published.loc[~of_first, "fitted"].notna().all()
    assert published.loc[~of_first, "cases"].tolist() == list(range(20, 30))


def test_years_are_taken_in_their_order_whatever_the_rows_are():
    frame = trend([3, *range(10, 30)])
    shuffled = frame.sample(frac=1, random_state=3)
    there = publish_fits(shuffled, 5, []).frame.sort_values("year", ignore_index=True)
    pd.testing.assert_frame_equal(there, publish_fits(frame, 5, []).frame)


def test_a_year_without_a_count_can_hide_nobody():
    assert publish_fits(trend([3, 10, 11, 12, np.nan]), 5, []).frame["fitted"].isna().all()


def test_rows_are_numbered_anew():
    frame = trend([3, *range(10, 20)]).set_axis(range(50, 61))
    published = publish_fits(frame, 5, [])
    assert list(published.frame.columns) == list(frame.columns)
    assert published.frame.index.tolist() == list(range(11))


def test_where_enough_years_are_small_no_other_goes_with_them():
    published = publish_fits(trend([3, 2, 3, 2, 3, 2, 3, 2, *[30] * 8]), 5, [])
    assert published.frame["cases"].isna().tolist() == [True] * 8 + [False] * 8
    assert published.frame["fitted"].notna().all()
