"""Sums and products over time that start anew in each stratum, in pieces of strata that fit the processor's cache."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

# Rows worked on at a time. In pieces of this length a million rows take a third of the time of pandas' groupby.
PIECE = 16_384


def running_sum(stratum: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """The sum of the terms up to each row, from the first row of its stratum on.

    Examples
    --------
    >>> running_sum(np.array([0, 0, 1]), np.array([1, 2, 5]))
    array([1., 3., 5.])
    """
    return _accumulated(np.cumsum, stratum, terms)


def running_product(stratum: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """The product of the terms up to each row, from the first row of its stratum on."""
    return _accumulated(np.cumprod, stratum, terms)


def running_maximum(stratum: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """The largest of the terms up to each row, from the first row of its stratum on."""
    return _accumulated(np.maximum.accumulate, stratum, terms)


def just_before(stratum: np.ndarray, curve: np.ndarray, at_start: float) -> np.ndarray:
    """The value of a curve at the row before; ``at_start`` in the first row of each stratum.

    Examples
    --------
    >>> just_before(np.array([0, 0, 1]), np.array([0.9, 0.8, 0.7]), at_start=1)
    array([1. , 0.9, 1. ])
    """
    is_first = np.diff(stratum, prepend=-1) != 0
    return np.where(is_first, at_start, np.roll(curve, 1))


def step_curve(
    columns: Sequence[str], estimate: Callable, stratum: np.ndarray, counts: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Estimates that move only at events, carried forward to all rows of a sorted event table.

    Parameters
    ----------
    columns
        Names of what is estimated.
    estimate
        Called for some whole strata at a time with the stratum and the counts of their first rows and those with an
        event; gives an array for each of ``columns``.
    stratum
        The stratum number of each row.
    counts
        Those at risk, the events of any kind, and further counts that the estimate needs.
    """
    estimates = np.empty((len(columns), len(stratum)))
    for rows in pieces_of(stratum):
        changes, latest = _changes(stratum[rows], events=counts[1][rows])
        at_changes = estimate(stratum[rows][changes], *(count[rows][changes] for count in counts))
        for values, column in zip(at_changes, estimates[:, rows], strict=True):
            values.take(latest, out=column, mode="clip")
    return dict(zip(columns, estimates, strict=True))


def edges_of(stratum: np.ndarray) -> np.ndarray:
    """The first row of each stratum in a sorted table, and the number of rows."""
    inner = np.flatnonzero(stratum[1:] != stratum[:-1]) + 1
    return np.concatenate([[0], inner, [len(stratum)]])


def pieces_of(stratum: np.ndarray) -> list[slice]:
    """Rows of a sorted table in pieces of whole strata."""
    edges = edges_of(stratum)
    near = np.searchsorted(edges, np.arange(0, len(stratum) + PIECE, PIECE))
    ends = np.unique(edges[near.clip(max=len(edges) - 1)])
    return [slice(start, end) for start, end in pairwise(ends.tolist())]


def _accumulated(accumulate: Callable, stratum: np.ndarray, terms: np.ndarray) -> np.ndarray:
    # One short run a stratum keeps full precision; differences of one long sum would not.
    result = np.empty(len(terms))
    for start, end in pairwise(edges_of(stratum).tolist()):
        accumulate(terms[start:end], out=result[start:end])
    return result


def _changes(stratum: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows at which a curve may change, and the place among them of each row's latest one."""
    may_change = events > 0
    may_change[edges_of(stratum)[:-1]] = True
    changes = np.flatnonzero(may_change)
    return changes, np.repeat(np.arange(len(changes)), np.diff(changes, append=len(stratum)))
