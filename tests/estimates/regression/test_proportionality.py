import pytest

from analysis.estimates import (
    proportional_hazards_test,
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


@pytest.mark.parametrize("transform", ["km", "identity", "log"])
@pytest.mark.parametrize("model", ["plain", "layered"])
def test_proportional_hazards_agree_with_cox_zph(model, transform, oracle, agree):
    answer = oracle("answer_cox_zph").query("model == @model and transform == @transform")
    result = proportional_hazards_test(cohort(oracle, model), **options(model), transform=transform)
    assert result["term"].tolist() == answer["term"].tolist()
    agree(result, answer, ["test_statistic", "degrees_of_freedom", "p_value"], 0, 1e-8)


def test_proportional_hazards_of_published_data_agree_with_cox_zph(golden, example, agree):
    answer = golden("cox_zph_PH_test__all").query("model == 'veteran'")
    answer = answer.rename(
        columns={"chisq": "test_statistic", "df": "degrees_of_freedom", "p": "p_value"}
    )
    terms = ["trt", "karno", "celltype", "age", "prior"]
    agree(
        proportional_hazards_test(example("veteran"), terms),
        answer,
        ["test_statistic", "p_value"],
        0,
        1e-7,
    )
