"""Cases beside the person-years that they came from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.counts.events import case_counts
from analysis.counts.persontime import observed_population, person_years
from analysis.errors import InputError
from analysis.strata import POPULATION_COLUMNS, number_strata, require_columns
from analysis.terms import is_count_table

SHOWN_STRATA = 5


def rate_table(cases: pd.DataFrame, population: pd.DataFrame | None = None, by: Sequence[str] = ()) -> pd.DataFrame:
    """Cases and person-years in each stratum, strata without a case included.

    Reads the columns of ``by``, and ``persons`` or ``person_years`` of the population; adds ``cases`` (a count) and
    ``person_years`` (years).

    Parameters
    ----------
    cases
        One row a tumour, or a count table.
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
    by = list(by)
    population = cases if population is None else population
    require_columns(cases, by)
    shared = _population_strata(population, by)
    at_risk = person_years(population, shared)
    counted = case_counts(cases, by)
    if not by:
        return at_risk.assign(cases=counted["cases"])[["cases", "person_years"]]
    of_population, of_case = _met_strata(at_risk, counted, shared)
    _refuse_cases_without_population(counted[~np.isin(of_case, of_population)], shared)
    of_diagnosis, diagnoses = number_strata(counted, [column for column in by if column not in shared])
    # Every diagnosis with every population stratum: the cells of a table, counted at one go.
    place = np.zeros(max(of_population.max(initial=-1), of_case.max(initial=-1)) + 1, dtype=np.int64)
    place[of_population] = np.arange(len(at_risk))
    cells = of_diagnosis * len(at_risk) + place[of_case]
    cases_in = np.bincount(cells, counted["cases"], minlength=len(diagnoses) * len(at_risk))
    diagnosis, population_stratum = np.divmod(np.arange(len(cases_in)), max(len(at_risk), 1))
    grid = pd.concat(
        [diagnoses.iloc[diagnosis].reset_index(drop=True), at_risk.iloc[population_stratum].reset_index(drop=True)],
        axis=1,
    ).assign(cases=cases_in.astype(np.int64))
    reading_order = np.argsort(number_strata(grid, by)[0], kind="stable")
    return grid[[*by, "cases", "person_years"]].iloc[reading_order].reset_index(drop=True)


def _population_strata(population: pd.DataFrame, by: list[str]) -> list[str]:
    of_population = [column for column in by if column in POPULATION_COLUMNS]
    if not is_count_table(population):
        of_population += [column for column in by if column in population.columns and column not in of_population]
    require_columns(observed_population(population, of_population), of_population)
    return [column for column in by if column in of_population]


def _met_strata(at_risk: pd.DataFrame, counted: pd.DataFrame, shared: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The strata of the population and those of the cases under common numbers."""
    # A categorical and plain text, or two kinds of integer, must meet as the same stratum.
    together = {
        column: np.concatenate([at_risk[column].to_numpy(dtype=object), counted[column].to_numpy(dtype=object)])
        for column in shared
    }
    numbers, _ = number_strata(pd.DataFrame(together, index=range(len(at_risk) + len(counted))), shared)
    return numbers[: len(at_risk)], numbers[len(at_risk) :]


def _refuse_cases_without_population(stray: pd.DataFrame, shared: list[str]) -> None:
    stray = case_counts(stray[stray["cases"] > 0], shared)
    if stray.empty or not stray["cases"].any():
        return
    named = [
        ", ".join(f"{column} {row[column]}" for column in shared) + f": {row['cases']}"
        for row in stray.head(SHOWN_STRATA).to_dict("records")
    ]
    more = f"; and {len(stray) - SHOWN_STRATA} more strata" if len(stray) > SHOWN_STRATA else ""
    raise InputError(
        "rate table", [f"cases in strata without population, {stray['cases'].sum()} in all: {'; '.join(named)}{more}"]
    )
