"""Background mortality: a life table as an array in which any place, year and age can be looked up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.mortality_rates import read_mortality_rates
from analysis.quantities import notes_of
from analysis.terms import DAYS_PER_YEAR

YEAR_LENGTH = "days_per_year"


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

    def laid_out(self, years: np.ndarray, ages: np.ndarray) -> np.ndarray:
        """The hazards of these calendar years and ages; before and beyond the table its nearest ones stand in."""
        of_years, of_ages = self.per_day.shape[1:]
        rates = self.per_day[:, np.clip(years - self.first_year, 0, of_years - 1)]
        return rates[:, :, np.clip(ages - self.first_age, 0, of_ages - 1)]


def note_year_length(life_table: pd.DataFrame, days: float = 365.241) -> pd.DataFrame:
    """Note how many days a person-year of the life table has, so that it is walked as R's rate tables are.

    Adds ``days_per_year`` (days), the same in each row.

    Parameters
    ----------
    life_table
        As ``analysis.register.read_life_table`` gives it.
    days
        365.241 in the rate tables that R's relsurv makes, 365.25 in those of its survival package.

    Returns
    -------
    pandas.DataFrame
        The table with the note.

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
    >>> note_year_length(pd.DataFrame({"sex": ["male"], "age": [0], "mortality_rate": [0.004]}))
        sex  age  mortality_rate  days_per_year
    0  male    0           0.004        365.241
    """
    if not 365 <= days <= 366:
        raise InputError("life table", ["a year must have from 365 to 366 days"])
    return life_table.assign(**{YEAR_LENGTH: days})


def mortality_of(life_table: pd.DataFrame) -> Mortality:
    """The life table as an array of hazards per day; gaps between its ages and years are stepped over.

    A rate holds from its age (year) until the next one given, as abridged tables (0, 1, 5, 10 …) mean it; that of a
    ``period`` holds in each of its years.
    """
    yearly = read_mortality_rates(life_table)
    days = notes_of(life_table).get(YEAR_LENGTH)
    return Mortality(
        yearly.rates / (days or DAYS_PER_YEAR),
        yearly.places,
        yearly.first_year,
        yearly.first_age,
        yearly.ends,
        days,
    )
