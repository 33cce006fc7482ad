import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import log_rank_test, observed_and_expected

GOLDEN = {
    "lung_sex": "lung_sex",
    "veteran_celltype": "veteran_celltype",
    "nwtco_stage": "nwtco_rel_stage",
    "nwtco_histol": "nwtco_rel_histol",
}


STRATIFIED = {
    "lung_sex_strat_ecog": ("lung_sex", "ph.ecog"),
    "veteran_trt_strat_celltype": ("veteran_trt", "celltype"),
    "nwtco_stage_strat_histol": ("nwtco_rel_stage", "nwtco_rel_histol"),
}


@pytest.mark.parametrize("rho", [0, 0.5, 1])
@pytest.mark.parametrize("name", GOLDEN)
def test_the_family_agrees_with_survdiff(name, rho, golden, example):
    answer = golden("logrank_Grho__all").set_index(["test", "rho"]).loc[(name, rho)]
    result = log_rank_test(event_table(example(GOLDEN[name]), ["group"]), rho=rho).iloc[0]
    assert result["test_statistic"] == pytest.approx(answer["chisq"], rel=1e-11)
    assert result["p_value"] == pytest.approx(answer["p"], rel=1e-9)
    assert result["degrees_of_freedom"] == answer["df"]


@pytest.mark.parametrize("rho", [0, 0.5, 1])
@pytest.mark.parametrize("name", STRATIFIED)
def test_stratified_tests_agree_with_survdiff(name, rho, golden, example):
    answer = golden("logrank_Grho__all").set_index(["test", "rho"]).loc[(name, rho)]
    compared, within = STRATIFIED[name]
    rows = example(compared)
    rows["within"] = example(within)["group"] if within.startswith("nwtco") else rows[within]
    if compared == "veteran_trt":
        rows["group"] = rows["trt"]
    events = event_table(rows.dropna(subset="within"), ["group", "within"])
    result = log_rank_test(events, strata=["within"], rho=rho).iloc[0]
    assert result["test_statistic"] == pytest.approx(answer["chisq"], rel=1e-11)
    assert result["degrees_of_freedom"] == answer["df"]


def test_invented_children_agree_with_survdiff(oracle, compared, agree):
    for _, answer in oracle("answer_log_rank_tests").fillna({"strata": ""}).iterrows():
        strata = [name for name in answer["strata"].split("+") if name]
        result = log_rank_test(
            event_table(compared, ["country", *strata]), strata, rho=answer["rho"]
        )
        agree(
            result,
            answer.to_frame().T,
            ["test_statistic", "degrees_of_freedom", "p_value"],
            0,
            1e-11,
        )


def test_observed_and_expected_agree_with_survdiff(oracle, compared, agree):
    answers = oracle("answer_log_rank_expected").fillna({"strata": ""}).groupby(["strata", "rho"])
    for (strata, rho), answer in answers:
        strata = [strata] if strata else []
        result = observed_and_expected(event_table(compared, ["country", *strata]), strata, rho=rho)
        assert result["country"].tolist() == answer["country"].tolist()
        agree(result, answer, ["observed", "expected"], 1e-11)
        assert (
            result["children"].tolist() == compared["country"].value_counts().sort_index().tolist()
        )
        assert result["ratio"].tolist() == pytest.approx(
            (answer["observed"] / answer["expected"]).tolist()
        )


WEIGHTS = {
    "gehan": {"weights": "gehan"},
    "tarone-ware": {"weights": "tarone-ware"},
    "peto-peto": {"weights": "peto-peto"},
    "late": {"gamma": 1},
    "middle": {"rho": 1, "gamma": 1},
    "log-rank": {},
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_and_trend_agree_with_their_definition(name, oracle, compared):
    answer = oracle("answer_log_rank_weights").set_index("weights").loc[name]
    events = event_table(compared, ["country"])
    assert log_rank_test(events, **WEIGHTS[name])["test_statistic"].iloc[0] == pytest.approx(
        answer["test_statistic"]
    )
    for scores in ("order", [2, 4, 6, 8]):
        trend = log_rank_test(events, **WEIGHTS[name], scores=scores).iloc[0]
        assert trend["test_statistic"] == pytest.approx(answer["trend"], rel=1e-11)
        assert trend["degrees_of_freedom"] == 1


def rows_at_every_time(cases, by):
    """The event table with a row for each stratum at every time, as delayed entry asks for."""
    times = np.sort(cases["follow_up_days"].unique())
    pieces = []
    for values, rows in cases.groupby(by):
        left = [
            (rows["follow_up_days"] == time) & (rows["event"] == event)
            for time in times
            for event in (1, 0)
        ]
        left = np.array([chosen.sum() for chosen in left]).reshape(-1, 2)
        entered = np.bincount(
            np.searchsorted(times, rows["entry_days"], side="right"), minlength=len(times)
        )
        piece = pd.DataFrame(
            {"time_days": times, "events": left[:, 0], "censored": left[:, 1], "entered": entered}
        )
        pieces.append(piece.assign(**dict(zip(by, values, strict=True))))
    return pd.concat(pieces, ignore_index=True)


@pytest.mark.parametrize("strata", ["", "sex"])
def test_delayed_entry_agrees_with_the_exact_score_test(strata, oracle, agree):
    answer = oracle("answer_log_rank_delayed_entry").fillna({"strata": ""})
    answer = answer[answer["strata"] == strata]
    children = oracle("compared").assign(
        event=lambda rows: (rows["cause"] != "censored").astype(int)
    )
    children["follow_up_days"] += (children.index + 1) % 10
    strata = [strata] if strata else []
    result = log_rank_test(rows_at_every_time(children, ["country", *strata]), strata)
    agree(result, answer, ["test_statistic", "degrees_of_freedom", "p_value"], 0, 1e-9)


def test_remission_in_leukaemia_agrees_with_survdiff_and_the_textbook(oracle):
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    result = log_rank_test(event_table(cases, ["treatment"])).iloc[0]
    answer = oracle("answer_remission_log_rank").iloc[0]
    assert result["test_statistic"] == pytest.approx(answer["test_statistic"], rel=1e-11)
    assert result["p_value"] == pytest.approx(answer["p_value"], rel=1e-9)
    assert round(result["test_statistic"], 2) == 16.79  # Kalbfleisch and Prentice 2002, section 1.5


def cases_of(days, events, sexes):
    return pd.DataFrame({"follow_up_days": days, "event": events, "sex": sexes})


@pytest.mark.parametrize(
    "cases",
    [
        cases_of([], [], []),
        cases_of([1, 2], [1, 1], ["male", "male"]),
        cases_of([1, 2], [0, 0], ["male", "female"]),
        cases_of([0.5], [1], ["male"]),
    ],
    ids=["nobody", "one stratum", "no event", "one child"],
)
def test_nothing_to_compare_is_missing(cases):
    result = log_rank_test(event_table(cases, ["sex"]))
    assert len(result) == 1
    assert result[["test_statistic", "p_value"]].isna().all(axis=None)


def test_everyone_dead_on_the_first_day_is_missing_or_a_number_but_no_warning():
    result = log_rank_test(
        event_table(cases_of([0.5] * 4, [1] * 4, ["male", "female"] * 2), ["sex"])
    )
    assert result["p_value"].isna().all()


def test_several_stratum_columns_are_compared_as_one_set(oracle):
    cases = oracle("causes").assign(event=lambda rows: (rows["event"] == "cancer").astype(int))
    halves = cases.assign(half=["first", "second"] * (len(cases) // 2))
    assert log_rank_test(event_table(halves, ["sex", "half"]))["degrees_of_freedom"].tolist() == [3]


def test_delayed_entry_is_refused(oracle):
    with pytest.raises(InputError, match="delayed entry"):
        log_rank_test(event_table(oracle("delayed_entry"), ["sex"]))


def test_groups_never_at_risk_together_are_not_compared():
    cases = cases_of([1, 2, 3, 4] * 2, [1, 1, 1, 0] * 2, ["male", "female"] * 4).assign(
        place=["A"] * 4 + ["B"] * 4
    )
    apart = log_rank_test(event_table(cases, ["sex", "place"]), strata=["place"])
    assert apart["degrees_of_freedom"].tolist() == [1]
    nested = cases.assign(group=cases["sex"] + cases["place"])[
        ["follow_up_days", "event", "group", "place"]
    ]
    result = log_rank_test(event_table(nested, ["group", "place"]), strata=["place"]).iloc[0]
    assert (result["strata"], result["degrees_of_freedom"]) == (4, 2)
    halves = [log_rank_test(event_table(rows, ["group"])) for _, rows in nested.groupby("place")]
    assert result["test_statistic"] == pytest.approx(
        sum(half["test_statistic"].iloc[0] for half in halves)
    )


def test_a_group_gone_before_the_first_event_is_not_compared():
    cases = cases_of([1, 1, 5, 6, 7, 8], [0, 0, 1, 1, 0, 1], ["other"] * 2 + ["male", "female"] * 2)
    result = log_rank_test(event_table(cases, ["sex"]), scores="order").iloc[0]
    without = log_rank_test(event_table(cases.iloc[2:], ["sex"])).iloc[0]
    assert result["strata"] == 2
    assert result["test_statistic"] == pytest.approx(without["test_statistic"])


def test_a_grouped_table_and_one_of_other_types_give_the_same(compared):
    events = event_table(compared, ["country"])
    expected = log_rank_test(events)
    other = events.astype({"events": "Int64", "censored": "float", "country": "category"}).sample(
        frac=1, random_state=1
    )
    pd.testing.assert_frame_equal(log_rank_test(other), expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": "wilcoxon"},
        {"rho": -1},
        {"scores": [1, 2]},
        {"scores": "rising"},
        {"scores": [1, 2, 3, np.nan]},
    ],
)
def test_what_is_not_known_is_refused(wrong, compared):
    with pytest.raises(InputError):
        log_rank_test(event_table(compared, ["country"]), **wrong)


def test_an_absent_stratum_column_is_named(compared):
    with pytest.raises(MissingStepError, match="period"):
        log_rank_test(event_table(compared, ["country"]), strata=["period"])
