"""Counts crossed by stratum, by what is compared and by age: what comparisons between units start from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.rates.crude_rates import whole_counts
from analysis.strata import number_strata


def crossed_counts(
    counts: pd.DataFrame, *columns: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, list[pd.DataFrame], np.ndarray]:
    """Cases and person-years added up in every combination of several sets of columns.

    Returns the two arrays with one axis a set, the levels along each axis, and which combinations have a row.
    """
    cases, person_years = whole_counts(counts)
    numbered = [number_strata(counts, of_axis) for of_axis in columns]
    shape = tuple(len(levels) for _, levels in numbered)
    places = tuple(numbers for numbers, _ in numbered)
    crossed_cases, crossed_years, rows = (np.zeros(shape) for _ in range(3))
    for crossed, values in ((crossed_cases, cases), (crossed_years, person_years), (rows, 1)):
        np.add.at(crossed, places, values)
    return crossed_cases, crossed_years, [levels for _, levels in numbered], rows > 0
