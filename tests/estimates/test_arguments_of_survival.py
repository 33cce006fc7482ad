"""What estimates of survival are asked in a wrong way."""

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import (
    add_standard_weights,
    censor_other_causes,
    fine_gray_weights,
    hazard_ratios,
    hazard_ratios_by_time,
    net_log_rank_test,
    net_survival,
    proportional_hazards_test,
    split_follow_up,
    term_tests,
)

CASES = pd.DataFrame(
    {
        "follow_up_days": [5, 8, 12, 20, 3, 6, 9, 11],
        "event": [1, 1, 0, 1, 1, 1, 1, 0],
        "country": ["NO"] * 4 + ["SE"] * 4,
        "sex": ["male", "female"] * 4,
        "age_group": "0-4",
    }
)
CAUSES = CASES.assign(
    event=pd.Categorical(["other", "cancer"] * 4, ["censored", "cancer", "other"])
)
CHILDREN = CASES.assign(birth_date="2000-05-01", diagnosis_date="2010-01-01")
LIFE_TABLE = pd.DataFrame(
    {"sex": ["male", "female"], "year": 2010, "age": 0, "mortality_rate": 0.001}
)


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: hazard_ratios(CASES, "country"), "terms"),
        (lambda: hazard_ratios(CASES, ["country"], strata="sex"), "strata"),
        (lambda: term_tests(CASES, "country"), "terms"),
        (lambda: proportional_hazards_test(CASES, "country"), "terms"),
        (lambda: hazard_ratios_by_time(CASES, "country", [1]), "terms"),
        (lambda: fine_gray_weights(CAUSES, "cancer", strata="sex"), "strata"),
        (lambda: net_survival(CHILDREN, LIFE_TABLE, by="sex"), "by"),
        (lambda: net_log_rank_test(CHILDREN, LIFE_TABLE, between="sex", strata="sex"), "strata"),
        (lambda: add_standard_weights(CASES, {"0-4": 1}, by="sex"), "by"),
    ],
)
def test_a_name_is_not_read_letter_by_letter(ask, argument):
    with pytest.raises(
        InputError, match=rf"{argument}: must be a list of columns; write {argument}="
    ):
        ask()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: hazard_ratios(CASES, []), "terms: name at least one column"),
        (
            lambda: hazard_ratios(CASES, ["country"], references={"country": "XX"}),
            "references: 'XX' is not a level of country: NO, SE",
        ),
        (
            lambda: hazard_ratios(CASES, ["country"], references={"sex": "male"}),
            "references: sex is not one of the terms: country",
        ),
        (lambda: censor_other_causes(CAUSES, "x"), "cause: 'x' is not a cause .*: cancer, other"),
        (lambda: fine_gray_weights(CAUSES, "x"), "cause: 'x' is not a cause .*: cancer, other"),
        (lambda: split_follow_up(CASES, [365, 1826]), "years: must be years since diagnosis"),
        (lambda: split_follow_up(CASES, [1, 1]), "years: must rise, from above 0"),
        (lambda: split_follow_up(CASES, [0, 1]), "years: must rise, from above 0"),
        (
            lambda: net_survival(CHILDREN, LIFE_TABLE, method="relsurv"),
            "'relsurv' is not known; choose one of pohar-perme, ederer-1, ederer-2, hakulinen",
        ),
    ],
)
def test_the_choices_are_named(ask, sentence):
    with pytest.raises(InputError, match=sentence):
        ask()


def test_a_missing_reference_is_the_first_in_reading_order():
    pd.testing.assert_frame_equal(
        hazard_ratios(CASES, ["country", "sex"], references={"country": None, "sex": None}),
        hazard_ratios(CASES, ["country", "sex"]),
    )


def test_a_reference_without_children_is_one_that_could_be():
    ratios = hazard_ratios(CASES, ["country"], references={"country": "DK"})
    assert ratios["hazard_ratio"].isna().all()
    assert (ratios["reference"] == "DK").all()
