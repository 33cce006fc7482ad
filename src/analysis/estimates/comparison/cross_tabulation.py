"""Counts crossed by stratum, by what is compared and by age: what comparisons between units start from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.crude_rates import whole_counts
from analysis.strata import number_strata, require_list


def compared_columns(between: str | Sequence[str], by: Sequence[str]) -> list[str]:
    """The columns whose levels are compared, of which one may be named without a list; ``by`` must hold none of them.

    Examples
    --------
    >>> compared_columns("region", ["sex"]), compared_columns(["country", "region"], [])
    (['region'], ['country', 'region'])
    """
    require_list("by", by)
    compared = [between] if isinstance(between, str) else list(between)
    faults = [f"by: must not hold {name}, which is compared" for name in compared if name in by]
    if not compared:
        faults = ["between: name the columns whose levels are compared"]
    if faults:
        raise InputError("comparison", faults)
    return compared


@dataclass(frozen=True)
class CrossedCounts:
    """Cases and person-years with one axis a set of columns, the levels along each, and what has a row."""

    cases: np.ndarray
    person_years: np.ndarray
    levels: list[pd.DataFrame]
    present: np.ndarray


def crossed_counts(counts: pd.DataFrame, *columns: Sequence[str]) -> CrossedCounts:
    """Cases and person-years added up in every combination of several sets of columns."""
    cases, person_years = whole_counts(counts)
    numbered = [number_strata(counts[list(of_axis)], of_axis) for of_axis in columns]
    levels = [of_axis for _, of_axis in numbered]
    cell = tuple(numbers for numbers, _ in numbered)
    crossed_cases, crossed_years, rows = np.zeros((3, *map(len, levels)))
    np.add.at(crossed_cases, cell, cases)
    np.add.at(crossed_years, cell, person_years)
    np.add.at(rows, cell, 1)
    return CrossedCounts(crossed_cases, crossed_years, levels, rows > 0)
