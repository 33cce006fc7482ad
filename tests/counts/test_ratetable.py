import pandas as pd
import pytest

from analysis.counts import case_counts, rate_table
from analysis.errors import InputError, MissingStepError


@pytest.fixture
def population():
    return pd.DataFrame(
        {
            "country": ["NO"] * 4 + ["IS"] * 4,
            "year": [2020, 2021] * 4,
            "sex": ["male", "male", "female", "female"] * 2,
            "persons": [500, 510, 480, 490, 40, 41, 38, 39],
        }
    )


@pytest.fixture
def cases():
    return pd.DataFrame(
        {
            "country": ["NO", "NO", "NO", "IS"],
            "year": pd.array([2020, 2020, 2021, 2021], dtype="Int64"),
            "sex": ["male", "male", "female", "female"],
            "iccc3_group": ["I", "III", "I", None],
            "iccc3_subgroup": ["I(a)", "III(c)", "I(b)", None],
        }
    )


def test_every_population_stratum_meets_every_diagnosis(cases, population):
    rates = rate_table(cases, population, ["country", "iccc3_group"])
    assert len(rates) == 2 * 3
    assert rates["country"].tolist() == ["IS"] * 3 + ["NO"] * 3
    assert rates["iccc3_group"].tolist() == ["I", "III", None] * 2
    assert rates["cases"].tolist() == [0, 0, 1, 2, 1, 0]
    assert rates["person_years"].tolist() == [158] * 3 + [1980] * 3


def test_only_diagnoses_that_occur_together_are_crossed(cases, population):
    rates = rate_table(cases, population, ["iccc3_group", "iccc3_subgroup", "sex"])
    assert len(rates) == 4 * 2
    assert rates["cases"].sum() == len(cases)


def test_without_strata_there_is_one_row(cases, population):
    rates = rate_table(cases, population)
    assert rates.to_dict("list") == {"cases": [4], "person_years": [2138.0]}


def test_person_years_are_those_of_the_population_strata_alone(cases, population):
    rates = rate_table(cases, population, ["year", "iccc3_group"])
    assert rates.groupby("iccc3_group", dropna=False)["person_years"].sum().tolist() == [2138] * 3


def test_cases_without_population_are_refused_by_stratum(cases, population):
    strange = pd.concat(
        [cases, cases.assign(sex="unknown").head(2), cases.assign(year=1990).head(1)]
    )
    with pytest.raises(InputError) as refused:
        rate_table(strange, population, ["year", "sex"])
    assert "cases in strata without population, 3 in all" in str(refused.value)
    assert "year 2020, sex unknown: 2" in str(refused.value)
    assert "year 1990, sex male: 1" in str(refused.value)


def test_a_period_must_be_added_to_the_population_too(cases, population):
    with pytest.raises(MissingStepError, match="add_period"):
        rate_table(cases.assign(period="2020–2024"), population, ["period"])
    with pytest.raises(MissingStepError, match="classify_iccc3"):
        rate_table(cases.drop(columns="iccc3_group"), population, ["iccc3_group"])


def test_age_groups_meet_whether_categorical_or_text(population):
    cases = pd.DataFrame(
        {"age_group": pd.Categorical(["1-4", "10-14"], ["0", "1-4", "5-9", "10-14"])}
    )
    ages = pd.DataFrame({"age": range(18), "persons": 10})
    rates = rate_table(cases, ages, ["age_group"])
    assert rates["cases"].tolist() == [0, 1, 0, 1, 0]
    assert rates["person_years"].tolist() == [10, 40, 50, 50, 30]


def test_a_count_table_brings_its_own_population():
    counts = pd.DataFrame(
        {
            "sex": ["male", "male", "female", "female"],
            "site": ["brain", "kidney"] * 2,
            "cases": [1, 2, 3, 4],
            "person_years": [500.0, 500.0, 480.0, 480.0],
        }
    )
    assert rate_table(counts, by=["sex"]).to_dict("list") == {
        "sex": ["male", "female"],
        "cases": [3, 7],
        "person_years": [500, 480],
    }
    assert rate_table(counts, counts, ["site"])["person_years"].tolist() == [980, 980]


def test_no_case_at_all_still_shows_the_population(cases, population):
    nobody = cases.iloc[:0]
    assert rate_table(nobody, population, ["sex"])["cases"].tolist() == [0, 0]
    assert rate_table(nobody, population, ["iccc3_group"]).empty
    assert rate_table(nobody, population)["cases"].tolist() == [0]


def test_cases_add_up_to_the_cases_given(cases, population):
    for by in ([], ["sex"], ["iccc3_group"], ["country", "year", "sex", "iccc3_subgroup"]):
        assert rate_table(cases, population, by)["cases"].sum() == case_counts(cases)["cases"].sum()
