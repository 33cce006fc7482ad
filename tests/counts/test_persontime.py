from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.counts import case_counts, person_years
from analysis.errors import InputError, MissingStepError


@pytest.fixture
def population():
    ages = range(20)
    return pd.DataFrame(
        [
            {"country": country, "year": year, "sex": sex, "age": age, "persons": 100 + age}
            for country in ("NO", "IS")
            for year in (2020, 2021)
            for sex in ("male", "female")
            for age in ages
        ]
    )


def test_person_years_of_a_year_are_its_mean_population(population):
    years = person_years(population, ["country", "year"])
    assert years["country"].tolist() == ["IS", "IS", "NO", "NO"]
    assert years["person_years"].tolist() == [2 * sum(range(100, 120))] * 4
    assert person_years(population)["person_years"].sum() == population["persons"].sum()


def test_age_groups_are_made_from_single_years(population):
    years = person_years(population[population["age"] < 18], ["age_group"])
    assert years["age_group"].tolist() == ["0", "1-4", "5-9", "10-14", "15-17"]
    assert years["person_years"].sum() == population.loc[population["age"] < 18, "persons"].sum()


def test_persons_beyond_the_last_age_group_have_none(population):
    older = pd.concat(
        [population, population.assign(age=population["age"] + 20)], ignore_index=True
    )
    whole = person_years(older, ["age_group"])
    pd.testing.assert_frame_equal(whole, person_years(population, ["age_group"]))
    assert whole["age_group"].tolist()[-1] == "18-19"


def test_age_at_diagnosis_is_met_by_age(population):
    assert person_years(population, ["age_at_diagnosis"])["age_at_diagnosis"].tolist() == list(
        range(20)
    )


def test_a_count_table_counts_its_person_years_once_for_all_diagnoses():
    counts = pd.DataFrame(
        {
            "sex": ["male", "male", "female", "female"],
            "site": ["brain", "kidney"] * 2,
            "cases": [1, 2, 3, 4],
            "person_years": [500, 500, 480, 480],
        }
    )
    assert person_years(counts)["person_years"].tolist() == [980]
    assert person_years(counts, ["sex"])["person_years"].tolist() == [500, 480]
    counts.loc[3, "person_years"] = 481
    with pytest.raises(InputError, match=r"same for every diagnosis of a stratum in 1 row \(4\)"):
        person_years(counts)


@pytest.mark.parametrize("persons", [-1, np.nan, None])
def test_a_population_that_cannot_be_is_refused(persons):
    with pytest.raises(InputError, match=r"persons: must be 0 or more in 1 row \(2\)"):
        person_years(pd.DataFrame({"persons": [10, persons]}))


def test_absent_columns_are_named(population):
    with pytest.raises(MissingStepError, match="persons"):
        person_years(population.drop(columns="persons"))
    with pytest.raises(MissingStepError, match="region"):
        person_years(population, ["region"])


def test_person_years_and_cases_of_a_cohort_agree_with_r():
    oracle = Path(__file__).resolve().parents[1] / "oracle"
    cohort, answer = pd.read_csv(oracle / "cohort.csv"), pd.read_csv(oracle / "answer_cohort.csv")
    followed = cohort.rename(columns={"years": "person_years"})
    table = person_years(followed, ["sex", "age_group"]).merge(
        case_counts(cohort[cohort["event"] == 1], ["sex", "age_group"]), how="left"
    )
    both = table.merge(answer, on=["sex", "age_group"])
    assert len(both) == len(table) == len(answer) == 10
    np.testing.assert_allclose(both["person_years"], both["pyears"], rtol=1e-13)
    assert both["cases"].tolist() == both["event"].tolist()
