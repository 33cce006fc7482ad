import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import cumulative_incidence_function, kaplan_meier


def table_of_causes(rows, by, causes):
    return event_table(rows.assign(event=pd.Categorical(rows["event"], categories=causes)), by)


@pytest.mark.parametrize("cause", [1, 2])
def test_cumulative_incidence_agrees_with_survfit(cause, golden, agree):
    rows = golden("data/derived_competing_mgus2_sex").rename(columns={"time_days": "follow_up_days"})
    answer = golden("aalen_johansen_survfit__mgus2_sex")
    answer = answer[answer["cause"] == cause].rename(
        columns={"cif": "cumulative_incidence", "lower_loglog": "lower", "upper_loglog": "upper"}
    )
    curve = cumulative_incidence_function(table_of_causes(rows, ["group"], [0, 1, 2]), cause)
    agree(
        curve, answer.sort_values(["group", "time_days"]), ["cumulative_incidence", "standard_error", "lower", "upper"]
    )


@pytest.mark.parametrize("cause", ["cancer", "other"])
def test_invented_causes_agree_with_survfit(cause, oracle, agree):
    answer = oracle("answer_causes")
    answer = answer[answer["cause"] == cause].assign(sex=lambda rows: pd.Categorical(rows["sex"], ["male", "female"]))
    answer = answer.sort_values(["sex", "time_days"], ignore_index=True)
    curve = cumulative_incidence_function(
        table_of_causes(oracle("causes"), ["sex"], ["censored", "cancer", "other"]), cause
    )
    agree(curve, answer, ["cumulative_incidence", "standard_error"])
    # Before the first event of the cause the version of survfit decides between missing and [0, 0].
    begun = answer["cumulative_incidence"] > 0
    agree(curve[begun], answer[begun], ["lower", "upper"])


def test_causes_and_survival_add_up_to_one(oracle):
    events = table_of_causes(oracle("causes"), ["sex"], ["censored", "cancer", "other"])
    total = kaplan_meier(events)["survival"]
    for cause in ("cancer", "other"):
        total = total + cumulative_incidence_function(events, cause)["cumulative_incidence"]
    assert total.sub(1).abs().max() < 1e-14


def test_with_one_cause_it_is_one_minus_survival():
    rows = pd.DataFrame({"follow_up_days": [1, 2, 3, 4], "event": ["cancer", "censored", "cancer", "censored"]})
    events = table_of_causes(rows, [], ["censored", "cancer"])
    incidence, survival = cumulative_incidence_function(events, "cancer"), kaplan_meier(events)
    assert (incidence["cumulative_incidence"] + survival["survival"] - 1).abs().max() < 1e-15
    assert (incidence["standard_error"] - survival["standard_error"]).abs().max() < 1e-15


@pytest.mark.parametrize("causes", [["censored"] * 3, ["other"] * 3, ["cancer"] * 3, []])
def test_small_input_gives_neither_warning_nor_crash(causes):
    rows = pd.DataFrame({"follow_up_days": [0.5] * len(causes), "event": causes})
    curve = cumulative_incidence_function(table_of_causes(rows, [], ["censored", "cancer", "other"]), "cancer")
    assert curve["cumulative_incidence"].between(0, 1).all()


def test_an_unknown_cause_is_refused_with_the_known_ones(oracle):
    events = table_of_causes(oracle("causes"), [], ["censored", "cancer", "other"])
    with pytest.raises(InputError, match="cancer, other"):
        cumulative_incidence_function(events, "relapse")
