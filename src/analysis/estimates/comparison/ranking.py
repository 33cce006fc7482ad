"""Which unit comes first, and how far that can be known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.comparison.cross_tabulation import compared_columns
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.intervals.exact_tests import central_p_value
from analysis.estimates.rates.crude_rates import (
    note_unit,
    refuse_repeated_person_years,
    whole_counts,
)
from analysis.strata import number_strata, require_columns

RANKS = ["rank", "rank_lower", "rank_upper"]


def rank_interval(
    counts: pd.DataFrame,
    between: str | Sequence[str] = "region",
    *,
    by: Sequence[str] = (),
    per: float = 1_000_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rank of each unit by its rate, highest first, with an interval that holds for all units at once.

    .. math:: lower_i = 1 + \\#\\{j : rate_j > rate_i \\text{ by the test}\\}, \\quad
              upper_i = m - \\#\\{j : rate_j < rate_i \\text{ by the test}\\}

    among m units, each pair of which is held to the exact conditional test of two Poisson counts; Holm's step-down
    keeps the probability of any false "higher" or "lower" at 1 less ``confidence``. Reads ``cases`` (a count),
    ``person_years`` (years) and the columns of ``between`` and ``by``.

    Parameters
    ----------
    counts
        One row a unit and stratum; further rows are added up.
    between
        The column that names a unit, or several together.
    by
        Stratum columns, within each of which units are ranked.
    per
        Person-years that the rate is expressed in.
    confidence
        Probability that all intervals of a stratum hold the true ranks together.

    Returns
    -------
    pandas.DataFrame
        ``by… <between> cases person_years rate rank rank_lower rank_upper``, units in reading order. Ranks (Int64) are
        missing for a unit without person-years, which is not compared.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        Counts that are missing, negative or no whole numbers.

    Notes
    -----
    Equal rates share the better rank. Where true rates are equal a unit's true rank is any of those that they span,
    and the interval holds all of them. The test is exact, so that units without a case are ranked honestly, and
    intervals are if anything too wide. Four hospitals should not be ranked at all; where ranks are printed, the
    intervals show why.

    References
    ----------
    Al Mohamad, Goeman, van Zwet. Simultaneous confidence intervals for ranks with application to ranking institutions.
    Biometrics 2022;78:238–247 (ranks from pairwise tests). Holm. Scand J Stat 1979;6:65–70. Goldstein, Spiegelhalter.
    J R Stat Soc A 1996;159:385–443.

    Examples
    --------
    >>> counts = pd.DataFrame({"region": ["Vest", "Nord", "Midt-Norge"], "cases": [90, 12, 20],
    ...     "person_years": [3e5, 1e5, 1.5e5]})
    >>> rank_interval(counts)[["region", "rate", "rank", "rank_lower", "rank_upper"]].round(1)
           region   rate  rank  rank_lower  rank_upper
    0        Vest  300.0     1           1           1
    1  Midt-Norge  133.3     2           2           3
    2        Nord  120.0     3           2           3
    """
    normal_quantile(confidence)
    units = compared_columns(between, by)
    require_columns(counts, [*by, *units])
    refuse_repeated_person_years(counts, [*by, *units])
    numbers, table = number_strata(counts, [*by, *units])
    cases, years = (
        np.bincount(numbers, values, minlength=len(table)) for values in whole_counts(counts)
    )
    rate = cases / np.where(years > 0, years, np.nan)
    ranks = _ranks_within(number_strata(table, by)[0], cases, years, 1 - confidence)
    table = table.assign(cases=cases.astype(np.int64), person_years=years, rate=per * rate)
    rank_columns = pd.DataFrame(ranks, columns=RANKS).astype("Int64")
    return note_unit(table.assign(**rank_columns), per)


def _ranks_within(
    stratum: np.ndarray, cases: np.ndarray, years: np.ndarray, error: float
) -> np.ndarray:
    """Rank, and the first and last that it may be, of each unit within its stratum; missing without person-years."""
    ranks = np.full((len(cases), len(RANKS)), np.nan)
    for number in np.unique(stratum):
        ranked = np.flatnonzero((stratum == number) & (years > 0))
        higher = _higher(cases[ranked], years[ranked], error)
        ranks[ranked] = _ranks(cases[ranked] / years[ranked], higher)
    return ranks


def _higher(cases: np.ndarray, years: np.ndarray, error: float) -> np.ndarray:
    """Whether the unit of a row has a higher rate than that of a column, by all tests together."""
    first, second = np.triu_indices(len(cases), 1)
    share = years[first] / (years[first] + years[second])
    p_value = central_p_value(cases[first], cases[first] + cases[second], share)
    # Holm: the smallest p value is held to the error over all pairs, the next over one pair less, and so on.
    order = np.argsort(p_value, kind="stable")
    steps = p_value[order] * np.arange(len(order), 0, -1)
    rejected = order[np.maximum.accumulate(steps) <= error]
    differ = np.zeros((len(cases), len(cases)), dtype=bool)
    differ[first[rejected], second[rejected]] = True
    return (differ | differ.T) & (cases[:, None] / years[:, None] > cases / years)


def _ranks(rate: np.ndarray, higher: np.ndarray) -> np.ndarray:
    """Rank, and the first and last that it may be."""
    # Equal rates share the better rank.
    rank = 1 + (rate > rate[:, None]).sum(axis=1)
    return np.column_stack([rank, 1 + higher.sum(axis=0), len(rate) - higher.sum(axis=1)])
