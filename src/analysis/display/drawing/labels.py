"""Names beside the points of a plot, where they cover neither points nor one another."""

from collections.abc import Sequence

import numpy as np

from analysis.display.drawing.style import SMALL_TEXT, text_width

GAP, LINE = 8.0, SMALL_TEXT + 3
# How far off a name is tried, in gaps, and what each step costs; crossing a line costs no more than so much.
FAR, AWAY, MOST_CROSSED = (1.0, 2.2, 3.4, 4.6, 6.5, 9.0), 6.0, 45
# Right, left, above and below a point, then between these; and once more further off.
TURNS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


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
    boxes: list[tuple[float, float, float, float]] = []
    for point, name in zip(points, names, strict=True):
        wide = text_width(name, SMALL_TEXT)
        options = [_beside(point, turn, wide, far) for far in FAR for turn in TURNS]
        further = [AWAY * step for step in range(len(FAR)) for _ in TURNS]
        costs = [
            _cost(box, boxes, points, (width, height), taken) + way
            for box, way in zip(options, further, strict=True)
        ]
        boxes.append(options[int(np.argmin(costs))])
    return [(round(float(box[0]), 1), round(float(box[1]), 1)) for box in boxes]


def _beside(
    point: np.ndarray, turn: tuple[int, int], wide: float, far: float
) -> tuple[float, float, float, float]:
    left = point[0] + turn[0] * GAP * far - wide * (1 - turn[0]) / 2
    foot = point[1] + turn[1] * GAP * far - LINE * (1 - turn[1]) / 2
    return left, foot, left + wide, foot + LINE


def _cost(
    box: tuple, others: list[tuple], points: np.ndarray, size: tuple[float, float], taken
) -> float:
    """What a place covers: names and the edge count most, then points, then what is else taken."""
    left, foot, right, top = box
    outside = max(0, -left) + max(0, -foot) + max(0, right - size[0]) + max(0, top - size[1])
    names = sum(left < o[2] and o[0] < right and foot < o[3] and o[1] < top for o in others)
    crossed = min(_within(box, taken, -2), MOST_CROSSED) if taken is not None else 0
    return 100 * outside + 60 * names + 15 * _within(box, points, 5) + crossed


def _within(box: tuple, places: np.ndarray, margin: float) -> int:
    left, foot, right, top = box
    across = (places[:, 0] > left - margin) & (places[:, 0] < right + margin)
    return int((across & (places[:, 1] > foot - margin) & (places[:, 1] < top + margin)).sum())
