import numpy as np
import pandas as pd
import pytest

from analysis.counts import case_counts, event_table
from analysis.errors import InputError, MissingStepError


def follow_up(days, events, **columns):
    return pd.DataFrame({"follow_up_days": days, "event": events, **columns})


def test_one_row_for_each_distinct_time():
    table = event_table(follow_up([10, 5, 10, 0.5], [1, 0, 0, 1]))
    assert table.to_dict("list") == {
        "time_days": [0.5, 5, 10],
        "at_risk": [4, 3, 2],
        "events": [1, 0, 1],
        "censored": [0, 1, 1],
    }


def test_strata_are_counted_apart_and_a_missing_value_is_one():
    table = event_table(
        follow_up([1, 2, 2, 3], [1, 0, 1, 1], region=["Vest", None, None, "Vest"]), ["region"]
    )
    assert table["region"].tolist() == ["Vest", "Vest", None]
    assert table["at_risk"].tolist() == [2, 1, 2]


def test_delayed_entry_counts_those_who_have_entered_before():
    table = event_table(follow_up([4, 9, 9], [1, 0, 1], entry_days=[0, 4, 2]))
    assert table["time_days"].tolist() == [4, 9]
    assert table["at_risk"].tolist() == [2, 2]
    assert table["entered"].tolist() == [2, 1]


def test_delayed_entry_at_nought_is_no_delayed_entry():
    random = np.random.default_rng(3)
    cases = follow_up(
        random.integers(1, 90, 300),
        random.integers(0, 2, 300),
        sex=random.choice(["male", "female"], 300),
    )
    table = event_table(cases.assign(entry_days=0), ["sex"])
    pd.testing.assert_frame_equal(table.drop(columns="entered"), event_table(cases, ["sex"]))


def test_at_risk_is_what_counting_by_hand_gives():
    random = np.random.default_rng(4)
    entry = random.integers(0, 50, 200)
    cases = follow_up(
        entry + random.integers(1, 60, 200), random.integers(0, 2, 200), entry_days=entry
    )
    cases["stratum"] = random.integers(0, 4, 200)
    for row in event_table(cases, ["stratum"]).itertuples():
        of_stratum = cases[cases["stratum"] == row.stratum]
        entered, left = (
            of_stratum["entry_days"] < row.time_days,
            of_stratum["follow_up_days"] < row.time_days,
        )
        assert row.at_risk == (entered & ~left).sum()


def test_causes_are_counted_each_and_together():
    event = pd.Categorical(
        ["cancer", "censored", "other", "cancer"], categories=["censored", "cancer", "other"]
    )
    table = event_table(follow_up([5, 5, 5, 8], event))
    assert table["events"].tolist() == [2, 1]
    assert table["events_cancer"].tolist() == [1, 1]
    assert table["events_other"].tolist() == [1, 0]
    assert table["censored"].tolist() == [1, 0]


@pytest.mark.parametrize("event", [[True, False], pd.array([1, 0], dtype="Int64"), [1.0, 0.0]])
def test_events_may_come_as_truth_values_or_numbers(event):
    assert event_table(follow_up([1, 2], event))["events"].tolist() == [1, 0]


def test_every_fault_is_told_at_once_with_its_rows_and_without_a_value():
    cases = follow_up([10, None, -3, 7, 8], [1, 1, 0, None, 2], entry_days=[10, 0, 0, -1, 0])
    with pytest.raises(InputError) as refused:
        event_table(cases)
    assert refused.value.faults == (
        "follow_up_days: must be filled in 1 row (2)",
        "follow_up_days: must not be negative in 1 row (3)",
        "event: must be 0 or 1, or a categorical, and filled in 2 rows (4, 5)",
        "entry_days: must not be negative in 1 row (4)",
        "entry_days: must be before follow_up_days in 2 rows (1, 3)",
    )


def test_words_for_events_are_refused_unless_categorical():
    with pytest.raises(InputError, match="event: must be 0 or 1"):
        event_table(follow_up([1, 2], ["dead", "alive"]))


def test_a_missing_step_is_named():
    with pytest.raises(MissingStepError, match="add_follow_up"):
        event_table(pd.DataFrame({"case_id": [1]}))
    with pytest.raises(MissingStepError, match="classify_iccc3"):
        event_table(follow_up([1], [1]), ["iccc3_group"])


def test_nobody_gives_an_empty_table():
    assert event_table(follow_up([], [])).empty
    table = event_table(follow_up([], [], sex=[], entry_days=[]), ["sex"])
    assert table.columns.tolist() == [
        "sex",
        "time_days",
        "at_risk",
        "events",
        "censored",
        "entered",
    ]


def test_case_counts_count_tumours_or_add_up_counts():
    cases = pd.DataFrame({"sex": ["male", "female", "male", None]})
    counts = case_counts(cases, ["sex"])
    assert counts["sex"].tolist() == ["male", "female", None]
    assert counts["cases"].tolist() == [2, 1, 1]
    assert case_counts(counts)["cases"].tolist() == [4]
    assert case_counts(cases.iloc[:0])["cases"].tolist() == [0]
    assert case_counts(cases.iloc[:0], ["sex"]).empty


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(InputError, match=r"cases: must be 0 or more in 2 rows \(2, 3\)"):
        case_counts(pd.DataFrame({"cases": [1, -1, None]}))


def test_strata_come_in_the_order_in_which_the_field_reads_them():
    cases = pd.DataFrame(
        {
            "age_group": ["10-14", "5-9", "0", "1-4"],
            "iccc3_group": ["X", "IX", "II", "VIII"],
            "country": ["SE", "EE", "DK", "XX"],
            "iccc3_subgroup": ["X(a)", "V", "I(b)", "I(a)"],
        }
    )
    assert case_counts(cases, ["age_group"])["age_group"].tolist() == ["0", "1-4", "5-9", "10-14"]
    assert case_counts(cases, ["iccc3_group"])["iccc3_group"].tolist() == ["II", "VIII", "IX", "X"]
    assert case_counts(cases, ["country"])["country"].tolist() == ["DK", "SE", "EE", "XX"]
    assert case_counts(cases, ["iccc3_subgroup"])["iccc3_subgroup"].tolist() == [
        "I(a)",
        "I(b)",
        "V",
        "X(a)",
    ]


def test_categories_keep_their_own_order():
    stage = pd.Categorical(["metastatic", "localised"], categories=["localised", "metastatic"])
    assert case_counts(pd.DataFrame({"stage": stage}), ["stage"])["stage"].tolist() == [
        "localised",
        "metastatic",
    ]


@pytest.mark.parametrize("by", [[], ["sex"]])
def test_the_noted_outcome_is_handed_on(by):
    followed = pd.DataFrame({"sex": ["male", None], "follow_up_days": [20, 300], "event": [1, 0]})
    followed = followed.assign(outcome="relapse")
    assert set(event_table(followed, by)["outcome"]) == {"relapse"}
    assert set(case_counts(followed, by)["outcome"]) == {"relapse"}
