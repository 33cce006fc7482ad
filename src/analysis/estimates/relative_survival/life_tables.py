"""Background mortality: a life table as an array in which any place, year and age can be looked up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, rows_phrase
from analysis.strata import number_strata, require_columns
from analysis.terms import DAYS_PER_YEAR

YEAR_LENGTH = "days_per_year"
HIGHEST_RATE = 10
OLDEST_AGE = 120


@dataclass(frozen=True)
class Mortality:
    """Hazards per day of a life table: places (``sex``, and ``country`` where it has it) × years × ages.

    ``ends`` are the first and the last calendar year that each place has rates of its own for (places × 2).
    ``age_cell`` is the length in days of a year of age; missing where ages change on birthdays of the calendar.
    """

    per_day: np.ndarray
    places: pd.DataFrame
    first_year: int
    first_age: int
    ends: np.ndarray
    age_cell: float | None

    @property
    def last_age(self) -> int:
        """The last completed year of age of the table."""
        return self.first_age + self.per_day.shape[2] - 1


def note_year_length(life_table: pd.DataFrame, days: float = 365.241) -> pd.DataFrame:
    """Note how many days a person-year of the life table has, so that it is walked as R's rate tables are.

    Adds ``attrs["days_per_year"]`` (days); the columns stay as they are.

    Parameters
    ----------
    life_table
        As ``analysis.register.read_life_table`` gives it.
    days
        365.241 in the rate tables that R's relsurv makes, 365.25 in those of its survival package.

    Returns
    -------
    pandas.DataFrame
        A copy of the table with the note.

    Raises
    ------
    InputError
        Fewer than 365 days, or more than 366.

    Notes
    -----
    Without the note a rate is divided by 365.25 and a child grows a year older on each birthday of the calendar. With
    it a rate is divided by these days, and a year of age is so many days from birth, hence ends on a fraction of a day.

    Examples
    --------
    >>> note_year_length(pd.DataFrame({"sex": ["male"], "age": [0], "mortality_rate": [0.004]})).attrs
    {'days_per_year': 365.241}
    """
    if not 365 <= days <= 366:
        raise InputError("life table", ["a year must have from 365 to 366 days"])
    noted = life_table.copy()
    noted.attrs[YEAR_LENGTH] = days
    return noted


def mortality_of(life_table: pd.DataFrame) -> Mortality:
    """The life table as an array of hazards per day; gaps between its ages and years are stepped over.

    A rate holds from its age (year) until the next one given, as abridged tables (0, 1, 5, 10 …) mean it; that of a
    ``period`` holds in each of its years.
    """
    first, last, age, rate = _checked_columns(life_table)
    place, places = number_strata(
        life_table, [key for key in ("country", "sex") if key in life_table.columns]
    )
    years_of_row = last - first + 1
    row = np.repeat(np.arange(len(life_table)), years_of_row)
    year = first[row] + np.arange(len(row)) - (np.cumsum(years_of_row) - years_of_row)[row]
    shape = len(places), np.ptp(year) + 1, np.ptp(age) + 1
    cell = np.ravel_multi_index((place[row], year - year.min(), (age - age.min())[row]), shape)
    repeated = row[np.bincount(cell)[cell] > 1]
    if repeated.size:
        keys = f"{', '.join(places.columns)}, year, age"
        raise InputError(
            "life table",
            [f"{keys}: must be on one row only; is not in {rows_phrase(set(repeated + 1))}"],
        )
    rates = np.full(shape, np.nan)
    rates.ravel()[cell] = rate[row]
    days = life_table.attrs.get(YEAR_LENGTH)
    per_day = _filled(_filled(rates, 2), 1) / (days or DAYS_PER_YEAR)
    known = ~np.isnan(rates).all(axis=2)
    ends = year.min() + np.stack(
        [known.argmax(axis=1), known.shape[1] - 1 - known[:, ::-1].argmax(axis=1)], axis=1
    )
    return Mortality(per_day, places, int(year.min()), int(age.min()), ends, days)


def _checked_columns(
    life_table: pd.DataFrame,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First and last year, age and rate of each row; every fault is told at once."""
    require_columns(life_table, ["sex", "age", "mortality_rate"])
    if not {"year", "period"} & set(life_table.columns):
        require_columns(life_table, ["year"])
    first, last = _years_of(life_table)
    age, rate = (_numbers(life_table[column]) for column in ("age", "mortality_rate"))
    keys = [column for column in ("country", "sex") if column in life_table.columns]
    rules = {
        **{f"{column}: must be filled": life_table[column].isna().to_numpy() for column in keys},
        "year or period: must be a year or years such as 2008-2012": ~(first <= last),
        "age: must be a whole number from 0 to 120": ~(
            (age >= 0) & (age <= OLDEST_AGE) & (age % 1 == 0)
        ),
        "mortality_rate: must be a number from 0 to 10": ~((rate >= 0) & (rate <= HIGHEST_RATE)),
    }
    faults = [
        f"{rule} in {rows_phrase(np.flatnonzero(broken) + 1)}"
        for rule, broken in rules.items()
        if broken.any()
    ]
    if not len(life_table):
        faults.append("has no rows")
    if faults:
        raise InputError("life table", faults)
    return first.astype(np.int64), last.astype(np.int64), age.astype(np.int64), rate


def _years_of(life_table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First and last calendar year that each row speaks of; missing where it cannot be read."""
    nothing = np.full(len(life_table), np.nan)
    year = _numbers(life_table["year"]) if "year" in life_table.columns else nothing
    year = np.where(year % 1 == 0, year, np.nan)
    if "period" not in life_table.columns:
        return year, year
    ends = (
        life_table["period"].astype("string").str.extract(r"^\s*(\d{4})\s*(?:[-–]\s*(\d{4})\s*)?$")
    )
    first, last = _numbers(ends[0]), _numbers(ends[1].fillna(ends[0]))
    return np.where(np.isnan(year), first, year), np.where(np.isnan(year), last, year)


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _filled(rates: np.ndarray, axis: int) -> np.ndarray:
    """Each gap along an axis takes the value before it, one at the beginning the value after it."""
    known = ~np.isnan(rates)
    place = np.arange(rates.shape[axis]).reshape(
        [-1 if each == axis else 1 for each in range(rates.ndim)]
    )
    before = np.maximum.accumulate(np.where(known, place, -1), axis=axis)
    first = np.where(known.any(axis=axis, keepdims=True), known.argmax(axis=axis, keepdims=True), 0)
    return np.take_along_axis(rates, np.where(before < 0, first, before), axis=axis)
