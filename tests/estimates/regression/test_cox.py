import numpy as np
import pandas as pd
import pytest

from analysis.estimates import (
    hazard_ratios,
    proportional_hazards_test,
    term_tests,
)

MODELS = {
    "plain": {"terms": ["country", "sex", "period", "age_at_diagnosis"]},
    "layered": {"terms": ["country", "age_at_diagnosis"], "strata": ["sex", "period"]},
    "clustered": {"terms": ["country", "sex"], "strata": ["period"], "cluster": "person_id"},
}


REFERENCES = {"sex": "female"}


def cohort(oracle, model):
    rows = oracle("compared").assign(event=lambda rows: (rows["cause"] != "censored").astype(int))
    return rows.drop(columns="entry_days") if model == "plain" else rows


def options(model):
    given = MODELS[model]
    return given | {
        "references": {term: level for term, level in REFERENCES.items() if term in given["terms"]}
    }


def estimated(ratios):
    """The rows that R names: without those of references."""
    return ratios[ratios["lower"].notna()].reset_index(drop=True)


def cases_of(days, events, countries):
    return pd.DataFrame(
        {"follow_up_days": np.array(days, float), "event": events, "country": countries}
    )


SMALL = {
    "nobody": cases_of([], [], []).astype({"country": object}),
    "one child": cases_of([5], [1], ["NO"]),
    "two children": cases_of([5, 6], [1, 1], ["NO", "SE"]),
    "no event": cases_of([5, 6, 7], [0, 0, 0], ["NO", "SE", "SE"]),
    "one after the other": cases_of(range(1, 21), [1] * 20, ["NO"] * 10 + ["SE"] * 10),
    "no event in the reference": cases_of(
        range(1, 31), [0] * 10 + [1] * 20, ["DK"] * 10 + ["NO", "SE"] * 10
    ),
    "the reference dies first": cases_of(range(1, 32), [1] * 31, ["DK"] + ["NO", "SE"] * 15),
}


@pytest.mark.parametrize("model", MODELS)
def test_hazard_ratios_agree_with_coxph(model, oracle, agree):
    answer = oracle("answer_cox_ratios")
    answer = answer[answer["model"] == model]
    ratios = estimated(hazard_ratios(cohort(oracle, model), **options(model)))
    named = ratios["term"] + ratios["level"].astype(object).fillna("")
    assert named.tolist() == answer["coefficient"].tolist()
    agree(ratios, answer, ["hazard_ratio", "lower", "upper", "p_value"], 1e-10, 1e-9)


@pytest.mark.parametrize("model", ["lung", "veteran", "nwtco"])
def test_published_data_agree_with_coxph(model, golden, example):
    answer = golden("cox_coefficients__all").query("model == @model and ties == 'efron'")
    if model == "lung":
        rows, terms, references = example("lung"), ["age", "sex", "ph.ecog"], {}
    elif model == "veteran":
        rows, terms = example("veteran"), ["trt", "karno", "celltype", "age", "prior"]
        references = {"celltype": "squamous"}
    else:
        rows = example("nwtco_rel_stage").rename(columns={"group": "stage"})
        rows["histol"] = example("nwtco_rel_histol")["group"]
        rows["age"] = golden("../data/nwts_wilms")["age"]
        terms, references = ["histol", "stage", "age"], {}
    ratios = estimated(hazard_ratios(rows, terms, references=references)).set_index(
        "level", append=True
    )
    ratios = ratios.sort_values("hazard_ratio")
    answer = answer.sort_values("hr")
    np.testing.assert_allclose(np.log(ratios["hazard_ratio"]), answer["coef"], atol=1e-9)
    np.testing.assert_allclose(ratios["lower"], answer["hr_lower"], rtol=1e-9)
    np.testing.assert_allclose(ratios["upper"], answer["hr_upper"], rtol=1e-9)


def test_tests_of_terms_agree_with_coxph(oracle):
    for (model, test), answer in oracle("answer_cox_terms").groupby(["model", "test"], sort=False):
        result = term_tests(cohort(oracle, model), **options(model), test=test)
        assert result["term"].tolist() == answer["term"].tolist()
        assert result["test_statistic"].tolist() == pytest.approx(
            answer["test_statistic"].tolist(), rel=1e-8
        )
        assert result["degrees_of_freedom"].iloc[0] == 3


@pytest.mark.parametrize("cases", SMALL.values(), ids=SMALL)
def test_without_a_finite_ratio_it_is_missing(cases):
    ratios = hazard_ratios(cases, ["country"])
    others = ratios[ratios["level"] != ratios["reference"]]
    assert others[["hazard_ratio", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert ratios["children"].sum() == len(cases)
    tested = proportional_hazards_test(cases, ["country"])
    assert tested["p_value"].isna().all() or others["events"].gt(5).sum() > 1
    assert term_tests(cases, ["country"], test="wald")["p_value"].isna().all()
    assert not (term_tests(cases, ["country"])["p_value"] < 1e-9).any()


def test_everyone_dead_on_day_one_are_alike():
    ratios = hazard_ratios(cases_of([0.5] * 6, [1] * 6, ["NO", "SE"] * 3), ["country"])
    assert ratios["hazard_ratio"].tolist() == pytest.approx([1, 1])


def test_a_level_without_events_is_missing_and_leaves_the_others_as_they_are(compared):
    healthy = compared.iloc[:20].assign(country="EE", event=0)
    ratios = hazard_ratios(pd.concat([compared, healthy]), ["country", "sex"])
    without = hazard_ratios(compared, ["country", "sex"])
    row = ratios[ratios["level"] == "EE"].iloc[0]
    assert (row["children"], row["events"]) == (20, 0)
    assert row[["hazard_ratio", "lower", "upper", "p_value"]].isna().all()
    others = ratios[ratios["level"] != "EE"]["hazard_ratio"].tolist()
    assert others == pytest.approx(without["hazard_ratio"].tolist(), rel=1e-12)
    assert term_tests(pd.concat([compared, healthy]), ["country"])[
        "degrees_of_freedom"
    ].tolist() == [4]


def test_a_child_without_its_person_is_a_cluster_of_its_own(compared):
    alone = hazard_ratios(
        compared.assign(person_id=range(len(compared))), ["country"], cluster="person_id"
    )
    unknown = hazard_ratios(compared.assign(person_id=None), ["country"], cluster="person_id")
    pd.testing.assert_frame_equal(alone, unknown)
