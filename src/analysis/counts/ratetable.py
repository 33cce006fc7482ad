"""Cases beside the person-years that they came from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.counts.casecounts import count_cases
from analysis.counts.engines import count_in_engine
from analysis.counts.persontime import observed_population, person_years
from analysis.errors import InputError
from analysis.strata import (
    POPULATION_COLUMNS,
    number_densely,
    number_strata,
    repeat_strata,
    require_columns,
    require_list,
)
from analysis.terms import is_count_table

SHOWN_STRATA = 5


def rate_table(
    cases: pd.DataFrame, population: pd.DataFrame | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Cases and person-years in each stratum, strata without a case included.

    Reads the columns of ``by``, and ``persons`` or ``person_years`` of the population; adds ``cases`` (a count) and
    ``person_years`` (years).

    Parameters
    ----------
    cases
        One row a tumour, or a count table; pandas, or any frame that narwhals knows.
    population
        As ``person_years`` reads it; left out, the count table's own person-years are used.
    by
        Stratum columns. Those of a population (country, region, year, period, sex, age, and whatever else the
        population has) divide both; the others describe the diagnosis and divide the cases alone.

    Returns
    -------
    pandas.DataFrame
        ``by… cases person_years``: every population stratum with every combination of diagnosis columns that occurs,
        zero where there was no case. Cases add up to the cases given.

    Raises
    ------
    MissingStepError
        A column of ``by`` is absent from the cases, or one of the population's kind from the population.
    InputError
        Cases in a stratum that has no population.

    Notes
    -----
    Person-years stand beside each diagnosis: add them up over population strata only. Cases of unknown sex or region
    have no population; leave them out by a criterion, so that the inclusion flow shows them.

    Examples
    --------
    >>> cases = pd.DataFrame({"sex": ["male", "male"], "iccc3_group": ["I", "IV"]})
    >>> population = pd.DataFrame({"sex": ["female", "male"], "persons": [480, 500]})
    >>> rate_table(cases, population, ["iccc3_group", "sex"])
      iccc3_group     sex  cases  person_years
    0           I    male      1         500.0
    1           I  female      0         480.0
    2          IV    male      1         500.0
    3          IV  female      0         480.0
    """
    require_list("by", by)
    by = list(by)
    population = cases if population is None else population
    cases, _ = count_in_engine(cases, by)
    require_columns(cases, by)
    shared = _population_strata(population, by)
    at_risk = person_years(population, shared)
    described = [column for column in by if column not in shared]
    of_diagnosis, diagnoses = number_strata(cases, described)
    # Every diagnosis with every population stratum: the cells of a table, counted at one go.
    cell = of_diagnosis * len(at_risk) + _place_in_population(cases, at_risk, shared)
    counts = count_cases(cases, cell, len(diagnoses) * len(at_risk))
    return _table_of_cells(by, diagnoses, at_risk, counts)


def _table_of_cells(
    by: list[str], diagnoses: pd.DataFrame, at_risk: pd.DataFrame, counts: np.ndarray
) -> pd.DataFrame:
    """One row a cell, diagnoses × population strata, in reading order."""
    cells = _in_reading_order(by, diagnoses, at_risk)
    diagnosis, stratum = np.divmod(cells, max(len(at_risk), 1))
    columns = repeat_strata(diagnoses, diagnosis) | repeat_strata(at_risk, stratum)
    columns["cases"] = counts[cells]
    table = pd.DataFrame(columns, index=range(len(cells)))
    return table[[*by, "cases", "person_years"]]


def _population_strata(population: pd.DataFrame, by: list[str]) -> list[str]:
    of_population = [column for column in by if column in POPULATION_COLUMNS]
    # A population may be divided by what only its registry knows, as a county; a count table is cases and population
    # in one, whose other columns describe the diagnosis.
    if not is_count_table(population):
        of_population += [
            column for column in by if column in population.columns and column not in of_population
        ]
    require_columns(observed_population(population, of_population), of_population)
    return [column for column in by if column in of_population]


def _place_in_population(
    cases: pd.DataFrame, at_risk: pd.DataFrame, shared: list[str]
) -> np.ndarray:
    """The row of ``at_risk`` that each case belongs to."""
    numbers, strata = number_strata(cases, shared)
    # A categorical and plain text, or two kinds of integer, must meet as the same stratum.
    together = {
        column: np.concatenate(
            [at_risk[column].to_numpy(dtype=object), strata[column].to_numpy(dtype=object)]
        )
        for column in shared
    }
    met, _ = number_strata(pd.DataFrame(together, index=range(len(at_risk) + len(strata))), shared)
    population_row = np.full(met.max(initial=-1) + 1, -1)
    population_row[met[: len(at_risk)]] = np.arange(len(at_risk))
    # A stratum of cases that the population lacks has no row: its rate would be of nobody.
    row = population_row[met[len(at_risk) :]]
    if (row < 0).any():
        counted = strata.assign(cases=count_cases(cases, numbers, len(strata)))
        _refuse_cases_without_population(counted[(row < 0) & (counted["cases"] > 0)], shared)
    return np.where(row < 0, 0, row)[numbers]


def _in_reading_order(by: list[str], diagnoses: pd.DataFrame, at_risk: pd.DataFrame) -> np.ndarray:
    """The cells of the table diagnosis × population stratum, as they are to be read."""
    numbers, size = np.zeros((len(diagnoses), len(at_risk)), dtype=np.int64), 1
    for column in by:
        codes, levels = number_strata(at_risk if column in at_risk.columns else diagnoses, [column])
        numbers = numbers * len(levels) + (
            codes if column in at_risk.columns else codes[:, np.newaxis]
        )
        numbers, size = number_densely(numbers, size * len(levels))
    return np.argsort(numbers, axis=None, kind="stable")


def _refuse_cases_without_population(stray: pd.DataFrame, shared: list[str]) -> None:
    if stray.empty:
        return
    named = [
        ", ".join(f"{column} {row[column]}" for column in shared) + f": {row['cases']}"
        for row in stray.head(SHOWN_STRATA).to_dict("records")
    ]
    more = f"; and {len(stray) - SHOWN_STRATA} more strata" if len(stray) > SHOWN_STRATA else ""
    rule = f"cases in strata without population, {stray['cases'].sum()} in all"
    raise InputError("rate table", [f"{rule}: {'; '.join(named)}{more}"])
