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

# Below this a difference is that of the solver's arithmetic.
SHARP = 1e-6
# The status by which scipy's linprog says that a value has no end.
UNBOUNDED = 3


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


@dataclass(frozen=True)
class TiedCells:
    """The withheld cells that open totals tie together, and what those totals leave for them."""

    cells: np.ndarray
    totals: np.ndarray
    coefficients: np.ndarray
    rests: np.ndarray


def small_cells(values: np.ndarray, minimum: int) -> np.ndarray:
    """Counts of 1 to ``minimum`` − 1; a zero is about nobody.

    Examples
    --------
    >>> small_cells(np.array([0, 1, 4, 5]), 5).tolist()
    [False, True, True, False]
    """
    return (values > 0) & (values < minimum)


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
    small = small_cells(values, minimum)
    closed = np.zeros(len(equations), dtype=bool)
    reader = Knowledge(values, equations, small, small.copy(), closed, minimum)
    for cell in np.flatnonzero(small):
        while (pins := _pins(reader, cell)) is not None:
            _withhold_next(reader, pins, cell)
    # Withheld on the way, and still known at the end: it protects nobody.
    for cell in np.flatnonzero(reader.hidden & ~small):
        reader.hidden[cell] = _width(reader, cell) > 1 - SHARP
    return reader.hidden, reader.closed


def _pins(reader: Knowledge, cell: int) -> np.ndarray | None:
    """The totals (dual weights) that give a small cell away; None where it is protected."""
    # No printed total holds the cell, so that nothing can be subtracted from one.
    if not reader.equations[~reader.closed, cell].any():
        return None
    highest, pins = _extreme(reader, cell, -1, sharp=True)
    if highest < reader.minimum - 1 - SHARP:
        return pins
    lowest, pins = _extreme(reader, cell, 1, sharp=True)
    if lowest > 1 + SHARP:
        return pins
    highest, pins = _extreme(reader, cell, -1, sharp=False)
    lowest, others = _extreme(reader, cell, 1, sharp=False)
    if highest - lowest >= reader.minimum - SHARP:
        return None
    return np.abs(pins) + np.abs(others)


def _withhold_next(reader: Knowledge, pins: np.ndarray, cell: int) -> None:
    """Withhold the smallest published cell that loosens the pins; else the smallest total among them."""
    loosening = np.abs(pins @ reader.equations) > SHARP
    candidates = np.flatnonzero(loosening & ~reader.hidden & (reader.values > 0))
    if len(candidates):
        # Two cells of the smallest publishable count less one: whatever the small cell is, this one can make up for it.
        roomy = candidates[reader.values[candidates] >= 2 * reader.minimum - 2]
        choice = roomy if len(roomy) else candidates
        reader.hidden[choice[np.argmin(reader.values[choice])]] = True
        return
    totals = np.flatnonzero((np.abs(pins) > SHARP) & ~reader.closed)
    # The solver may name no total where several say the same: then those of the cell itself.
    if not len(totals):
        totals = np.flatnonzero((reader.equations[:, cell] > 0) & ~reader.closed)
    reader.closed[totals[np.argmin((reader.equations @ reader.values)[totals])]] = True


def _width(reader: Knowledge, cell: int) -> float:
    highest, _ = _extreme(reader, cell, -1, sharp=True)
    lowest, _ = _extreme(reader, cell, 1, sharp=True)
    return highest - lowest


def _extreme(reader: Knowledge, cell: int, direction: int, sharp: bool) -> tuple[float, np.ndarray]:
    """The highest (−1) or lowest (1) value a reader must think possible, and the totals that say so.

    ``sharp`` readers also know which withheld cells are small and which are not.
    """
    tied = _tied_to(reader, cell)
    bounds = _bounds(reader, sharp)[tied.cells]
    pins = np.zeros(len(reader.equations))
    # Nearly every table has one total; a solver for each cell of it would take long.
    if len(tied.totals) == 1:
        pins[tied.totals] = 1
        return _extreme_of_one(tied.cells == cell, float(tied.rests[0]), direction, bounds), pins
    goal = np.where(tied.cells == cell, float(direction), 0.0)
    answer = linprog(goal, A_eq=tied.coefficients, b_eq=tied.rests, bounds=bounds)
    # Nothing holds the cell on this side, so that no total gives it away.
    if answer.status == UNBOUNDED:
        return -direction * np.inf, pins
    pins[tied.totals] = answer.eqlin.marginals
    return float(direction * answer.fun), pins


def _tied_to(reader: Knowledge, cell: int) -> TiedCells:
    open_totals = np.flatnonzero(~reader.closed)
    cells = np.flatnonzero(_reachable(reader, cell, open_totals))
    coefficients = reader.equations[np.ix_(open_totals, cells)]
    rests = reader.equations[open_totals] @ np.where(reader.hidden, reader.values, 0)
    touched = coefficients.any(axis=1)
    return TiedCells(cells, open_totals[touched], coefficients[touched], rests[touched])


def _bounds(reader: Knowledge, sharp: bool) -> np.ndarray:
    """Lowest and highest value of each withheld cell, before any total is looked at."""
    least = np.where(reader.small, 1.0, reader.minimum) if sharp else np.zeros(len(reader.values))
    # A cell that protects another has no upper end: the reader sees that it is not small.
    most = np.where(reader.small & sharp, reader.minimum - 1.0, np.inf)
    return np.column_stack([least, most])


def _extreme_of_one(itself: np.ndarray, rest: float, direction: int, bounds: np.ndarray) -> float:
    """The same for cells under one total only, where it is plain arithmetic."""
    [(least, most)], others = bounds[itself], bounds[~itself]
    if direction < 0:
        return min(most, rest - others[:, 0].sum())
    return max(least, rest - others[:, 1].sum())


def _reachable(reader: Knowledge, cell: int, open_totals: np.ndarray) -> np.ndarray:
    """Withheld cells tied to this one through totals: the rest cannot matter."""
    equations = reader.equations[open_totals].astype(bool)
    reached = np.zeros(len(reader.values), dtype=bool)
    reached[cell] = True
    while True:
        totals = equations[:, reached].any(axis=1)
        wider = (equations[totals].any(axis=0) & reader.hidden) | reached
        if (wider == reached).all():
            return reached
        reached = wider
