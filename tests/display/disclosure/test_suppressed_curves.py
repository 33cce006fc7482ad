"""Curves for the public: no exact day, no end that tells of a few."""

import numpy as np
import pandas as pd

from analysis.display.disclosure.suppressed_curves import suppress_curve

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
