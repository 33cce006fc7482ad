"""A life table as an array in which the yearly hazard of any place, year and age can be looked up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults, rows_phrase
from analysis.strata import number_strata, require_columns

# A yearly hazard above this is a rate per 1,000 or 100,000 by mistake.
HIGHEST_RATE = 10
OLDEST_AGE = 120
YEARS, AGES = 1, 2


@dataclass(frozen=True)
class MortalityRates:
    """Hazards a year of a life table: places (``sex``, and ``country`` where it has it) × years × ages.

    ``ends`` are the first and the last calendar year that each place has rates of its own for (places × 2).
    """

    rates: np.ndarray
    places: pd.DataFrame
    first_year: int
    first_age: int
    ends: np.ndarray

    @property
    def last_age(self) -> int:
        """The last completed year of age of the table."""
        return self.first_age + self.rates.shape[AGES] - 1

    def in_years(self, years: np.ndarray) -> np.ndarray:
        """The rates of these calendar years; before the first and after the last one theirs stand in."""
        last = self.rates.shape[YEARS] - 1
        return self.rates[:, np.clip(years - self.first_year, 0, last)]


def read_mortality_rates(life_table: pd.DataFrame) -> MortalityRates:
    """The life table as an array of hazards a year; gaps between its ages and years are stepped over.

    Reads ``sex``, ``age`` (completed years), ``year`` or ``period``, ``mortality_rate`` (a year) and ``country`` where
    it is there. A rate holds from its age (year) until the next one given, as abridged tables (0, 1, 5, 10 …) mean it;
    that of a ``period`` holds in each of its years.
    """
    first, last, age, rate = _checked_columns(life_table)
    keys = [key for key in ("country", "sex") if key in life_table.columns]
    place, places = number_strata(life_table[keys], keys)
    row, year = _each_year(first, last)
    cell = (place[row], year - year.min(), (age - age.min())[row])
    rates = np.full((len(places), np.ptp(year) + 1, np.ptp(age) + 1), np.nan)
    _refuse_repeated(places, np.ravel_multi_index(cell, rates.shape), row)
    rates[cell] = rate[row]
    ends = year.min() + _first_and_last(~np.isnan(rates).all(axis=AGES))
    # Ages first: an abridged table has gaps between ages within every year it has.
    filled = _filled(_filled(rates, AGES), YEARS)
    return MortalityRates(filled, places, int(year.min()), int(age.min()), ends)


def _each_year(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each calendar year that a row speaks of: the number of the row, and the year."""
    years_of_row = last - first + 1
    row = np.repeat(np.arange(len(first)), years_of_row)
    begin = np.cumsum(years_of_row) - years_of_row
    return row, first[row] + np.arange(len(row)) - begin[row]


def _refuse_repeated(places: pd.DataFrame, cell: np.ndarray, row: np.ndarray) -> None:
    repeated = row[np.bincount(cell)[cell] > 1]
    if repeated.size:
        keys = f"{', '.join(places.columns)}, year, age"
        phrase = rows_phrase(set(repeated + 1))
        raise InputError("life table", [f"{keys}: must be on one row only; is not in {phrase}"])


def _first_and_last(present: np.ndarray) -> np.ndarray:
    """The first and the last true column of each row."""
    last = present.shape[1] - 1 - present[:, ::-1].argmax(axis=1)
    return np.stack([present.argmax(axis=1), last], axis=1)


def _checked_columns(
    life_table: pd.DataFrame,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First and last year, age and rate of each row; every fault is listed at once."""
    require_columns(life_table, ["sex", "age", "mortality_rate"])
    if not {"year", "period"} & set(life_table.columns):
        require_columns(life_table, ["year"])
    first, last = _years_of(life_table)
    age, rate = (_numbers(life_table[column]) for column in ("age", "mortality_rate"))
    keys = [column for column in ("country", "sex") if column in life_table.columns]
    sound_age = (age >= 0) & (age <= OLDEST_AGE) & (age % 1 == 0)
    rules = {
        **{f"{column}: must be filled": life_table[column].isna() for column in keys},
        "year or period: must be a year or years such as 2008-2012": ~(first <= last),
        "age: must be a whole number from 0 to 120": ~sound_age,
        "mortality_rate: must be a number from 0 to 10": ~((rate >= 0) & (rate <= HIGHEST_RATE)),
    }
    raise_faults("life table", rules, [] if len(life_table) else ["has no rows"])
    return first.astype(np.int64), last.astype(np.int64), age.astype(np.int64), rate


def _years_of(life_table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First and last calendar year that each row speaks of; missing where it cannot be read."""
    nothing = np.full(len(life_table), np.nan)
    year = _numbers(life_table["year"]) if "year" in life_table.columns else nothing
    year = np.where(year % 1 == 0, year, np.nan)
    if "period" not in life_table.columns:
        return year, year
    period = life_table["period"].astype("string")
    ends = period.str.extract(r"^\s*(\d{4})\s*(?:[-–]\s*(\d{4})\s*)?$")
    first, last = _numbers(ends[0]), _numbers(ends[1].fillna(ends[0]))
    return np.where(np.isnan(year), first, year), np.where(np.isnan(year), last, year)


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _filled(rates: np.ndarray, axis: int) -> np.ndarray:
    """Each gap along an axis takes the value before it, one at the beginning the value after it."""
    present = ~np.isnan(rates)
    shape = [-1 if number == axis else 1 for number in range(rates.ndim)]
    position = np.arange(rates.shape[axis]).reshape(shape)
    before = np.maximum.accumulate(np.where(present, position, -1), axis=axis)
    first = present.argmax(axis=axis, keepdims=True)
    return np.take_along_axis(rates, np.where(before < 0, first, before), axis=axis)
