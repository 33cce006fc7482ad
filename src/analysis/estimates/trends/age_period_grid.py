"""Rows by age and period on one grid, as a Lexis diagram has them."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.ages import AGE_BAND, AGE_COLUMNS
from analysis.estimates.trends.loglinear import trend_rows
from analysis.strata import require_columns

WHAT = "age–period–cohort"
EFFECTS = ("age", "period", "cohort")


def lexis_rows(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows fit for an age–period–cohort model: ``by``, cases, person-years, and ``age period cohort`` in years."""
    age = next((name for name in AGE_COLUMNS if name in counts.columns), "age_group")
    require_columns(counts, [age, *by])
    ages, age_width, faults = _bands(counts[age])
    times = [name for name in ("period", "year") if name in counts.columns] or ["year"]
    require_columns(counts, times)
    read = {name: _bands(counts[name]) for name in times}
    time = next((name for name in times if read[name][1] == age_width), times[0])
    periods, period_width, time_faults = read[time]
    faults += time_faults
    if not faults and len(counts) and age_width != period_width:
        faults = [
            f"{age} is {age_width} years wide and {time} {period_width}: give both the same width"
        ]
    if faults:
        raise InputError(WHAT, faults)
    rows = trend_rows(WHAT, counts.assign(year=periods), by)
    return rows.assign(the_age=ages, the_period=periods, the_cohort=periods - ages)


def _bands(column: pd.Series) -> tuple[np.ndarray, int, list[str]]:
    """First year of each row's band, the width of all bands, and what is wrong with them."""
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    read = [AGE_BAND.fullmatch(_as_written(label)) for label in labels]
    faults = [
        f"{column.name}: {label!r} is not a year or a closed band of years"
        for label in _unread(labels, read)
    ]
    if (codes < 0).any():
        faults.append(f"{column.name}: must be filled in")
    if faults or not len(labels):
        return np.full(len(column), np.nan), 1, faults
    first = np.array([int(found.group(1)) for found in read])
    last = np.array([int(found.group(2) or found.group(1)) for found in read])
    widths = np.unique(last - first + 1)
    if len(widths) > 1 or ((first - first.min()) % widths[0]).any():
        faults = [
            f"{column.name}: bands must be equally wide and follow each other; widths are {widths.tolist()}"
        ]
    return first[codes].astype(float), int(widths[0]), faults


def _as_written(label: object) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def _unread(labels: pd.Index, read: list) -> list[str]:
    return [
        str(label) for label, found in zip(labels, read, strict=True) if not found or found.group(3)
    ]


def lexis_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells with person-years, less the ages, periods and cohorts without a case: they say nothing of the rest."""
    observed = rows[rows["the_person_years"] > 0]
    keys = [f"the_{effect}" for effect in EFFECTS]
    cells = observed.groupby(keys, as_index=False)[["the_cases", "the_person_years"]].sum()
    while True:
        with_cases = np.logical_and.reduce(
            [cells.groupby(key)["the_cases"].transform("sum") > 0 for key in keys]
        )
        if with_cases.all():
            return cells.reset_index(drop=True)
        cells = cells[with_cases]
