"""Sums over those at risk of what the life table says of each: exact at every row, without stepping through days.

Within a block of follow-up a child's hazard rises in three straight lines, so that a function of it is a power series
in time around the middle of the block. Only what each child adds to the terms of the series is summed, where it comes,
changes its line, and goes.
"""

from dataclasses import dataclass
from itertools import count, groupby, pairwise
from math import factorial

import numpy as np

from analysis.estimates.relative_survival.lexis import BLOCK, Leg, hazards_at, legs
from analysis.estimates.relative_survival.life_lines import LifeLines, longest_first
from analysis.estimates.relative_survival.life_tables import Mortality
from analysis.estimates.relative_survival.weighted_risk_sets import RiskSets

MIDDLE = BLOCK / 2
PRECISION = 1e-12  # what the power series may leave out, of each child's weight

Stretches = list[np.ndarray]  # a value of each child in each of three stretches of a block


@dataclass(frozen=True)
class Exponential:
    """A function of the hazard that a child has met: exp(``sign`` × hazard).

    One over the chance of being alive (1), or the chance of being alive (-1).
    """

    sign: int

    def value(self, hazard: np.ndarray) -> np.ndarray:
        """The function itself."""
        return np.exp(self.sign * hazard)

    def series(self, met: Stretches, rates: Stretches, weight: np.ndarray) -> list[Stretches]:
        """The terms of its power series in days after the middle of a block, as many as the steepest child needs.

        ``met`` is the hazard met by the middle, were the rate of a stretch that of the whole block.
        """
        steepest = max(rate.max(initial=0) for rate in rates) * MIDDLE
        order = next(k for k in count() if steepest ** (k + 1) / factorial(k + 1) < PRECISION)
        terms = [[weight * self.value(hazard) for hazard in met]]
        for k in range(1, order + 1):
            factors = zip(terms[-1], rates, strict=True)
            terms.append([term * rate * (self.sign / k) for term, rate in factors])
        return terms


@dataclass(frozen=True)
class Linear:
    """The hazard itself."""

    def value(self, hazard: np.ndarray) -> np.ndarray:
        """The function itself."""
        return hazard

    def series(self, met: Stretches, rates: Stretches, weight: np.ndarray) -> list[Stretches]:
        """Its two terms, as of ``Exponential``."""
        return [[weight * hazard for hazard in met], [weight * rate for rate in rates]]


OfHazard = Exponential | Linear


@dataclass(frozen=True)
class SumsAtRisk:
    """A function of the hazard met, times weights, summed over those at risk.

    ``before`` is the sum just before each row's time; ``after_previous`` that just after the time of the row before it
    in its stratum, at the beginning for the first; ``at_exit`` is what each child takes away when it leaves.
    """

    before: np.ndarray
    after_previous: np.ndarray
    at_exit: np.ndarray


def sums_at_risk(
    lines: LifeLines, mortality: Mortality, sets: RiskSets, of_hazard: OfHazard
) -> SumsAtRisk:
    """Sums over those at risk of a function of the hazard that each has met since diagnosis."""
    before, met_by_exit = _sums_before_rows(lines, mortality, sets, of_hazard)
    nothing_met = np.zeros(len(lines))
    late = lines.entry.any()
    met_by_entry = hazards_at(lines, mortality, lines.entry) if late else nothing_met
    at_beginning, at_entry, at_exit = (
        lines.weight * of_hazard.value(met) for met in (nothing_met, met_by_entry, met_by_exit)
    )
    after = before + sets.change(brought=at_entry, taken=at_exit)
    is_first = np.diff(sets.stratum, prepend=-1) != 0
    after_previous = np.where(is_first, sets.at_beginning(at_beginning), np.roll(after, 1))
    return SumsAtRisk(before, after_previous, at_exit)


def _sums_before_rows(
    lines: LifeLines, mortality: Mortality, sets: RiskSets, of_hazard: OfHazard
) -> tuple[np.ndarray, np.ndarray]:
    """The sum just before the time of each row, and the hazard that each child has met by its exit."""
    lines, order = longest_first(lines)
    met = np.zeros(len(lines))
    rows = _Rows.of(sets, order)
    sums = np.zeros(len(sets))
    for start, block in groupby(legs(lines, mortality, met), key=lambda leg: leg.start):
        low, high = rows.times_of_block(start)
        grid = np.zeros((sets.strata, high - low))
        for leg in block:
            weight = lines.weight[leg.children]
            series = of_hazard.series(_met_by_middle(leg), leg.rates, weight)
            grid += rows.summed(series, leg, low, high)
        of_block = rows.of_times(low, high)
        sums[of_block] = grid[sets.stratum[of_block], sets.rank[of_block] - low]
    return sums, _in_first_order(met, order)


def _in_first_order(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    first_order = np.empty(len(values))
    first_order[order] = values
    return first_order


@dataclass(frozen=True)
class _Rows:
    """The rows of risk sets as times of blocks, and between which times each child, longest first, is at risk."""

    sets: RiskSets
    by_rank: np.ndarray
    stratum: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, sets: RiskSets, order: np.ndarray) -> "_Rows":
        come, gone = sets.come[order], sets.gone[order]
        return cls(
            sets,
            by_rank=np.argsort(sets.rank, kind="stable"),
            stratum=sets.child_stratum[order],
            first=np.where(come < 0, 0, sets.rank[come] + 1),
            last=sets.rank[gone] + 1,
        )

    def times_of_block(self, start: int) -> tuple[int, int]:
        """The first of the times after the start of a block, and the one after its last; day 0 is of the first."""
        low = np.searchsorted(self.sets.times, start, side="right") if start else 0
        return low, np.searchsorted(self.sets.times, start + BLOCK, side="right")

    def of_times(self, low: int, high: int) -> np.ndarray:
        """The rows at these times."""
        ranks = self.sets.rank[self.by_rank]
        return self.by_rank[slice(*np.searchsorted(ranks, [low, high]))]

    def summed(self, series: list[Stretches], leg: Leg, low: int, high: int) -> np.ndarray:
        """Strata × times: each child brings its terms when it comes, changes them at its cuts, takes them along."""
        times, width = self.sets.times[low:high] - leg.start, high - low
        # A column more than there are times, for what ends after the last of them.
        cells = self._cells(leg, times, low, high) + self.stratum[leg.children] * (width + 1)
        total = np.zeros((self.sets.strata, width))
        for before, between, after in reversed(series):
            changes = np.stack([before, between - before, after - between, -after])
            length = self.sets.strata * (width + 1)
            added = np.bincount(cells.ravel(), changes.ravel(), minlength=length)
            total *= times - MIDDLE
            total += np.cumsum(added.reshape(-1, width + 1)[:, :width], axis=1)
        return total

    def _cells(self, leg: Leg, times: np.ndarray, low: int, high: int) -> np.ndarray:
        """The times of the block at which each child comes, changes its rate twice, and goes."""
        come, gone = (
            np.clip(rank[leg.children] - low, 0, high - low) for rank in (self.first, self.last)
        )
        by_whole_day = np.searchsorted(times, np.arange(BLOCK + 2), side="right")
        cuts = []
        for cut in leg.cuts:
            if cut.dtype.kind == "i":
                cell = by_whole_day[np.minimum(cut, BLOCK)]
            else:  # a year of age that is no whole number of days
                cell = np.searchsorted(times, cut, side="right")
            cuts.append(np.clip(cell, come, gone))
        return np.stack([come, *cuts, gone])


def _met_by_middle(leg: Leg) -> Stretches:
    """The hazard by the middle of the block, were the rate of each of the three stretches that of the whole."""
    met = [leg.hazard + leg.rates[0] * MIDDLE]
    for cut, (before, after) in zip(leg.cuts, pairwise(leg.rates), strict=True):
        met.append(met[-1] + (before - after) * (cut - MIDDLE))
    return met
