import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    hazard_ratios,
    term_tests,
    without_children,
)


def cases_of(days, events, countries):
    return pd.DataFrame(
        {"follow_up_days": np.array(days, float), "event": events, "country": countries}
    )


def test_missing_levels_are_a_level_and_missing_numbers_are_left_out(compared):
    rows = compared.assign(sex=compared["sex"].where(compared.index % 5 > 0))
    ratios = hazard_ratios(rows, ["sex"])
    assert ratios["level"].isna().tolist() == [False, False, True]
    assert ratios["hazard_ratio"].notna().all()
    lost = compared.assign(
        age_at_diagnosis=compared["age_at_diagnosis"].where(compared.index % 5 > 0).astype("Int64")
    )
    ratios = hazard_ratios(lost, ["age_at_diagnosis", "sex"])
    assert set(ratios["children_left_out"]) == {48}
    assert ratios["children"].iloc[0] == 192
    kept = hazard_ratios(compared[compared.index % 5 > 0], ["age_at_diagnosis", "sex"])
    # The same estimates; how many were left out is told in the first alone.
    pd.testing.assert_frame_equal(
        *(rows.drop(columns="children_left_out") for rows in (ratios, kept))
    )
    both = term_tests(lost, ["age_at_diagnosis", "sex"])
    pd.testing.assert_frame_equal(
        both, term_tests(compared[compared.index % 5 > 0], ["age_at_diagnosis", "sex"])
    )


def test_references_and_kinds_of_columns(compared):
    usual = hazard_ratios(compared, ["country"])
    other = hazard_ratios(compared, ["country"], references={"country": "SE"}).set_index("level")[
        "hazard_ratio"
    ]
    assert other["DK"] == pytest.approx(1 / usual.set_index("level")["hazard_ratio"]["SE"])
    categories = compared.assign(
        country=pd.Categorical(compared["country"], ["SE", "NO", "LV", "FI", "DK"])
    )
    ratios = hazard_ratios(
        categories.set_index("person_id").sample(frac=1, random_state=1), ["country"]
    )
    assert ratios["level"].tolist() == ["SE", "NO", "FI", "DK"]
    assert ratios["hazard_ratio"].iloc[3] == pytest.approx(other["DK"])
    assert without_children(categories, ["country"]) == {"country": ["LV"]}
    nobody = hazard_ratios(categories, ["country"], references={"country": "LV"})
    assert nobody["hazard_ratio"].isna().all()
    numbered = compared.assign(unit=(compared["country"] == "SE").astype("int32"))
    assert len(hazard_ratios(numbered, ["unit"], references={"unit": 0})) == 2
    assert len(hazard_ratios(numbered, ["unit"])) == 1


def test_what_cannot_be_fitted_is_refused(compared):
    rows = compared.assign(
        again=compared["country"].str.lower(), half=compared["age_at_diagnosis"] / 2
    )
    with pytest.raises(InputError, match="again") as refused:
        hazard_ratios(rows, ["country", "sex", "again", "age_at_diagnosis", "half"])
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="country"):
        hazard_ratios(rows, ["country"], strata=["country"])
    with pytest.raises(InputError, match="reference"):
        hazard_ratios(rows, ["country"], references={"country": "Atlantis"})
    with pytest.raises(InputError, match="wald"):
        term_tests(rows, ["country"], cluster="person_id")
    with pytest.raises(InputError) as refused:
        hazard_ratios(rows.assign(follow_up_days=-1, event=2), ["country"])
    assert len(refused.value.faults) == 2
    with pytest.raises(MissingStepError, match="follow_up_days"):
        hazard_ratios(rows.drop(columns="follow_up_days"), ["country"])


def test_in_a_small_group_terms_that_coincide_are_missing():
    cases = cases_of([5, 6, 7, 8], [1, 1, 1, 0], ["NO", "SE"] * 2).assign(
        sex=["male", "female"] * 2
    )
    assert hazard_ratios(cases, ["country", "sex"])["lower"].isna().all()
