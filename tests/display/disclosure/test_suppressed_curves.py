"""Curves for the public: no exact day, no end that tells of a few."""

import numpy as np
import pandas as pd
import pytest

from analysis.display.disclosure.suppressed_curves import (
    at_whole_years,
    curve_columns,
    suppress_curve,
)

MONTH = 365.25 / 12


def curve(n=40, group=None):
    times = np.linspace(20, 3000, n)
    at_risk = np.arange(n, 0, -1)
    survival = np.cumprod(1 - 1 / (at_risk + 1))
    frame = pd.DataFrame(
        {"time_days": times, "at_risk": at_risk, "events": 1, "censored": 0, "survival": survival}
    )
    frame = frame.assign(
        standard_error=0.1, lower=survival * 0.9, upper=np.minimum(survival * 1.1, 1)
    )
    return frame if group is None else frame.assign(country=group)[["country", *frame.columns]]


def test_a_public_curve_shows_no_exact_day_and_no_event_count():
    public = suppress_curve(curve()).frame
    assert list(public.columns) == ["time_days", "at_risk", "survival", "lower", "upper"]
    assert np.allclose(public["time_days"] / MONTH, np.arange(len(public)))
    assert public["survival"].iloc[0] == 1


def test_a_public_curve_ends_where_few_are_at_risk():
    exact = curve()
    last = suppress_curve(exact).frame["time_days"].iloc[-1]
    assert (exact["time_days"] >= last).sum() >= 5 > (exact["time_days"] >= last + MONTH).sum()


def test_numbers_at_risk_are_given_at_whole_years_only():
    public = suppress_curve(curve()).frame
    given = public["at_risk"].notna()
    assert (np.flatnonzero(given) % 12 == 0).all() and (public.loc[given, "at_risk"] >= 5).all()


def test_small_strata_are_withheld_and_named():
    public = suppress_curve(pd.concat([curve(40, "NO"), curve(4, "IS")], ignore_index=True))
    assert set(public.frame["country"]) == {"NO"}
    assert public.withheld_strata == (("IS",),)


def test_an_empty_curve_stays_empty():
    assert suppress_curve(curve().iloc[:0]).frame.empty
    assert suppress_curve(curve(4)).frame.empty


def test_numbers_at_risk_under_curves_do_not_give_a_small_one_away():
    sizes = {"NO": 57, "SE": 42, "IS": 14}
    exact = pd.concat([curve(n, country) for country, n in sizes.items()], ignore_index=True)
    exact.loc[exact["country"] == "IS", "time_days"] /= 2
    public = suppress_curve(exact).frame
    small_ones = 0
    for day in np.arange(8) * 365.25:
        here = {
            name: int((rows["time_days"] >= day).sum()) for name, rows in exact.groupby("country")
        }
        told = public[np.isclose(public["time_days"], day)].set_index("country")["at_risk"].dropna()
        assert all(told[name] == here[name] for name in told.index)
        if 0 < here["IS"] < 5:
            small_ones += 1
            assert list(told.index) == ["NO"] and sum(here.values()) - told.sum() >= 8
    assert small_ones


def test_the_protecting_number_is_not_in_the_curve_of_one_stratum():
    assert (
        suppress_curve(curve(40, "NO")).frame["at_risk"].notna().sum()
        == suppress_curve(curve()).frame["at_risk"].notna().sum()
    )


def steps(times, at_risk, survival=None, **more):
    survival = np.linspace(0.9, 0.5, len(times)) if survival is None else survival
    frame = pd.DataFrame({"time_days": times, "at_risk": at_risk, "survival": survival})
    return frame.assign(lower=frame["survival"] - 0.1, upper=frame["survival"] + 0.1, **more)


def test_each_month_has_the_last_step_before_it_and_those_still_under_observation():
    exact = steps([30.0, MONTH * 2, 62.0, 400.0], [20, 15, 11, 8], [0.9, 0.8, 0.7, 0.6])
    public = suppress_curve(exact).frame
    # 400 days are thirteen months and a little: fourteen rows with that of diagnosis.
    assert len(public) == 14
    assert public["survival"].round(6).tolist() == [1, 0.9, 0.8, *[0.7] * 11]
    assert public["lower"].round(6).tolist() == [1, 0.8, 0.7, *[0.6] * 11]
    assert public["at_risk"].dropna().to_dict() == {0: 20, 12: 8}
    assert np.allclose(public["time_days"], np.arange(14) * MONTH)


def test_a_curve_that_ends_on_a_month_has_it():
    assert len(suppress_curve(steps([MONTH, MONTH * 3], [9, 8])).frame) == 4
    assert len(suppress_curve(steps([MONTH, MONTH * 3 - 0.001], [9, 8])).frame) == 3


def test_a_risk_begins_at_nought_and_a_survival_at_one():
    exact = steps([40.0, 100.0], [20, 19])
    risk = exact.rename(columns={"survival": "cumulative_incidence"})
    assert suppress_curve(exact).frame["survival"].iloc[0] == 1
    assert suppress_curve(risk).frame["cumulative_incidence"].iloc[0] == 0


@pytest.mark.parametrize(("largest", "shown"), [(4, False), (5, True), (6, True)])
def test_a_stratum_is_shown_from_the_limit_on(largest, shown):
    both = pd.concat([curve(40, "NO"), curve(largest, "IS")], ignore_index=True)
    public = suppress_curve(both)
    assert ("IS" in set(public.frame["country"])) == shown
    assert public.withheld_strata == (() if shown else (("IS",),))


@pytest.mark.parametrize(("at_risk", "months"), [(6, 5), (5, 5), (4, 3)])
def test_a_curve_ends_at_the_first_month_with_fewer_at_risk(at_risk, months):
    exact = steps([MONTH * 2, MONTH * 4], [9, at_risk])
    assert len(suppress_curve(exact).frame) == months


def test_a_curve_that_fell_below_the_limit_does_not_come_back():
    exact = steps(MONTH * np.array([1, 2, 3, 4.0]), [9, 3, 9, 9])
    assert len(suppress_curve(exact).frame) == 2
    late = steps(MONTH * np.array([1, 2, 3, 4.0]), [3, 9, 9, 9])
    assert suppress_curve(late).frame["time_days"].round(3).tolist() == pytest.approx(
        [2 * MONTH, 3 * MONTH, 4 * MONTH], abs=0.001
    )


def test_strata_emptied_under_delayed_entry_are_named():
    both = pd.concat([curve(40, "NO"), curve(40, "SE")], ignore_index=True)
    emptied = both.assign(emptied=(both["country"] == "SE") & (both["time_days"] > 1000))
    assert suppress_curve(emptied).emptied_strata == (("SE",),)
    assert suppress_curve(emptied.assign(emptied=False)).emptied_strata == ()
    assert suppress_curve(both).emptied_strata == ()


def test_whole_years_are_every_twelfth_month():
    monthly = pd.DataFrame({"time_days": np.arange(25) * MONTH})
    assert np.flatnonzero(at_whole_years(monthly)).tolist() == [0, 12, 24]


def test_what_a_curve_is_of():
    named = pd.DataFrame(
        columns=["sex", "lower", "survival", "events", "cumulative_hazard", "upper"]
    )
    assert curve_columns(named) == ["survival", "cumulative_hazard", "lower", "upper"]


def test_curves_of_one_and_the_same_children_have_one_number_at_risk():
    causes = pd.concat(
        [steps([365.25, 800.0], [40, 12], cause=cause) for cause in ("cancer", "other")]
    )
    public = suppress_curve(causes[["cause", *causes.columns[:-1]]]).frame
    assert public.groupby("cause")["at_risk"].apply(lambda n: n.dropna().tolist()).to_dict() == {
        "cancer": [40, 40, 12],
        "other": [40, 40, 12],
    }
