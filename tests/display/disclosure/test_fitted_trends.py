"""Trends drawn through counts of which some are withheld."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.display.disclosure.fitted_trends import publish_fits


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
