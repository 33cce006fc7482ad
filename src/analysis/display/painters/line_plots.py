"""Lines with bands over years, ages or periods, alone or several; points with the trend through them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
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
    format_values,
    label_ends,
    mark_break,
    measure_label,
    place_axes,
    quiet_grid,
    ticks_with_room,
)
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.drawing.style import INK, SMALL_TEXT, WIDTH, style_of, text_width
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
    said = (
        [value_label(course.series, name, course.language, short=True) for name in names]
        if course.series
        else []
    )
    right = max((text_width(text) for text in said), default=0) + 30 if len(said) > 1 else 20
    axes = place_axes(figure, 58, FOOT, WIDTH - 58 - right, TALL - FOOT - HEAD)
    quiet_grid(axes, "y")
    limits = value_limits(frame, course.measure)
    axes.set_ylim(*limits)
    x_axis(axes, frame, course)
    ends = []
    for place, name in enumerate(names):
        rows, look = rows_of(frame, course.series, name), style_of(course.series, name, names)
        ends.append(draw_course(axes, rows, course, look, frame))
        mark_gaps(axes, rows, published, course, (look.colour, place))
    if len(said) > 1:
        label_ends(
            axes, [(*end, text) for end, text in zip(ends, said, strict=True) if end], limits
        )
    format_values(axes, "y", course.measure, course.language, 6)
    axes.set_xlabel(column_label(course.x, frame, course.language), labelpad=7)
    title = measure_label(course.measure, frame, course.language)
    figure.text(8 / WIDTH, 1 - 16 / TALL, title, fontsize=SMALL_TEXT, va="center")
    if is_cut(limits):
        mark_break(axes, "y")


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
    values = frame[course.x]
    places = _positions(values, frame, course.x)
    room = EDGE if len(set(places)) > 1 else 0.5
    axes.set_xlim(places.min() - room, places.max() + room)
    if pd.api.types.is_numeric_dtype(frame[course.x]):
        wide = axes.get_position().width * WIDTH
        axes.locator_params(axis="x", nbins=min(8, max(2, int(wide / TICK_ROOM))), integer=True)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        return
    order = _in_order(frame, course.x)
    texts = [value_label(course.x, value, course.language) for value in order]
    shown = ticks_with_room(texts, axes.get_position().width * WIDTH, gap)
    axes.set_xticks(shown, [texts[place] for place in shown])
    if len(order) > 2 and shown == [0, len(order) - 1]:
        first, *_, last = axes.get_xticklabels()
        first.set(ha="left", x=0)
        last.set(ha="right")


def draw_course(
    axes, rows: pd.DataFrame, course: Course, look, frame: pd.DataFrame
) -> tuple[float, float] | None:
    """Draw one series; answer where it ends. A gap in the estimates is a gap in the line."""
    places = _positions(rows[course.x], frame, course.x)
    rows, places = rows.iloc[np.argsort(places, kind="stable")], np.sort(places)
    if "fitted" in rows.columns and rows["fitted"].notna().any():
        return _trend(axes, rows, places, course, look)
    values = rows[course.measure].to_numpy(dtype=float)
    if np.isnan(values).all():
        return None
    alone = _alone(values)
    if "lower" in rows.columns:
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in ("lower", "upper"))
        axes.fill_between(places, lower, upper, color=look.colour, alpha=0.14, linewidth=0)
        axes.vlines(
            places[alone], lower[alone], upper[alone], color=look.colour, alpha=0.5, linewidth=1.4
        )
    axes.plot(places, values, color=look.colour, linestyle=look.dash, linewidth=1.7)
    tentative = np.array([is_provisional(value, course.provisional) for value in rows[course.x]])
    every = 1 if len(values) <= MOST_MARKERS else course.marked_every
    regular = np.arange(len(values)) % every == 0 if every else np.zeros(len(values), dtype=bool)
    _markers(axes, (places, values), alone | regular, tentative, look)
    last = np.flatnonzero(~np.isnan(values))[-1]
    return places[last], values[last]


def _trend(
    axes, rows: pd.DataFrame, places: np.ndarray, course: Course, look
) -> tuple[float, float]:
    """Points as they were observed; the trend with its band through them; a stroke where it bends."""
    fitted, observed = (rows[column].to_numpy(dtype=float) for column in ("fitted", course.measure))
    if {"fitted_lower", "fitted_upper"} <= set(rows.columns):
        lower, upper = (
            rows[limit].to_numpy(dtype=float) for limit in ("fitted_lower", "fitted_upper")
        )
        axes.fill_between(places, lower, upper, color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(places, fitted, color=look.colour, linestyle=look.dash, linewidth=2)
    tentative = np.array([is_provisional(value, course.provisional) for value in rows[course.x]])
    _markers(axes, (places, observed), np.ones(len(rows), dtype=bool), tentative, look, size=3.4)
    if "joinpoint" in rows.columns:
        bends = pd.to_numeric(rows["joinpoint"]).fillna(0).astype(bool).to_numpy()
        axes.plot(
            places[bends],
            fitted[bends],
            color=INK,
            marker=GAP,
            markersize=13,
            markeredgewidth=1.6,
            linestyle="",
        )
    last = np.flatnonzero(~np.isnan(fitted))[-1]
    return places[last], fitted[last]


def mark_gaps(
    axes, rows: pd.DataFrame, published: Published, course: Course, look: tuple[str, int]
) -> None:
    """A stroke at the foot for every point that is withheld, so that a gap is not taken for none."""
    colour, place = look
    hidden = (published.why(course.measure)[rows.index] != PUBLISHED).to_numpy()
    places = _positions(rows[course.x], published.frame, course.x)[hidden]
    tall = axes.get_position().height * axes.figure.get_figheight() * 72
    axes.plot(
        places,
        np.full(len(places), (4 + place * GAP_RISE) / tall),
        transform=axes.get_xaxis_transform(),
        color=colour,
        marker=GAP,
        markersize=5,
        markeredgewidth=1.2,
        linestyle="",
        alpha=0.75,
        clip_on=False,
    )


def _alone(values: np.ndarray) -> np.ndarray:
    """Points without neighbours: they have no line and no band, and are always marked."""
    gap = np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    return gap[:-2] & gap[2:] & ~np.isnan(values)


def _markers(
    axes, points: tuple, marked: np.ndarray, tentative: np.ndarray, look, size: float = 5.5
) -> None:
    """A marker on each point that is marked; hollow, and always, where provisional."""
    places, values = points
    whole = {"marker": look.marker, "linestyle": "none", "clip_on": False}
    full = marked & ~tentative
    axes.plot(places[full], values[full], color=look.colour, markersize=size, **whole)
    hollow = {
        **whole,
        "markersize": size + 1.5,
        "markerfacecolor": "none",
        "markeredgecolor": look.colour,
    }
    axes.plot(places[tentative], values[tentative], markeredgewidth=1.6, **hollow)
