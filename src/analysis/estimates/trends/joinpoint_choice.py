"""How many joinpoints: permutation tests, and criteria of information."""

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
    root, fitted, residuals = _weighted_series(table, null)
    if (residuals**2).sum() <= NO_RESIDUE * len(residuals):
        return 1.0
    shuffled = np.random.default_rng(SEED).permuted(np.tile(residuals, (PERMUTATIONS, 1)), axis=1)
    series = (fitted + np.vstack([residuals, shuffled])).T
    basis = np.linalg.qr(root[:, None] * np.column_stack([np.ones(len(root)), table.elapsed]))[0]
    bends = root[:, None] * np.maximum(table.elapsed[:, None] - table.elapsed, 0)
    bends, series = bends - basis @ (basis.T @ bends), series - basis @ (basis.T @ series)
    left = (series**2).sum(axis=0)
    under_null = left - _explained(bends, series, null.placements)
    under_alternative = left - _explained(bends, series, alternative.placements)
    ratio = under_null / np.maximum(under_alternative, np.finfo(float).tiny)
    return (1 + (ratio[1:] >= ratio[0] * (1 - 1e-9)).sum()) / (PERMUTATIONS + 1)


def _weighted_series(
    table: YearlyCounts, model: Search
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Roots of the weights, and the working log rate ratios of a fit: fitted part and Pearson residual of each year."""
    expected = fitted_cases(table, model.trend).sum(axis=1)
    root = np.sqrt(expected)
    return root, root * model.trend, (table.cases.sum(axis=1) - expected) / root


def _explained(bends: np.ndarray, series: np.ndarray, placements: np.ndarray) -> np.ndarray:
    """The most that any placement explains of each series, beyond a straight line."""
    joinpoints = placements.shape[1]
    if not joinpoints:
        return np.zeros(series.shape[1])
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
    return _least(
        table,
        searches,
        [(2 + _largest_bend(table, search)) * search.joinpoints for search in searches],
    )


def _least(table: YearlyCounts, searches: list[Search], parameters: list[float]) -> int:
    largest = searches[-1]
    dispersion = widening(
        pearson_dispersion(table, largest.trend, parameters=1 + 2 * largest.joinpoints)
    )
    deviance = np.array([search.deviance.min() for search in searches])
    return int(np.argmin(deviance / dispersion + np.array(parameters) * np.log(len(table.years))))


def _largest_bend(table: YearlyCounts, search: Search) -> float:
    """The largest partial R² of a bend over the two segments that meet there."""
    if not search.joinpoints:
        return 0.0
    root, fitted, residuals = _weighted_series(table, search)
    series, places = fitted + residuals, np.array([0, *search.placement, len(root) - 1])
    bends = segment_designs(table, search.placement[None, :])[0][:, 1:]
    shares = []
    for start, stop, bend in zip(places[:-2], places[2:], bends.T, strict=True):
        near = slice(start, stop + 1)
        line = np.linalg.qr(
            root[near, None] * np.column_stack([np.ones(stop + 1 - start), table.elapsed[near]])
        )[0]
        left, bent = (
            values - line @ (line.T @ values) for values in (series[near], root[near] * bend[near])
        )
        shares.append((left @ bent) ** 2 / ((left @ left) * (bent @ bent)))
    return float(max(shares))


CHOICES = {"permutation": _by_permutation, "weighted-bic": _by_weighted_bic, "bic": _by_bic}
