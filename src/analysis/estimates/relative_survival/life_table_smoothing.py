"""Life tables of small countries, in which a year without a death says nothing, made smooth."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.relative_survival.life_tables import (
    YEAR_LENGTH,
    Mortality,
    mortality_of,
)
from analysis.terms import DAYS_PER_YEAR


def smoothed_life_table(life_table: pd.DataFrame, *, years: int = 4, ages: int = 2) -> pd.DataFrame:
    """The life table with the course of mortality over the years shared out over neighbouring years and ages.

    .. math:: \\tilde m(a, y) = \\bar m(a) \\sum_{i,j} k_h(i)\\, k_b(j)\\,
              \\frac{m(a + i, y + j)}{\\bar m(a + i)}, \\quad k_h(i) = \\frac{h + 1 - |i|}{(h + 1)^2}

    where :math:`\\bar m(a)` is the mean of an age's rates over the years of the table.

    Reads ``sex``, ``age`` (completed years), ``year`` or ``period``, ``mortality_rate`` (deaths per person-year), and
    ``country`` where it is there; gives ``mortality_rate`` anew.

    Parameters
    ----------
    life_table
        As ``analysis.register.read_life_table`` gives it.
    years, ages
        How many years, and years of age, each is shared out over to each side; 0 for not at all.

    Returns
    -------
    pandas.DataFrame
        ``country? sex year age mortality_rate``: single years and ages, the same for all countries; gaps, and years
        that a country lacks, are stepped over as ``net_survival`` does.

    Raises
    ------
    InputError
        The table is not a life table, or a reach that is negative.

    Notes
    -----
    Each age keeps the sum of its rates over the years, hence the deaths of a population even over the years, and a
    table whose ages rise and fall alike stays as steep over the ages as it was. The weights are triangular and mirrored
    at the edges of the table. Rates, not logarithms, are averaged, since a rate may be 0; an age without a death in any
    year of the table stays at 0.

    References
    ----------
    Simonoff. Smoothing Methods in Statistics, 1996, chapter 3 (kernels, reflection at the edges).

    Examples
    --------
    >>> table = pd.DataFrame({"sex": "male", "year": [2019, 2020, 2021], "age": 8, "mortality_rate": [0, 0.0003, 0]})
    >>> smoothed_life_table(table, years=1, ages=0)["mortality_rate"].round(6).tolist()
    [7.5e-05, 0.00015, 7.5e-05]
    """
    if years < 0 or ages < 0:
        raise InputError("smoothed life table", ["years and ages must not be negative"])
    mortality = mortality_of(life_table)
    rates = mortality.per_day * (mortality.age_cell or DAYS_PER_YEAR)
    level = rates.mean(axis=1, keepdims=True)
    course = np.divide(rates, level, out=np.ones_like(rates), where=level > 0)
    smooth = level * _shared_out(_shared_out(course, axis=1, reach=years), axis=2, reach=ages)
    table = _as_table(smooth, mortality)
    if mortality.age_cell is not None:
        table[YEAR_LENGTH] = mortality.age_cell
    return table


def _as_table(rates: np.ndarray, mortality: Mortality) -> pd.DataFrame:
    """A row for each place, year and age."""
    place, year, age = np.indices(rates.shape).reshape(3, -1)
    table = mortality.places.iloc[place].reset_index(drop=True)
    return table.assign(
        year=mortality.first_year + year,
        age=mortality.first_age + age,
        mortality_rate=rates.ravel(),
    )


def _shared_out(course: np.ndarray, axis: int, reach: int) -> np.ndarray:
    """Triangular weights along an axis, what falls over an edge coming back mirrored."""
    length = course.shape[axis]
    weights = np.convolve(np.ones(reach + 1), np.ones(reach + 1)) / (reach + 1) ** 2
    mirrored = np.arange(-reach, length + reach) % (2 * length)
    mirrored = np.where(mirrored < length, mirrored, 2 * length - 1 - mirrored)
    padded = np.take(course, mirrored, axis=axis)
    return sum(
        weight * np.take(padded, np.arange(length) + shift, axis=axis)
        for shift, weight in enumerate(weights)
    )
