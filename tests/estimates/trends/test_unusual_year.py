import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import observed_against_expected

MODELS = ["constant", "overdispersed", "trend"]
JUDGED = ["expected", "lower", "upper", "p_value"]


def years(cases, first=2015, person_years=1000.0):
    return pd.DataFrame(
        {"year": range(first, first + len(cases)), "cases": cases, "person_years": person_years}
    )


@pytest.mark.parametrize("model", MODELS)
def test_each_model_agrees_with_r(model, oracle, agree):
    answer = oracle("answer_unusual_year")
    table = oracle("years").sample(frac=1, random_state=2)
    ours = observed_against_expected(table, 2023, model=model)
    agree(ours, answer[answer["model"] == model], JUDGED, tolerance=0, relative=1e-9)


def test_columns_and_verdicts():
    table = pd.concat(
        [
            years([10, 12, 9, last]).assign(group=name)
            for name, last in zip("abc", (11, 40, 1), strict=True)
        ]
    )
    answer = observed_against_expected(table, 2018, by=["group"])
    first = ["group", "year", "cases", "person_years", "base_cases", "base_person_years"]
    assert answer.columns.tolist() == [*first, *JUDGED, "verdict"]
    assert answer["verdict"].tolist() == ["as_expected", "higher", "lower"]
    assert answer["cases"].dtype == answer["base_cases"].dtype == np.int64


def test_the_verdict_the_interval_and_the_p_value_agree():
    for model in MODELS:
        for last in range(0, 40, 3 if model == "trend" else 1):
            row = observed_against_expected(
                years([9, 12, 8, 14, 10, last]), 2020, model=model
            ).iloc[0]
            outside = last < row["lower"] or last > row["upper"]
            assert outside == (row["p_value"] <= 0.05) == (row["verdict"] != "as_expected")


def test_no_case_before_still_has_an_upper_limit_at_a_constant_rate():
    row = observed_against_expected(years([0, 0, 0, 0, 1]), 2019).iloc[0]
    assert row[["expected", "lower", "upper", "verdict"]].tolist() == [0, 0, 2, "as_expected"]
    # Two cases would come this year and not before with probability 1/25, three with 1/125.
    assert observed_against_expected(years([0, 0, 0, 0, 3]), 2019)["verdict"][0] == "higher"
    for model in ("overdispersed", "trend"):
        assert (
            observed_against_expected(years([0, 0, 0, 0, 1]), 2019, model=model)[JUDGED]
            .isna()
            .all(axis=None)
        )


def test_base_years_may_be_chosen_and_may_lie_on_either_side():
    table = years([10, 20, 30, 40])
    answer = observed_against_expected(table, 2016, base_years=[2015, 2018]).iloc[0]
    assert (answer["base_cases"], answer["expected"]) == (50, 25)
    assert observed_against_expected(table, 2017)["base_cases"].tolist() == [30]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "table", [years([]), years([3, 4, 5], person_years=0.0), years([7], first=2017)]
)
def test_what_is_undefined_is_missing(table, model):
    row = observed_against_expected(table, 2017, model=model).iloc[0]
    assert row[JUDGED].isna().all()
    assert row["verdict"] is None


@pytest.mark.parametrize("cases", [[0, 0, 9, 5], [9, 0, 0, 5], [4, 5]])
def test_a_trend_needs_three_years_and_cases_between(cases):
    row = observed_against_expected(years(cases), 2014 + len(cases), model="trend").iloc[0]
    assert row[JUDGED].isna().all()


def test_years_that_vary_by_more_than_chance_widen_the_interval():
    steady, unsteady = ([10, 11, 9, 10, 10, 10], [2, 20, 1, 19, 8, 10])
    widths = [
        observed_against_expected(years(cases), 2020, model="overdispersed")
        .eval("upper - lower")
        .iloc[0]
        for cases in (steady, unsteady)
    ]
    assert widths[1] > 1.5 * widths[0]


def test_an_age_without_a_case_before_expects_none():
    table = pd.concat(
        [years([4, 5, 6, 5]).assign(age_group="0"), years([0, 0, 0, 2]).assign(age_group="1-4")]
    )
    row = observed_against_expected(table, 2018, model="overdispersed").iloc[0]
    assert (row["cases"], row["expected"]) == (7, pytest.approx(5))


@pytest.mark.parametrize(
    ("model", "least", "most"), [("constant", 0.95, 1), ("overdispersed", 0.93, 1)]
)
def test_a_usual_year_falls_in_the_interval_as_often_as_said(model, least, most):
    random = np.random.default_rng(5)
    draws = 100 if model == "overdispersed" else 400
    cases = random.poisson(8, (draws, 9))
    table = pd.concat([years(row).assign(draw=draw) for draw, row in enumerate(cases)])
    answer = observed_against_expected(table, 2023, by=["draw"], model=model)
    assert least <= (answer["verdict"] == "as_expected").mean() <= most


def test_faults_are_told():
    with pytest.raises(InputError, match="must not hold 2016"):
        observed_against_expected(years([1, 2]), 2016, base_years=[2015, 2016])
    with pytest.raises(InputError, match="model of a usual year"):
        observed_against_expected(years([1, 2]), 2016, model="farrington")
    with pytest.raises(MissingStepError, match="year"):
        observed_against_expected(years([1, 2]).drop(columns="year"), 2016)
