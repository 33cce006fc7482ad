"""A slope chart: one line a category from period to period, named with its value at both ends."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
    INTERVAL,
    PROPORTIONS,
    ordered_values,
    rows_of,
    series_values,
    value_label,
)
from analysis.display.disclosure.public_table import Published
from analysis.display.drawing.axes import (
    draw_title,
    label_ends,
    measure_label,
    place_axes,
    ticks_with_room,
)
from analysis.display.drawing.scales import value_limits
from analysis.display.drawing.style import INK, TEXT, WIDTH, Style, style_of, text_width
from analysis.display.language import say_value
from analysis.display.painters.line_plots import Course

HEAD, FOOT, TALL, LINE = 34, 46, 240, TEXT + 7
# Intervals of categories stand this far apart, in places along the axis.
APART = 0.016
# From the axes to the names at either side, and from there to the edge.
BESIDE = 34


def slope_height(lines: int) -> float:
    """Height of the drawing: a name for every line has room on either side."""
    return HEAD + FOOT + max(TALL, LINE * lines)


def slope_limits(frame: pd.DataFrame, measure: str) -> tuple[float, float]:
    """As close around a proportion as steps of 5 % allow, since its values are printed; else from zero."""
    low, high = value_limits(frame, measure)
    # A survival between 80 and 90 % would be a flat line on an axis from zero; its values are printed.
    if measure not in PROPORTIONS:
        return low, high
    values = frame.loc[
        frame[measure].notna(), [c for c in (measure, *INTERVAL) if c in frame.columns]
    ]
    return float(np.floor(values.min().min() * 20) / 20), float(
        min(np.ceil(values.max().max() * 20) / 20, 1.0)
    )


@dataclass(frozen=True)
class Slope:
    """One line from period to period: its rows in their order, its look, its name and value at each end."""

    rows: pd.DataFrame
    look: Style
    left: tuple[float, float, str]
    right: tuple[float, float, str]


def paint_slopes(figure, published: Published, course: Course) -> None:
    """Lines from the first period to the last, uprights where one stands, names at the ends."""
    frame = published.frame
    order = ordered_values(course.x, sorted(frame[course.x].dropna().unique()))
    slopes = _slopes_of(frame, course, order)
    starts, ends = [slope.left for slope in slopes], [slope.right for slope in slopes]
    left, right = (max(text_width(name) for _, _, name in side) + BESIDE for side in (starts, ends))
    axes = _axes_between(figure, left, right, len(order))
    limits = slope_limits(frame, course.measure)
    axes.set_ylim(*limits)
    _draw_all(axes, slopes, course, len(order))
    label_ends(axes, starts, limits, "left")
    label_ends(axes, ends, limits)
    _name_periods(axes, course, order, WIDTH - left - right, min(left, right))
    draw_title(figure, measure_label(course.measure, frame, course.language))


def _axes_between(figure, left: float, right: float, periods: int):
    """Axes without values at their side, between the names."""
    tall = figure.get_figheight() * 72
    axes = place_axes(figure, left, FOOT, WIDTH - left - right, tall - FOOT - HEAD)
    axes.set_xlim(-0.04, max(periods - 1, 0.04) + 0.04)
    axes.set_yticks([])
    return axes


def _name_periods(axes, course: Course, order: list[Hashable], wide: float, gap: float) -> None:
    texts = [value_label(course.x, value, course.language) for value in order]
    shown = ticks_with_room(texts, wide, gap)
    axes.set_xticks(shown, [texts[period] for period in shown])


def _slopes_of(frame: pd.DataFrame, course: Course, order: list[Hashable]) -> list[Slope]:
    """The lines that have a point."""
    slopes, names = [], series_values(frame, course.series)
    for name in names:
        rows = rows_of(frame, course.series, name).dropna(subset=[course.measure])
        if len(rows):
            periods = [order.index(value) for value in rows[course.x]]
            rows = rows.assign(place=periods).sort_values("place")
            look = style_of(course.series, name, names)
            ends = (
                _end(rows.iloc[0], course, name, True),
                _end(rows.iloc[-1], course, name, False),
            )
            slopes.append(Slope(rows, look, *ends))
    return slopes


def _end(row: pd.Series, course: Course, name: Hashable, first: bool) -> tuple[float, float, str]:
    """Where a line begins or ends, and its name and value there, the value nearer to the line."""
    who = value_label(course.series, name, course.language, short=True)
    value = say_value(course.measure, row[course.measure], course.language)
    text = f"{who}  {value}" if first else f"{value}  {who}"
    return row["place"], row[course.measure], text


def _draw_all(axes, slopes: list[Slope], course: Course, periods: int) -> None:
    """An upright for each period, and the lines; their intervals a little apart."""
    for period in range(periods):
        axes.axvline(period, color=INK, alpha=0.25, linewidth=0.8)
    for rank, slope in enumerate(slopes):
        shift = (rank - (len(slopes) - 1) / 2) * APART
        _draw_slope(axes, slope, course.measure, shift)


def _draw_slope(axes, slope: Slope, measure: str, shift: float) -> None:
    rows, look = slope.rows, slope.look
    periods, values = (rows[column].to_numpy(dtype=float) for column in ("place", measure))
    if set(INTERVAL) <= set(rows.columns):
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in INTERVAL)
        estimated = ~np.isnan(lower) & ~np.isnan(upper)
        upright = {"color": look.colour, "alpha": 0.45, "linewidth": 1}
        axes.vlines(periods[estimated] + shift, lower[estimated], upper[estimated], **upright)
    axes.plot(periods, values, color=look.colour, linestyle=look.dash, linewidth=1.9)
    dot = {"marker": look.marker, "markersize": 6.5, "linestyle": ""}
    axes.plot(periods, values, color=look.colour, clip_on=False, **dot)
