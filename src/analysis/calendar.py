"""Ages and days on the calendar: completed years, birthdays, the middle of a year.

Every stage takes them from here, so that a child has one age everywhere. Three conventions hold:

- An age is the number of birthdays passed, never days divided by 365.25, which calls one fifteenth birthday in
  four 14.
- Someone born on 29 February has a birthday on 1 March in common years.
- What is known by its year alone is placed on 1 July.
"""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.errors import InputError

MIDDLE_OF_YEAR = "-07-01"
# Days before 1 March in a common year.
FIRST_OF_MARCH = 59


def completed_years(
    earlier: pd.Series | pd.Timestamp, later: pd.Series | pd.Timestamp
) -> pd.Series:
    """Birthdays, or anniversaries, from one day to another.

    Parameters
    ----------
    earlier, later
        Dates; at least one of them a series. A missing date gives a missing age.

    Returns
    -------
    pandas.Series
        Completed years (Int64), with the index of the series.

    Examples
    --------
    >>> birth = pd.Series(pd.to_datetime(["2000-03-02", "2000-02-29"]))
    >>> completed_years(birth, pd.Timestamp("2015-03-01")).tolist()
    [14, 15]
    """
    before_birthday = _day_in_year(later) < _day_in_year(earlier)
    years = _year(later) - _year(earlier)
    return years.astype("Int64") - before_birthday.astype("Int64")


def middle_of_year(year: pd.Series) -> pd.Series:
    """1 July of each year (datetime64[s]); missing where the year is.

    Examples
    --------
    >>> middle_of_year(pd.Series([2024, None])).astype(str).tolist()
    ['2024-07-01', 'NaT']
    """
    text = pd.to_numeric(year).astype("Int64").astype("string")
    return pd.to_datetime(text + MIDDLE_OF_YEAR).astype("datetime64[s]")


def day_numbers(dates: pd.Series) -> np.ndarray:
    """Days from 1 January 1970 to each date (float); NaN where there is none.

    Examples
    --------
    >>> day_numbers(pd.Series(pd.to_datetime(["1970-01-02 13:00", None])))
    array([ 1., nan])
    """
    days = pd.to_datetime(dates).to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64))


def iso_day(argument: str, day: str | date | None) -> pd.Timestamp | None:
    """A day that a caller names, as ISO writes it; None stays None.

    Parameters
    ----------
    argument
        What the caller calls it, for the message.
    day
        ``"2023-12-31"``, a date, or None for no day.

    Raises
    ------
    InputError
        It is anything else: a year alone, 31/12/2023, a day that the calendar does not have.

    Examples
    --------
    >>> iso_day("closing_date", "2023-12-31")
    Timestamp('2023-12-31 00:00:00')
    >>> iso_day("closing_date", "31.12.2023")
    Traceback (most recent call last):
    ...
    analysis.errors.InputError: argument: 1 fault
      - closing_date: must be an ISO date, as in "2023-12-31", or None for no date
    """
    if day is None:
        return None
    text = day.isoformat()[:10] if isinstance(day, date) else str(day)
    # pandas reads "2023" and "20231231" too; what is not written out may be meant otherwise.
    written_out = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)
    stamp = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce") if written_out else pd.NaT
    if pd.isna(stamp):
        rule = f'{argument}: must be an ISO date, as in "2023-12-31", or None for no date'
        raise InputError("argument", [rule])
    return stamp


@dataclass(frozen=True)
class Birthdays:
    """When each child has a birthday, as arrays of one element a child.

    ``year`` is the year of birth, ``day`` the days from 1 January to the birthday in a common year, ``after_leap_day``
    whether a leap year puts the birthday a day later.
    """

    year: np.ndarray
    day: np.ndarray
    after_leap_day: np.ndarray


def birthdays(birth: np.ndarray) -> Birthdays:
    """The birthdays of children by their days of birth, numbered from 1 January 1970.

    Examples
    --------
    >>> born = np.array(["2000-02-29", "2001-03-01"], dtype="datetime64[D]").astype(int)
    >>> birthdays(born).day.tolist()
    [59, 59]
    """
    year = birth.astype("datetime64[D]").astype("datetime64[Y]")
    first_day = year.astype("datetime64[D]").astype(np.int64)
    leap = (year + 1).astype("datetime64[D]").astype(np.int64) - first_day == 366
    place = birth - first_day
    # 29 February is place 59 of a leap year: its birthday in common years is 1 March, place 59 too.
    after_leap_day = np.where(leap, place > FIRST_OF_MARCH, place >= FIRST_OF_MARCH)
    return Birthdays(year.astype(np.int64) + 1970, place - (leap & after_leap_day), after_leap_day)


def _year(date: pd.Series | pd.Timestamp) -> pd.Series | int:
    return date.dt.year if isinstance(date, pd.Series) else date.year


def _day_in_year(date: pd.Series | pd.Timestamp) -> pd.Series | int:
    if isinstance(date, pd.Series):
        return date.dt.month * 100 + date.dt.day
    return date.month * 100 + date.day
