"""The sums over risk sets that Cox's partial likelihood is made of, ties as Efron's."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

LONGEST_STEP, MOST_STEPS, STILL, ROUNDING = 2.0, 50, 1e-18, 1e-9


@dataclass(frozen=True)
class Follow:
    """Follow-up of each row: at risk after ``entry`` (else from the start) to ``exit``, compared within ``layer``."""

    exit: np.ndarray
    died: np.ndarray
    layer: np.ndarray
    entry: np.ndarray | None = None
    weight: np.ndarray | None = None

    def only(self, rows: np.ndarray) -> "Follow":
        """The follow-up of the rows chosen."""
        chosen = (values if values is None else values[rows] for values in vars(self).values())
        return Follow(*chosen)


@dataclass(frozen=True)
class CoxRiskSets:
    """Who is at risk at each time of an event, and how much a row counts there (weight times exp of its predictor).

    A time in a layer is one place. Row i is at risk at the places ``first[i]`` to ``last[i] - 1``. A place where d die
    at once is d terms of Efron's likelihood, in which the dead count 1, 1 - 1/d, 1 - 2/d … of themselves.
    """

    covariates: np.ndarray
    weight: np.ndarray
    relative: np.ndarray
    died: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @cached_property
    def place(self) -> np.ndarray:
        """The place of each death."""
        return self.last[self.died] - 1

    @cached_property
    def places(self) -> int:
        """How many places there are."""
        return len(np.unique(self.place))

    @cached_property
    def term_place(self) -> np.ndarray:
        """The place of each term of the likelihood: one a death."""
        return np.sort(self.place)

    @cached_property
    def share_gone(self) -> np.ndarray:
        """How much of themselves those who die at a term's place no longer count."""
        deaths = np.bincount(self.place)
        start = np.cumsum(deaths) - deaths
        return (np.arange(len(self.place)) - start[self.term_place]) / deaths[self.term_place]

    @cached_property
    def term_weight(self) -> np.ndarray:
        """The weight of a term: the mean of those who die at its place."""
        return (np.bincount(self.place, self.weight[self.died]) / np.bincount(self.place))[
            self.term_place
        ]

    @cached_property
    def total(self) -> np.ndarray:
        """The sum over the risk set of each term."""
        return self._of_terms(self.relative[:, None])[:, 0]

    @cached_property
    def mean(self) -> np.ndarray:
        """The mean of the covariates over the risk set of each term."""
        return self._of_terms(self.relative[:, None] * self.covariates) / self.total[:, None]

    @property
    def log_likelihood(self) -> float:
        """The logarithm of the partial likelihood."""
        weight = self.weight[self.died]
        own = weight @ np.log(self.relative[self.died] / weight)
        return float(own - self.term_weight @ np.log(self.total))

    def moved(self, coefficients: np.ndarray) -> "CoxRiskSets":
        """The same risk sets at other coefficients."""
        predictor = self.covariates @ coefficients
        return replace(self, relative=self.weight * np.exp(predictor - predictor.mean()))

    def score(self, times: np.ndarray) -> np.ndarray:
        """Observed less expected covariates, each place counted by its entry in ``times``."""
        observed = (self.weight[self.died] * times[self.place]) @ self.covariates[self.died]
        return observed - (self.term_weight * times[self.term_place]) @ self.mean

    def information(self, times: np.ndarray) -> np.ndarray:
        """The variance of the covariates over the risk sets, summed likewise."""
        hazard = times[self.term_place] * self.term_weight / self.total
        at_risk = self.relative * self._during(hazard)
        dying = (
            self.relative[self.died]
            * np.bincount(self.term_place, hazard * self.share_gone)[self.place]
        )
        x, x_dead = self.covariates, self.covariates[self.died]
        expected = (self.mean * (times[self.term_place] * self.term_weight)[:, None]).T @ self.mean
        return (x * at_risk[:, None]).T @ x - (x_dead * dying[:, None]).T @ x_dead - expected

    def score_residuals(self) -> np.ndarray:
        """What each row adds to the score, with its weight: the ground of a robust variance."""
        hazard = self.term_weight / self.total
        residuals = (
            self._during(hazard[:, None] * self.mean)
            - self._during(hazard)[:, None] * self.covariates
        )
        gone = hazard * self.share_gone
        spared = self._at_places(gone)[self.place, None] * self.covariates[self.died]
        spared -= self._at_places(gone[:, None] * self.mean)[self.place]
        residuals[self.died] += spared
        residuals *= self.relative[:, None]
        mean = self._at_places(self.mean) / np.bincount(self.place)[:, None]
        residuals[self.died] += self.weight[self.died, None] * (
            self.covariates[self.died] - mean[self.place]
        )
        return residuals

    def _of_terms(self, values: np.ndarray) -> np.ndarray:
        gone_later = _summed(self.last, values, self.places + 1) - _summed(
            self.first, values, self.places + 1
        )
        at_risk = gone_later[::-1].cumsum(axis=0)[::-1][1:]
        dying = _summed(self.place, values[self.died], self.places)
        return at_risk[self.term_place] - self.share_gone[:, None] * dying[self.term_place]

    def _at_places(self, of_terms: np.ndarray) -> np.ndarray:
        return _summed(self.term_place, of_terms, self.places)

    def _during(self, of_terms: np.ndarray) -> np.ndarray:
        """The sum over all terms of the likelihood in which a row is at risk, for each row."""
        before = np.concatenate(
            [np.zeros((1, *of_terms.shape[1:])), self._at_places(of_terms).cumsum(axis=0)]
        )
        return before[self.last] - before[self.first]


def risk_sets_at(follow: Follow, covariates: np.ndarray, coefficients: np.ndarray) -> CoxRiskSets:
    """The risk sets of Cox's partial likelihood at some coefficients; there must be an event."""
    weight = np.ones(len(follow.exit)) if follow.weight is None else follow.weight
    entry = np.full(len(follow.exit), -np.inf) if follow.entry is None else follow.entry
    times, rank = np.unique(np.concatenate([entry, follow.exit]), return_inverse=True)
    keys = np.tile(follow.layer, 2) * len(times) + rank
    entries, exits = keys[: len(entry)], keys[len(entry) :]
    places = np.unique(exits[follow.died])
    at_zero = CoxRiskSets(
        covariates=covariates - covariates.mean(axis=0),
        weight=weight,
        relative=weight,
        died=np.flatnonzero(follow.died),
        first=np.searchsorted(places, entries, side="right"),
        last=np.searchsorted(places, exits, side="right"),
    )
    return at_zero.moved(coefficients)


def maximised(
    follow: Follow, covariates: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, CoxRiskSets]:
    """The coefficients at which the partial likelihood is largest, by Newton's steps from ``start``.

    Where it has no maximum, steps go on until the coefficients are far beyond any that means something.
    """
    coefficients, risk_sets = start, risk_sets_at(follow, covariates, start)
    spread, each_place = np.ptp(covariates, axis=0), np.ones(risk_sets.places)
    for _ in range(MOST_STEPS if len(start) else 0):
        score = risk_sets.score(each_place)
        step = np.linalg.lstsq(risk_sets.information(each_place), score, rcond=1e-13)[0]
        step /= max(1.0, np.max(np.abs(step) * spread) / LONGEST_STEP)
        if score @ step < STILL:
            break
        further = risk_sets.moved(coefficients + step)
        while further.log_likelihood < risk_sets.log_likelihood - ROUNDING * abs(
            risk_sets.log_likelihood
        ):
            step /= 2
            further = risk_sets.moved(coefficients + step)
        coefficients, risk_sets = coefficients + step, further
    return coefficients, risk_sets


def _summed(place: np.ndarray, values: np.ndarray, places: int) -> np.ndarray:
    if values.ndim == 1:
        return np.bincount(place, values, minlength=places)
    columns = [np.bincount(place, column, minlength=places) for column in values.T]
    return np.column_stack(columns) if columns else np.zeros((places, 0))
