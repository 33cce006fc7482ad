"""Lines with bands over years, ages or periods; alone, several, or a panel each."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.display.axes import (
    EDGE,
    format_values,
    label_ends,
    measure_label,
    place_axes,
    quiet_grid,
    rows_of,
    series_values,
    ticks_with_room,
)
from analysis.display.columns import column_label, is_provisional, ordered_values, value_label
from analysis.display.dotplots import value_limits
from analysis.display.publishing import Published
from analysis.display.style import SMALL_TEXT, SOLID, WIDTH, style_of, text_width

TALL, FOOT, HEAD = 300, 50, 34
MOST_MARKERS = 20
PANEL_TALL, PANEL_GAP, PANEL_HEAD = 120, 26, 24
PANEL_LEFT, PANEL_SIDE = 52, 18


@dataclass(frozen=True)
class Course:
    """What is drawn over x: the columns, from where on it is provisional, how often a long line is marked."""

    x: str
    series: str | None
    measure: str
    language: str
    provisional: object = None
    marked_every: int = 0


def paint_lines(figure, published: Published, course: Course) -> None:
    """One line a series with its band; names at the right ends."""
    frame, names = published.frame, series_values(published.frame, course.series)
    said = [value_label(course.series, name, course.language, short=True) for name in names] if course.series else []
    right = max((text_width(text) for text in said), default=0) + 30 if len(said) > 1 else 20
    axes = place_axes(figure, 58, FOOT, WIDTH - 58 - right, TALL - FOOT - HEAD)
    quiet_grid(axes, "y")
    limits = value_limits(frame, course.measure)
    axes.set_ylim(*limits)
    _x_axis(axes, frame, course)
    ends = [
        _line(axes, rows_of(frame, course.series, name), course, style_of(course.series, name, names), frame)
        for name in names
    ]
    if len(said) > 1:
        label_ends(axes, [(*end, text) for end, text in zip(ends, said, strict=True) if end], limits)
    format_values(axes, "y", course.measure, course.language, 6)
    axes.set_xlabel(column_label(course.x, frame, course.language), labelpad=7)
    title = measure_label(course.measure, frame, course.language)
    figure.text(8 / WIDTH, 1 - 16 / TALL, title, fontsize=SMALL_TEXT, va="center")


def paint_panels(figure, published: Published, course: Course, panels: list[Hashable], across: int) -> None:
    """A small line chart for every value of the panel column (``course.series``), all on one scale."""
    frame, limits = published.frame, value_limits(published.frame, course.measure)
    wide = (WIDTH - PANEL_LEFT - (across - 1) * PANEL_SIDE - 14) / across
    tall = figure.get_figheight() * 72
    for position, panel in enumerate(panels):
        row, column = divmod(position, across)
        top = tall - HEAD + 8 - row * (PANEL_TALL + PANEL_GAP + PANEL_HEAD)
        left = PANEL_LEFT + column * (wide + PANEL_SIDE)
        axes = place_axes(figure, left, top - PANEL_HEAD - PANEL_TALL, wide, PANEL_TALL)
        quiet_grid(axes, "y")
        axes.set_ylim(*limits)
        _x_axis(axes, frame, course, PANEL_SIDE)
        look = replace(style_of(course.series, panel, panels), dash=SOLID)
        _line(axes, rows_of(frame, course.series, panel), course, look, frame)
        format_values(axes, "y", course.measure, course.language, 4)
        axes.tick_params(labelleft=column == 0)
        axes.set_title(
            value_label(course.series, panel, course.language, short=True), loc="left", fontsize=SMALL_TEXT, pad=6
        )
    title = measure_label(course.measure, frame, course.language)
    figure.text(8 / WIDTH, 1 - 14 / tall, title, fontsize=SMALL_TEXT, va="center")


def panels_height(panels: int, across: int) -> float:
    """Height of a drawing of small multiples."""
    return HEAD + int(np.ceil(panels / across)) * (PANEL_TALL + PANEL_GAP + PANEL_HEAD) + 4


def _positions(values: pd.Series, frame: pd.DataFrame, x: str) -> np.ndarray:
    """Where values of x stand: numbers as they are, periods one after the other."""
    if pd.api.types.is_numeric_dtype(frame[x]):
        return values.to_numpy(dtype=float)
    order = ordered_values(x, sorted(frame[x].unique()))
    return np.array([order.index(value) for value in values], dtype=float)


def _x_axis(axes, frame: pd.DataFrame, course: Course, gap: float = 40) -> None:
    """Few enough labels to be read; ``gap`` is the room beyond both ends, wide beside a single chart."""
    values = frame[course.x]
    places = _positions(values, frame, course.x)
    room = EDGE if len(set(places)) > 1 else 0.5
    axes.set_xlim(places.min() - room, places.max() + room)
    if pd.api.types.is_numeric_dtype(frame[course.x]):
        axes.locator_params(axis="x", nbins=8 if gap > PANEL_SIDE else 5, integer=True)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        return
    order = ordered_values(course.x, sorted(values.unique()))
    texts = [value_label(course.x, value, course.language) for value in order]
    shown = ticks_with_room(texts, axes.get_position().width * WIDTH, gap)
    axes.set_xticks(shown, [texts[place] for place in shown])
    if len(order) > 2 and shown == [0, len(order) - 1]:
        first, *_, last = axes.get_xticklabels()
        first.set(ha="left", x=0)
        last.set(ha="right")


def _line(axes, rows: pd.DataFrame, course: Course, look, frame: pd.DataFrame) -> tuple[float, float] | None:
    """Draw one series; answer where it ends. A gap in the estimates is a gap in the line."""
    places = _positions(rows[course.x], frame, course.x)
    rows, places = rows.iloc[np.argsort(places)], np.sort(places)
    values = rows[course.measure].to_numpy(dtype=float)
    if np.isnan(values).all():
        return None
    if "lower" in rows.columns:
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in ("lower", "upper"))
        axes.fill_between(places, lower, upper, color=look.colour, alpha=0.14, linewidth=0)
    axes.plot(places, values, color=look.colour, linestyle=look.dash, linewidth=1.7)
    tentative = [is_provisional(value, course.provisional) for value in rows[course.x]]
    every = 1 if len(values) <= MOST_MARKERS else course.marked_every
    _markers(axes, places, values, (np.array(tentative), every), look)
    last = np.flatnonzero(~np.isnan(values))[-1]
    return places[last], values[last]


def _markers(axes, places: np.ndarray, values: np.ndarray, which: tuple, look) -> None:
    """A marker on every so many points; hollow where provisional.

    A point without neighbours has no line, and is always marked.
    """
    gap = np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    tentative, every = which
    regular = np.arange(len(values)) % every == 0 if every else np.zeros(len(values), dtype=bool)
    marked = ~tentative & ((gap[:-2] & gap[2:]) | regular)
    whole = {"marker": look.marker, "markersize": 5.5, "linestyle": "none", "clip_on": False}
    axes.plot(places[marked], values[marked], color=look.colour, **whole)
    hollow = {**whole, "markersize": 7, "markerfacecolor": "none", "markeredgecolor": look.colour}
    axes.plot(places[tentative], values[tentative], markeredgewidth=1.6, **hollow)
