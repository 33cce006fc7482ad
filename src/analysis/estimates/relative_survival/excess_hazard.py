"""What each time adds to the hazard of death and to that of the population, by each method of net survival.

Between two exits the same children are at risk. Since a hazard that is weighted by exp(±hazard met) is the derivative
of the logarithm of the sum of those weights, its integral from one exit to the next is the logarithm of a ratio of two
such sums: exact, whatever the days between.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.estimates.relative_survival.life_line_sums import (
    Exponential,
    Linear,
    SumsAtRisk,
    sums_at_risk,
)
from analysis.estimates.relative_survival.life_lines import LifeLines
from analysis.estimates.relative_survival.life_tables import Mortality
from analysis.estimates.relative_survival.weighted_risk_sets import (
    RiskSets,
    each_risk_set,
    round_times,
    weights_at_risk,
)

RESOLUTION = 1e-11  # of a step of hazard: below it is the rounding of sums


@dataclass(frozen=True)
class Followed:
    """Children against a life table: who is at risk at each row, and who would be had they stayed as they could."""

    lines: LifeLines
    mortality: Mortality
    sets: RiskSets
    staying: LifeLines
    staying_sets: RiskSets


@dataclass(frozen=True)
class Hazards:
    """What each row adds: to the hazard seen, to the population's, and to the variance of their difference."""

    observed: np.ndarray
    population: np.ndarray
    variance: np.ndarray


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


def pohar_perme(followed: Followed) -> Hazards:
    """Each child counts one over its chance of being alive, were it like the population: w = exp(hazard met).

    So those whom other causes would have taken are stood for by those like them who are left.
    """
    weights = sums_at_risk(followed.lines, followed.mortality, followed.sets, Exponential(1))
    died, squared = _deaths(followed, weights.at_exit)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Hazards(
            observed=died / weights.before,
            population=_logarithm_of_ratio(weights),
            variance=squared / weights.before**2,
        )


def ederer_2(followed: Followed) -> Hazards:
    """The population's hazard is the mean over those at risk, all of whom count the same."""
    met = sums_at_risk(followed.lines, followed.mortality, followed.sets, Linear())
    at_risk = weights_at_risk(followed.sets, followed.lines.weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _as_observed(followed, population=(met.before - met.after_previous) / at_risk)


def expected_of_all(followed: Followed) -> Hazards:
    """Ederer I and Hakulinen: the population's hazard is that of children like them, who leave as they could have.

    The expected survival of those who stay is the mean of exp(-hazard met), whatever happened to the children.
    """
    expected = sums_at_risk(
        followed.staying, followed.mortality, followed.staying_sets, Exponential(-1)
    )
    return _as_observed(followed, population=-_logarithm_of_ratio(expected))


METHODS = {
    "pohar-perme": pohar_perme,
    "ederer-1": expected_of_all,
    "ederer-2": ederer_2,
    "hakulinen": expected_of_all,
}


def _as_observed(followed: Followed, population: np.ndarray) -> Hazards:
    """Deaths over those at risk, as they are."""
    at_risk = weights_at_risk(followed.sets, followed.lines.weight)
    died, squared = _deaths(followed, followed.lines.weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Hazards(died / at_risk, population, variance=squared / at_risk**2)


def _deaths(followed: Followed, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of those who die at each row, and the squares of these weights."""
    is_dead = followed.lines.event
    return followed.sets.leaving(is_dead * weight), followed.sets.leaving(is_dead * weight**2)


def _logarithm_of_ratio(sums: SumsAtRisk) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(sums.before / sums.after_previous)


def hazard_steps(
    lines: LifeLines,
    mortality: Mortality,
    child_stratum: np.ndarray,
    method: str,
    *,
    potential: np.ndarray | None = None,
    round_rows: bool = False,
) -> Steps:
    """The steps of the observed and the population hazard by a method of net survival.

    With ``round_rows`` the round times where the population's hazard has moved since the row before are rows too.
    """
    to_the_end = np.full(len(lines), lines.exit.max(initial=0))
    stays = {"ederer-1": to_the_end, "hakulinen": potential}.get(method, lines.exit)
    sets, staying_sets = each_risk_set(lines, child_stratum, stays)
    followed = Followed(lines, mortality, sets, replace(lines, exit=stays), staying_sets)
    return _at_exits(followed, METHODS[method](followed), round_rows)


def _at_exits(followed: Followed, hazards: Hazards, round_rows: bool) -> Steps:
    """The rows at which somebody leaves, with what has been added since the row before."""
    sets = followed.sets
    counts = _counts(followed)
    at_risk, events, censored = counts["at_risk"], counts["events"], counts["censored"]
    is_rounding = (at_risk == 0) | (hazards.population < RESOLUTION)
    population = np.where(is_rounding, 0.0, hazards.population)
    has_moved = _is_round_row(followed) & (population > 0)
    rows = np.flatnonzero((events + censored > 0) | (round_rows & has_moved))
    # Where all at risk die the hazard is 1, whatever their weights come to in floats.
    observed = np.where(events == at_risk, 1.0, hazards.observed)
    return Steps(
        stratum=sets.stratum[rows],
        time_days=sets.times[sets.rank[rows]].astype(float),
        **{name: count[rows] for name, count in counts.items()},
        observed=observed[rows],
        population=_until_the_next_row(sets, rows, population),
        variance=hazards.variance[rows],
    )


def _counts(followed: Followed) -> dict[str, np.ndarray]:
    lines, sets = followed.lines, followed.sets
    counts = {
        "at_risk": weights_at_risk(sets, np.ones(len(lines))),
        "events": sets.leaving(lines.event),
        "censored": sets.leaving(~lines.event),
    }
    return {name: count.round().astype(np.int64) for name, count in counts.items()}


def _is_round_row(followed: Followed) -> np.ndarray:
    sets = followed.sets
    return np.isin(sets.times, round_times(followed.lines.exit.max(initial=0)))[sets.rank]


def _until_the_next_row(sets: RiskSets, rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Steps at the rows left out, added to the next of ``rows``; after the last of a stratum there is none."""
    upcoming = np.searchsorted(rows, np.arange(len(sets)))
    within = upcoming < len(rows)
    within[within] = sets.stratum[rows[upcoming[within]]] == sets.stratum[within]
    return np.bincount(upcoming[within], steps[within], minlength=len(rows))
