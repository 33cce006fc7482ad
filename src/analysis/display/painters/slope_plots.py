"""A slope chart: one line a category from period to period, named with its value at both ends."""

from collections.abc import Hashable

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
from analysis.display.drawing.axes import label_ends, measure_label, place_axes, ticks_with_room
from analysis.display.drawing.scales import value_limits
from analysis.display.drawing.style import INK, SMALL_TEXT, TEXT, WIDTH, style_of, text_width
from analysis.display.language import say_value
from analysis.display.painters.line_plots import Course

HEAD, FOOT, TALL, LINE = 34, 46, 240, TEXT + 7
# Intervals of categories stand this far apart, in places along the axis.
APART = 0.016


def slope_height(lines: int) -> float:
    """Height of the drawing: a name for every line has room on either side."""
    return HEAD + FOOT + max(TALL, LINE * lines)


def slope_limits(frame: pd.DataFrame, measure: str) -> tuple[float, float]:
    """As close around a proportion as steps of 5 % allow, since its values are printed; else from zero."""
    low, high = value_limits(frame, measure)
    if measure not in PROPORTIONS:
        return low, high
    values = frame.loc[
        frame[measure].notna(), [c for c in (measure, *INTERVAL) if c in frame.columns]
    ]
    return float(np.floor(values.min().min() * 20) / 20), float(
        min(np.ceil(values.max().max() * 20) / 20, 1.0)
    )


def paint_slopes(figure, published: Published, course: Course) -> None:
    """Lines from the first period to the last, uprights where one stands, names at the ends."""
    frame, names = published.frame, series_values(published.frame, course.series)
    order = ordered_values(course.x, sorted(frame[course.x].dropna().unique()))
    lines = [
        (name, rows_of(frame, course.series, name).dropna(subset=[course.measure]))
        for name in names
    ]
    lines = [(name, _placed(rows, course.x, order)) for name, rows in lines if len(rows)]
    ends = [
        [_end(rows, course, name, place, side) for name, rows in lines]
        for side, place in (("left", 0), ("right", -1))
    ]
    left, right = (max(text_width(end[2]) for end in side) + 34 for side in ends)
    tall = figure.get_figheight() * 72
    axes = place_axes(figure, left, FOOT, WIDTH - left - right, tall - FOOT - HEAD)
    limits = slope_limits(frame, course.measure)
    axes.set(xlim=(-0.04, max(len(order) - 1, 0.04) + 0.04), ylim=limits)
    axes.set_yticks([])
    for place in range(len(order)):
        axes.axvline(place, color=INK, alpha=0.25, linewidth=0.8)
    for number, (name, rows) in enumerate(lines):
        shift = (number - (len(lines) - 1) / 2) * APART
        _slope(axes, rows, course, style_of(course.series, name, names), shift)
    label_ends(axes, ends[0], limits, "left")
    label_ends(axes, ends[1], limits)
    texts = [value_label(course.x, value, course.language) for value in order]
    shown = ticks_with_room(texts, WIDTH - left - right, min(left, right))
    axes.set_xticks(shown, [texts[place] for place in shown])
    title = measure_label(course.measure, frame, course.language)
    figure.text(8 / WIDTH, 1 - 16 / tall, title, fontsize=SMALL_TEXT, va="center")


def _placed(rows: pd.DataFrame, x: str, order: list[Hashable]) -> pd.DataFrame:
    return rows.assign(place=[order.index(value) for value in rows[x]]).sort_values("place")


def _end(
    rows: pd.DataFrame, course: Course, name: Hashable, which: int, side: str
) -> tuple[float, float, str]:
    """Where a line begins or ends, and its name and value there."""
    row = rows.iloc[which]
    who = value_label(course.series, name, course.language, short=True)
    value = say_value(course.measure, row[course.measure], course.language)
    return (
        row["place"],
        row[course.measure],
        f"{who}  {value}" if side == "left" else f"{value}  {who}",
    )


def _slope(axes, rows: pd.DataFrame, course: Course, look, shift: float) -> None:
    places, values = rows["place"].to_numpy(dtype=float), rows[course.measure].to_numpy(dtype=float)
    if {"lower", "upper"} <= set(rows.columns):
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in ("lower", "upper"))
        known = ~np.isnan(lower) & ~np.isnan(upper)
        axes.vlines(
            places[known] + shift,
            lower[known],
            upper[known],
            color=look.colour,
            alpha=0.45,
            linewidth=1,
        )
    axes.plot(places, values, color=look.colour, linestyle=look.dash, linewidth=1.9)
    axes.plot(
        places,
        values,
        color=look.colour,
        marker=look.marker,
        markersize=6.5,
        linestyle="",
        clip_on=False,
    )
