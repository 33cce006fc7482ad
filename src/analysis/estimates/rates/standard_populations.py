"""Standard populations: those that are published, and weights of the user's own."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.rates.ages import (
    OLDEST_AGE,
    Band,
    age_column,
    read_bands,
    refuse_overlaps,
    span,
)
from analysis.strata import require_columns

Standard = str | pd.DataFrame | Mapping


@cache
def _standards() -> pd.DataFrame:
    source = files("analysis.estimates.rates").joinpath("standards.csv")
    with source.open(encoding="utf-8") as lines:
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


def band_weights(standard: Standard, bands: Sequence[Band]) -> np.ndarray:
    """The share of a standard population in each age band, of all those bands together.

    The weight of a group of the standard is spread evenly over its single years.

    Raises
    ------
    InputError
        A standard that is not known, weights that cannot be, or a band that the standard does not cover.

    Examples
    --------
    >>> band_weights("world-1960", [Band(0, 4), Band(5, 9), Band(10, 14)]).round(3)
    array([0.387, 0.323, 0.29 ])
    >>> band_weights({"0-9": 3, "10-14": 1}, [Band(0, 4), Band(5, 14)])
    array([0.375, 0.625])
    """
    of_year = _weight_of_each_year(standard)
    absent = [span(band) for band in bands if not _is_covered(band, of_year)]
    if absent:
        fault = f"has no weight for the ages {', '.join(absent)} of the table"
        raise InputError("standard population", [fault])
    of_band = np.array([np.nansum(of_year[band.first : band.last + 1]) for band in bands])
    if bands and not of_band.sum() > 0:
        fault = "must have a weight above 0 at some age of the table"
        raise InputError("standard population", [fault])
    return of_band / of_band.sum() if bands else of_band


def _is_covered(band: Band, of_year: np.ndarray) -> bool:
    # The last group of a table is open, whether or not the standard says how old its oldest may be.
    last = band.last if band.last < OLDEST_AGE else band.first
    return not np.isnan(of_year[band.first : last + 1]).any()


def _weight_of_each_year(standard: Standard) -> np.ndarray:
    bands, weights = _own_weights(standard)
    # What the standard says nothing of stays missing, to be told from a weight of 0.
    of_year = np.full(OLDEST_AGE + 1, np.nan)
    for band, weight in zip(bands, weights, strict=True):
        of_year[band.first : band.last + 1] = weight / (band.last - band.first + 1)
    return of_year


def _own_weights(standard: Standard) -> tuple[list[Band], np.ndarray]:
    if isinstance(standard, Mapping):
        standard = pd.DataFrame({"age_group": list(standard), "weight": list(standard.values())})
    table = standard if isinstance(standard, pd.DataFrame) else standard_weights(standard)
    require_columns(table, ["weight"])
    weights = pd.to_numeric(table["weight"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    unfit = ~((weights >= 0) & np.isfinite(weights))
    raise_faults("standard population", {"weight: must be filled, 0 or more": unfit})
    if "age_from" in table.columns:
        bands = _bands_from_to(table)
    else:
        bands = read_bands(age_column(table), table[age_column(table)])
    if len(set(bands)) < len(bands):
        raise InputError("standard population", ["must give each age group once"])
    return bands, weights


def _bands_from_to(table: pd.DataFrame) -> list[Band]:
    require_columns(table, ["age_from", "age_to"])
    first, last = (
        pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for name in ("age_from", "age_to")
    )
    no_first_year = ~((first >= 0) & (first <= OLDEST_AGE) & (first % 1 == 0))
    unfit = no_first_year | (~np.isnan(last) & (last % 1 != 0))
    raise_faults("standard population", {"age_from, age_to: must be completed years": unfit})
    # The last group of a published standard is open: 85 and older.
    last = np.minimum(np.where(np.isnan(last), OLDEST_AGE, last), OLDEST_AGE)
    bands = [Band(int(start), int(end)) for start, end in zip(first, last, strict=True)]
    refuse_overlaps("age_from, age_to", sorted(set(bands)))
    return bands
