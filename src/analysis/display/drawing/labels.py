"""Names beside the points of a plot, where they cover neither points nor one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.display.drawing.style import SMALL_TEXT, text_width

GAP, LINE = 8.0, SMALL_TEXT + 3
# How far off a name is tried, in gaps, and what each step costs; crossing a line costs no more than so much.
FAR, AWAY, MOST_CROSSED = (1.0, 2.2, 3.4, 4.6, 6.5, 9.0), 6.0, 45
# Right, left, above and below a point, then between these; and once more further off.
TURNS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Box:
    """Where a name would stand, in the units of the drawing."""

    left: float
    foot: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Whether two names would cover one another."""
        across = self.left < other.right and other.left < self.right
        return bool(across and self.foot < other.top and other.foot < self.top)

    def holds(self, points: np.ndarray, margin: float) -> int:
        """How many points lie in the box, or within so much of it."""
        x, y = points[:, 0], points[:, 1]
        across = (x > self.left - margin) & (x < self.right + margin)
        return int((across & (y > self.foot - margin) & (y < self.top + margin)).sum())


def place_names(
    points: np.ndarray,
    names: Sequence[str],
    width: float,
    height: float,
    taken: np.ndarray | None = None,
) -> list[tuple[float, float]]:
    """The lower left corner of each name, near its point, inside a box of ``width`` by ``height``.

    Parameters
    ----------
    points
        One row a point, in the units of the drawing, from the lower left corner of the box.
    names
        What they are called; one line each.
    taken
        Further places that names should not cover, one row each, such as points along a line.

    Examples
    --------
    >>> place_names(np.array([[10.0, 50.0], [90.0, 50.0]]), ["A", "Oslo"], 100, 100)
    [(18.0, 42.5), (55.1, 42.5)]
    """
    page = Box(0, 0, width, height)
    boxes: list[Box] = []
    for point, name in zip(points, names, strict=True):
        wide = text_width(name, SMALL_TEXT)
        options = [
            (_beside(point, turn, wide, far), AWAY * step)
            for step, far in enumerate(FAR)
            for turn in TURNS
        ]
        costs = [_cost(box, boxes, points, page, taken) + further for box, further in options]
        # Of places alike the first is taken: right of the point, and near.
        boxes.append(options[int(np.argmin(costs))][0])
    return [(round(float(box.left), 1), round(float(box.foot), 1)) for box in boxes]


def _beside(point: np.ndarray, turn: tuple[int, int], wide: float, far: float) -> Box:
    left = point[0] + turn[0] * GAP * far - wide * (1 - turn[0]) / 2
    foot = point[1] + turn[1] * GAP * far - LINE * (1 - turn[1]) / 2
    return Box(left, foot, left + wide, foot + LINE)


def _cost(
    box: Box, others: list[Box], points: np.ndarray, page: Box, taken: np.ndarray | None
) -> float:
    """What a place covers: names and the edge count most, then points, then what is else taken."""
    outside = (
        max(0, page.left - box.left)
        + max(0, page.foot - box.foot)
        + max(0, box.right - page.right)
        + max(0, box.top - page.top)
    )
    names = sum(box.meets(other) for other in others)
    crossed = min(box.holds(taken, -2), MOST_CROSSED) if taken is not None else 0
    return 100 * outside + 60 * names + 15 * box.holds(points, 5) + crossed
