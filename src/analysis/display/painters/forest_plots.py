"""A forest: ratios or differences with their intervals, the numbers beside them, all together below."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.display.columns import RATIOS, is_missing
from analysis.display.disclosure.public_table import Published
from analysis.display.drawing.axes import format_values, measure_label, missing_text, quiet_grid
from analysis.display.drawing.scales import neutral_value, ratio_limits, ratio_ticks, value_limits
from analysis.display.drawing.style import BLUE, INK, SMALL_TEXT, style_of, text_width
from analysis.display.language import say_limits, say_number, say_value
from analysis.display.painters.dot_plots import ALWAYS_THEMSELVES, Layout
from analysis.terms import label

POOLED = "D"
# Between a name and the axis, so that an arrow does not touch the name.
ARROW_ROOM = 13


@dataclass(frozen=True)
class Forest:
    """The layout, and which rows are the reference and all together."""

    layout: Layout
    reference: pd.Series
    pooled: pd.Series


def forest_texts(published: Published, forest: Forest) -> list[str]:
    """What stands at the right of each row: the estimate with its interval, or why there is none."""
    measure, language = forest.layout.measure, forest.layout.language
    said = []
    for index, row in published.frame.iterrows():
        if is_missing(row[measure]):
            said.append(missing_text(row, published.why(measure)[index], language))
        elif forest.reference[index]:
            said.append(
                f"{say_value(measure, row[measure], language)} ({label('is_reference', language)})"
            )
        else:
            said.append(_with_limits(row, measure, language))
    return said


def _with_limits(row: pd.Series, measure: str, language: str) -> str:
    value = say_value(measure, row[measure], language)
    if is_missing(row.get("lower")) or is_missing(row.get("upper")):
        return value
    return f"{value} ({say_limits(measure, row['lower'], row['upper'], language)})"


def with_room_for(forest: Forest, texts: list[str]) -> Forest:
    """The layout with room for the numbers at the right."""
    room = max((text_width(text, SMALL_TEXT) for text in texts), default=0) + 34
    return replace(
        forest, layout=replace(forest.layout, left=forest.layout.left + ARROW_ROOM, right=room)
    )


def axis_limits(frame: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Ends of the axis: by ratios for ratios, on both sides of zero for differences."""
    if measure in RATIOS:
        ends = frame[[c for c in ("lower", "upper") if c in frame.columns]].to_numpy(dtype=float)
        return ratio_limits(frame[measure].to_numpy(dtype=float), ends.ravel())
    low, high = value_limits(frame, measure)
    return (low, max(high, -0.2 * low)) if low < 0 else (-0.2 * high, high)


def goes_beyond(frame: pd.DataFrame, measure: str) -> bool:
    """Whether an interval or an estimate lies beyond the axis, which an arrow shows."""
    low, high = axis_limits(frame, measure)
    columns = [column for column in (measure, "lower", "upper") if column in frame.columns]
    values = frame.loc[frame[measure].notna(), columns].to_numpy(dtype=float)
    return bool(((values < low) | (values > high)).any())


def paint_forest(figure, published: Published, forest: Forest) -> None:
    """A line a row: the interval, the estimate, the numbers; and the line of no difference."""
    layout, frame = forest.layout, published.frame
    axes, measure = layout.axes_on(figure), layout.measure
    axes.tick_params(axis="y", pad=ARROW_ROOM)
    low, high = axis_limits(frame, measure)
    if measure in RATIOS:
        axes.set_xscale("log")
    axes.set_xlim(low, high)
    quiet_grid(axes, "x")
    axes.axvline(neutral_value(measure) or 0, color=INK, linewidth=1.1)
    for (index, row), text in zip(frame.iterrows(), forest_texts(published, forest), strict=True):
        value = None if pd.isna(row[layout.category]) else row[layout.category]
        height, quiet = layout.categories.index(value), is_missing(row[measure])
        _row(axes, row, height, forest, index)
        style = {"fontstyle": "italic", "alpha": 0.75} if quiet else {}
        place = {
            "xycoords": axes.get_yaxis_transform(),
            "textcoords": "offset points",
            "annotation_clip": False,
        }
        axes.annotate(
            text,
            (1, height),
            (18, 0),
            va="center",
            ha="left",
            fontsize=SMALL_TEXT,
            **place,
            **style,
        )
    _ticks(axes, (low, high), measure, layout.language)
    axes.set_xlabel(measure_label(measure, frame, layout.language), labelpad=7)


def _row(axes, row: pd.Series, height: float, forest: Forest, index: int) -> None:
    layout, (low, high) = forest.layout, axes.get_xlim()
    pooled, value = forest.pooled[index], row[layout.measure]
    if pooled:
        axes.axhline(height - 0.5, color=INK, alpha=0.4, linewidth=0.8)
    if is_missing(value):
        return
    own = layout.category in ALWAYS_THEMSELVES and not pooled
    look = style_of(layout.category, row[layout.category], layout.categories) if own else None
    colour, marker = (
        (look.colour, look.marker) if look else (INK if pooled else BLUE, POOLED if pooled else "s")
    )
    if not is_missing(row.get("lower")) and not is_missing(row.get("upper")):
        ends = np.clip([row["lower"], row["upper"]], low, high)
        axes.plot(ends, [height, height], color=colour, linewidth=2.4 if pooled else 2, alpha=0.8)
        _arrows(axes, (row["lower"], row["upper"]), (low, high), height, colour)
    if low <= value <= high:
        axes.plot([value], [height], marker=marker, color=colour, markersize=8.5 if pooled else 7)
    elif is_missing(row.get("lower")):
        _arrows(axes, (value, value), (low, high), height, colour)


def _arrows(axes, values: tuple, ends: tuple[float, float], height: float, colour: str) -> None:
    """A head where an interval goes on beyond the axis."""
    for value, end, marker, beyond in ((values[0], ends[0], "<", -1), (values[1], ends[1], ">", 1)):
        if (value - end) * beyond > 0:
            axes.plot([end], [height], marker=marker, color=colour, markersize=6, clip_on=False)


def _ticks(axes, ends: tuple[float, float], measure: str, language: str) -> None:
    if measure not in RATIOS:
        format_values(axes, "x", measure, language, 5)
        return
    axes.minorticks_off()
    ticks = ratio_ticks(*ends)
    places = [len(f"{tick:g}".partition(".")[2]) for tick in ticks]
    axes.set_xticks(
        ticks,
        [
            say_number(tick, language, decimals)
            for tick, decimals in zip(ticks, places, strict=True)
        ],
    )
