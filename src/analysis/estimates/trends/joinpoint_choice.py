"""How many joinpoints: permutation tests, and criteria of information."""

from dataclasses import dataclass

import numpy as np

from analysis.estimates.trends.joinpoint_search import Search, segment_designs
from analysis.estimates.trends.loglinear import (
    YearlyCounts,
    fitted_cases,
    pearson_dispersion,
    widening,
)

LEVEL = 0.05
PERMUTATIONS = 999
SEED = 20000215
NUMBERS_AT_ONCE = 4_000_000
# A sum of squares below this, for each year, is the rounding of a series that lies on its line.
NO_RESIDUE = 1e-10
# A permuted series this close to the observed one is as good as it: sums come in another order.
TIE = 1e-9


def _by_permutation(table: YearlyCounts, searches: list[Search]) -> int:
    """Kim, Fay, Feuer and Midthune's sequence of tests, at levels that hold the chance of too many joinpoints."""
    fewest, most = 0, len(searches) - 1
    level = {null: LEVEL / (len(searches) - 1 - null) for null in range(len(searches) - 1)}
    while fewest < most:
        if permutation_p_value(table, searches[fewest], searches[most]) <= level[fewest]:
            fewest += 1
        else:
            most -= 1
    return fewest


def permutation_p_value(table: YearlyCounts, null: Search, alternative: Search) -> float:
    """Share of permuted series that the alternative improves as much as it does the observed one."""
    working = _weighted_series(table, null)
    residuals = working.residuals
    if (residuals**2).sum() <= NO_RESIDUE * len(residuals):
        return 1.0
    generator = np.random.default_rng(SEED)
    shuffled = generator.permuted(np.tile(residuals, (PERMUTATIONS, 1)), axis=1)
    series = (working.fitted + np.vstack([residuals, shuffled])).T
    # Placements are compared by what bends explain of a series beyond constant and line.
    since = np.maximum(table.elapsed[:, None] - table.elapsed, 0)
    bends = _beyond_line(working.root, table.elapsed, working.root[:, None] * since)
    series = _beyond_line(working.root, table.elapsed, series)
    ratio = _gain(bends, series, null, alternative)
    as_large = ratio[1:] >= ratio[0] * (1 - TIE)
    return (1 + as_large.sum()) / (PERMUTATIONS + 1)


def _gain(bends: np.ndarray, series: np.ndarray, null: Search, alternative: Search) -> np.ndarray:
    """What is left of each series under the null over what is left under the alternative."""
    left = (series**2).sum(axis=0)
    under_null = left - _explained(bends, series, null.placements)
    under_alternative = left - _explained(bends, series, alternative.placements)
    return under_null / np.maximum(under_alternative, np.finfo(float).tiny)


@dataclass(frozen=True)
class WorkingSeries:
    """A fit as weighted least squares: roots of the weights, fitted log rate ratios and Pearson residuals by year."""

    root: np.ndarray
    fitted: np.ndarray
    residuals: np.ndarray


def _weighted_series(table: YearlyCounts, model: Search) -> WorkingSeries:
    expected = fitted_cases(table, model.trend).sum(axis=1)
    root = np.sqrt(expected)
    return WorkingSeries(root, root * model.trend, (table.cases.sum(axis=1) - expected) / root)


def _beyond_line(root: np.ndarray, elapsed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What is left of weighted columns when a constant and a straight line are taken out."""
    line = root[:, None] * np.column_stack([np.ones(len(root)), elapsed])
    basis = np.linalg.qr(line)[0]
    return values - basis @ (basis.T @ values)


def _explained(bends: np.ndarray, series: np.ndarray, placements: np.ndarray) -> np.ndarray:
    """The most that any placement explains of each series, beyond a straight line."""
    joinpoints = placements.shape[1]
    if not joinpoints:
        return np.zeros(series.shape[1])
    # Placements share the cross products of all bends: each takes its own rows of them.
    gram, projected, most = bends.T @ bends, bends.T @ series, np.zeros(series.shape[1])
    at_once = max(NUMBERS_AT_ONCE // (joinpoints * series.shape[1]), 1)
    for start in range(0, len(placements), at_once):
        some = placements[start : start + at_once]
        whitening = np.linalg.inv(np.linalg.cholesky(gram[some[:, :, None], some[:, None, :]]))
        scores = whitening @ projected[some]
        most = np.maximum(most, np.einsum("pjs,pjs->ps", scores, scores).max(axis=0))
    return most


def _by_bic(table: YearlyCounts, searches: list[Search]) -> int:
    return _least(table, searches, [2.0 * search.joinpoints for search in searches])


def _by_weighted_bic(table: YearlyCounts, searches: list[Search]) -> int:
    penalties = [(2 + _largest_bend(table, search)) * search.joinpoints for search in searches]
    return _least(table, searches, penalties)


def _least(table: YearlyCounts, searches: list[Search], parameters: list[float]) -> int:
    largest = searches[-1]
    most_parameters = 1 + 2 * largest.joinpoints
    dispersion = widening(pearson_dispersion(table, largest.trend, parameters=most_parameters))
    deviance = np.array([search.deviance.min() for search in searches])
    penalty = np.array(parameters) * np.log(len(table.years))
    return int(np.argmin(deviance / dispersion + penalty))


def _largest_bend(table: YearlyCounts, search: Search) -> float:
    """The largest partial R² of a bend over the two segments that meet there."""
    if not search.joinpoints:
        return 0.0
    working = _weighted_series(table, search)
    series = working.fitted + working.residuals
    ends = np.array([0, *search.placement, len(series) - 1])
    bends = segment_designs(table, search.placement[None, :])[0][:, 1:]
    shares = []
    for start, stop, bend in zip(ends[:-2], ends[2:], bends.T, strict=True):
        near = slice(start, stop + 1)
        root, elapsed = working.root[near], table.elapsed[near]
        left = _beyond_line(root, elapsed, series[near])
        bent = _beyond_line(root, elapsed, root * bend[near])
        shares.append((left @ bent) ** 2 / ((left @ left) * (bent @ bent)))
    return float(max(shares))


CHOICES = {"permutation": _by_permutation, "weighted-bic": _by_weighted_bic, "bic": _by_bic}
