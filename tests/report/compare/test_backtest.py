"""How many intervals of one edition hold the estimates of the next."""

import pytest

from analysis.report.compare.backtest import backtests
from analysis.report.compare.causes import Causes
from analysis.report.compare.exhibit_changes import compare_exhibits, interval_columns, unit_of
from analysis.report.compare.published_pages import PublishedExhibit

SAME = Causes((), (), (), (), ())
NEW_YEAR = Causes(("2020–2021 → 2020–2022",), (), (), (), ())


def exhibit(columns, *rows, anchor="figure-3-1"):
    rows = tuple(tuple(row.split(",")) for row in rows)
    return PublishedExhibit("03_a", anchor, "figure", "Figure 3.1", "Rates", columns, rows, "")


def held(columns, was, now, causes=SAME):
    compared = compare_exhibits(exhibit(columns, *was), exhibit(columns, *now), causes, 5)
    return [
        (test.quantity, test.kind, test.holding, test.intervals)
        for test in backtests([compared, compared], causes)
    ]


BY_YEAR = ("sex", "year", "rate", "lower", "upper")


def test_an_interval_holds_an_estimate_at_its_limits():
    was = ["m,2020,10,8,12", "m,2021,10,8,12", "f,2020,10,8,12", "f,2021,,,"]
    now = ["m,2020,12,9,15", "m,2021,12.1,9,15", "f,2020,8,6,10", "f,2021,3,1,5"]
    assert held(BY_YEAR, was, now) == [("rate", "same_years", 2, 3)]


def test_the_last_year_is_held_against_the_year_after_in_each_stratum():
    was = ["m,2020,1,0,99", "m,2021,10,8,12", "f,2020,1,0,99", "f,2021,10,8,12", "x,2020,1,0,2"]
    now = [*was, "m,2022,7.9,6,10", "f,2022,11,8,14", "x,2021,1,0,2"]
    assert held(BY_YEAR, was, now, NEW_YEAR) == [
        ("rate", "same_years", 5, 5),
        ("rate", "next_year", 1, 2),
    ]


def test_the_same_strata_over_other_years_are_told_apart_and_a_curve_is_one_interval():
    columns = ("sex", "rate", "lower", "upper")
    was, now = ["m,10,8,12"], ["m,11,8,12"]
    assert held(columns, was, now, NEW_YEAR) == [("rate", "another_year", 1, 1)]
    curve = ("time_days", "survival", "lower", "upper")
    assert held(curve, ["1,0.9,0.8,1", "2,0.8,0.7,0.9"], ["1,0.9,0.8,1", "2,0.7,0.6,0.8"]) == []


@pytest.mark.parametrize(
    ("columns", "intervals"),
    [
        (("rate", "lower", "upper"), {"rate": ("lower", "upper")}),
        (("lower", "upper"), {}),
        (("rate", "lower"), {}),
        (("rate", "risk_lower", "risk_upper"), {"rate": ("risk_lower", "risk_upper")}),
        (("rank", "rank_lower", "rank_upper"), {"rank": ("rank_lower", "rank_upper")}),
        (("rate", "variance", "suppressed", "lower", "upper"), {"rate": ("lower", "upper")}),
        (("rate", "slower", "supper"), {}),
    ],
)
def test_limits_belong_to_the_estimate_in_front_of_them(columns, intervals):
    assert interval_columns(columns) == intervals


@pytest.mark.parametrize(
    ("column", "columns", "unit"),
    [
        ("share", ("met", "share", "overall"), "share"),
        ("overall", ("met", "share", "overall"), "share"),
        ("fitted", ("rate", "lower", "upper", "fitted"), "rate"),
        ("fitted", ("fitted", "rate"), "fitted"),
        ("upper_95", ("share", "overall", "lower_95", "upper_95"), "share"),
    ],
)
def test_a_line_of_reference_has_the_unit_of_its_estimate(column, columns, unit):
    assert unit_of(column, columns) == unit
