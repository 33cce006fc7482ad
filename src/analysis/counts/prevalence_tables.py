"""Survivors beside the population that they are part of."""

import numpy as np
import pandas as pd

from analysis.counts.survivors import attained_age_group
from analysis.errors import InputError, faults_in_rows
from analysis.strata import number_strata, require_columns, strata_columns

COUNTED = ["cases", "status_unknown"]
# Of these columns a population's are not a diagnosis's, whatever they are called.
OF_DIAGNOSIS = ("year", "period", "age", "age_group", "age_at_diagnosis")


def prevalence_table(prevalent: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Prevalent cases beside the population of the same day, strata without a survivor included.

    Reads ``cases``, ``status_unknown`` and the stratum columns of ``prevalent``; of the population ``persons`` (on the
    index date), ``age`` in single years where attained ages are asked for, and the stratum columns that both have.
    Adds ``persons`` (a number).

    Parameters
    ----------
    prevalent
        As ``prevalent_cases`` gives it.
    population
        One row a stratum of the population on the index date.

    Returns
    -------
    pandas.DataFrame
        ``by… cases status_unknown persons``: every stratum of the population with every combination of the columns
        that describe the diagnosis, beside each of which the same persons stand.

    Raises
    ------
    MissingStepError
        A column is not there, or attained ages without ``age`` in the population.
    InputError
        A population of several years; a missing or negative number of persons; survivors without a population.

    Notes
    -----
    The population of 1 January is the mean of the mid-year populations before and after it, where no count is to be
    had. Survivors whose age or region is not known have no population: leave them out by a criterion, so that it shows.

    Examples
    --------
    >>> prevalent = pd.DataFrame({"attained_age": [20], "cases": [3], "status_unknown": [1]})
    >>> prevalence_table(prevalent, pd.DataFrame({"age": [19, 20], "persons": [1000, 1100]}))
       attained_age  cases  status_unknown  persons
    0            19      0               0   1000.0
    1            20      3               1   1100.0
    """
    require_columns(prevalent, COUNTED)
    by = strata_columns(prevalent, COUNTED)
    on_day = _population_on_day(population, by)
    shared = [column for column in by if column in on_day.columns]
    numbers, grid = number_strata(on_day, shared)
    grid = grid.assign(persons=np.bincount(numbers, on_day["persons"], minlength=len(grid)))
    of_diagnosis = [column for column in by if column not in shared]
    if of_diagnosis:
        grid = prevalent[of_diagnosis].drop_duplicates().merge(grid, how="cross")
    if not by:
        return prevalent[COUNTED].reset_index(drop=True).assign(persons=grid["persons"])
    grid = grid.assign(**_counted_in(grid, prevalent, by))
    order = np.argsort(number_strata(grid, by)[0], kind="stable")
    return grid[[*by, *COUNTED, "persons"]].iloc[order].reset_index(drop=True)


def _counted_in(
    grid: pd.DataFrame, prevalent: pd.DataFrame, by: list[str]
) -> dict[str, np.ndarray]:
    """The counts of each stratum of the population, 0 where there are none."""
    met = _comparable(grid, by).merge(_comparable(prevalent, by), on=by, how="left")
    counts = {name: met[name].fillna(0).astype(np.int64).to_numpy() for name in COUNTED}
    all_counts = int(prevalent[COUNTED].to_numpy().sum())
    without = all_counts - sum(int(column.sum()) for column in counts.values())
    if without:
        fault = f"survivors in strata without population, {without} in all"
        raise InputError("prevalence table", [fault])
    return counts


def _population_on_day(population: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    require_columns(population, ["persons"])
    persons = population["persons"].to_numpy(dtype=float, na_value=np.nan)
    faults = faults_in_rows({"persons: must be 0 or more": ~(persons >= 0)})
    if "year" in population.columns and population["year"].nunique() > 1:
        faults.append("year: give the population of the index date alone")
    if faults:
        raise InputError("population", faults)
    ages = {}
    if "attained_age" in by or "attained_age_group" in by:
        require_columns(population, ["age"])
        age = population["age"].astype("Int64")
        ages = {"attained_age": age, "attained_age_group": attained_age_group(age)}
    return population.drop(
        columns=[column for column in OF_DIAGNOSIS if column in population]
    ).assign(persons=persons, **ages)


def _comparable(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    # A categorical and plain text, or two kinds of integer, must meet as the same stratum.
    return frame.assign(**{column: frame[column].astype(object) for column in by})
