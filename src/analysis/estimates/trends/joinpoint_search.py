"""Every admissible placement of joinpoints, fitted, and the best of them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.estimates.trends.loglinear import LogLinearFit, YearlyCounts, fit_poisson


@dataclass(frozen=True)
class Search:
    """All placements of one number of joinpoints (places in the years), their deviances, the fit of the best."""

    placements: np.ndarray
    deviance: np.ndarray
    fit: LogLinearFit
    trend: np.ndarray

    @property
    def joinpoints(self) -> int:
        """How many."""
        return self.placements.shape[1]

    @property
    def placement(self) -> np.ndarray:
        """The best, as places in the years."""
        return self.placements[np.argmin(self.deviance)]


def search_placements(table: YearlyCounts, joinpoints: int, fewest: int) -> Search | None:
    """Fit every admissible placement of so many joinpoints; nothing where there is none."""
    placements = _admissible(table, joinpoints, fewest)
    if not len(placements):
        return None
    fit = fit_poisson(table, segment_designs(table, placements))
    settled = np.isfinite(fit.deviance)
    if not settled.any():
        return None
    placements, deviance = placements[settled], fit.deviance[settled]
    best, design = fit_placement(table, placements[np.argmin(deviance)])
    return Search(placements, deviance, best, design @ best.coefficients[0])


def fit_placement(table: YearlyCounts, placement: np.ndarray) -> tuple[LogLinearFit, np.ndarray]:
    """The fit of one placement, and its design."""
    design = segment_designs(table, np.asarray(placement, dtype=np.int64)[None, :])
    return fit_poisson(table, design), design[0]


def segment_designs(table: YearlyCounts, placements: np.ndarray) -> np.ndarray:
    """Years elapsed, and years elapsed since each joinpoint: placements × years × slopes."""
    since = np.maximum(table.elapsed[None, :, None] - table.elapsed[placements][:, None, :], 0)
    line = np.broadcast_to(table.elapsed[None, :, None], (*since.shape[:2], 1))
    return np.concatenate([line, since], axis=2)


def segment_slopes(fit: LogLinearFit) -> tuple[np.ndarray, np.ndarray]:
    """Slope of each segment and their covariance, for a Poisson count."""
    summed = np.tril(np.ones((fit.coefficients.shape[1],) * 2))
    return summed @ fit.coefficients[0], summed @ np.linalg.inv(fit.information[0]) @ summed.T


def _admissible(table: YearlyCounts, joinpoints: int, fewest: int) -> np.ndarray:
    if not joinpoints:
        return np.zeros((1, 0), dtype=np.int64)
    years = len(table.years)
    # Years are chosen as if segments could be empty, and then moved apart by the fewest that each must have.
    free = max(years - fewest * (joinpoints + 1), 0)
    chosen = np.array(list(combinations(range(free), joinpoints)), dtype=np.int64)
    placements = chosen.reshape(-1, joinpoints) + fewest * np.arange(1, joinpoints + 1)
    first = np.zeros((len(placements), 1), dtype=np.int64)
    ends = np.hstack([first, placements, first + years - 1])
    return placements[_all_segments_have_slopes(table, ends[:, :-1], ends[:, 1:])]


def _all_segments_have_slopes(
    table: YearlyCounts, start: np.ndarray, stop: np.ndarray
) -> np.ndarray:
    """Whether each segment of a placement (row) has a case in two of its years, or in one between its ends."""
    years_with_cases = np.concatenate([[0], np.cumsum(table.cases.sum(axis=1) > 0)])
    with_ends = years_with_cases[stop + 1] - years_with_cases[start]
    between_ends = years_with_cases[stop] - years_with_cases[start + 1]
    return ((with_ends >= 2) | (between_ends >= 1)).all(axis=1)
