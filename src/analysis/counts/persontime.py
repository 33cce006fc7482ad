"""Person-years: how much childhood was under observation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults, rows_phrase
from analysis.strata import POPULATION_COLUMNS, number_strata, require_columns, require_list
from analysis.terms import AGE_GROUPS, is_count_table


def person_years(population: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Person-years in each stratum: the mean population of a year, summed over years.

    Reads ``persons`` (mean population of the year, that is, person-years in it) or ``person_years``, and the columns
    of ``by``; adds ``person_years`` (years).

    Parameters
    ----------
    population
        One row for each country, year, sex and age; or a count table that brings its own ``person_years``, in which
        the same person-years stand beside every diagnosis and are counted once.
    by
        Stratum columns. ``age_group`` is made from a single-year ``age`` where it is absent; persons older than
        the last group are then left out, as the groups say nothing of them.

    Returns
    -------
    pandas.DataFrame
        ``by… person_years``, strata in reading order.

    Raises
    ------
    MissingStepError
        A column of ``by`` is not there and cannot be made.
    InputError
        A missing or negative number of persons; a count table that gives one stratum two different person-years.

    Notes
    -----
    The mean population is that of the middle of the year, or the mean of two counts of 1 January.

    Examples
    --------
    >>> population = pd.DataFrame({"age": [0, 1, 2], "persons": [100, 110, 120]})
    >>> person_years(population, ["age_group"])
      age_group  person_years
    0         0         100.0
    1       1-4         230.0
    """
    require_list("by", by)
    observed = observed_population(population, by)
    numbers, strata = number_strata(observed, by)
    return strata.assign(
        person_years=np.bincount(numbers, observed["person_years"], minlength=len(strata))
    )


def observed_population(population: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """The population with ``person_years`` and the age columns that ``by`` asks for, each person-year once."""
    source = "person_years" if "person_years" in population.columns else "persons"
    require_columns(population, [source])
    person_time = population[source].to_numpy(dtype=float, na_value=np.nan)
    raise_faults("population", {f"{source}: must be 0 or more": ~(person_time >= 0)})
    observed = _with_ages(population.assign(person_years=person_time), by)
    return _once_per_diagnosis(observed) if is_count_table(population) else observed


def _with_ages(population: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    missing = [column for column in by if column not in population.columns]
    if "age" not in population.columns or not missing:
        return population
    if "age_at_diagnosis" in missing:
        population = population.assign(age_at_diagnosis=population["age"])
    if "age_group" in missing:
        upper_ages = [-1, *(last for _, last in AGE_GROUPS.values())]
        age = population["age"].astype("float64")
        population = population.assign(age_group=pd.cut(age, upper_ages, labels=list(AGE_GROUPS)))
        population = population[population["age_group"].notna()]
    return population


def _once_per_diagnosis(counts: pd.DataFrame) -> pd.DataFrame:
    strata = [column for column in POPULATION_COLUMNS if column in counts.columns]
    distinct = counts[[*strata, "person_years"]].drop_duplicates()
    repeated = distinct.duplicated(strata)
    if repeated.any():
        rows = counts.index.get_indexer(repeated[repeated].index) + 1
        rule = "person_years: must be the same for every diagnosis of a stratum"
        raise InputError("count table", [f"{rule} in {rows_phrase(rows)}"])
    return distinct
