"""Age groups as spans of completed years, and the span of ages that a quantity is computed over."""

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.rates.crude_rates import checked_counts, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns

OLDEST_AGE = 120
AGE_COLUMNS = ("age_group", "age_at_diagnosis", "age")
AGE_BAND = re.compile(r"\s*(\d+)(?:\.0+)?\s*(?:(?:[-–]|\bto\b)\s*(\d+)|(\+))?\s*")

Band = tuple[int, int]


def age_column(counts: pd.DataFrame) -> str:
    """The column that says how old: ``age_group``, else single years in ``age_at_diagnosis`` or ``age``."""
    column = next((name for name in AGE_COLUMNS if name in counts.columns), "age_group")
    require_columns(counts, [column])
    return column


def age_bands(counts: pd.DataFrame) -> tuple[list[Band], np.ndarray]:
    """The age bands of a table, youngest first, as first and last completed year; the number of each row's band.

    Raises
    ------
    InputError
        An age that is missing or cannot be read, or bands that overlap.

    Examples
    --------
    >>> bands, band = age_bands(pd.DataFrame({"age_group": ["5-9", "0-4", "85+"]}))
    >>> bands, band.tolist()
    ([(0, 4), (5, 9), (85, 120)], [1, 0, 2])
    """
    column = age_column(counts)
    codes, labels = pd.factorize(counts[column])
    if (codes < 0).any():
        raise_faults("ages", {f"{column}: must be filled": codes < 0}, _faults(column, labels))
    read = read_bands(column, labels)
    bands = sorted(set(read))
    place = np.array([bands.index(band) for band in read], dtype=np.int64)
    return bands, place[codes] if len(codes) else codes.astype(np.int64)


def read_bands(column: str, labels: Iterable) -> list[Band]:
    """Age groups as written (``"0"``, ``"1-4"``, ``"15–17"``, ``"85+"``), each as first and last completed year."""
    labels = list(labels)
    faults = _faults(column, labels)
    if faults:
        raise InputError("ages", faults)
    read = [_first_and_last(AGE_BAND.fullmatch(str(label))) for label in labels]
    refuse_overlaps(column, sorted(set(read)))
    return read


def _faults(column: str, labels: Iterable) -> list[str]:
    return [
        f"{column}: {label!r} is not an age group"
        for label in labels
        if not AGE_BAND.fullmatch(str(label))
    ]


def _first_and_last(found: re.Match) -> Band:
    first, last, open_ended = found.groups()
    return int(first), OLDEST_AGE if open_ended else int(last or first)


def refuse_overlaps(column: str, bands: Sequence[Band]) -> None:
    """Refuse bands, given youngest first, that overlap or end before they begin."""
    faults = [
        f"{column}: {span(band)} ends before it begins" for band in bands if band[1] < band[0]
    ]
    faults += [
        f"{column}: {span(band)} overlaps {span(following)}"
        for band, following in pairwise(bands)
        if following[0] <= band[1]
    ]
    if faults:
        raise InputError("ages", faults)


def span(band: Band) -> str:
    """A band of ages as tables write it: ``15-17``, ``85+``.

    Examples
    --------
    >>> span((15, 17)), span((0, 0)), span((85, 120))
    ('15-17', '0', '85+')
    """
    first, last = band
    return f"{first}+" if last >= OLDEST_AGE else str(first) if first == last else f"{first}-{last}"


def select_ages(counts: pd.DataFrame, ages: Band) -> pd.DataFrame:
    """The rows of a table within a span of ages, first and last completed year, both included.

    Raises
    ------
    InputError
        The span is none; a band straddles an end of it, or the table lacks some of its ages.

    Examples
    --------
    >>> counts = pd.DataFrame({"age_group": ["10-14", "15-17"], "cases": [30, 40]})
    >>> select_ages(counts, (10, 14))["cases"].tolist()
    [30]
    """
    first, last = _checked_span(ages)
    bands, band = age_bands(counts)
    inside = [first <= band_first and band_last <= last for band_first, band_last in bands]
    touching = [band_first <= last and first <= band_last for band_first, band_last in bands]
    faults = [
        f"{age_column(counts)}: {span(straddling)} straddles an end of the ages {span((first, last))}"
        for straddling, within, touches in zip(bands, inside, touching, strict=True)
        if touches and not within
    ]
    covered = {year for start, end in bands for year in range(start, end + 1)}
    absent = [year for year in range(first, last + 1) if year not in covered]
    if bands and absent:
        faults.append(
            f"{age_column(counts)}: the table has no {span((absent[0], absent[-1]))} years"
        )
    if faults:
        raise InputError("ages", faults)
    return counts[np.array(inside, dtype=bool)[band]] if bands else counts


def _checked_span(ages: Band) -> Band:
    try:
        first, last = (int(age) for age in ages)
        sound = (first, last) == tuple(ages) and 0 <= first <= last
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise InputError("ages", ["must be the first and the last completed year, as in (0, 14)"])
    return first, min(last, OLDEST_AGE)


def within_ages(quantity: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Give a quantity the argument ``ages``: first and last completed year that it is computed over, None for all."""

    @wraps(quantity)
    def within(counts: pd.DataFrame, *settings, ages: Band | None = None, **named) -> pd.DataFrame:
        return quantity(counts if ages is None else select_ages(counts, ages), *settings, **named)

    signature = inspect.signature(quantity)
    ages = inspect.Parameter(
        "ages", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Band | None
    )
    within.__signature__ = signature.replace(parameters=[*signature.parameters.values(), ages])
    return within


def counts_by_age(
    counts: pd.DataFrame, by: Sequence[str]
) -> tuple[pd.DataFrame, list[Band], np.ndarray, np.ndarray]:
    """Strata, age bands, and the cases and person-years of each stratum (rows) and age (columns).

    A person-years of 0 or missing is missing: no rate can be had there.
    """
    require_columns(counts, ["cases", "person_years", *by])
    refuse_repeated_person_years(counts, by)
    numbers, strata = number_strata(counts, by)
    bands, band = age_bands(counts)
    shape = len(strata), len(bands)
    cases, person_years = (
        np.bincount(numbers * len(bands) + band, values, minlength=shape[0] * shape[1]).reshape(
            shape
        )
        for values in checked_counts(counts)
    )
    return strata, bands, cases, person_years


def whole_numbers(totals: np.ndarray) -> np.ndarray:
    """Counts as integers, where they are whole."""
    return (
        totals.astype(np.int64) if np.isfinite(totals).all() and (totals % 1 == 0).all() else totals
    )
