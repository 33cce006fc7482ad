"""Who is at risk at each time: the rows of net survival, and weights of children summed over them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimates.relative_survival.life_lines import LifeLines
from analysis.estimates.survival.running_sums import running_sum
from analysis.terms import DAYS_PER_YEAR


@dataclass(frozen=True)
class RiskSets:
    """Rows of stratum and time at which somebody comes or goes, strata and times rising.

    ``rank`` is the place of a row's time among the distinct ``times``, ``strata`` how many strata there are. Of each
    child ``child_stratum`` is the stratum, ``come`` and ``gone`` are the rows at which it enters and leaves, ``come``
    being -1 for those there from the beginning.
    """

    times: np.ndarray
    strata: int
    stratum: np.ndarray
    rank: np.ndarray
    child_stratum: np.ndarray
    come: np.ndarray
    gone: np.ndarray

    def __len__(self) -> int:
        return len(self.rank)

    def leaving(self, values: np.ndarray) -> np.ndarray:
        """Values of children added up at the rows where they leave."""
        return np.bincount(self.gone, values, minlength=len(self))

    def change(self, brought: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """What the children who come bring to each row, less what those who leave take away."""
        coming = np.bincount(self.come + 1, brought, minlength=len(self) + 1)[1:]
        return coming - self.leaving(taken)

    def at_beginning(self, values: np.ndarray) -> np.ndarray:
        """Values of those there from the beginning added up by stratum, at each row."""
        is_there = self.come < 0
        by_stratum = np.bincount(
            self.child_stratum[is_there], values[is_there], minlength=self.strata
        )
        return by_stratum[self.stratum]


def each_risk_set(
    lines: LifeLines, child_stratum: np.ndarray, potential: np.ndarray
) -> tuple[RiskSets, RiskSets]:
    """The rows of each stratum, with those who leave at their exit, and with those who stay as long as they could.

    Round times since diagnosis (``round_times``) are rows too, up to the last exit of the stratum.
    """
    late = np.flatnonzero(lines.entry > 0)
    round_days, of_stratum = _round_rows(lines.exit, child_stratum)
    days = [lines.exit, potential, lines.entry[late], round_days]
    stratum = [child_stratum, child_stratum, child_stratum[late], of_stratum]
    times, row, of_row = _numbered(np.concatenate(stratum), np.concatenate(days))
    gone, stays, entered, _ = np.split(row, np.cumsum(list(map(len, days[:3]))))
    come = np.full(len(lines), -1)
    come[late] = entered
    sets = RiskSets(times, _strata(child_stratum), *of_row, child_stratum, come, gone)
    return sets, replace(sets, gone=stays)


def _numbered(
    stratum: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The distinct times; the row of each pair of stratum and day; stratum and place of the time of each row."""
    rank, times = pd.factorize(days, sort=True)
    width = len(times) + 1
    row, keys = pd.factorize(stratum * width + rank, sort=True)
    return times, row, np.divmod(keys, width)


def _strata(child_stratum: np.ndarray) -> int:
    return int(child_stratum.max(initial=-1)) + 1


def _round_rows(exit_days: np.ndarray, child_stratum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The round times up to the last exit of each stratum, and the stratum of each of them."""
    last = np.zeros(_strata(child_stratum))
    np.maximum.at(last, child_stratum, exit_days)
    days = round_times(exit_days.max(initial=0))
    reached = np.searchsorted(days, last, side="right")
    each = [np.zeros(0), *(days[:count] for count in reached)]
    return np.concatenate(each), np.repeat(np.arange(len(last)), reached)


def round_times(until: float) -> np.ndarray:
    """Days from diagnosis to each month of the first year and each year after it, whole days begun left out."""
    years = np.append(np.arange(1, 12) / 12, np.arange(1, until // DAYS_PER_YEAR + 2))
    days = np.floor(years * DAYS_PER_YEAR)
    return days[days <= until]


def weights_at_risk(sets: RiskSets, weight: np.ndarray) -> np.ndarray:
    """Children (or their weights) at risk just before each row's time."""
    change = sets.change(weight, weight)
    return sets.at_beginning(weight) + running_sum(sets.stratum, change) - change
