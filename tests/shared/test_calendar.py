"""One convention for ages and days on the calendar."""

import numpy as np
import pandas as pd
import pytest

from analysis.calendar import birthdays, completed_years, day_numbers, middle_of_year


def dates(*days):
    return pd.Series(pd.to_datetime(list(days)))


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2000-03-02", "2015-03-01", 14),
        ("2000-03-02", "2015-03-02", 15),
        ("2000-03-02", "2015-02-28", 14),
        ("2000-12-31", "2001-01-01", 0),
        ("2000-02-29", "2001-02-28", 0),
        ("2000-02-29", "2001-03-01", 1),
        ("2000-02-29", "2004-02-28", 3),
        ("2000-02-29", "2004-02-29", 4),
    ],
)
def test_an_age_is_the_number_of_birthdays_passed(birth, day, age):
    assert completed_years(dates(birth), dates(day)).tolist() == [age]
    assert completed_years(dates(birth), pd.Timestamp(day)).tolist() == [age]


def test_a_missing_date_has_no_age():
    assert completed_years(dates("2000-01-01", None), dates(None, "2001-01-01")).isna().all()


@pytest.mark.parametrize("year", [1999, 2000, 1900])
def test_the_middle_of_a_year_is_the_first_of_july(year):
    assert middle_of_year(pd.Series([year])).tolist() == [pd.Timestamp(year, 7, 1)]


def test_days_are_numbered_from_1970():
    known = pd.Series(pd.to_datetime(["1970-01-01", "1969-12-31", "1970-02-01"]))
    assert day_numbers(known).tolist() == [0, -1, 31]
    assert day_numbers(known + pd.Timedelta(hours=23)).tolist() == [0, -1, 31]
    assert np.isnan(day_numbers(dates(None))).all()


def test_birthdays_fall_on_the_day_that_completes_a_year():
    """In every year the day told is the first one with a higher completed age."""
    birth = pd.date_range("1999-01-01", "2001-01-01").to_series(index=None).reset_index(drop=True)
    told = birthdays(birth.to_numpy(dtype="datetime64[D]").astype(np.int64))
    assert told.year.tolist() == birth.dt.year.tolist()
    for year in (2003, 2004):
        leap_year = year == 2004
        place = told.day + (told.after_leap_day & leap_year)
        birthday = pd.Series(pd.Timestamp(year, 1, 1) + pd.to_timedelta(place, unit="D"))
        assert (completed_years(birth, birthday) == year - birth.dt.year).all()
        day_before = birthday - pd.Timedelta(days=1)
        assert (completed_years(birth, day_before) == year - 1 - birth.dt.year).all()
