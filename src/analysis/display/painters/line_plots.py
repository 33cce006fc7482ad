"""Lines with bands over years, ages or periods, alone or several; points with the trend through them."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
    FITTED,
    INTERVAL,
    column_label,
    is_provisional,
    ordered_values,
    rows_of,
    series_values,
    value_label,
)
from analysis.display.disclosure.public_table import PUBLISHED, Published
from analysis.display.drawing.axes import (
    EDGE,
    draw_title,
    format_values,
    label_ends,
    mark_break,
    measure_label,
    place_axes,
    quiet_grid,
    ticks_with_room,
)
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.drawing.style import INK, WIDTH, Style, style_of, text_width
from analysis.strata import number_strata

TALL, FOOT, HEAD = 300, 50, 34
MOST_MARKERS = 20
# Room beyond both ends of a chart that stands alone, for the labels of its x axis.
ALONE = 40
# Least width of a labelled year.
TICK_ROOM = 40
# A short upright at the foot, where a point is withheld.
GAP, GAP_RISE = "|", 6


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
    texts = _names_at_ends(names, course)
    right = max(map(text_width, texts)) + 30 if len(texts) > 1 else 20
    axes = place_axes(figure, 58, FOOT, WIDTH - 58 - right, TALL - FOOT - HEAD)
    quiet_grid(axes, "y")
    limits = value_limits(frame, course.measure)
    axes.set_ylim(*limits)
    x_axis(axes, frame, course)
    ends = _draw_all(axes, published, course, names)
    if len(texts) > 1:
        label_ends(axes, _named_ends(ends, texts), limits)
    format_values(axes, "y", course.measure, course.language, 6)
    axes.set_xlabel(column_label(course.x, frame, course.language), labelpad=7)
    draw_title(figure, measure_label(course.measure, frame, course.language))
    if is_cut(limits):
        mark_break(axes, "y")


def _named_ends(
    ends: list[tuple[float, float] | None], texts: list[str]
) -> list[tuple[float, float, str]]:
    """The ends of the lines that have one, with their names."""
    return [(*end, text) for end, text in zip(ends, texts, strict=True) if end]


def _names_at_ends(names: list[Hashable], course: Course) -> list[str]:
    if not course.series:
        return []
    return [value_label(course.series, name, course.language, short=True) for name in names]


def _draw_all(
    axes, published: Published, course: Course, names: list[Hashable]
) -> list[tuple[float, float] | None]:
    """Draw every series, and a stroke where a point of it is withheld; answer where each ends."""
    ends = []
    for rank, name in enumerate(names):
        rows = rows_of(published.frame, course.series, name)
        look = style_of(course.series, name, names)
        ends.append(draw_course(axes, rows, course, look, published.frame))
        mark_gaps(axes, rows, published, course, look.colour, rank)
    return ends


def _positions(values: pd.Series, frame: pd.DataFrame, x: str) -> np.ndarray:
    """Where values of x stand: numbers as they are, periods one after the other."""
    if pd.api.types.is_numeric_dtype(frame[x]):
        return values.to_numpy(dtype=float)
    order = _in_order(frame, x)
    return np.array([order.index(value) for value in values], dtype=float)


def _in_order(frame: pd.DataFrame, x: str) -> list:
    """The values of x as they follow one another: ages by their first year, whatever their text sorts as."""
    return ordered_values(x, number_strata(frame, [x])[1][x])


def x_axis(axes, frame: pd.DataFrame, course: Course, gap: float = ALONE) -> None:
    """Few enough labels to be read; ``gap`` is the room beyond both ends, wide beside a single chart."""
    places = _positions(frame[course.x], frame, course.x)
    low, high = places.min(), places.max()
    room = EDGE if low < high else 0.5
    axes.set_xlim(low - room, high + room)
    wide = axes.get_position().width * WIDTH
    if pd.api.types.is_numeric_dtype(frame[course.x]):
        _number_ticks(axes, wide)
        return
    order = _in_order(frame, course.x)
    texts = [value_label(course.x, value, course.language) for value in order]
    shown = ticks_with_room(texts, wide, gap)
    axes.set_xticks(shown, [texts[rank] for rank in shown])
    if len(order) > 2 and shown == [0, len(order) - 1]:
        _ends_inwards(axes)


def _number_ticks(axes, wide: float) -> None:
    most = min(8, max(2, int(wide / TICK_ROOM)))
    axes.locator_params(axis="x", nbins=most, integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")


def _ends_inwards(axes) -> None:
    """Where only the first and the last label have room, they stand inside the axes."""
    first, *_, last = axes.get_xticklabels()
    first.set(ha="left", x=0)
    last.set(ha="right")


@dataclass(frozen=True)
class Points:
    """The points of one series in their order: where they stand, their values, which are provisional."""

    places: np.ndarray
    values: np.ndarray
    tentative: np.ndarray

    @property
    def alone(self) -> np.ndarray:
        """Points without neighbours: they have no line and no band, and are always marked."""
        gap = np.isnan(np.concatenate([[np.nan], self.values, [np.nan]]))
        return gap[:-2] & gap[2:] & ~gap[1:-1]


def draw_course(
    axes, rows: pd.DataFrame, course: Course, look: Style, frame: pd.DataFrame
) -> tuple[float, float] | None:
    """Draw one series; answer where it ends. A gap in the estimates is a gap in the line."""
    places = _positions(rows[course.x], frame, course.x)
    rows, places = rows.iloc[np.argsort(places, kind="stable")], np.sort(places)
    points = Points(places, rows[course.measure].to_numpy(dtype=float), _tentative(rows, course))
    if "fitted" in rows.columns and rows["fitted"].notna().any():
        return _trend(axes, rows, points, look)
    # A gap in all years is told in words by who asked for the line.
    if np.isnan(points.values).all():
        return None
    if "lower" in rows.columns:
        _band(axes, rows, points, look)
    axes.plot(places, points.values, color=look.colour, linestyle=look.dash, linewidth=1.7)
    _markers(axes, points, points.alone | _regular(points, course), look)
    return _end_of(places, points.values)


def _tentative(rows: pd.DataFrame, course: Course) -> np.ndarray:
    return np.array([is_provisional(value, course.provisional) for value in rows[course.x]])


def _end_of(places: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    last = np.flatnonzero(~np.isnan(values))[-1]
    return places[last], values[last]


def _band(axes, rows: pd.DataFrame, points: Points, look: Style) -> None:
    """The intervals as a band; of points that stand alone as uprights."""
    lower, upper = (rows[limit].to_numpy(dtype=float) for limit in INTERVAL)
    axes.fill_between(points.places, lower, upper, color=look.colour, alpha=0.14, linewidth=0)
    alone, upright = points.alone, {"color": look.colour, "alpha": 0.5, "linewidth": 1.4}
    axes.vlines(points.places[alone], lower[alone], upper[alone], **upright)


def _regular(points: Points, course: Course) -> np.ndarray:
    """Which points are marked: all of a short line, every so many of a long one, or none."""
    count = len(points.values)
    every = 1 if count <= MOST_MARKERS else course.marked_every
    return np.arange(count) % every == 0 if every else np.zeros(count, dtype=bool)


def _trend(axes, rows: pd.DataFrame, points: Points, look: Style) -> tuple[float, float]:
    """Points as they were observed; the trend with its band through them; a stroke where it bends."""
    places, fitted = points.places, rows["fitted"].to_numpy(dtype=float)
    if set(FITTED) <= set(rows.columns):
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in FITTED[1:])
        axes.fill_between(places, lower, upper, color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(places, fitted, color=look.colour, linestyle=look.dash, linewidth=2)
    _markers(axes, points, np.ones(len(rows), dtype=bool), look, size=3.4)
    if "joinpoint" in rows.columns:
        bends = pd.to_numeric(rows["joinpoint"]).fillna(0).astype(bool).to_numpy()
        stroke = {"marker": GAP, "markersize": 13, "markeredgewidth": 1.6, "linestyle": ""}
        axes.plot(places[bends], fitted[bends], color=INK, **stroke)
    return _end_of(places, fitted)


def mark_gaps(
    axes, rows: pd.DataFrame, published: Published, course: Course, colour: str, rank: int
) -> None:
    """A stroke at the foot for every point that is withheld, so that a gap is not taken for none.

    ``rank`` is that of the series: the strokes of each stand a little higher than those of the one before.
    """
    hidden = (published.why(course.measure)[rows.index] != PUBLISHED).to_numpy()
    places = _positions(rows[course.x], published.frame, course.x)[hidden]
    tall = axes.get_position().height * axes.figure.get_figheight() * 72
    axes.plot(
        places,
        np.full(len(places), (4 + rank * GAP_RISE) / tall),
        transform=axes.get_xaxis_transform(),
        color=colour,
        marker=GAP,
        markersize=5,
        markeredgewidth=1.2,
        linestyle="",
        alpha=0.75,
        clip_on=False,
    )


def _markers(axes, points: Points, marked: np.ndarray, look: Style, size: float = 5.5) -> None:
    """A marker on each point that is marked; hollow, and always, where provisional."""
    places, values, tentative = points.places, points.values, points.tentative
    every = {"marker": look.marker, "linestyle": "none", "clip_on": False}
    # A provisional year is marked on a long line too, or it could not be told apart.
    full = marked & ~tentative
    axes.plot(places[full], values[full], color=look.colour, markersize=size, **every)
    outline = {"markerfacecolor": "none", "markeredgecolor": look.colour, "markeredgewidth": 1.6}
    axes.plot(places[tentative], values[tentative], markersize=size + 1.5, **outline, **every)
