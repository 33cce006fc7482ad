"""A table as it may be published: parts, wholes, and estimates that stand on counts."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import table
from analysis.display.disclosure.published_tables import publish
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


@pytest.mark.parametrize("rest", [0, 1, 4, 5, 6])
def test_what_is_left_of_a_whole_is_a_count_like_any_other(rest):
    published = publish(indicator([50, 60], [50 - rest, 30]), 5, totals=())
    told = rest not in (1, 4)
    assert published.frame["met"].notna().tolist() == [told, True]
    assert published.marks["met"].tolist() == ["" if told else "protecting", ""]
    assert published.marks["eligible"].tolist() == ["", ""]


@pytest.mark.parametrize(("met", "mark"), [(0, ""), (1, "small"), (4, "small"), (5, "")])
def test_a_part_is_a_count_like_any_other(met, mark):
    published = publish(indicator([50, 60], [met, 30]), 5, totals=())
    assert published.marks["met"].tolist() == [mark, ""]
    assert published.marks["share"].tolist() == [mark, ""]
    assert published.frame["share"].isna().tolist() == [mark != "", False]


def test_a_small_part_under_a_known_total_takes_another_row_with_it():
    published = publish(indicator([50, 60, 70], [3, 30, 40]), 5, totals=[[]])
    assert published.marks["met"].tolist() == ["small", "protecting", ""]
    assert published.marks["eligible"].tolist() == ["", "", ""]
    assert published.hidden_totals == {"eligible": (), "met": ()}


def test_where_both_halves_of_a_row_are_small_their_sum_goes_too():
    published = publish(indicator([6, 60, 70], [3, 30, 40]), 5, totals=())
    assert published.marks["met"].tolist() == ["small", "", ""]
    # Three of six: with six told, either would be read off the other.
    assert published.marks["eligible"].tolist() == ["protecting", "", ""]
    assert np.isnan(published.frame["eligible"].iloc[0])


def test_the_frame_is_numbered_anew_and_what_came_in_is_left_alone():
    frame = indicator([50, 60], [3, 30]).set_axis([7, 4])
    before = frame.copy()
    published = publish(frame, 5, totals=())
    pd.testing.assert_frame_equal(frame, before)
    assert published.frame.index.tolist() == published.marks.index.tolist() == [0, 1]
    assert list(published.frame.columns) == list(frame.columns)


def test_a_mark_of_earlier_suppression_leaves_the_table():
    frame = pd.DataFrame({"sex": ["a", "b"], "cases": [None, 30], "suppressed": [True, False]})
    published = publish(frame, 5, totals=())
    assert list(published.frame.columns) == ["sex", "cases"]
    assert published.marks["cases"].tolist() == ["protecting", ""]


def test_other_counts_than_those_of_the_house_can_be_named():
    frame = pd.DataFrame({"region": ["a", "b"], "beds": [2, 40], "cases": [3, 50]})
    assert publish(frame, 5, (), "beds").marks.columns.tolist() == ["beds"]
    assert publish(frame, 5, (), ["beds", "cases"]).marks.columns.tolist() == ["beds", "cases"]
    assert publish(frame, 5, ()).marks.columns.tolist() == ["cases"]


def test_a_total_that_would_be_a_row_by_itself_is_none():
    # At each time there is one row: its number at risk is told where it is large enough.
    frame = pd.DataFrame({"years": [1, 5], "at_risk": [60, 3], "survival": [0.9, 0.8]})
    assert publish(frame, 5, [[]]).withheld.tolist() == [False, True]
    both = pd.concat([frame.assign(sex="a"), frame.assign(sex="b", at_risk=[50, 40])])
    assert publish(both, 5, [[]]).withheld.tolist() == [False, True, False, True]


@pytest.mark.parametrize("estimate", ["rate", "share", "rate_difference", "standardised_rate"])
def test_an_estimate_that_gives_its_count_back_needs_it(estimate):
    with pytest.raises(InputError, match=f"{estimate} must come with the counts it stands on"):
        publish(pd.DataFrame({"sex": ["a"], estimate: [1.0]}), 5)
    assert not publish(pd.DataFrame({"sex": ["a"], "hazard_ratio": [1.0]}), 5).withheld.any()


def test_words_that_are_read_off_numbers_go_with_them():
    frame = pd.DataFrame(
        {"region": ["a", "b"], "cases": [3, 40], "rate": [1, 20], "verdict": ["higher", "lower"]}
    )
    published = publish(frame, 5, totals=())
    assert published.frame["verdict"].isna().tolist() == [True, False]
    assert published.frame["verdict"].iloc[1] == "lower"
    assert published.frame["rate"].dtype == "float64"
    assert published.marks["verdict"].tolist() == ["small", ""]


def test_limits_of_all_units_stay_where_their_sum_may_be_told():
    frame = pd.DataFrame({"region": ["a", "b"], "cases": [3, 0], "rate": [2.0, 0.0]})
    frame = frame.assign(overall=1.1, lower_95=0.1, upper_998=4.0)
    common = ["overall", "lower_95", "upper_998"]
    assert publish(frame, 5, [[]]).frame[common].isna().all(axis=None)
    assert publish(frame, 5, ()).frame.loc[1, common].tolist() == [1.1, 0.1, 4.0]


def test_an_interval_of_no_width_stays_where_it_is_not_of_a_survival():
    frame = pd.DataFrame({"cases": [30], "rate": [1.0], "lower": [1.0], "upper": [1.0]})
    assert publish(frame, 5, ()).frame["lower"].tolist() == [1.0]
    alone = pd.DataFrame({"at_risk": [30], "survival": [1.0], "lower": [1.0]})
    assert publish(alone, 5, ()).frame["lower"].tolist() == [1.0]


@pytest.mark.parametrize(("girls", "told"), [(0, True), (1, False), (4, False), (5, True)])
def test_girls_are_a_count_like_any_other(girls, told):
    published = publish(of_sexes([90, 80, 40, 30], [70, 60, girls, 25]), 5, totals=())
    assert published.marks["female_cases"].tolist()[2] == ("" if told else "small")
    assert published.marks["male_cases"].tolist()[2] == ("" if told else "protecting")


def test_one_half_without_the_other_is_a_count():
    frame = of_sexes([90, 80, 3, 30], [70, 60, 40, 25]).drop(columns=["female_cases", "sex_ratio"])
    assert publish(frame, 5, totals=()).marks["male_cases"].tolist() == ["", "", "small", ""]


def test_totals_of_boys_that_must_not_be_printed_are_named():
    few = of_sexes([3, 0, 0, 0], [0, 0, 0, 0])
    assert publish(few, 5, [[]]).hidden_totals["male_cases"] == (((), ()),)


def test_a_word_is_no_list_of_totals():
    with pytest.raises(InputError, match="must be lists of columns"):
        publish(of_sexes([9] * 4, [9] * 4), 5, totals=["iccc3_group"])


def test_missing_counts_are_about_nobody():
    frame = indicator([50, 60, np.nan], [40, np.nan, 0])
    published = publish(frame, 5, totals=())
    assert published.marks["met"].tolist() == ["", "", ""]
    assert published.marks["eligible"].tolist() == ["", "", ""]


def test_a_part_goes_where_its_whole_protects_another():
    published = publish(indicator([3, 20, 60], [0, 10, 30]), 5, totals=[[]])
    assert published.marks["eligible"].tolist() == ["small", "protecting", ""]
    assert published.marks["met"].tolist()[1] == "protecting"


def test_the_hidden_total_of_a_part_is_named_by_its_own_columns():
    # The total of the part, and that of what is left of the whole.
    published = publish(indicator([50], [48]), 5, totals=[["hospital"]])
    assert published.hidden_totals["met"] == ((("hospital",), ("A",)),) * 2
