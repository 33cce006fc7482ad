import numpy as np
import pytest

from analysis.counts import event_table
from analysis.estimates import crude_probability_of_death, kaplan_meier, note_year_length

PEER = {"cancer": "causeSpec", "other": "population"}


def test_the_whole_cohort_agrees_with_relsurv(golden):
    cases = golden("data/derived_colrec_agegr").rename(
        columns={"age": "age_at_diagnosis_days", "diag": "diagnosis_date"}
    )
    cases = cases.assign(
        follow_up_days=cases["time_days"],
        event=cases["stat"],
        sex=cases["sex"].map({1: "male", 2: "female"}),
    )
    table = golden("data/relsurv_slopop_ratetable_long")
    table = note_year_length(table.assign(mortality_rate=table["haz_day"] * 365.241), 365.241)
    answers, crude = (
        golden("crude_mortality_cmp.rel__colrec"),
        crude_probability_of_death(cases, table),
    )
    for cause, peer in PEER.items():
        answer, ours = answers[answers["cause"] == peer], crude[crude["cause_of_death"] == cause]
        found = ours.iloc[np.searchsorted(ours["time_days"], answer["time_days"], side="right") - 1]
        np.testing.assert_allclose(found["cumulative_incidence"], answer["prob"], atol=1e-9)
        np.testing.assert_allclose(found["standard_error"] ** 2, answer["var"], rtol=1e-8)


def test_invented_children_agree_with_relsurv(oracle):
    cases, table = oracle("net_children"), note_year_length(oracle("net_life_table"))
    answer, crude = oracle("answer_net_crude"), crude_probability_of_death(cases, table)
    for cause in PEER:
        ours = crude[(crude["cause_of_death"] == cause) & (crude["events"] + crude["censored"] > 0)]
        np.testing.assert_allclose(ours["cumulative_incidence"], answer[cause], atol=1e-12)


def test_probabilities_and_survival_add_up_to_one(oracle):
    cases, table = oracle("net_children"), oracle("net_life_table")
    crude = crude_probability_of_death(cases, table, by=["group"])
    survival = kaplan_meier(event_table(cases, ["group"]))
    wide = crude.pivot(
        index=["group", "time_days"], columns="cause_of_death", values="cumulative_incidence"
    ).reset_index()
    both = survival.merge(wide, on=["group", "time_days"])
    assert len(both) == len(survival)
    np.testing.assert_allclose(both["survival"] + both["cancer"] + both["other"], 1, atol=1e-12)
    assert (
        crude.groupby("group")["cause_of_death"]
        .apply(lambda cause: cause.is_monotonic_increasing)
        .all()
    )


def test_without_other_mortality_all_deaths_are_of_the_cancer(oracle):
    cases, table = oracle("net_children"), oracle("net_life_table").assign(mortality_rate=0.0)
    crude, survival = crude_probability_of_death(cases, table), kaplan_meier(event_table(cases))
    cancer = crude[crude["cause_of_death"] == "cancer"]
    np.testing.assert_allclose(cancer["cumulative_incidence"], 1 - survival["survival"], atol=1e-12)
    assert (
        crude[crude["cause_of_death"] == "other"][["cumulative_incidence", "standard_error"]] == 0
    ).all(axis=None)


@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 1), slice(0, 2)])
@pytest.mark.parametrize("event", [0, 1])
def test_few_children_give_neither_warning_nor_crash(rows, event, oracle):
    crude = crude_probability_of_death(
        oracle("net_children").iloc[rows].assign(event=event), oracle("net_life_table")
    )
    assert list(crude["cause_of_death"].unique()) == ["cancer", "other"][: 2 * (rows.stop > 0)]
    assert crude[["lower", "upper"]].stack().between(0, 1).all()
