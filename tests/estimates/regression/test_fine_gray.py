import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import (
    censor_other_causes,
    fine_gray_weights,
    hazard_ratios,
    split_follow_up,
)

TERMS = {"terms": ["country", "sex"], "references": {"sex": "female"}}


def estimated(ratios):
    return ratios[ratios["lower"].notna()].reset_index(drop=True)


def test_cause_specific_hazards_agree_with_coxph(oracle, compared_causes, agree):
    answer = oracle("answer_cox_ratios").query("model == 'specific'")
    ratios = estimated(hazard_ratios(censor_other_causes(compared_causes, "cancer"), **TERMS))
    agree(ratios, answer, ["hazard_ratio", "lower", "upper", "p_value"], 1e-10, 1e-9)


@pytest.mark.parametrize(
    ("model", "strata"),
    [("subdistribution", []), ("subdistribution in periods", ["period"])],
    ids=["one G", "two G"],
)
def test_subdistribution_hazards_agree_with_finegray(model, strata, oracle, compared_causes, agree):
    answer = oracle("answer_cox_ratios").query("model == @model")
    rows = fine_gray_weights(compared_causes, "cancer", strata=strata)
    ratios = hazard_ratios(rows, **TERMS, strata=strata)
    agree(estimated(ratios), answer, ["hazard_ratio", "lower", "upper", "p_value"], 1e-10, 1e-9)
    assert ratios.groupby("term")["children"].sum().tolist() == [240, 240]
    assert ratios.groupby("term")["events"].sum().tolist() == [122, 122]


@pytest.mark.parametrize("censored_in", ["", "period"])
def test_without_ties_they_agree_with_crr(censored_in, oracle, compared_causes):
    answer = oracle("answer_crr").fillna({"censored_in": ""}).query("censored_in == @censored_in")
    untied = compared_causes["follow_up_days"] + (compared_causes.index + 1) / 1000
    rows = fine_gray_weights(
        compared_causes.assign(follow_up_days=untied),
        "cancer",
        strata=[censored_in] if censored_in else [],
    )
    ratios = estimated(hazard_ratios(rows, **TERMS))
    np.testing.assert_allclose(ratios["hazard_ratio"], answer["hazard_ratio"], rtol=1e-6)
    error = np.log(ratios["upper"] / ratios["lower"]) / (2 * 1.959963984540054)
    np.testing.assert_allclose(error, answer["standard_error"], rtol=0.02)


def test_without_other_causes_nothing_is_added(compared):
    rows = compared.assign(event=pd.Categorical(np.where(compared["event"], "cancer", "censored")))
    rows["event"] = rows["event"].cat.set_categories(["censored", "cancer", "other"])
    weighted = fine_gray_weights(rows, "cancer")
    assert len(weighted) == len(rows)
    assert hazard_ratios(weighted, ["country"])["hazard_ratio"].tolist() == pytest.approx(
        hazard_ratios(compared, ["country"])["hazard_ratio"].tolist()
    )


@pytest.mark.parametrize(
    "causes", [[], ["other"], ["censored"], ["cancer"], ["other", "other"], ["other", "cancer"]]
)
def test_small_groups_give_neither_warning_nor_crash(causes):
    event = pd.Categorical(causes, ["censored", "cancer", "other"])
    cases = pd.DataFrame(
        {"follow_up_days": [0.5] * len(causes), "event": event, "country": ["NO"] * len(causes)}
    )
    weighted = fine_gray_weights(cases, "cancer")
    assert weighted["event"].sum() == causes.count("cancer")
    assert hazard_ratios(weighted, ["country"])["lower"].isna().all()


def test_causes_that_are_not_there_are_refused(compared, compared_causes):
    for step in (censor_other_causes, fine_gray_weights):
        with pytest.raises(InputError, match="cancer, other"):
            step(compared_causes, "relapse")
        with pytest.raises(InputError, match="none"):
            step(compared, "cancer")
    with pytest.raises(InputError, match="entry_days"):
        fine_gray_weights(compared_causes.assign(entry_days=0), "cancer")
    with pytest.raises(InputError, match="censor_other_causes"):
        hazard_ratios(compared_causes, ["country"])


def test_a_split_keeps_days_and_events():
    cases = pd.DataFrame(
        {"follow_up_days": [365.25, 800, 100], "event": [1, 0, 1], "entry_days": [0, 400, 10]}
    )
    split = split_follow_up(cases, [1, 2])
    assert split["child_row"].tolist() == [1, 2, 2, 3]
    assert split["follow_up_interval"].tolist() == ["0–1", "1–2", "2–", "0–1"]
    assert (split["follow_up_days"] - split["entry_days"]).sum() == 365.25 + 400 + 90
    assert split["event"].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("years", [[], [2, 1], [0, 1]])
def test_a_split_at_times_that_do_not_rise_is_refused(years, compared):
    with pytest.raises(InputError, match="must rise"):
        split_follow_up(compared, years)
    with pytest.raises(InputError, match="half a day"):
        split_follow_up(compared.assign(follow_up_days=0), [1])
