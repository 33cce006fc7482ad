"""A funnel: units by their size, all together, and how far chance alone takes a unit of each size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import INTERVAL, LIMITS, PROPORTIONS, column_label, value_label
from analysis.display.drawing.axes import (
    LEADER,
    draw_title,
    format_values,
    label_ends,
    mark_break,
    measure_label,
    place_axes,
    quiet_grid,
)
from analysis.display.drawing.labels import LINE, place_names
from analysis.display.drawing.scales import FULL, is_cut
from analysis.display.drawing.style import BLUE, INK, SMALL_TEXT, WIDTH, style_of, text_width
from analysis.display.language import say_number
from analysis.display.wording.notes import goal_of, overall_of
from analysis.terms import label

TALL, HEAD, FOOT, LEFT, RIGHT = 380, 34, 52, 58, 96
# Sizes that differ by more than this stand on a logarithmic axis.
WIDE_APART = 12
# The widest limits are shown as far as this times the farthest unit.
FARTHEST = 2.2
# The axis begins at zero unless all that is drawn lies above this part of its top.
CUT_FROM = 0.45
DASHES = (0, (5, 3))
DOTS = (0, (1.2, 2.4))
FIXED = ("country",)
# A name further from its point than this is tied to it; names are written narrower than room is made for them.
NEAR, WRITTEN = 16, 0.9


@dataclass(frozen=True)
class Funnel:
    """What a funnel is drawn from: the columns, the reader's language, the limits over a grid of sizes."""

    unit: str
    size: str
    measure: str
    language: str
    limits: pd.DataFrame | None


def paint_funnel(figure, frame: pd.DataFrame, funnel: Funnel) -> None:
    """The limits as smooth lines, the units as dots with their names."""
    shown, measure = frame.dropna(subset=[funnel.measure, funnel.size]), funnel.measure
    axes = place_axes(figure, LEFT, FOOT, WIDTH - LEFT - RIGHT, TALL - FOOT - HEAD)
    quiet_grid(axes, "y")
    across = _across(shown[funnel.size].to_numpy(dtype=float))
    ends = funnel_limits_shown(shown, measure, funnel.limits)
    axes.set(xlim=across, ylim=ends)
    if across[0] > 0:
        axes.set_xscale("log")
    label_ends(axes, [*_limit_lines(axes, funnel), *_common_lines(axes, frame, funnel)], ends)
    _units(axes, shown, funnel)
    _size_ticks(axes, across, funnel.language)
    format_values(axes, "y", measure, funnel.language, 6)
    if is_cut(ends):
        mark_break(axes, "y")
    axes.set_xlabel(column_label(funnel.size, frame, funnel.language), labelpad=7)
    _title(figure, frame, funnel)


def _title(figure, frame: pd.DataFrame, funnel: Funnel) -> None:
    """What the dots are; their intervals are not drawn."""
    without_intervals = frame.drop(columns=list(INTERVAL), errors="ignore")
    title = measure_label(funnel.measure, without_intervals, funnel.language)
    draw_title(figure, title)


def _across(sizes: np.ndarray) -> tuple[float, float]:
    """From zero, or by powers where sizes are wide apart."""
    # Between a large and a small region the small ones would stand on each other.
    if sizes.min() > 0 and sizes.max() / sizes.min() > WIDE_APART:
        return float(sizes.min() / 1.6), float(sizes.max() * 1.6)
    return 0.0, float(sizes.max() * 1.12 or 1)


def limits_beside(shown: pd.DataFrame, size: str, limits: pd.DataFrame) -> pd.DataFrame | None:
    """The limits by size, from half the smallest unit on as far as the axis goes."""
    sizes = shown[size].to_numpy(dtype=float)
    low, high = _across(sizes)
    grid = limits.sort_values(size)
    inside = grid[grid[size].between(max(low, sizes.min() / 2), high) & (grid[size] > 0)]
    return inside if len(inside) else None


def funnel_limits_shown(
    shown: pd.DataFrame, measure: str, grid: pd.DataFrame | None
) -> tuple[float, float]:
    """The ends of the value axis: all units, and of the limits as much as leaves room to tell units apart.

    It begins at zero, or, where all that is drawn lies far from it, at a round number with a break.
    """
    values = _finite(shown, (measure, "overall", "goal"))
    limits = values if grid is None else _finite(grid, LIMITS)
    limits = limits if len(limits) else values
    room = min(limits.max() * 1.03, values.max() * FARTHEST)
    top = FULL if measure in PROPORTIONS else max(values.max() * 1.12, room)
    lowest = min(values.min(), max(limits.min(), values.min() / FARTHEST))
    step = 10.0 ** np.floor(np.log10(top)) / 10 if top > 0 else 1.0
    start = np.floor(lowest * 0.97 / step + 1e-9) * step if lowest > CUT_FROM * top else 0.0
    return float(start), float(top or 1)


def _finite(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    there = [column for column in columns if column in frame.columns]
    values = frame[there].to_numpy(dtype=float)
    return values[np.isfinite(values)]


def _limit_lines(axes, funnel: Funnel) -> list[tuple[float, float, str]]:
    """Two pairs of limits; answer where each ends inside the axes, and its name."""
    if funnel.limits is None:
        return []
    sizes, named = funnel.limits[funnel.size].to_numpy(dtype=float), []
    low, high = axes.get_ylim()
    for column in (column for column in LIMITS if column in funnel.limits.columns):
        key, dash = ("limits_95", DASHES) if column in LIMITS[:2] else ("limits_998", "-")
        values = funnel.limits[column].to_numpy(dtype=float)
        axes.plot(sizes, values, color=INK, alpha=0.75, linewidth=1.1, linestyle=dash)
        # A name beside a line that left the axes would point at nothing.
        if np.isfinite(values[-1]) and low <= values[-1] <= high:
            named.append((sizes[-1], values[-1], label(key, funnel.language)))
    return named


def _common_lines(axes, frame: pd.DataFrame, funnel: Funnel) -> list[tuple[float, float, str]]:
    """The line of all together and that of the goal; answer where each ends, and its name."""
    named = []
    lines = (("overall", overall_of(frame), BLUE, "-"), ("goal", goal_of(frame), INK, DOTS))
    for key, value, colour, dash in lines:
        if value is not None:
            axes.axhline(value, color=colour, linewidth=1.6, linestyle=dash)
            named.append((axes.get_xlim()[1], value, label(key, funnel.language)))
    return named


def _units(axes, shown: pd.DataFrame, funnel: Funnel) -> None:
    """A dot for every unit, and its name."""
    values = shown[[funnel.size, funnel.measure]].to_numpy(dtype=float)
    units = [None if pd.isna(unit) else unit for unit in shown[funnel.unit]]
    for (x, y), unit in zip(values, units, strict=True):
        look = style_of(funnel.unit if funnel.unit in FIXED else None, unit, [])
        dot = {"marker": look.marker, "markersize": 7.5, "markeredgecolor": "none"}
        axes.plot([x], [y], color=look.colour, zorder=3, **dot)
    names = [value_label(funnel.unit, unit, funnel.language, short=True) for unit in units]
    _name_units(axes, values, names)


def _name_units(axes, values: np.ndarray, names: list[str]) -> None:
    """Each name where it covers neither points nor lines nor another name."""
    corner = axes.transAxes.transform((0, 0))
    wide, tall = axes.transAxes.transform((1, 1)) - corner
    points = axes.transData.transform(values) - corner
    corners = place_names(points, names, wide, tall, _along_lines(axes) - corner)
    for place, name, point in zip(corners, names, points, strict=True):
        _lead(axes, *place, name, point)
        text = {"fontsize": SMALL_TEXT, "va": "bottom", "ha": "left"}
        axes.annotate(name, place, xycoords="axes pixels", **text)


def _lead(axes, left: float, foot: float, name: str, point: np.ndarray) -> None:
    """A hairline to a name that found no room beside its point."""
    x = min(max(point[0], left), left + text_width(name, SMALL_TEXT) * WRITTEN)
    y = min(max(point[1], foot + 2), foot + LINE - 2)
    if np.hypot(x - point[0], y - point[1]) > NEAR:
        corner = axes.transAxes.transform((0, 0))
        ends = axes.transData.inverted().transform(np.array([point, (x, y)]) + corner)
        axes.plot(ends[:, 0], ends[:, 1], clip_on=False, scalex=False, scaley=False, **LEADER)


def _along_lines(axes) -> np.ndarray:
    """Places along every line that is drawn, close enough that no name fits between."""
    across = np.linspace(0, 1, 240)
    low, high = axes.transAxes.transform((0, 0))[0], axes.transAxes.transform((1, 0))[0]
    places = [np.empty((0, 2))]
    for line in (line for line in axes.lines if len(line.get_xdata()) > 1):
        ends = line.get_transform().transform(
            np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float)
        )
        ends = ends[np.isfinite(ends).all(axis=1)]
        if not len(ends):
            continue
        x = low + across * (high - low)
        x = x[(x >= ends[:, 0].min()) & (x <= ends[:, 0].max())]
        places.append(np.column_stack([x, np.interp(x, ends[:, 0], ends[:, 1])]))
    return np.vstack(places)


def _size_ticks(axes, across: tuple[float, float], language: str) -> None:
    """Round sizes, with thin spaces between thousands, as many as stand side by side."""
    if across[0] > 0:
        powers = range(int(np.floor(np.log10(across[0]))), int(np.ceil(np.log10(across[1]))) + 1)
        places = [
            step * 10.0**power
            for power in powers
            for step in (1, 3)
            if across[0] <= step * 10.0**power <= across[1]
        ]
        axes.minorticks_off()
        axes.set_xticks(places)
    else:
        axes.locator_params(axis="x", nbins=5, steps=[1, 2, 5, 10])
        places = [place for place in axes.get_xticks() if across[0] <= place <= across[1]]
        axes.set_xticks(places)
    axes.set_xticklabels([say_number(place, language) for place in places])
