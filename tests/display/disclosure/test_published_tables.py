"""A table as it may be published: parts, wholes, and estimates that stand on counts."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import publish, table
from analysis.errors import InputError


def indicator(eligible, met):
    frame = pd.DataFrame({"hospital": list("ABCD")[: len(met)], "eligible": eligible, "met": met})
    return frame.assign(share=frame["met"] / frame["eligible"], lower=0.1, upper=0.9)


def test_what_is_left_of_a_whole_is_protected_too():
    public = publish(indicator([50, 60, 70], [48, 30, 40]), 5, totals=()).frame
    assert (
        np.isnan(public["met"].iloc[0])
        and np.isnan(public["share"].iloc[0])
        and np.isnan(public["lower"].iloc[0])
    )
    assert public["eligible"].tolist() == [50, 60, 70]


def test_all_or_none_of_them_may_be_told():
    public = publish(indicator([50, 60], [50, 0]), 5, totals=()).frame
    assert public["met"].tolist() == [50, 0]


def test_a_part_is_not_told_where_its_whole_is_withheld():
    public = publish(indicator([3, 50, 60], [0, 30, 40]), 5, totals=()).frame
    assert np.isnan(public["met"].iloc[0])


def test_the_grand_total_is_taken_as_known():
    frame = pd.DataFrame({"sex": ["male", "female"], "cases": [60, 2]})
    assert publish(frame, 5).withheld.tolist() == [True, True]
    assert publish(frame, 5, totals=()).withheld.tolist() == [False, True]


def test_numbers_at_risk_do_not_add_up_over_times():
    frame = pd.DataFrame({"years": [1, 5, 10], "at_risk": [60, 20, 3], "survival": [0.9, 0.8, 0.7]})
    public = publish(frame, 5)
    assert public.withheld.tolist() == [False, False, True]
    assert np.isnan(public.frame["survival"].iloc[2])


def subgroups(years):
    at_risk = {1: [50, 20, 9], 5: [42, 14, 1], 10: [30, 8, 0]}
    rows = [
        (f"VII({c})", n, year, at_risk[year][i])
        for i, (c, n) in enumerate(zip("abc", (60, 25, 12), strict=True))
        for year in years
    ]
    return pd.DataFrame(rows, columns=["iccc3_subgroup", "children", "years", "at_risk"]).assign(
        survival=0.8
    )


@pytest.mark.parametrize("totals", [None, [["years"]], [[]]])
@pytest.mark.parametrize("years", [(5,), (1, 5, 10)])
def test_numbers_at_risk_of_the_strata_add_up_at_one_time(totals, years):
    public = publish(subgroups(years), 5, totals).frame.set_index(["iccc3_subgroup", "years"])[
        "at_risk"
    ]
    assert np.isnan(public["VII(c)", 5]) and public.xs(5, level="years").isna().sum() >= 2
    assert public.drop(5, level="years").notna().all()


def test_children_beside_several_times_are_those_of_one_time():
    few = subgroups((1, 5)).replace({"children": {12: 3}})
    public = publish(few, 5).frame.set_index(["iccc3_subgroup", "years"])["children"]
    assert public.xs(1, level="years").isna().sum() == public.xs(5, level="years").isna().sum() == 2


def test_children_are_not_summed_over_times():
    assert "194" not in table(subgroups((1, 5)), "en", 5, totals=[[]]).body


def test_a_rate_without_its_cases_is_refused():
    with pytest.raises(InputError, match="rate must come with the counts"):
        table(pd.DataFrame({"country": ["NO"], "rate": [170.0]}), "en", 5)


def test_the_total_of_a_part_is_hidden_where_it_gives_a_row_away():
    only = indicator([50], [48])
    assert publish(only, 5, totals=[[]]).hidden_totals["met"] != ()
    assert "48" not in table(only, "en", 5, totals=[[]]).body


@pytest.mark.parametrize("measure", ["survival", "conditional_survival", "net_survival"])
def test_nobody_dead_is_not_certainty(measure):
    curve = pd.DataFrame(
        {"at_risk": [30, 40], measure: [1.0, 0.9], "lower": [1.0, 0.8], "upper": [1.0, 0.95]}
    )
    shown = publish(curve, 5, ()).frame
    assert shown[measure].tolist() == [1.0, 0.9]
    assert shown["lower"].isna().tolist() == [True, False]


def test_what_all_have_in_common_is_not_told_where_their_sum_is_not():
    frame = pd.DataFrame(
        {"region": ["Nord", "Vest"], "cases": [3, 0], "rate": [2.0, 0.0], "overall": 1.1}
    )
    assert publish(frame, 5, [[]]).frame["overall"].isna().all()
    assert publish(frame.assign(cases=[30, 20]), 5, [[]]).frame["overall"].notna().all()


@pytest.mark.parametrize(
    "ratio", ["rate_ratio", "standardised_rate_ratio", "standardised_incidence_ratio"]
)
def test_ratios_of_counts_come_with_their_counts(ratio):
    with pytest.raises(InputError, match=f"{ratio} must come with the counts"):
        publish(pd.DataFrame({"country": ["NO"], ratio: [1.2]}), 5)


def of_sexes(male, female):
    frame = pd.DataFrame(
        {"iccc3_group": ["I", "II", "III", "IV"], "male_cases": male, "female_cases": female}
    )
    return frame.assign(sex_ratio=frame["male_cases"] / frame["female_cases"], lower=0.5, upper=2.0)


def test_boys_and_girls_of_a_row_are_withheld_together():
    # Their sum stands in other tables: 40 boys of 43 would tell of three girls.
    public = publish(of_sexes([90, 80, 40, 30], [70, 60, 3, 25]), 5)
    assert public.frame[["male_cases", "female_cases", "sex_ratio"]].isna().all(
        axis=1
    ).tolist() == [*(False, False, True, True)]
    assert public.marks["female_cases"].tolist() == ["", "", "small", "protecting"]
    assert public.marks["male_cases"].tolist() == ["", "", "protecting", "protecting"]


def test_boys_and_girls_are_withheld_where_their_sum_is():
    sums = publish(
        pd.DataFrame({"iccc3_group": ["I", "II", "III", "IV"], "cases": [160, 140, 12, 4]}), 5
    )
    halves = publish(of_sexes([90, 80, 12, 4], [70, 60, 0, 0]), 5)
    assert (halves.withheld >= sums.withheld).all()
    assert sums.withheld.sum() == 2


def test_boys_and_girls_are_told_where_neither_is_small():
    assert not publish(of_sexes([90, 80, 0, 30], [70, 60, 5, 25]), 5).withheld.any()
