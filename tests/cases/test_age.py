"""Completed years on the calendar, birthdays and leap days included."""

import numpy as np
import pandas as pd
import pytest

from analysis.cases import add_age, add_period
from analysis.errors import MissingStepError


def ages(pairs):
    frame = pd.DataFrame(pairs, columns=["birth_date", "diagnosis_date"]).apply(pd.to_datetime)
    return add_age(frame)["age_at_diagnosis"].tolist()


def test_birthdays():
    assert ages(
        [("2000-03-02", "2015-03-01"), ("2000-03-02", "2015-03-02"), ("2000-03-02", "2000-03-02")]
    ) == [
        14,
        15,
        0,
    ]
    assert ages(
        [("2004-02-29", "2019-02-28"), ("2004-02-29", "2019-03-01"), ("2004-02-29", "2020-02-29")]
    ) == [
        14,
        15,
        16,
    ]


def test_no_fifteenth_birthday_is_called_14():
    births = pd.date_range("1990-01-01", "1999-12-31")
    births = births[~((births.month == 2) & (births.day == 29))]
    fifteenth = births + pd.DateOffset(years=15)
    assert set(ages(zip(births, fifteenth, strict=True))) == {15}
    assert set(ages(zip(births, fifteenth - pd.Timedelta(days=1), strict=True))) == {14}


def test_age_groups_and_year():
    frame = pd.DataFrame(
        {"age_at_diagnosis": [0, 1, 4, 5, 14, 15, 17, 18, 19, 20, None], "year": [2001] * 11}
    )
    assert add_age(frame)["age_group"].fillna("").tolist() == [
        "0",
        "1-4",
        "1-4",
        "5-9",
        "10-14",
        "15-17",
        "15-17",
        "18-19",
        "18-19",
        "",
        "",
    ]
    assert add_age(frame)["year"].tolist() == [2001] * 11


def test_days_and_year_give_nearly_the_calendar_age():
    rng = np.random.Generator(np.random.PCG64(1))
    births = pd.Timestamp("1985-01-01") + pd.to_timedelta(rng.integers(0, 12000, 20000), unit="D")
    diagnoses = births + pd.to_timedelta(rng.integers(0, 18 * 365, 20000), unit="D")
    dated = pd.DataFrame({"birth_date": births, "diagnosis_date": diagnoses})
    coarse = pd.DataFrame(
        {"year": dated.diagnosis_date.dt.year, "age_at_diagnosis_days": (diagnoses - births).days}
    )
    agree = add_age(coarse)["age_at_diagnosis"] == add_age(dated)["age_at_diagnosis"]
    assert agree.mean() > 0.999


def test_dates_missing_in_some_rows_are_filled_from_the_coarse_columns():
    frame = pd.DataFrame(
        {
            "birth_date": pd.to_datetime(["2000-01-01", None]),
            "diagnosis_date": pd.to_datetime(["2010-06-01", None]),
            "age_at_diagnosis": [None, 7],
            "year": [None, 2012],
        }
    )
    assert add_age(frame)[["age_at_diagnosis", "year"]].values.tolist() == [[10, 2010], [7, 2012]]


def test_periods():
    frame = pd.DataFrame({"year": [1985, 1989, 1990, 2023]})
    assert add_period(frame, 1985)["period"].tolist() == [
        "1985–1989",
        "1985–1989",
        "1990–1994",
        "2020–2023",
    ]
    assert add_period(frame, 1985, last_year=2024)["period"].tolist()[-1] == "2020–2024"
    with pytest.raises(MissingStepError, match="year"):
        add_period(pd.DataFrame({"cases": [1]}), 1985)
    sent = pd.DataFrame({"period": ["2008-2012"]})
    assert add_period(sent, 1985) is sent
