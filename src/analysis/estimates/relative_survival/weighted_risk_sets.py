"""Who is at risk at each time, and sums over them of what the life table says: the counts of net survival."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, groupby, pairwise
from math import factorial

import numpy as np
import pandas as pd

from analysis.estimates.relative_survival.lexis import BLOCK, Leg, legs
from analysis.estimates.relative_survival.life_lines import LifeLines, longest_first
from analysis.estimates.relative_survival.life_tables import Mortality
from analysis.estimates.survival.running import running_sum
from analysis.terms import DAYS_PER_YEAR

MIDDLE = BLOCK / 2
PRECISION = 1e-12  # what the power series may leave out, of each child's weight


@dataclass(frozen=True)
class RiskSets:
    """Rows of stratum and time at which somebody comes or goes, strata and times rising.

    ``rank`` is the place of a row's time among the distinct ``times``; ``come`` and ``gone`` are the rows at which each
    child enters and leaves, ``come`` being -1 for those there from the beginning.
    """

    times: np.ndarray
    strata: int
    stratum: np.ndarray
    rank: np.ndarray
    come: np.ndarray
    gone: np.ndarray

    def __len__(self) -> int:
        return len(self.rank)


def each_risk_set(
    numbers: np.ndarray,
    strata: int,
    entry: np.ndarray,
    exit_days: np.ndarray,
    potential: np.ndarray,
) -> tuple[RiskSets, RiskSets]:
    """The rows of each stratum, with those who leave at their exit, and with those who stay as long as they could.

    Round times since diagnosis (``round_times``) are rows too, up to the last exit of the stratum.
    """
    late = entry > 0
    last = np.zeros(strata)
    np.maximum.at(last, numbers, exit_days)
    round_days = round_times(exit_days.max(initial=0))
    reached = [np.repeat(np.arange(strata), np.searchsorted(round_days, last, side="right"))]
    days = [round_days[: np.searchsorted(round_days, each, side="right")] for each in last]
    rank, times = pd.factorize(
        np.concatenate([exit_days, potential, entry[late], *days]), sort=True
    )
    key = np.concatenate([numbers, numbers, numbers[late], *reached]) * max(len(times), 1) + rank
    row, keys = pd.factorize(key, sort=True)
    gone, stays, entered, _ = np.split(row, np.cumsum([len(entry), len(entry), late.sum()]))
    come = np.full(len(entry), -1)
    come[late] = entered
    stratum, rank = np.divmod(keys, max(len(times), 1))
    sets = RiskSets(times, strata, stratum, rank, come, gone)
    return sets, replace(sets, gone=stays)


def round_times(until: float) -> np.ndarray:
    """Days from diagnosis to each month of the first year and each year after it, whole days begun left out."""
    years = np.append(np.arange(1, 12) / 12, np.arange(1, until // DAYS_PER_YEAR + 2))
    days = np.floor(years * DAYS_PER_YEAR)
    return days[days <= until]


def added_up(rows: np.ndarray, values: np.ndarray, length: int) -> np.ndarray:
    """Values of children added up by row; those of children without a row (-1) are left out."""
    return np.bincount(rows + 1, values, minlength=length + 1)[1:]


def just_after_the_row_before(
    sets: RiskSets, here: np.ndarray, change: np.ndarray, begun: np.ndarray
) -> np.ndarray:
    """A sum over those at risk, taken when the row before has gone by: ``here`` is the sum before each row's time.

    ``change`` is what comes less what goes at each row, ``begun`` the sum at the beginning, by stratum.
    """
    first = np.diff(sets.stratum, prepend=-1) != 0
    return np.where(first, begun[sets.stratum], np.roll(here + change, 1))


def numbers_at_risk(sets: RiskSets, numbers: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Children (or their weights) at risk just before each row's time."""
    begun = np.bincount(numbers[sets.come < 0], weight[sets.come < 0], minlength=sets.strata)
    change = added_up(sets.come, weight, len(sets)) - added_up(sets.gone, weight, len(sets))
    return begun[sets.stratum] + running_sum(sets.stratum, change) - change


def exponential(sign: int) -> Callable:
    """Terms of the power series of ``weight`` × exp(``sign`` × hazard), as many as its steepest child needs."""

    def terms(met: list[np.ndarray], rates: tuple, weight: np.ndarray) -> list[list[np.ndarray]]:
        steepest = max(rate.max(initial=0) for rate in rates) * MIDDLE
        order = next(k for k in count() if steepest ** (k + 1) / factorial(k + 1) < PRECISION)
        series = [[weight * np.exp(sign * each) for each in met]]
        for k in range(1, order + 1):
            series.append(
                [term * rate * (sign / k) for term, rate in zip(series[-1], rates, strict=True)]
            )
        return series

    return terms


def linear(met: list[np.ndarray], rates: tuple, weight: np.ndarray) -> list[list[np.ndarray]]:
    """Terms of ``weight`` × hazard, which rises in straight lines."""
    return [[weight * each for each in met], [weight * rate for rate in rates]]


def sums_over_life_lines(
    lines: LifeLines, mortality: Mortality, numbers: np.ndarray, sets: RiskSets, series: Callable
) -> tuple[np.ndarray, np.ndarray]:
    """Sum over those at risk at each row, just before its time, of a function of the hazard that each has met.

    Also gives the hazard that each child has met by its exit.

    Parameters
    ----------
    numbers
        The stratum of each child.
    series
        ``exponential(1)``, ``exponential(-1)`` or ``linear``: what is summed, as a power series in time.
    """
    lines, order = longest_first(lines)
    met = np.zeros(len(lines))
    numbers, come, gone = numbers[order], sets.come[order], sets.gone[order]
    first, last = np.where(come < 0, 0, sets.rank[come] + 1), sets.rank[gone] + 1
    result, by_rank = np.zeros(len(sets.rank)), np.argsort(sets.rank, kind="stable")
    for start, block in groupby(legs(lines, mortality, met), key=lambda leg: leg.start):
        low, high = (
            0 if not day else np.searchsorted(sets.times, day, side="right")
            for day in (start, start + BLOCK)
        )
        shape, times = (sets.strata, high - low), sets.times[low:high] - start
        sums = np.zeros(shape)
        for leg in block:
            here = leg.children
            inside = [np.clip(rank[here] - low, 0, high - low) for rank in (first, last)]
            cells = _cells(leg, times, inside) + numbers[here] * (high - low + 1)
            sums += _leg_sums(
                series(_met_by_middle(leg), leg.rates, lines.weight[here]), cells, times, shape
            )
        rows = by_rank[slice(*np.searchsorted(sets.rank[by_rank], [low, high]))]
        result[rows] = sums[sets.stratum[rows], sets.rank[rows] - low]
    by_exit = np.empty(len(met))
    by_exit[order] = met
    return result, by_exit


def _met_by_middle(leg: Leg) -> list[np.ndarray]:
    """The hazard by the middle of the block, were the rate of each of the three stretches that of the whole."""
    met = [leg.hazard + leg.rates[0] * MIDDLE]
    for cut, (before, after) in zip(leg.cuts, pairwise(leg.rates), strict=True):
        met.append(met[-1] + (before - after) * (cut - MIDDLE))
    return met


def _cells(leg: Leg, times: np.ndarray, inside: list[np.ndarray]) -> np.ndarray:
    """The times of the block at which each child comes, changes its rate twice, and goes."""
    whole_days = np.searchsorted(times, np.arange(BLOCK + 2), side="right")
    cuts = [
        whole_days[np.minimum(cut, BLOCK)]
        if cut.dtype.kind == "i"
        else np.searchsorted(times, cut, side="right")
        for cut in leg.cuts
    ]
    return np.stack([inside[0], *(np.clip(cut, *inside) for cut in cuts), inside[1]])


def _leg_sums(
    series: list, cells: np.ndarray, times: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Strata × times: each child brings its terms when it comes, changes them at its cuts, takes them when it goes."""
    strata, width = shape
    total = np.zeros(shape)
    for before, between, after in reversed(series):
        changes = np.stack([before, between - before, after - between, -after])
        summed = np.bincount(cells.ravel(), changes.ravel(), minlength=strata * (width + 1))
        total *= times - MIDDLE
        total += np.cumsum(summed.reshape(strata, width + 1)[:, :width], axis=1)
    return total
