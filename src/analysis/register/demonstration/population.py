"""The populations and life tables of the demonstration: rounded published figures, interpolated.

The figures stand in ``demonstration/population.csv`` and ``life_table.csv``, one column every
fifth year; ``demonstration/README.md`` says what they were made from.
"""

from importlib.resources import files

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

FIRST_YEAR, LAST_YEAR = 1985, 2023
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
AGE_LIMIT = 18
OLDEST_AGE = 80
ROUNDED_TO = 100


def read_demonstration(name: str, **options) -> pd.DataFrame:
    """One of the tables under ``demonstration/``, by its name without the ending."""
    with (
        files("analysis.register.demonstration")
        .joinpath(f"{name}.csv")
        .open(encoding="utf-8") as lines
    ):
        return pd.read_csv(lines, **options)


def demonstration_population() -> pd.DataFrame:
    """The children of the demonstration: mean population by country, region, year, sex and age.

    Returns
    -------
    pandas.DataFrame
        ``country region year sex age persons``; single years of age 0–17, years 1985–2023. Norway is
        given by its four health regions and nowhere whole; ``region`` is missing in other countries.

    Notes
    -----
    Real populations, rounded to hundreds by five-year age group and every fifth year; years between
    by straight lines, single ages by a monotone cubic through the cumulative population, which keeps
    every group's total. Norway's regions had no figures before 2005: the shares of 2005 are used.

    Examples
    --------
    >>> persons = demonstration_population()
    >>> int(persons.query("country == 'IS' and year == 2020")["persons"].sum().round(-3))
    82000
    """
    groups = read_demonstration("population")
    places = groups.drop_duplicates(["country", "region", "sex"])[["country", "region", "sex"]]
    by_group = _every_year(groups).reshape(len(places), -1, len(YEARS)) * ROUNDED_TO
    persons = _single_ages(by_group)[:, :AGE_LIMIT].round()
    population = _long(places, persons, "persons")
    return population[["country", "region", "year", "sex", "age", "persons"]]


def demonstration_life_table() -> pd.DataFrame:
    """The yearly mortality of the demonstration: country, year, sex, single years of age 0–80.

    Returns
    -------
    pandas.DataFrame
        ``country year sex age mortality_rate``; deaths per person-year, years 1985–2023.

    Notes
    -----
    Real rates, smoothed over calendar years and age bands. Between the middles of the bands the
    logarithm of the rate follows a straight line; infancy stands alone.

    Examples
    --------
    >>> rates = demonstration_life_table()
    >>> bool(rates["mortality_rate"].between(0, 1, inclusive="neither").all())
    True
    """
    bands = read_demonstration("life_table")
    places = bands.drop_duplicates(["country", "sex"])[["country", "sex"]]
    edges = bands["age_group"].iloc[: len(bands) // len(places)].str.split("-")
    middles = np.array([(int(edge[0]) + int(edge[-1])) / 2 for edge in edges])
    logarithms = np.log(_every_year(bands)).reshape(len(places), len(middles), len(YEARS))
    rates = np.exp(np.apply_along_axis(_at_single_ages, 1, logarithms, middles))
    life_table = _long(places, rates, "mortality_rate")
    return life_table[["country", "year", "sex", "age", "mortality_rate"]]


def _at_single_ages(by_band: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """Logarithms of the rates at single years of age, by straight lines between the bands' middles."""
    # Mortality in the first year of life is many times that of the second: no line joins them.
    from_one_on = np.interp(np.arange(1, OLDEST_AGE + 1), middles[1:], by_band[1:])
    return np.concatenate([by_band[:1], from_one_on])


def _every_year(table: pd.DataFrame) -> np.ndarray:
    """Rows of the table × calendar years, by straight lines between the years that it has."""
    columns = [column for column in table.columns if column.isdigit()]
    years = np.array(columns, dtype=float)
    return np.array([np.interp(YEARS, years, row) for row in table[columns].to_numpy(float)])


def _single_ages(by_group: np.ndarray) -> np.ndarray:
    """Places × five-year groups × years to places × single ages × years, group totals kept."""
    # The sum up to an age rises, and so must the curve through it: no age has less than nobody.
    cumulative = np.concatenate([np.zeros_like(by_group[:, :1]), by_group.cumsum(axis=1)], axis=1)
    edges = 5 * np.arange(cumulative.shape[1])
    return np.diff(PchipInterpolator(edges, cumulative, axis=1)(np.arange(edges[-1] + 1)), axis=1)


def _long(places: pd.DataFrame, values: np.ndarray, name: str) -> pd.DataFrame:
    """Places × ages × years as one row a place, year and age."""
    ages = values.shape[1]
    long = places.loc[places.index.repeat(ages * len(YEARS))].reset_index(drop=True)
    long["year"] = np.tile(YEARS, len(places) * ages)
    long["age"] = np.tile(np.repeat(np.arange(ages), len(YEARS)), len(places))
    long[name] = values.ravel()
    return long.sort_values(
        ["country", "year", "age"], kind="stable", key=_in_given_order, ignore_index=True
    )


def _in_given_order(column: pd.Series) -> pd.Series:
    # Countries stand in the order of the files, Norway's neighbours first, not by the alphabet.
    if column.dtype != object:
        return column
    return pd.Series(pd.factorize(column)[0], index=column.index)
