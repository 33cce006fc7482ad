"""The data contract: every fault listed at once, by column and row, and never a value."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import (
    data_dictionary,
    demonstration_cases,
    validate_cases,
    validate_counts,
    validate_life_table,
    validate_population,
)

GOOD = {
    "case_id": ["1", "2"],
    "person_id": ["a", "b"],
    "country": ["NO", "se"],
    "topography": ["C716", "C42.1"],
    "morphology": [9470, 9811],
    "behaviour": [3, 3],
    "sex": ["male", None],
    "birth_date": ["2000-02-29", "2001-01-01"],
    "diagnosis_date": ["2010-05-01", None],
    "year": [None, 2011],
}


def cases(**changes):
    return pd.DataFrame({**GOOD, **changes})


def test_good_cases_come_back_typed_in_order():
    valid = validate_cases(cases())
    assert valid["topography"].tolist() == ["C71.6", "C42.1"]
    assert valid["morphology"].tolist() == ["9470", "9811"]
    assert valid["country"].tolist() == ["NO", "SE"]
    assert valid["diagnosis_date"].dtype == "datetime64[ns]"
    assert valid["year"].dtype == "Int64"
    assert validate_cases(valid).equals(valid)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"case_id": ["1", "1"]},
            r"case_id: must be on one row only; does not hold in 2 rows \(1, 2\)",
        ),
        ({"person_id": ["a", None]}, r"person_id: must be filled; does not hold in 1 row \(2\)"),
        ({"person_id": ["a", " "]}, r"person_id: must be filled; does not hold in 1 row \(2\)"),
        ({"country": ["Norge", "SE"]}, r"country: must be two capital letters .*1 row \(1\)"),
        ({"topography": ["C71.6", "D42.1"]}, r"topography: .*1 row \(2\)"),
        ({"morphology": [9470, 98]}, r"morphology: .*1 row \(2\)"),
        ({"behaviour": [3, 4]}, r"behaviour: must be one of 0, 1, 2, 3; .*1 row \(2\)"),
        ({"behaviour": [3, 1.5]}, r"behaviour: must be a whole number; is not in 1 row \(2\)"),
        ({"sex": ["M", "male"]}, r"sex: must be one of male.*1 row \(1\)"),
        ({"birth_date": ["2000-02-30", None]}, r"birth_date: must be a date .*1 row \(1\)"),
        (
            {"diagnosis_date": ["1999-05-01", None], "year": None},
            r"diagnosis_date must not be before birth_date.*1 row \(1\)",
        ),
        (
            {"last_contact_date": ["2010-04-30", None]},
            r"last_contact_date must not be before diagnosis_date.*\(1\)",
        ),
        ({"year": [2009, 2011]}, r"year must be the year of diagnosis_date.*1 row \(1\)"),
        ({"year": [None, 20111]}, r"year: .*1 row \(2\)"),
        ({"follow_up_days": [-1, 5]}, r"follow_up_days: .*from 0.*1 row \(1\)"),
        (
            {"age_at_diagnosis": [np.inf, 5]},
            r"age_at_diagnosis: must be a whole number.*1 row \(1\)",
        ),
    ],
)
def test_each_fault_is_told_by_column_and_row(changes, fault):
    with pytest.raises(InputError, match=fault):
        validate_cases(cases(**changes))


def test_all_faults_at_once_and_no_value_shown():
    wrong = cases(
        case_id=["9", "9"],
        sex=["Ola Nordmann", "male"],
        birth_date=["01.02.2003", "x"],
        behaviour=[7, 8],
    )
    wrong = wrong.drop(columns="country")
    with pytest.raises(InputError) as caught:
        validate_cases(wrong)
    assert len(caught.value.faults) == 5
    assert "Ola" not in str(caught.value)
    assert "2003" not in str(caught.value)


def test_an_empty_table_is_a_fault():
    with pytest.raises(InputError, match="has no rows"):
        validate_cases(cases().iloc[:0])


def test_population():
    population = {
        "country": ["NO"],
        "year": [2020],
        "sex": ["male"],
        "age": [3],
        "persons": [31_000.5],
    }
    assert validate_population(pd.DataFrame(population))["persons"].tolist() == [31_000.5]
    with pytest.raises(
        InputError, match=r"persons: must be a decimal number from 0; does not hold in 1 row \(1\)"
    ):
        validate_population(pd.DataFrame(population | {"persons": [-4]}))
    with pytest.raises(InputError, match="age or age_group must be filled"):
        validate_population(pd.DataFrame(population).drop(columns="age"))


def test_life_table_and_counts():
    life_table = {
        "country": ["NO"],
        "period": ["2015-2019"],
        "sex": ["female"],
        "age": [3],
        "mortality_rate": [0.0001],
    }
    assert len(validate_life_table(pd.DataFrame(life_table))) == 1
    with pytest.raises(InputError, match="mortality_rate"):
        validate_life_table(pd.DataFrame(life_table | {"mortality_rate": [-0.1]}))
    counts = {
        "country": ["NO"],
        "period": ["2008-2012"],
        "sex": ["male"],
        "age_group": ["0-4"],
        "cases": [3],
        "person_years": [9e5],
    }
    assert validate_counts(pd.DataFrame(counts))["cases"].tolist() == [3]
    with pytest.raises(InputError, match="cases: must be a whole number"):
        validate_counts(pd.DataFrame(counts | {"cases": [2.5]}))


def test_the_demonstration_keeps_the_contract():
    demonstration = demonstration_cases()
    valid = validate_cases(demonstration)
    assert len(valid) == len(demonstration)
    assert valid["diagnosis_date"].equals(demonstration["diagnosis_date"])


def test_the_dictionary_page_is_current():
    page = Path(__file__).resolve().parents[3] / "docs" / "data-dictionary.md"
    assert page.read_text(encoding="utf-8") == data_dictionary(), (
        "run: workbench dictionary > docs/data-dictionary.md"
    )
