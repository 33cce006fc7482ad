"""Whether a reader can work a withheld count out, and what else must be withheld so that none can.

A reader knows the printed totals (equations over cells), the published cells, that a cell marked ``<5``
is 1 to 4 (a zero would have been printed), and that a cell withheld to protect another is 5 or more (else
it would be marked ``<5`` itself). A small cell is protected when all of that leaves every value 1 to
``minimum`` − 1 possible for it, and when a reader who only knows that counts are not negative is left
with a range at least ``minimum`` wide.

References
----------
Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4 (the audit problem).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

SHARP = 1e-6


@dataclass(frozen=True)
class Knowledge:
    """What a reader knows: cells, the equations over them, and which of both are withheld.

    ``values`` are the true counts, ``equations`` a row for each total (1 where a cell belongs to it),
    ``small`` marks the cells below the limit; ``hidden`` (cells) and ``closed`` (totals) grow while
    cells are withheld.
    """

    values: np.ndarray
    equations: np.ndarray
    small: np.ndarray
    hidden: np.ndarray
    closed: np.ndarray
    minimum: int


def protect(
    values: np.ndarray, equations: np.ndarray, minimum: int
) -> tuple[np.ndarray, np.ndarray]:
    """Withhold further cells, and totals where no cell is left, until every small cell is protected.

    Parameters
    ----------
    values
        Counts, missing as 0.
    equations
        One row a known total, one column a cell, 1 where the cell is part of the total.
    minimum
        Smallest publishable count.

    Returns
    -------
    tuple
        Boolean arrays: cells withheld, totals withheld.

    Notes
    -----
    Each small cell is held until it is protected; withholding more only widens what is possible, so it
    stays so. What to withhold next comes from the dual of the reader's linear programme: the totals that
    pin the cell down, and among the published cells in them the smallest that has room to hide behind (with a
    limit of 5: the smallest from 8), else the smallest. Cells that remain known in spite of being withheld
    are published again: they protect nobody.
    """
    small = (values > 0) & (values < minimum)
    known = Knowledge(
        values, equations, small, small.copy(), np.zeros(len(equations), dtype=bool), minimum
    )
    for cell in np.flatnonzero(small):
        while (pins := _pins(known, cell)) is not None:
            _withhold_next(known, pins, cell)
    for cell in np.flatnonzero(known.hidden & ~small):
        known.hidden[cell] = _width(known, cell) > 1 - SHARP
    return known.hidden, known.closed


def _pins(known: Knowledge, cell: int) -> np.ndarray | None:
    """The totals (dual weights) that give a small cell away; None where it is protected."""
    if not known.equations[~known.closed, cell].any():
        return None
    highest, pins = _extreme(known, cell, -1, sharp=True)
    if highest < known.minimum - 1 - SHARP:
        return pins
    lowest, pins = _extreme(known, cell, 1, sharp=True)
    if lowest > 1 + SHARP:
        return pins
    highest, pins = _extreme(known, cell, -1, sharp=False)
    lowest, others = _extreme(known, cell, 1, sharp=False)
    return None if highest - lowest >= known.minimum - SHARP else np.abs(pins) + np.abs(others)


def _withhold_next(known: Knowledge, pins: np.ndarray, cell: int) -> None:
    """Withhold the smallest published cell that loosens the pins; else the smallest total among them."""
    loosening = np.abs(pins @ known.equations) > SHARP
    candidates = np.flatnonzero(loosening & ~known.hidden & (known.values > 0))
    if len(candidates):
        roomy = candidates[known.values[candidates] >= 2 * known.minimum - 2]
        choice = roomy if len(roomy) else candidates
        known.hidden[choice[np.argmin(known.values[choice])]] = True
        return
    totals = np.flatnonzero((np.abs(pins) > SHARP) & ~known.closed)
    if not len(totals):
        totals = np.flatnonzero((known.equations[:, cell] > 0) & ~known.closed)
    known.closed[totals[np.argmin((known.equations @ known.values)[totals])]] = True


def _width(known: Knowledge, cell: int) -> float:
    return _extreme(known, cell, -1, sharp=True)[0] - _extreme(known, cell, 1, sharp=True)[0]


def _extreme(known: Knowledge, cell: int, direction: int, sharp: bool) -> tuple[float, np.ndarray]:
    """The highest (−1) or lowest (1) value a reader must think possible, and the totals that say so.

    ``sharp`` readers also know which withheld cells are small and which are not.
    """
    open_totals = np.flatnonzero(~known.closed)
    free = np.flatnonzero(_reachable(known, cell, open_totals))
    block = known.equations[np.ix_(open_totals, free)]
    touched = block.any(axis=1)
    published = np.where(known.hidden, 0, known.values)
    rest = (known.equations[open_totals] @ (known.values - published))[touched]
    if touched.sum() == 1:
        pins = np.zeros(len(known.equations))
        pins[open_totals[touched]] = 1
        return _extreme_of_one(cell, free, float(rest[0]), direction, _bounds(known, sharp)), pins
    goal = np.where(free == cell, float(direction), 0.0)
    answer = linprog(goal, A_eq=block[touched], b_eq=rest, bounds=_bounds(known, sharp)[free])
    pins = np.zeros(len(known.equations))
    if answer.status == 3:
        return -direction * np.inf, pins
    pins[open_totals[touched]] = answer.eqlin.marginals
    return float(direction * answer.fun), pins


def _bounds(known: Knowledge, sharp: bool) -> np.ndarray:
    """Lowest and highest value of each withheld cell, before any total is looked at."""
    least = np.where(known.small, 1.0, known.minimum) if sharp else np.zeros(len(known.values))
    most = np.where(known.small & sharp, known.minimum - 1.0, np.inf)
    return np.column_stack([least, most])


def _extreme_of_one(
    cell: int, free: np.ndarray, rest: float, direction: int, bounds: np.ndarray
) -> float:
    """The same for cells under one total only, where it is plain arithmetic."""
    others = free[free != cell]
    if direction < 0:
        return min(bounds[cell, 1], rest - bounds[others, 0].sum())
    return max(bounds[cell, 0], rest - bounds[others, 1].sum())


def _reachable(known: Knowledge, cell: int, open_totals: np.ndarray) -> np.ndarray:
    """Withheld cells tied to this one through totals: the rest cannot matter."""
    equations = known.equations[open_totals].astype(bool)
    reached = np.zeros(len(known.values), dtype=bool)
    reached[cell] = True
    while True:
        totals = equations[:, reached].any(axis=1)
        wider = (equations[totals].any(axis=0) & known.hidden) | reached
        if (wider == reached).all():
            return reached
        reached = wider
