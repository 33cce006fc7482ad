"""Where a trend bends: joinpoint regression."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.trends.joinpoint_choice import CHOICES
from analysis.estimates.trends.joinpoint_search import Search, search_placements, segment_slopes
from analysis.estimates.trends.loglinear import (
    YearlyCounts,
    has_a_slope,
    pearson_dispersion,
    percent_change,
    total_cases,
    trend_rows,
    widening,
    yearly_counts,
)
from analysis.strata import each_stratum

MOST_JOINPOINTS = 4
YEARS_A_JOINPOINT = 5
WHOLE = (
    "joinpoints",
    "segment",
    "first_year",
    "last_year",
    "joinpoint",
    "joinpoint_lower",
    "joinpoint_upper",
)


def joinpoint(
    counts: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    most: int = 3,
    choice: str = "permutation",
    fewest_years: int = 2,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The years in which a trend bends, and by how many per cent a year the rate changes between them.

    .. math:: \\log E(d_{ya}) = \\log Y_{ya} + \\alpha_a + \\beta y + \\sum_{j=1}^{k} \\delta_j (y - \\tau_j)^+

    Reads ``year``, ``cases`` (d, a count), ``person_years`` (Y, years), the columns of ``by`` and, if there,
    ``age_group``, ``age_at_diagnosis`` or ``age`` (then the trend is adjusted for age); adds the segments, their
    ``annual_percent_change`` with ``lower`` and ``upper`` (per cent a year), and where each begins.

    Parameters
    ----------
    counts
        One row a stratum, year and age, as ``rate_table`` gives it; further rows are added up.
    by
        Stratum columns; empty for the whole.
    most
        Most joinpoints looked for, 0 to 4; fewer in short series: one for 7 years, two for 12, three for 17, four for
        22, as the Joinpoint program of the US National Cancer Institute recommends.
    choice
        How their number is chosen: ``"permutation"`` (a sequence of tests), ``"weighted-bic"`` or ``"bic"``.
    fewest_years
        Fewest observed years from a joinpoint to either end and between two joinpoints, joinpoints not counted.
    confidence
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``by… joinpoints segment first_year last_year annual_percent_change lower upper p_value joinpoint
        joinpoint_lower joinpoint_upper cases dispersion``, one row a segment, segments from 1. ``joinpoint`` is the
        year at which the segment begins, with its interval; missing for the first. A joinpoint's year ends one
        segment and begins the next; its ``cases`` are counted in the next, so that cases add up. Where
        ``annual_percent_change`` has no estimate there is one segment, and all but ``cases`` and years are missing.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``annual_percent_change``; ``most`` not 0 to 4, ``fewest_years`` below 2, or an unknown choice.

    Notes
    -----
    Poisson regression, not least squares of log rates: years without a case need no correction, and a year weighs by
    what it expects. Joinpoints lie at observed years; every admissible placement is fitted and the least deviance
    taken. Admissible is one that leaves ``fewest_years`` and enough cases in every segment for its slope to be finite
    (two years with a case, or one inside it). Permutation tests run from 0 against ``most`` joinpoints, each at the
    level 0.05 / (``most`` − joinpoints of the null), with 999 permutations of Pearson's residuals of the yearly totals
    under the null and weighted least squares with the null's weights; the seed is fixed, so that a report can be
    repeated. The BICs are deviance / dispersion + c ln(years), the dispersion (1 or more) that of the largest model,
    and c = 2 a joinpoint, or 2 + the largest partial R² of a bend for ``"weighted-bic"``. The interval of a joinpoint
    holds the years that, the others free, raise the deviance by no more than the dispersion times the chi-square
    quantile (Lerman); an end of it may be the first or last year admissible. Intervals of changes take the joinpoints
    as known, and are too short where those are uncertain. ``dispersion`` counts two parameters a joinpoint.

    References
    ----------
    Kim, Fay, Feuer, Midthune. Stat Med 2000;19:335–351. Lerman. Appl Stat 1980;29:77–84. Kim, Chen, Midthune, Wheeler,
    Buckman, Green, Byrne, Luo, Feuer. J Appl Stat 2023;50:1992–2013 (weighted BIC).

    Examples
    --------
    >>> cases = [100, 110, 121, 133, 146, 161, 177, 161, 146, 133, 121, 110, 100]
    >>> counts = pd.DataFrame({"year": range(2001, 2014), "cases": cases, "person_years": 1e6})
    >>> joinpoint(counts)[["segment", "first_year", "last_year", "annual_percent_change"]].round(1)
       segment  first_year  last_year  annual_percent_change
    0        1        2001       2007                   10.0
    1        2        2007       2013                   -9.1
    """
    require_choice("choice of the number of joinpoints", choice, CHOICES)
    normal_quantile(confidence)
    faults = []
    if most not in range(MOST_JOINPOINTS + 1):
        faults.append(f"most: must be a whole number from 0 to {MOST_JOINPOINTS}")
    if fewest_years < 2 or fewest_years % 1:
        faults.append("fewest_years: must be a whole number, 2 or more")
    if faults:
        raise InputError("joinpoint", faults)
    rows = trend_rows("joinpoint", counts, by)
    return each_stratum(
        rows, by, lambda stratum: _segments(stratum, most, choice, int(fewest_years), confidence)
    )


def _segments(
    rows: pd.DataFrame, most: int, choice: str, fewest: int, confidence: float
) -> pd.DataFrame:
    table = yearly_counts(rows)
    if not has_a_slope(table):
        return _no_segments(rows, confidence)
    searches = _searches(table, most, fewest)
    best = searches[CHOICES[choice](table, searches)]
    dispersion = pearson_dispersion(table, best.trend, parameters=1 + 2 * best.joinpoints)
    ends = table.years[np.array([0, *best.placement, len(table.years) - 1])]
    segments = pd.DataFrame(
        {
            "joinpoints": best.joinpoints,
            "segment": range(1, best.joinpoints + 2),
            "first_year": ends[:-1],
            "last_year": ends[1:],
        }
    )
    changes = _changes(best, dispersion, confidence)
    bends = _joinpoint_intervals(table, best, dispersion, confidence)
    segments = pd.concat([segments, changes, bends], axis=1).assign(
        cases=_cases_by_segment(rows, table.years[best.placement]), dispersion=dispersion
    )
    return _as_whole(segments)


def _changes(best: Search, dispersion: float, confidence: float) -> pd.DataFrame:
    """The annual percent change of each segment."""
    slopes, covariance = segment_slopes(best.fit)
    errors = np.sqrt(np.diag(covariance) * widening(dispersion))
    changes = [
        percent_change("annual_percent_change", slope, error, confidence)
        for slope, error in zip(slopes, errors, strict=True)
    ]
    return pd.DataFrame(changes)


def _no_segments(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    segment = {
        "joinpoints": 0,
        "segment": 1,
        "first_year": rows["the_year"].min(),
        "last_year": rows["the_year"].max(),
        **percent_change("annual_percent_change", np.nan, np.nan, confidence),
        **dict.fromkeys(("joinpoint", "joinpoint_lower", "joinpoint_upper"), np.nan),
        "cases": total_cases(rows),
        "dispersion": np.nan,
    }
    return _as_whole(pd.DataFrame([segment]))


def _as_whole(segments: pd.DataFrame) -> pd.DataFrame:
    kinds = {name: "int64" if name in ("joinpoints", "segment") else "Int64" for name in WHOLE}
    return segments.astype(kinds)


def _searches(table: YearlyCounts, most: int, fewest: int) -> list[Search]:
    """The best model of 0, 1, … joinpoints, as far as the years and cases allow."""
    # Seven years for the first bend and five for each further one, as the Joinpoint program has it.
    most = min(most, max((len(table.years) - 2) // YEARS_A_JOINPOINT, 0))
    searches = []
    for number in range(most + 1):
        search = search_placements(table, number, fewest)
        if search is None:
            break
        searches.append(search)
    return searches


def _joinpoint_intervals(
    table: YearlyCounts, best: Search, dispersion: float, confidence: float
) -> pd.DataFrame:
    # The likelihood-ratio interval: all placements that the counts make nearly as likely.
    allowed = best.deviance.min() + widening(dispersion) * normal_quantile(confidence) ** 2
    near = table.years[best.placements[best.deviance <= allowed]]
    missing = np.full(1, np.nan)
    return pd.DataFrame(
        {
            "joinpoint": np.concatenate([missing, table.years[best.placement]]),
            "joinpoint_lower": np.concatenate([missing, near.min(axis=0)]),
            "joinpoint_upper": np.concatenate([missing, near.max(axis=0)]),
        }
    )


def _cases_by_segment(rows: pd.DataFrame, joinpoints: np.ndarray) -> list[float]:
    segment = np.searchsorted(joinpoints, rows["the_year"], side="right")
    return [total_cases(rows[segment == number]) for number in range(len(joinpoints) + 1)]
