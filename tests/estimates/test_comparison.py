import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import log_rank_test

GOLDEN = {
    "lung_sex": "lung_sex",
    "veteran_celltype": "veteran_celltype",
    "nwtco_stage": "nwtco_rel_stage",
    "nwtco_histol": "nwtco_rel_histol",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_log_rank_agrees_with_survdiff(name, golden, example):
    answer = golden("logrank_Grho__all").set_index(["test", "rho"]).loc[(name, 0)]
    result = log_rank_test(event_table(example(GOLDEN[name]), ["group"])).iloc[0]
    assert result["test_statistic"] == pytest.approx(answer["chisq"], rel=1e-9)
    assert result["p_value"] == pytest.approx(answer["p"], rel=1e-8)
    assert result["degrees_of_freedom"] == answer["df"]


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
    result = log_rank_test(event_table(cases_of([0.5] * 4, [1] * 4, ["male", "female"] * 2), ["sex"]))
    assert result["p_value"].isna().all()


def test_several_stratum_columns_are_compared_as_one_set(oracle):
    cases = oracle("causes").assign(event=lambda rows: (rows["event"] == "cancer").astype(int))
    halves = cases.assign(half=["first", "second"] * (len(cases) // 2))
    assert log_rank_test(event_table(halves, ["sex", "half"]))["degrees_of_freedom"].tolist() == [3]


def test_delayed_entry_is_refused(oracle):
    with pytest.raises(InputError, match="delayed entry"):
        log_rank_test(event_table(oracle("delayed_entry"), ["sex"]))
