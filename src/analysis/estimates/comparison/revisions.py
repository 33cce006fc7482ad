"""Counts that were revised: a registry's cases now beside those that it published before, in the same strata."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chndtr

from analysis.errors import raise_faults
from analysis.strata import require_columns, require_list

COUNTED_TWICE = ("earlier_cases", "cases")


def revised_count_test(counts: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """How far a revised count lies from the earlier one, and how often chance alone would part two counts as far.

    .. math:: D = O_1 - O_0 \\sim \\mathrm{Skellam}(\\mu, \\mu), \\quad \\mu = \\frac{O_0 + O_1}{2}, \\quad
              p = \\Pr(|D| \\ge |d|)

    with :math:`O_0` cases counted before and :math:`O_1` now. Reads ``cases`` and ``earlier_cases`` (counts) and the
    columns of ``by``.

    Parameters
    ----------
    counts
        One row a stratum that both countings have, of the same years.
    by
        Columns that name the stratum, to be kept.

    Returns
    -------
    pandas.DataFrame
        ``by… cases earlier_cases difference p_value adjusted_p_value``, the rows in their order: ``difference`` in
        cases, the two-sided p value, and that of Benjamini and Hochberg over all rows. Missing where either count is.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A count is negative or no whole number.

    Notes
    -----
    Two *independent* Poisson counts with one expectation are assumed, of which the mean of both is the estimate; the
    Nordic registries hold releases of NORDCAN against one another by the same distribution. Two editions of a registry
    are not independent: nearly all their cases are the same, and only those added and removed make them differ. The
    test is therefore conservative: a late report or two never shows, and a small p value says that far more has changed
    than chance would explain (a definition, a source left out, duplicates). A large one does not say that the revision
    is right. Two zeros have a p value of 1. Where many strata are looked at, some differ by chance: the adjusted p
    value keeps the expected share of false findings among those below a level under that level; strata that share cases
    are positively dependent, which it allows.

    References
    ----------
    Skellam. J R Stat Soc 1946;109:296. Johnson. Biometrika 1959;46:352–363 (the tail as a noncentral chi-square).
    Engholm, Ferlay, Christensen et al. Acta Oncol 2010;49:725–736 (NORDCAN). Benjamini, Hochberg. J R Stat Soc B
    1995;57:289–300.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2021, 2022], "earlier_cases": [201, 160], "cases": [203, 238]})
    >>> revised_count_test(counts, ["year"]).round(4)
       year  cases  earlier_cases  difference  p_value  adjusted_p_value
    0  2021    203            201           2   0.9405            0.9405
    1  2022    238            160          78   0.0001            0.0002
    """
    require_list("by", by)
    require_columns(counts, [*by, *COUNTED_TWICE])
    earlier, now = _counted(counts)
    p_value = skellam_p_value(now, earlier)
    answer = counts[list(by)].reset_index(drop=True)
    answer = answer.assign(cases=now, earlier_cases=earlier, difference=now - earlier)
    whole = "Int64" if np.isnan(p_value).any() else "int64"
    answer = answer.astype(dict.fromkeys(("cases", "earlier_cases", "difference"), whole))
    return answer.assign(p_value=p_value, adjusted_p_value=false_discovery_rate(p_value))


def skellam_p_value(cases: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Two-sided p value of the difference between two Poisson counts with one expectation, their mean.

    Examples
    --------
    >>> skellam_p_value(np.array([0, 9.0]), np.array([5, 9.0])).round(6)
    array([0.044551, 1.      ])
    """
    mean, apart = (cases + earlier) / 2, np.abs(cases - earlier)
    with np.errstate(invalid="ignore"):
        # P(D >= d) of a Skellam variate is a noncentral chi-square tail; the distribution is symmetric.
        tails = 2 * chndtr(2 * mean, 2 * apart, 2 * mean)
    return np.where(apart == 0, 1.0, np.minimum(tails, 1))


def false_discovery_rate(p_value: np.ndarray) -> np.ndarray:
    """P values adjusted for how many there are, by Benjamini and Hochberg; missing ones are not counted.

    Examples
    --------
    >>> false_discovery_rate(np.array([0.01, np.nan, 0.04, 0.03]))
    array([0.03,  nan, 0.04, 0.04])
    """
    adjusted = np.full(len(p_value), np.nan)
    tested = np.flatnonzero(~np.isnan(p_value))
    largest_first = tested[np.argsort(-p_value[tested], kind="stable")]
    places = np.arange(len(tested), 0, -1)
    scaled = p_value[largest_first] * len(tested) / places
    adjusted[largest_first] = np.minimum(np.minimum.accumulate(scaled), 1)
    return adjusted


def _counted(counts: pd.DataFrame) -> list[np.ndarray]:
    """Both counts as numbers, missing ones as NaN; every fault of either is told."""
    counted = {
        column: pd.to_numeric(counts[column]).to_numpy(dtype="float64", na_value=np.nan)
        for column in COUNTED_TWICE
    }
    rules = {}
    for column, values in counted.items():
        rules[f"{column}: must be whole numbers"] = ~np.isnan(values) & (values % 1 != 0)
        rules[f"{column}: must not be negative"] = values < 0
    raise_faults("revised counts", rules)
    return list(counted.values())
