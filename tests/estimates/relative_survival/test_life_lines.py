import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    expected_survival,
    net_survival,
)
from analysis.register import demonstration_life_table, read_life_table


def a_table(rate=0.001, **columns):
    ages = pd.DataFrame({"age": range(0, 90), "mortality_rate": rate})
    sexes = pd.DataFrame({"sex": ["male", "female"]})
    return ages.merge(sexes, how="cross").assign(year=2000, **columns)


def children(size=80, seed=3, **columns):
    random = np.random.default_rng(seed)
    born = pd.Timestamp("1975-02-27") + pd.to_timedelta(random.integers(0, 9000, size), "D")
    diagnosed = born + pd.to_timedelta(random.integers(0, 22000, size), "D")
    frame = pd.DataFrame({"birth_date": born, "diagnosis_date": diagnosed})
    frame = frame.assign(
        sex=random.choice(["male", "female"], size),
        follow_up_days=random.integers(1, 3000, size).astype(float),
        event=random.integers(0, 2, size),
        group=random.choice(["A", "B", None], size),
    )
    return frame.assign(**columns)


def test_ages_come_from_dates_days_or_completed_years():
    cases, table = children(60), demonstration_life_table().query("country == 'NO'")
    days = (cases["diagnosis_date"] - cases["birth_date"]).dt.days
    by_days = cases.drop(columns="birth_date").assign(age_at_diagnosis_days=days)
    pd.testing.assert_frame_equal(net_survival(by_days, table), net_survival(cases, table))
    by_years = by_days.drop(columns=["age_at_diagnosis_days", "diagnosis_date"])
    by_years = by_years.assign(age_at_diagnosis=days // 366, year=cases["diagnosis_date"].dt.year)
    roughly = net_survival(by_years, table)["net_survival"]
    assert (
        np.abs(roughly.to_numpy()[-1] - net_survival(cases, table)["net_survival"].to_numpy()[-1])
        < 0.02
    )
    # Half a year past the tenth birthday, diagnosed on 1 July: that is, born on the first days of the year.
    child = pd.DataFrame({"sex": ["male"], "age_at_diagnosis": [10], "year": [2001]})
    steep = a_table().assign(mortality_rate=lambda rows: np.where(rows["age"] >= 11, 1.0, 0.0))
    assert expected_survival(child, steep, 182).iloc[0] == 1
    assert expected_survival(child, steep, 186).iloc[0] < 1


@pytest.mark.parametrize("year", [2001, 2004])
def test_a_year_of_diagnosis_alone_is_its_first_of_july(year):
    """In a leap year too, which once gave 30 June: death is certain from 1 January, 184 days later."""
    child = pd.DataFrame({"sex": ["male"], "age_at_diagnosis": [10], "year": [year]})
    years = pd.DataFrame({"year": [year, year + 1], "rate": [0.0, 1.0]})
    table = (
        a_table()
        .drop(columns="year")
        .merge(years, how="cross")
        .assign(mortality_rate=lambda rows: rows["rate"])
    )
    assert expected_survival(child, table, 184).iloc[0] == 1
    assert expected_survival(child, table, 185).iloc[0] < 1


def test_all_faults_are_told_at_once():
    cases = children(6).assign(
        country=["NO", "XX", "NO", "YY", None, "NO"], sex=["male", "unknown", None, *["male"] * 3]
    )
    cases.loc[5, "follow_up_days"] = -1
    cases.loc[0, "birth_date"] = pd.NaT
    with pytest.raises(InputError) as raised:
        net_survival(cases, read_life_table("demo"))
    told = "\n".join(raised.value.faults)
    assert "country: XX, YY not in the life table; 3 rows (2, 4, 5)" in told
    assert "sex: must be one of the life table's, male, female; 2 rows (2, 3)" in told
    assert "follow_up_days: must not be negative in 1 row (6)" in told
    assert "birth_date or age at diagnosis: must be filled in 1 row (1)" in told


def test_a_country_of_its_own_needs_no_column():
    cases, table = children(30), demonstration_life_table().query("country == 'IS'")
    without = net_survival(cases, table.drop(columns="country"))
    pd.testing.assert_frame_equal(net_survival(cases, table), without)
    with pytest.raises(MissingStepError, match="country"):
        net_survival(cases, demonstration_life_table())
    pd.testing.assert_frame_equal(
        net_survival(cases.assign(country="IS"), demonstration_life_table()), without
    )
    with pytest.raises(InputError, match="country: NO not in the life table"):
        net_survival(cases.assign(country="NO"), table)
