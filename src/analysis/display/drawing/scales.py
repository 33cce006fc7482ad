"""Where axes begin and end: at zero, at a break that is marked, or by ratios; and the ticks between."""

import numpy as np
import pandas as pd

from analysis.display.columns import (
    CHANGES,
    DIFFERENCES,
    FITTED,
    INTERVAL,
    PROPORTIONS,
    RATIOS,
    RISKS,
)

# Proportions that all lie above this are drawn on a part of the scale, with the break marked.
UPPER_HALF = 0.5
FULL = 1.005
# Free above what is drawn, as a part of the axis.
MARGIN = 0.06
# Ticks of a ratio axis: the first row that gives enough, over enough of the axis.
RATIO_TICKS = (
    (0.001, 0.01, 0.1, 1, 10, 100, 1000),
    (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
    (0.1, 0.2, 0.5, 1, 2, 5, 10),
    (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4),
    (0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 2.5),
    (0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6),
    (0.9, 0.95, 1, 1.05, 1.1),
)
MOST_TICKS, COVERED = 7, 0.4
# No interval stretches a ratio axis further than this times the outermost estimate.
STRETCH = 6.0


def neutral_value(measure: str) -> float | None:
    """Where nothing differs: 1 for a ratio, 0 for a difference or a change; None for what is no comparison.

    Examples
    --------
    >>> neutral_value("hazard_ratio"), neutral_value("rate_difference"), neutral_value("rate")
    (1.0, 0.0, None)
    """
    if measure in RATIOS:
        return 1.0
    return 0.0 if measure in (*CHANGES, *DIFFERENCES) else None


def value_limits(frame: pd.DataFrame, measure: str) -> tuple[float, float]:
    """From zero for rates; 0–100 % for proportions, unless all lie in the upper half; both signs for changes.

    Where a trend is drawn through the points, its band counts and the intervals of the points do not.
    """
    values = _drawn_values(frame, measure)
    lowest, highest = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    if measure in PROPORTIONS and measure not in RISKS:
        start = np.floor(lowest * 10 + 1e-9) / 10 if lowest > UPPER_HALF else 0.0
        return float(min(start, 0.9)), FULL
    margin = MARGIN * max(highest - min(lowest, 0), 1e-9)
    top = float(max(highest, 0) + margin)
    # A risk of a few in a thousand would be a flat line from 0 to 100 %.
    if measure in RISKS:
        return 0.0, min(top, FULL)
    return float(min(lowest - margin, 0.0) if lowest < 0 else 0.0), top


def _drawn_values(frame: pd.DataFrame, measure: str) -> np.ndarray:
    """Every number that has a place along the axis; with a ratio 1, from which it is read."""
    beside = FITTED if "fitted" in frame.columns else INTERVAL
    columns = [c for c in (measure, "overall", "goal", *beside) if c in frame.columns]
    shown = frame[measure].notna() | frame.get("fitted", frame[measure]).notna()
    values = frame.loc[shown, columns].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return np.append(values, 1.0) if measure in RATIOS else values


def is_cut(limits: tuple[float, float]) -> bool:
    """Whether an axis begins above zero, which is marked and said."""
    return limits[0] > 0


def ratio_limits(estimates: np.ndarray, limits: np.ndarray) -> tuple[float, float]:
    """The ends of a logarithmic axis: all estimates and 1, and intervals as far as they do not stretch it out of use.

    Examples
    --------
    >>> low, high = ratio_limits(np.array([0.8, 2.0]), np.array([0.5, 1.2, 0.4, 900.0]))
    >>> round(low, 2), round(high, 1)
    (0.36, 13.2)
    """
    points = np.append(estimates[np.isfinite(estimates) & (estimates > 0)], 1.0)
    ends = np.append(limits[np.isfinite(limits) & (limits > 0)], points)
    # A wide interval of one small group would press all others together.
    low = max(ends.min(), points.min() / STRETCH)
    high = min(ends.max(), points.max() * STRETCH)
    return float(min(low, 0.9) / 1.1), float(max(high, 1.1) * 1.1)


def ratio_ticks(low: float, high: float) -> list[float]:
    """Round ratios between two ends: few, over most of the axis, and 1 among them.

    Examples
    --------
    >>> ratio_ticks(0.4, 6.0), ratio_ticks(0.82, 1.21), ratio_ticks(0.51, 1.86)
    ([0.5, 1, 2, 5], [0.9, 1, 1.1, 1.2], [0.6, 0.8, 1, 1.2, 1.5])
    """
    rows = [[tick for tick in row if low <= tick <= high] for row in RATIO_TICKS]
    wide = [
        row
        for row in rows
        if len(row) > 1 and np.log(row[-1] / row[0]) > COVERED * np.log(high / low)
    ]
    for fewest in (4, 3, 2):
        if found := [row for row in wide if fewest <= len(row) <= MOST_TICKS]:
            return found[0]
    return [1]
