"""Rates made comparable: directly standardised for age."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import gammainccinv, gammaincinv

from analysis.errors import InputError, rows_phrase
from analysis.estimates.intervals import count_interval, normal_quantile, require_choice
from analysis.estimates.rates import checked_counts, note_unit, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns

OLDEST_AGE = 120
AGE_COLUMNS = ("age_group", "age_at_diagnosis", "age")
AGE_PANEL = "age_panel"
AGE_BAND = re.compile(r"\s*(\d+)\s*(?:(?:[-–]|\bto\b)\s*(\d+)|(\+))?\s*")


@cache
def _standards() -> pd.DataFrame:
    with files("analysis.estimates").joinpath("standards.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines)


def standard_weights(standard: str = "world-1960") -> pd.DataFrame:
    """The weights of a standard population, in its own five-year age groups.

    Parameters
    ----------
    standard
        ``"world-1960"``, ``"who-2000"``, ``"european-1976"``, ``"european-2013"`` or ``"nordic-2000"``.

    Returns
    -------
    pandas.DataFrame
        ``age_from age_to weight source``: first and last completed year of age (missing for the open last group),
        persons of 100,000, where the weights come from.

    Raises
    ------
    InputError
        The standard is not known; the known ones are listed.

    References
    ----------
    Segi 1960, as modified by Doll, Cook. Int J Cancer 1967;2:269–279. Ahmad et al. Age standardization of rates: a new
    WHO standard, 2001. Eurostat. Revision of the European Standard Population, 2013.

    Examples
    --------
    >>> standard_weights("world-1960").head(3)[["age_from", "age_to", "weight"]]
       age_from  age_to  weight
    0         0     4.0   12000
    1         5     9.0   10000
    2        10    14.0    9000
    """
    standards = _standards()
    require_choice("standard population", standard, standards["standard"].unique())
    chosen = standards[standards["standard"] == standard]
    return chosen.drop(columns="standard").reset_index(drop=True)


def age_standardised_rate(
    counts: pd.DataFrame,
    standard: str = "world-1960",
    by: Sequence[str] = (),
    interval: str = "fay-feuer",
    per: float = 1_000_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate that the standard population would have with the age-specific rates of each stratum.

    .. math:: rate = per \\sum_a w_a \\frac{d_a}{y_a}, \\quad var = per^2 \\sum_a w_a^2 \\frac{d_a}{y_a^2}

    Reads ``cases`` (a count), ``person_years`` (years), the columns of ``by`` and the age: ``age_group`` (completed
    years, ``"0"``, ``"1-4"``, ``"15–17"``) or single years in ``age_at_diagnosis`` or ``age``. Adds ``rate``,
    ``lower`` and ``upper`` (cases per ``per`` person-years).

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up.
    standard
        A standard population (see ``standard_weights``).
    by
        Stratum columns; empty for the whole.
    interval
        ``"fay-feuer"`` (gamma), ``"tiwari"`` (modified gamma), ``"dobson"`` or ``"normal"``.
    per
        Person-years that the rate is expressed in.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… cases person_years rate lower upper``, strata in reading order. Rate and interval are missing where an
        age of the table is absent from a stratum, or without person-years there.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        An unknown standard or interval; an age group that is missing, unreadable or overlaps another; a diagnosis
        column outside ``by``, whose person-years would be counted several times.

    Notes
    -----
    The weight of a five-year group of the standard is spread evenly over its single years, so that any age group gets
    its share (15–17 gets three fifths of 15–19); weights are then rescaled to the ages in the whole table, or in each
    ``age_panel`` where that is a stratum, since panels have different ages. A rate of
    0–17 is therefore standardised to no published truncation: print the choice. With no case the lower limit is 0;
    the upper one is undefined, hence missing, for ``"dobson"`` and ``"normal"``.

    References
    ----------
    Fay, Feuer. Stat Med 1997;16:791–801. Tiwari, Clegg, Zou. Stat Methods Med Res 2006;15:547–569. Dobson, Kuulasmaa,
    Eberle, Scherer. Stat Med 1991;10:457–462. Breslow, Day. Statistical Methods in Cancer Research II, 1987, p. 58.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "age_group": ["0-4", "5-9", "10-14"], "cases": [40, 25, 20], "person_years": [200_000, 210_000, 220_000],
    ... })
    >>> age_standardised_rate(counts).round(1)
       cases  person_years   rate  lower  upper
    0     85      630000.0  142.2  113.3  176.6
    """
    settings = (standard, by, interval, per, confidence)
    if AGE_PANEL not in by or counts.empty:
        return _standardise(counts, *settings)
    panels = [_standardise(panel, *settings) for _, panel in counts.groupby(AGE_PANEL, sort=False)]
    stacked = pd.concat(panels, ignore_index=True)
    order = np.argsort(number_strata(stacked, by)[0], kind="stable")
    return note_unit(stacked.iloc[order].reset_index(drop=True), per)


def _standardise(
    counts: pd.DataFrame, standard: str, by: Sequence[str], interval: str, per: float, confidence: float
) -> pd.DataFrame:
    require_choice("interval of a standardised rate", interval, STANDARDISED_INTERVALS)
    normal_quantile(confidence)
    require_columns(counts, ["cases", "person_years", *by])
    refuse_repeated_person_years(counts, by)
    numbers, strata = number_strata(counts, by)
    bands, band = _age_bands(counts)
    cases, person_years = (
        np.bincount(numbers * len(bands) + band, values, minlength=len(strata) * len(bands)).reshape(
            len(strata), len(bands)
        )
        for values in checked_counts(counts)
    )
    observed = np.where(person_years > 0, person_years, np.nan)
    with np.errstate(all="ignore"):
        share = _shares(standard, bands) / observed
        rate, variance = (share * cases).sum(axis=1), (share**2 * cases).sum(axis=1)
        lower, upper = STANDARDISED_INTERVALS[interval](rate, variance, share, cases.sum(axis=1), confidence)
    rate = rate if bands else np.full(len(strata), np.nan)
    lower = np.where(rate == 0, 0, lower)
    totals = strata.assign(cases=_whole_numbers(cases.sum(axis=1)), person_years=person_years.sum(axis=1))
    return note_unit(totals.assign(rate=per * rate, lower=per * lower, upper=per * upper), per)


def _whole_numbers(totals: np.ndarray) -> np.ndarray:
    return totals.astype(np.int64) if np.isfinite(totals).all() and (totals % 1 == 0).all() else totals


def _age_bands(counts: pd.DataFrame) -> tuple[list[tuple[int, int]], np.ndarray]:
    column = next((name for name in AGE_COLUMNS if name in counts.columns), "age_group")
    require_columns(counts, [column])
    codes, labels = pd.factorize(counts[column])
    read = [AGE_BAND.fullmatch(str(label)) for label in labels]
    faults = [
        f"{column}: {label!r} is not an age group" for label, found in zip(labels, read, strict=True) if not found
    ]
    if (codes < 0).any():
        faults.append(f"{column}: must be filled in {rows_phrase(np.flatnonzero(codes < 0) + 1)}")
    if faults:
        raise InputError("age-standardised rate", faults)
    read_bands = [_first_and_last(found) for found in read]
    bands = sorted(set(read_bands))
    _refuse_overlaps(bands, column)
    place = np.array([bands.index(band) for band in read_bands], dtype=np.int64)
    return bands, place[codes] if len(codes) else codes


def _first_and_last(found: re.Match) -> tuple[int, int]:
    first, last, open_ended = found.groups()
    return int(first), OLDEST_AGE if open_ended else int(last or first)


def _refuse_overlaps(bands: list[tuple[int, int]], column: str) -> None:
    faults = [f"{column}: {first}–{last} ends before it begins" for first, last in bands if last < first]
    faults += [
        f"{column}: {first}–{last} overlaps {next_first}–{next_last}"
        for (first, last), (next_first, next_last) in pairwise(bands)
        if next_first <= last
    ]
    if faults:
        raise InputError("age-standardised rate", faults)


def _shares(standard: str, bands: list[tuple[int, int]]) -> np.ndarray:
    weights = standard_weights(standard)
    age_to = weights["age_to"].fillna(OLDEST_AGE)
    years = np.arange(OLDEST_AGE + 1)
    each_year = (weights["weight"] / (age_to - weights["age_from"] + 1)).to_numpy()
    of_year = each_year[np.searchsorted(weights["age_from"].to_numpy(), years, side="right") - 1]
    of_band = np.array([of_year[first : last + 1].sum() for first, last in bands])
    return of_band / of_band.sum()


def _gamma(rate, variance, more_rate, more_variance, confidence):
    tail = (1 - confidence) / 2
    raised, spread = rate + more_rate, variance + more_variance
    lower = gammaincinv(rate**2 / variance, tail) * variance / rate
    return lower, gammainccinv(raised**2 / spread, tail) * spread / raised


def _fay_feuer(rate, variance, share, cases, confidence):
    largest = share.max(axis=1, initial=0)
    return _gamma(rate, variance, largest, largest**2, confidence)


def _tiwari(rate, variance, share, cases, confidence):
    ages = share.shape[1]
    return _gamma(rate, variance, share.sum(axis=1) / ages, (share**2).sum(axis=1) / ages, confidence)


def _dobson(rate, variance, share, cases, confidence):
    lower, upper = count_interval(cases, confidence, "exact")
    scale = np.sqrt(variance / cases)
    return rate + scale * (lower - cases), rate + scale * (upper - cases)


def _normal(rate, variance, share, cases, confidence):
    margin = np.where(variance > 0, normal_quantile(confidence) * np.sqrt(variance), np.nan)
    return np.maximum(rate - margin, 0), rate + margin


STANDARDISED_INTERVALS = {"fay-feuer": _fay_feuer, "tiwari": _tiwari, "dobson": _dobson, "normal": _normal}
