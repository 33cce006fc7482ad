import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import gray_test

CAUSES = ["censored", "cancer", "other"]


@pytest.mark.parametrize("rho", [0, 1])
@pytest.mark.parametrize("cause", [1, 2])
def test_it_agrees_with_cmprsk(cause, rho, golden):
    rows = golden("data/derived_competing_mgus2_sex").rename(
        columns={"time_days": "follow_up_days"}
    )
    answer = golden("gray_test_cmprsk__all").set_index(["cause", "rho"]).loc[(cause, rho)]
    events = event_table(rows.assign(event=pd.Categorical(rows["event"], [0, 1, 2])), ["group"])
    result = gray_test(events, cause, rho=rho).iloc[0]
    assert result["test_statistic"] == pytest.approx(answer["stat"], rel=1e-10)
    assert result["p_value"] == pytest.approx(answer["p"], rel=1e-9)


def test_several_groups_and_strata_agree_with_cmprsk(oracle, compared_causes, agree):
    for _, answer in oracle("answer_gray_tests").fillna({"strata": ""}).iterrows():
        strata = [answer["strata"]] if answer["strata"] else []
        events = event_table(compared_causes, [answer["group"], *strata])
        result = gray_test(events, answer["cause"], strata, rho=answer["rho"])
        agree(
            result,
            answer.to_frame().T,
            ["test_statistic", "degrees_of_freedom", "p_value"],
            0,
            1e-9,
        )


def table(days, events, groups):
    event = pd.Categorical(events, CAUSES)
    return event_table(
        pd.DataFrame({"follow_up_days": days, "event": event, "sex": groups}), ["sex"]
    )


@pytest.mark.parametrize(
    "events",
    [
        table([], [], []),
        table([1.0], ["cancer"], ["male"]),
        table([1, 2], ["cancer", "other"], ["male", "male"]),
        table([1, 2], ["other", "censored"], ["male", "female"]),
        table([0.5] * 4, ["cancer"] * 4, ["male", "female"] * 2),
    ],
    ids=["nobody", "one child", "one group", "none of the cause", "all on the first day"],
)
def test_nothing_to_compare_is_missing(events):
    result = gray_test(events, "cancer").iloc[0]
    assert result[["test_statistic", "p_value"]].isna().all()
    assert result["degrees_of_freedom"] == 0


def test_two_children_have_a_statistic_but_no_warning():
    assert (
        gray_test(table([1, 2], ["cancer", "cancer"], ["male", "female"]), "cancer")["p_value"]
        .between(0, 1)
        .all()
    )


def test_what_it_cannot_do_is_refused_all_at_once(compared_causes):
    events = event_table(compared_causes.assign(entry_days=0), ["sex"])
    with pytest.raises(InputError, match="cancer, other") as refused:
        gray_test(events, "relapse", rho=-1)
    assert len(refused.value.faults) == 3
    with pytest.raises(MissingStepError):
        gray_test(events.drop(columns="censored"), "cancer")
