import numpy as np
import pandas as pd
import pytest

from analysis.counts import prevalence_table
from analysis.errors import InputError, MissingStepError


def prevalent(**columns):
    return pd.DataFrame(columns | {"cases": [3, 1], "status_unknown": [1, 0]})


def population(**columns):
    return pd.DataFrame(
        [(sex, age, 100.0 + age) for sex in ("female", "male") for age in range(5, 31)],
        columns=["sex", "age", "persons"],
    ).assign(**columns)


def test_every_stratum_of_the_population_stands_in_the_table():
    table = prevalence_table(
        prevalent(sex=["male", "female"], attained_age_group=["10-17", "18-29"]),
        population(year=2024),
    )
    assert table.columns.tolist() == [
        "sex",
        "attained_age_group",
        "cases",
        "status_unknown",
        "persons",
    ]
    assert table.drop(columns="persons").values.tolist() == [
        ["male", "0-9", 0, 0],
        ["male", "10-17", 3, 1],
        ["male", "18-29", 0, 0],
        ["male", "30-39", 0, 0],
        ["female", "0-9", 0, 0],
        ["female", "10-17", 0, 0],
        ["female", "18-29", 1, 0],
        ["female", "30-39", 0, 0],
    ]
    assert table["persons"].tolist()[:2] == [sum(range(105, 110)), sum(range(110, 118))]
    assert table["cases"].dtype == np.int64


def test_persons_stand_beside_each_diagnosis():
    table = prevalence_table(prevalent(sex="male", iccc3_group=["I", "IV"]), population())
    assert table["iccc3_group"].tolist() == ["I", "IV", "I", "IV"]
    assert table["cases"].tolist() == [3, 1, 0, 0]
    assert set(table["persons"]) == {26 * 117.5}


def test_age_at_diagnosis_is_not_that_of_the_population():
    table = prevalence_table(prevalent(age_group=["0", "1-4"], attained_age=[20, 20]), population())
    assert len(table) == 26 * 2
    assert table["cases"].sum() == 4


def test_the_whole():
    whole = pd.DataFrame({"cases": [4], "status_unknown": [1]})
    assert prevalence_table(whole, population()).values.tolist() == [[4, 1, 52 * 117.5]]


def test_levels_meet_whatever_their_type():
    table = prevalent(
        sex=pd.Categorical(["male", "female"]), attained_age=pd.array([20, 21], dtype="Int64")
    )
    found = prevalence_table(table, population().astype({"age": "int32", "sex": "string"}))
    assert found["cases"].sum() == 4


def test_faults_are_told():
    with pytest.raises(InputError, match="survivors in strata without population, 5 in all"):
        prevalence_table(prevalent(attained_age=[60, 61]), population())
    with pytest.raises(InputError, match="year: give the population of the index date alone"):
        prevalence_table(prevalent(sex=["male", "female"]), population(year=[2020, 2021] * 26))
    with pytest.raises(InputError, match="persons: must be 0 or more in 52 rows"):
        prevalence_table(prevalent(sex=["male", "female"]), population(persons=-1))
    with pytest.raises(MissingStepError, match="age"):
        prevalence_table(prevalent(attained_age=[20, 21]), population().drop(columns="age"))
