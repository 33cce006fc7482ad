import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import MissingStepError
from analysis.estimates import (
    emptied_risk_sets,
    end_where_emptied,
    kaplan_meier,
    numbers_at_risk,
    survival_at,
    withhold_few_at_risk,
)
from analysis.terms import DAYS_PER_YEAR


def delayed(entry, days, events, **by):
    cases = pd.DataFrame({"entry_days": entry, "follow_up_days": days, "event": events, **by})
    return event_table(cases, list(by))


@pytest.mark.parametrize("name", ["lung_sex", "heart_lefttrunc"])
def test_numbers_at_risk_agree_with_survfit(name, golden, example, agree):
    answer = golden("km_at_fixed_times__all")
    answer = answer[(answer["dataset"] == name) & (answer["interval"] == "log-log")]
    answer = answer.sort_values(["group", "time_days"], ignore_index=True)
    years = sorted(answer["time_days"].unique() * (1 - 1e-12) / DAYS_PER_YEAR)
    agree(numbers_at_risk(event_table(example(name), ["group"]), years), answer, ["at_risk"], 0)


def test_numbers_at_risk_are_those_beside_survival():
    events = delayed([0, 0, 100], [200, 800, 1200], [1, 0, 1], sex=["male", "male", "female"])
    beside = survival_at(kaplan_meier(events), (1, 3), extend=True)
    assert (
        numbers_at_risk(events, (1, 3))["at_risk"].tolist()
        == beside["at_risk"].tolist()
        == [1, 0, 1, 1]
    )


def test_numbers_at_risk_stay_whole_and_weighted_ones_as_they_are():
    events = pd.DataFrame({"time_days": [100, 500], "at_risk": [3, 1]})
    assert numbers_at_risk(events, 1)["at_risk"].dtype == "int64"
    assert numbers_at_risk(events.assign(at_risk=[2.5, 1.25]), 1)["at_risk"].tolist() == [1.25]
    assert numbers_at_risk(events.iloc[:0], (0, 1))["at_risk"].tolist() == [0, 0]


def test_a_risk_set_that_empties_while_others_come_later_is_told():
    events = delayed([0, 0, 20, 20], [10, 15, 30, 40], [1, 1, 1, 0])
    told = emptied_risk_sets(events)
    assert told.to_numpy().tolist() == [[15, 30, 1, 2]]
    assert kaplan_meier(events)["survival"].tolist()[1:] == [0, 0, 0]


def test_a_risk_set_that_empties_by_censoring_is_told_without_events():
    told = emptied_risk_sets(delayed([0, 20], [10, 30], [0, 1]))
    assert told["events"].tolist() == [0]


def test_strata_are_told_apart_and_an_end_is_no_gap():
    events = delayed(
        [0, 5, 0, 3], [2, 9, 6, 8], [1, 1, 1, 1], sex=["male", "male", "female", "female"]
    )
    assert emptied_risk_sets(events)[
        ["sex", "emptied_days", "resumed_days"]
    ].to_numpy().tolist() == [["male", 2, 9]]
    assert emptied_risk_sets(events[events["sex"] == "female"]).columns[0] == "sex"


def test_one_who_enters_on_the_day_the_last_one_leaves_is_not_at_risk_with_her():
    assert emptied_risk_sets(delayed([0, 10], [10, 20], [1, 0]))["emptied_days"].tolist() == [10]
    assert emptied_risk_sets(delayed([0, 9], [10, 20], [1, 0])).empty


def test_without_delayed_entry_no_risk_set_empties(oracle):
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    assert emptied_risk_sets(event_table(cases, ["treatment"])).empty
    assert emptied_risk_sets(event_table(cases.iloc[:0])).empty
    with pytest.raises(MissingStepError, match="event_table"):
        emptied_risk_sets(pd.DataFrame({"time_days": [1]}))


def test_a_curve_ends_before_the_deaths_that_empty_its_risk_set():
    events = delayed([0, 0, 20, 20], [10, 15, 30, 40], [1, 1, 1, 0])
    curve = end_where_emptied(kaplan_meier(events))
    assert curve["emptied"].tolist() == [False, True, True, True]
    assert curve["survival"].iloc[0] == 0.5
    assert curve.loc[1:, ["survival", "standard_error", "lower", "upper"]].isna().all(axis=None)
    assert survival_at(curve, [20 / DAYS_PER_YEAR])["survival"].isna().all()


def test_a_curve_ends_with_those_censored_last_and_only_in_its_own_stratum():
    events = delayed(
        [0, 0, 20, 0, 0], [10, 15, 30, 10, 40], [1, 0, 1, 1, 0], sex=["male"] * 3 + ["female"] * 2
    )  # fmt: skip
    curve = end_where_emptied(kaplan_meier(events)).set_index("sex")
    assert curve.loc["male", "emptied"].tolist() == [False, False, True]
    assert not curve.loc["female", "emptied"].any()
    assert curve.loc["female", "survival"].notna().all()


def test_without_delayed_entry_a_curve_is_as_it_was():
    curve = kaplan_meier(
        event_table(pd.DataFrame({"follow_up_days": [5, 9, 9], "event": [1, 1, 1]}))
    )
    told = end_where_emptied(curve)
    assert not told["emptied"].any()
    pd.testing.assert_frame_equal(told.drop(columns="emptied"), curve)
    assert len(end_where_emptied(curve.head(0))) == 0


def test_estimates_on_few_at_risk_are_withheld_and_the_reason_noted():
    curve = kaplan_meier(
        event_table(
            pd.DataFrame({"follow_up_days": [400] * 12 + [800] * 9, "event": [1] * 12 + [0] * 9})
        )
    )
    told = withhold_few_at_risk(survival_at(curve, [1, 2]), 10)
    assert told["at_risk"].tolist() == [21, 9]
    assert told["survival"].isna().tolist() == [False, True]
    assert told["lower"].isna().tolist() == [False, True]
    assert set(told["fewest_at_risk"]) == {10}
    assert withhold_few_at_risk(survival_at(curve, [2]), 9)["survival"].notna().all()


def test_that_nobody_is_left_alive_is_no_lack_of_children():
    curve = kaplan_meier(event_table(pd.DataFrame({"follow_up_days": [100] * 40, "event": 1})))
    assert withhold_few_at_risk(survival_at(curve, [5]), 10)["survival"].tolist() == [0]


def test_other_estimates_than_survival_are_withheld_alike():
    at_years = pd.DataFrame(
        {"at_risk": pd.array([30, 4, None], dtype="Int64"), "net_survival": [0.9, 0.0, 0.7]}
    )
    assert withhold_few_at_risk(at_years)["net_survival"].isna().tolist() == [False, True, True]
    with pytest.raises(MissingStepError):
        withhold_few_at_risk(at_years.drop(columns="at_risk"))


def test_weighted_numbers_at_risk_are_not_cut_to_whole_ones():
    curve = kaplan_meier(pd.DataFrame({"time_days": [400], "at_risk": [2.5], "events": [1.0]}))
    assert survival_at(curve, [1])["at_risk"].tolist() == [2.5]
