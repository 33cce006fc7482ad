"""Life tables of small countries, in which a year without a death says nothing, made smooth."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.life_tables import YEAR_LENGTH, mortality_of
from analysis.terms import DAYS_PER_YEAR


def smoothed_life_table(life_table: pd.DataFrame, years: int = 4, ages: int = 2) -> pd.DataFrame:
    """The life table with each rate shared out over neighbouring years and ages.

    .. math:: \\tilde m(a, y) = \\sum_{i,j} k_h(i)\\, k_b(j)\\, m(a + i, y + j), \\quad
              k_h(i) = \\frac{h + 1 - |i|}{(h + 1)^2}

    Reads ``sex``, ``age`` (completed years), ``year`` or ``period``, ``mortality_rate`` (deaths per person-year), and
    ``country`` where it is there; gives ``mortality_rate`` anew.

    Parameters
    ----------
    life_table
        As ``analysis.register.read_life_table`` gives it.
    years, ages
        How many years, and years of age, a rate reaches to each side; 0 for not at all.

    Returns
    -------
    pandas.DataFrame
        ``country? sex year age mortality_rate``: single years and ages, gaps stepped over as ``net_survival`` does.

    Raises
    ------
    InputError
        The table is not a life table, or a reach that is negative.

    Notes
    -----
    Rates, not logarithms, are averaged, since a rate may be 0. The weights are triangular and mirrored at the
    edges of the table, so that the sum of the rates of a country and sex, hence the deaths of a population even in age
    and year, stays what it was, and an even table stays even. Infancy, ten times as deadly as the year after it,
    shares nothing with other ages. Where rates rise by a tenth with each year of age, as in adults, the mean over
    ages is some 0.7 % above the rate in the middle; with ``ages=0`` it is not.

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
    rates = _shared_out(rates, 1, years)
    apart = 1 if mortality.first_age == 0 else 0
    rates = np.concatenate([rates[:, :, :apart], _shared_out(rates[:, :, apart:], 2, ages)], axis=2)
    places, of_years, of_ages = rates.shape
    table = mortality.places.iloc[np.repeat(np.arange(places), of_years * of_ages)].reset_index(drop=True)
    table["year"] = np.tile(np.repeat(mortality.first_year + np.arange(of_years), of_ages), places)
    table["age"] = np.tile(mortality.first_age + np.arange(of_ages), places * of_years)
    table = table.assign(mortality_rate=rates.ravel())
    if mortality.age_cell is not None:
        table.attrs[YEAR_LENGTH] = mortality.age_cell
    return table


def _shared_out(rates: np.ndarray, axis: int, reach: int) -> np.ndarray:
    """Triangular weights along an axis, what falls over an edge coming back mirrored."""
    length = rates.shape[axis]
    if not length:
        return rates
    weights = np.convolve(np.ones(reach + 1), np.ones(reach + 1)) / (reach + 1) ** 2
    mirrored = np.arange(-reach, length + reach) % (2 * length)
    mirrored = np.where(mirrored < length, mirrored, 2 * length - 1 - mirrored)
    padded = np.take(rates, mirrored, axis=axis)
    return sum(weight * np.take(padded, np.arange(length) + shift, axis=axis) for shift, weight in enumerate(weights))
