import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import expected_survival, note_year_length

CHILD = pd.DataFrame(
    {"sex": ["male"], "birth_date": ["2000-01-01"], "diagnosis_date": ["2010-01-01"]}
)


def a_table(**columns):
    return pd.DataFrame(
        {
            "sex": "male",
            "year": 2010,
            "age": [0, 1, 5, 10],
            "mortality_rate": [0.1, 0.2, 0.3, 0.4],
            **columns,
        }
    )


def hazard(table, days, child=CHILD):
    return -np.log(expected_survival(child, table, days).iloc[0])


def test_a_rate_holds_until_the_next_age_and_year_given():
    young = CHILD.assign(birth_date="2006-01-01")
    assert hazard(a_table(), 365, young) == pytest.approx(0.2 * 365 / 365.25)
    assert hazard(a_table(), 730, young) == pytest.approx((0.2 * 365 + 0.3 * 365) / 365.25)
    assert hazard(a_table(), 9000) == pytest.approx(0.4 * 9000 / 365.25)
    later = pd.concat([a_table(), a_table(year=2012, mortality_rate=1.0)])
    assert hazard(later, 731) == pytest.approx((0.4 * 730 + 1.0) / 365.25)


def test_a_period_holds_in_each_of_its_years():
    table = pd.concat(
        [a_table(period="2008–2010"), a_table(period="2011-2015", mortality_rate=1.0)]
    ).drop(columns="year")
    assert hazard(table, 366) == pytest.approx((0.4 * 365 + 1.0) / 365.25)


def test_another_length_of_year_moves_birthdays_and_divides_rates():
    table = note_year_length(a_table(), 365.241)
    ten = CHILD.assign(birth_date=pd.Timestamp("2010-01-01") - pd.Timedelta(3652, "D"))
    # Ten years of 365.241 days are 3652.41 days.
    assert hazard(table, 1, ten) == pytest.approx((0.3 * 0.41 + 0.4 * 0.59) / 365.241)
    assert "days_per_year" not in a_table()
    with pytest.raises(InputError, match="365"):
        note_year_length(a_table(), 12)


def test_faults_of_a_life_table_are_told_at_once():
    broken = pd.concat([a_table(), a_table()]).assign(age=[0, 1, 5, 10, 0.5, -1, 5, 10])
    broken.iloc[2, broken.columns.get_loc("mortality_rate")] = -1
    with pytest.raises(InputError) as raised:
        expected_survival(CHILD, broken, 1)
    assert raised.value.faults == (
        "age: must be a whole number from 0 to 120 in 2 rows (5, 6)",
        "mortality_rate: must be a number from 0 to 10 in 1 row (3)",
    )
    with pytest.raises(InputError, match="must be on one row only; is not in 8 rows"):
        expected_survival(CHILD, pd.concat([a_table(), a_table()]), 1)
    with pytest.raises(InputError, match="no rows"):
        expected_survival(CHILD, a_table().head(0), 1)
    with pytest.raises(InputError, match="year or period"):
        expected_survival(CHILD, a_table(year=np.nan), 1)
    with pytest.raises(MissingStepError, match="mortality_rate"):
        expected_survival(CHILD, a_table().drop(columns="mortality_rate"), 1)
