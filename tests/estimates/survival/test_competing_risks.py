import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import (
    cumulative_incidence_at,
    cumulative_incidence_by_cause,
    cumulative_incidence_function,
    kaplan_meier,
)


def table_of_causes(rows, by, causes):
    return event_table(rows.assign(event=pd.Categorical(rows["event"], categories=causes)), by)


@pytest.mark.parametrize("cause", [1, 2])
def test_cumulative_incidence_agrees_with_survfit(cause, golden, agree):
    rows = golden("data/derived_competing_mgus2_sex").rename(
        columns={"time_days": "follow_up_days"}
    )
    answer = golden("aalen_johansen_survfit__mgus2_sex")
    answer = answer[answer["cause"] == cause].rename(
        columns={"cif": "cumulative_incidence", "lower_loglog": "lower", "upper_loglog": "upper"}
    )
    curve = cumulative_incidence_function(table_of_causes(rows, ["group"], [0, 1, 2]), cause)
    agree(
        curve,
        answer.sort_values(["group", "time_days"]),
        ["cumulative_incidence", "standard_error", "lower", "upper"],
    )


@pytest.mark.parametrize("cause", ["cancer", "other"])
def test_invented_causes_agree_with_survfit(cause, oracle, agree):
    answer = oracle("answer_causes")
    answer = answer[answer["cause"] == cause].assign(
        sex=lambda rows: pd.Categorical(rows["sex"], ["male", "female"])
    )
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
    rows = pd.DataFrame(
        {"follow_up_days": [1, 2, 3, 4], "event": ["cancer", "censored", "cancer", "censored"]}
    )
    events = table_of_causes(rows, [], ["censored", "cancer"])
    incidence, survival = cumulative_incidence_function(events, "cancer"), kaplan_meier(events)
    assert (incidence["cumulative_incidence"] + survival["survival"] - 1).abs().max() < 1e-15
    assert (incidence["standard_error"] - survival["standard_error"]).abs().max() < 1e-15


@pytest.mark.parametrize("causes", [["censored"] * 3, ["other"] * 3, ["cancer"] * 3, []])
def test_small_input_gives_neither_warning_nor_crash(causes):
    rows = pd.DataFrame({"follow_up_days": [0.5] * len(causes), "event": causes})
    curve = cumulative_incidence_function(
        table_of_causes(rows, [], ["censored", "cancer", "other"]), "cancer"
    )
    assert curve["cumulative_incidence"].between(0, 1).all()


def test_an_unknown_cause_is_refused_with_the_known_ones(oracle):
    events = table_of_causes(oracle("causes"), [], ["censored", "cancer", "other"])
    with pytest.raises(InputError, match="cancer, other"):
        cumulative_incidence_function(events, "relapse")


def read_at(curve, answer, column):
    """Where each time of an answer falls in a curve, nought before its first row."""
    place = np.searchsorted(curve["time_days"], answer["time_days"], side="right")
    return np.append(0, curve[column])[place]


@pytest.mark.parametrize("cause", [1, 2])
def test_aalens_variance_agrees_with_cmprsk(cause, golden):
    rows = golden("data/derived_competing_mgus2_sex").rename(
        columns={"time_days": "follow_up_days"}
    )
    answers = golden("cuminc_cmprsk_timepoints__mgus2_sex")
    curve = cumulative_incidence_function(
        table_of_causes(rows, ["group"], [0, 1, 2]), cause, variance="aalen"
    )
    for sex, ours in curve.groupby("group"):
        answer = answers[answers["group_cause"] == f"{sex} {cause}"]
        np.testing.assert_allclose(
            read_at(ours, answer, "cumulative_incidence"), answer["cif"], atol=1e-14
        )
        np.testing.assert_allclose(
            read_at(ours, answer, "standard_error") ** 2, answer["var_cmprsk"], atol=1e-15
        )


def test_stored_variances_agree_with_cmprsk(oracle):
    events = table_of_causes(oracle("causes"), ["sex"], ["censored", "cancer", "other"])
    answers = oracle("answer_causes_cmprsk").dropna()
    for (sex, cause), answer in answers.groupby(["sex", "cause"]):
        ours = cumulative_incidence_function(events, cause, variance="aalen")
        ours = ours[ours["sex"] == sex]
        for column, power, theirs in (
            ("cumulative_incidence", 1, "cumulative_incidence"),
            ("standard_error", 2, "variance"),
        ):
            np.testing.assert_allclose(
                read_at(ours, answer, column) ** power, answer[theirs], atol=1e-14
            )


@pytest.mark.parametrize("cause", ["cancer", "other"])
def test_delayed_entry_agrees_with_etm(cause, oracle):
    rows = oracle("causes")
    every_third = np.arange(1, len(rows) + 1) % 3 == 0
    rows["entry_days"] = np.where(every_third, rows["follow_up_days"] // 3, 0)
    ours = cumulative_incidence_function(
        table_of_causes(rows, [], ["censored", "cancer", "other"]), cause
    )
    answer = oracle("answer_causes_etm")
    answer = answer[answer["cause"] == cause]
    np.testing.assert_allclose(
        read_at(ours, answer, "cumulative_incidence"), answer["cumulative_incidence"], atol=1e-14
    )
    np.testing.assert_allclose(
        read_at(ours, answer, "standard_error") ** 2, answer["variance"], atol=1e-14
    )


def test_the_smallest_tables_agree_with_survfit(oracle):
    for answer in oracle("answer_causes_small").itertuples():
        causes = answer.events.split()
        rows = pd.DataFrame({"follow_up_days": [0.5] * len(causes), "event": causes})
        ours = cumulative_incidence_function(
            table_of_causes(rows, [], ["censored", "cancer", "other"]), "cancer"
        ).loc[0]
        assert ours["cumulative_incidence"] == answer.cumulative_incidence
        assert ours["standard_error"] == pytest.approx(answer.standard_error, rel=1e-14)
        if (
            answer.cumulative_incidence > 0
        ):  # before the first event we give [0, 0], this version of survfit nothing
            limits = [answer.lower, answer.upper]
            np.testing.assert_allclose(ours[["lower", "upper"]].astype(float), limits, rtol=1e-12)


def test_both_variances_by_hand():
    # Four at risk: one dies of cancer at 1; of the three left one dies of another cause at 2, one of cancer at 3.
    events = pd.DataFrame(
        {"time_days": [1, 2, 3], "at_risk": [4, 3, 2], "events": 1, "censored": 0}
    )
    events = events.assign(events_cancer=[1, 0, 1], events_other=[0, 1, 0])
    greenwood, aalen = (
        cumulative_incidence_function(events, "cancer", variance=kind)
        for kind in ("greenwood", "aalen")
    )
    assert (
        greenwood["cumulative_incidence"].tolist()
        == aalen["cumulative_incidence"].tolist()
        == [0.25, 0.25, 0.5]
    )
    # Without censoring the multinomial variance is that of a share: F (1 - F) / 4.
    np.testing.assert_allclose(
        greenwood["standard_error"] ** 2, [3 / 64, 3 / 64, 1 / 16], rtol=1e-14
    )
    # Gray: 1/16 at once; at 3 (1/16)(1 - (1/4)/(3/4))² + (1/16)((1/4)/(1/2))² + 1/16.
    np.testing.assert_allclose(
        aalen["standard_error"] ** 2, [1 / 16, 1 / 16, 1 / 36 + 1 / 64 + 1 / 16], rtol=1e-14
    )


def test_all_causes_stand_below_one_another(oracle):
    events = table_of_causes(oracle("causes"), ["sex"], ["censored", "cancer", "other"])
    together = cumulative_incidence_by_cause(events, interval="log")
    assert together["cause"].cat.categories.tolist() == ["cancer", "other"]
    assert list(together.columns[:3]) == ["sex", "cause", "time_days"]
    for cause, rows in together.groupby("cause", observed=True):
        alone = cumulative_incidence_function(events, cause, interval="log")
        assert rows["events"].tolist() == alone[f"events_{cause}"].tolist()
        assert rows["upper"].tolist() == alone["upper"].tolist()
    with pytest.raises(InputError, match="no causes apart"):
        cumulative_incidence_by_cause(events[["sex", "time_days", "at_risk", "events"]])


def test_cumulative_incidence_at_fixed_times():
    rows = pd.DataFrame(
        {"follow_up_days": [100, 500, 900], "event": ["cancer", "other", "censored"]}
    )
    events = table_of_causes(rows, [], ["censored", "cancer", "other"])
    at = cumulative_incidence_at(cumulative_incidence_function(events, "cancer"), (0.1, 1, 5))
    assert at["cumulative_incidence"].round(12).tolist()[:2] == [0, round(1 / 3, 12)]
    assert at.loc[0, ["standard_error", "lower", "upper"]].tolist() == [0, 0, 0]
    assert at.loc[2, ["cumulative_incidence", "lower"]].isna().all()
    all_dead = table_of_causes(rows.iloc[:2], [], ["censored", "cancer", "other"])
    by_cause = cumulative_incidence_at(cumulative_incidence_by_cause(all_dead), [5])
    assert by_cause[["cause", "cumulative_incidence"]].to_numpy().tolist() == [
        ["cancer", 0.5],
        ["other", 0.5],
    ]


def test_an_unknown_variance_is_refused_with_the_known_ones(oracle):
    events = table_of_causes(oracle("causes"), [], ["censored", "cancer", "other"])
    with pytest.raises(InputError, match="greenwood, aalen"):
        cumulative_incidence_function(events, "cancer", variance="gray")
    with pytest.raises(InputError, match="events_cancer: must not exceed at_risk"):
        cumulative_incidence_function(events.assign(events_cancer=1000), "cancer")
