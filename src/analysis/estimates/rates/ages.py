"""Age groups as spans of completed years, and the span of ages that a quantity is computed over."""

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.rates.crude_rates import checked_counts, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns, require_list

OLDEST_AGE = 120
AGE_COLUMNS = ("age_group", "age_at_diagnosis", "age")
# As written anywhere in the Nordic sources: "0", "1-4", "15–17", "5 to 9", "85+", and 3.0 of a float column.
AGE_BAND = re.compile(r"\s*(\d+)(?:\.0+)?\s*(?:(?:[-–]|\bto\b)\s*(\d+)|(\+))?\s*")


@dataclass(frozen=True, order=True)
class Band:
    """A band of ages: its first and its last completed year."""

    first: int
    last: int

    def holds(self, other: "Band") -> bool:
        """Whether another band lies wholly within this one."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Band") -> bool:
        """Whether the two have a year in common."""
        return other.first <= self.last and self.first <= other.last


@dataclass(frozen=True)
class CountsByAge:
    """Strata, age bands, and the cases and person-years of each stratum (rows) and band (columns)."""

    strata: pd.DataFrame
    bands: list[Band]
    cases: np.ndarray
    person_years: np.ndarray

    def totals(self) -> pd.DataFrame:
        """Each stratum with its ``cases`` and ``person_years`` of all ages together."""
        return self.strata.assign(
            cases=whole_numbers(self.cases.sum(axis=1)),
            person_years=self.person_years.sum(axis=1),
        )


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
    >>> [span(each) for each in bands], band.tolist()
    (['0-4', '5-9', '85+'], [1, 0, 2])
    """
    column = age_column(counts)
    codes, labels = pd.factorize(counts[column])
    raise_faults("ages", {f"{column}: must be filled": codes < 0}, _faults(column, labels))
    band_of_label = read_bands(column, labels)
    bands = sorted(set(band_of_label))
    number = np.array([bands.index(band) for band in band_of_label], dtype=np.int64)
    return bands, number[codes]


def read_bands(column: str, labels: Iterable) -> list[Band]:
    """Age groups as written (``"0"``, ``"1-4"``, ``"15–17"``, ``"85+"``), each as first and last completed year."""
    labels = list(labels)
    faults = _faults(column, labels)
    if faults:
        raise InputError("ages", faults)
    bands = [_band(AGE_BAND.fullmatch(str(label))) for label in labels]
    refuse_overlaps(column, sorted(set(bands)))
    return bands


def _faults(column: str, labels: Iterable) -> list[str]:
    return [
        f"{column}: {label!r} is not an age group"
        for label in labels
        if not AGE_BAND.fullmatch(str(label))
    ]


def _band(written: re.Match) -> Band:
    first, last, open_ended = written.groups()
    return Band(int(first), OLDEST_AGE if open_ended else int(last or first))


def refuse_overlaps(column: str, bands: Sequence[Band]) -> None:
    """Refuse bands, given youngest first, that overlap or end before they begin."""
    faults = [
        f"{column}: {span(band)} ends before it begins" for band in bands if band.last < band.first
    ]
    faults += [
        f"{column}: {span(band)} overlaps {span(following)}"
        for band, following in pairwise(bands)
        if following.first <= band.last
    ]
    if faults:
        raise InputError("ages", faults)


def span(band: Band) -> str:
    """A band of ages as tables write it: ``15-17``, ``85+``.

    Examples
    --------
    >>> span(Band(15, 17)), span(Band(0, 0)), span(Band(85, 120))
    ('15-17', '0', '85+')
    """
    if band.last >= OLDEST_AGE:
        return f"{band.first}+"
    return str(band.first) if band.first == band.last else f"{band.first}-{band.last}"


def select_ages(counts: pd.DataFrame, ages: tuple[int, int]) -> pd.DataFrame:
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
    wanted_ages = _checked_span(ages)
    bands, band = age_bands(counts)
    if not bands:
        return counts
    faults = _faults_of_span(age_column(counts), bands, wanted_ages)
    if faults:
        raise InputError("ages", faults)
    inside = np.array([wanted_ages.holds(each) for each in bands])
    return counts[inside[band]]


def _checked_span(ages: tuple[int, int]) -> Band:
    try:
        first, last = (int(age) for age in ages)
        sound = (first, last) == tuple(ages) and 0 <= first <= last
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise InputError("ages", ["must be the first and the last completed year, as in (0, 14)"])
    return Band(first, min(last, OLDEST_AGE))


def _faults_of_span(column: str, bands: list[Band], wanted_ages: Band) -> list[str]:
    """Bands that straddle an end of the ages that are wanted, and the first and last of those that none covers."""
    faults = [
        f"{column}: {span(band)} straddles an end of the ages {span(wanted_ages)}"
        for band in bands
        if wanted_ages.meets(band) and not wanted_ages.holds(band)
    ]
    covered = {year for band in bands for year in range(band.first, band.last + 1)}
    absent = sorted(set(range(wanted_ages.first, wanted_ages.last + 1)) - covered)
    if absent:
        faults.append(f"{column}: the table has no {span(Band(absent[0], absent[-1]))} years")
    return faults


def within_ages(quantity: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Give a quantity the argument ``ages``: first and last completed year that it is computed over, None for all."""

    @wraps(quantity)
    def within(
        counts: pd.DataFrame, *settings, ages: tuple[int, int] | None = None, **named
    ) -> pd.DataFrame:
        return quantity(counts if ages is None else select_ages(counts, ages), *settings, **named)

    # The argument shows in help and in an editor, as if the quantity had it itself.
    signature = inspect.signature(quantity)
    ages = inspect.Parameter(
        "ages", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=tuple[int, int] | None
    )
    within.__signature__ = signature.replace(parameters=[*signature.parameters.values(), ages])
    return within


def counts_by_age(counts: pd.DataFrame, by: Sequence[str]) -> CountsByAge:
    """Add up the cases and person-years of each stratum and age; what a stratum lacks is 0."""
    require_list("by", by)
    require_columns(counts, ["cases", "person_years", *by])
    refuse_repeated_person_years(counts, by)
    numbers, strata = number_strata(counts, by)
    bands, band = age_bands(counts)
    shape = len(strata), len(bands)
    cell = numbers * len(bands) + band
    cases, person_years = (
        np.bincount(cell, values, minlength=shape[0] * shape[1]).reshape(shape)
        for values in checked_counts(counts)
    )
    return CountsByAge(strata, bands, cases, person_years)


def whole_numbers(totals: np.ndarray) -> np.ndarray:
    """Counts as integers, where they are whole."""
    whole = np.isfinite(totals).all() and (totals % 1 == 0).all()
    return totals.astype(np.int64) if whole else totals
