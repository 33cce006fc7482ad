"""What each time adds to the hazard of death, to that of the population, and to the variance of their difference."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.estimates.relative_survival.lexis import hazards_at
from analysis.estimates.relative_survival.life_lines import LifeLines
from analysis.estimates.relative_survival.life_tables import Mortality
from analysis.estimates.relative_survival.weighted_risk_sets import (
    RiskSets,
    added_up,
    each_risk_set,
    exponential,
    just_after_the_row_before,
    linear,
    numbers_at_risk,
    round_times,
    sums_over_life_lines,
)

RESOLUTION = 1e-11  # of a step of hazard: below it is the rounding of sums


@dataclass(frozen=True)
class Steps:
    """One row a stratum and time of exit: counts, and the steps of hazards since the time before."""

    stratum: np.ndarray
    time_days: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    observed: np.ndarray
    population: np.ndarray
    variance: np.ndarray


def hazard_steps(
    lines: LifeLines,
    mortality: Mortality,
    numbers: np.ndarray,
    method: str,
    potential: np.ndarray | None = None,
    round_rows: bool = False,
) -> Steps:
    """The steps of the observed and the population hazard by a method of relative survival.

    Between two exits the same children are at risk. Since a hazard that is weighted by exp(±hazard met) is the
    derivative of the logarithm of the sum of those weights, its integral from one exit to the next is the logarithm of
    a ratio of two such sums: exact, whatever the days between. With ``round_rows`` the round times where the
    population's hazard has moved since the row before are rows too.
    """
    to_the_end = np.full(len(lines), lines.exit.max(initial=0))
    stays = {"ederer-1": to_the_end, "hakulinen": potential}.get(method, lines.exit)
    strata = int(numbers.max(initial=-1)) + 1
    actual, expected = each_risk_set(numbers, strata, lines.entry, lines.exit, stays)
    here, weight = numbers_at_risk(actual, numbers, lines.weight), lines.weight
    if method == "pohar-perme":
        population, here, weight = _weighted_steps(lines, mortality, numbers, actual, 1)
    elif method == "ederer-2":
        population = _mean_steps(lines, mortality, numbers, actual, here)
    else:
        population = _weighted_steps(replace(lines, exit=stays), mortality, numbers, expected, -1)[
            0
        ]
    at_risk = numbers_at_risk(actual, numbers, np.ones(len(lines))).round().astype(np.int64)
    population = np.where((at_risk == 0) | (population < RESOLUTION), 0.0, population)
    leaving = np.bincount(actual.gone, minlength=len(actual))
    is_round = np.isin(actual.times, round_times(lines.exit.max(initial=0)))[actual.rank]
    rows = np.flatnonzero((leaving > 0) | (round_rows & is_round & (population > 0)))
    events = np.bincount(actual.gone[lines.event], minlength=len(actual))[rows]
    counts = (
        actual.times[actual.rank[rows]].astype(float),
        at_risk[rows],
        events,
        leaving[rows] - events,
    )
    observed, variance = (_died(lines, actual, weight, power, here)[rows] for power in (1, 2))
    observed = np.where(events == at_risk[rows], 1.0, observed)
    return Steps(
        actual.stratum[rows],
        *counts,
        observed,
        _until_the_next_row(actual, rows, population),
        variance,
    )


def _died(
    lines: LifeLines, sets: RiskSets, weight: np.ndarray, power: int, here: np.ndarray
) -> np.ndarray:
    """Weights of the dead over those of all at risk, at each row, both to a power."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return added_up(sets.gone, lines.event * weight**power, len(sets)) / here**power


def _weighted_steps(
    lines: LifeLines, mortality: Mortality, numbers: np.ndarray, sets: RiskSets, sign: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps of a hazard weighted by exp(±hazard met); the weights summed at each row, and each child's at its exit."""
    here, met = sums_over_life_lines(lines, mortality, numbers, sets, exponential(sign))
    leaves, comes = (
        lines.weight * np.exp(sign * each) for each in (met, _met_by_entry(lines, mortality))
    )
    begun = np.bincount(numbers[sets.come < 0], lines.weight[sets.come < 0], minlength=sets.strata)
    change = added_up(sets.come, comes, len(sets)) - added_up(sets.gone, leaves, len(sets))
    before = just_after_the_row_before(sets, here, change, begun)
    with np.errstate(divide="ignore", invalid="ignore"):
        return sign * np.log(here / before), here, leaves


def _mean_steps(
    lines: LifeLines, mortality: Mortality, numbers: np.ndarray, sets: RiskSets, at_risk: np.ndarray
) -> np.ndarray:
    """What those at risk have met since the row before, on average."""
    here, met = sums_over_life_lines(lines, mortality, numbers, sets, linear)
    comes = lines.weight * _met_by_entry(lines, mortality)
    change = added_up(sets.come, comes, len(sets)) - added_up(
        sets.gone, lines.weight * met, len(sets)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            here - just_after_the_row_before(sets, here, change, np.zeros(sets.strata))
        ) / at_risk


def _met_by_entry(lines: LifeLines, mortality: Mortality) -> np.ndarray:
    return hazards_at(lines, mortality, lines.entry) if lines.entry.any() else np.zeros(len(lines))


def _until_the_next_row(sets: RiskSets, kept: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Steps at the rows left out, added to the next row kept; after the last of a stratum there is none to add to."""
    upcoming = np.searchsorted(kept, np.arange(len(sets)))
    within = upcoming < len(kept)
    within[within] = sets.stratum[kept[upcoming[within]]] == sets.stratum[within]
    return np.bincount(upcoming[within], steps[within], minlength=len(kept))
