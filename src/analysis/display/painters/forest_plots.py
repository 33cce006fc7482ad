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
    return [
        _row_text(row, published.why(forest.layout.measure)[index], forest.reference[index], forest)
        for index, row in published.frame.iterrows()
    ]


def _row_text(row: pd.Series, why: str, is_reference: bool, forest: Forest) -> str:
    measure, language = forest.layout.measure, forest.layout.language
    if is_missing(row[measure]):
        return missing_text(row, why, language)
    if is_reference:
        value = say_value(measure, row[measure], language)
        return f"{value} ({label('is_reference', language)})"
    return _value_and_limits(row, measure, language)


def _value_and_limits(row: pd.Series, measure: str, language: str) -> str:
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
    # Zero is where nothing differs: both of its sides are seen.
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
    ends = axis_limits(frame, measure)
    if measure in RATIOS:
        axes.set_xscale("log")
    axes.set_xlim(*ends)
    quiet_grid(axes, "x")
    axes.axvline(neutral_value(measure) or 0, color=INK, linewidth=1.1)
    for (index, row), text in zip(frame.iterrows(), forest_texts(published, forest), strict=True):
        height = layout.height_of(row)
        _row(axes, row, height, forest.layout, forest.pooled[index])
        _write_beside(axes, height, text, quiet=is_missing(row[measure]))
    _ticks(axes, ends, measure, layout.language)
    axes.set_xlabel(measure_label(measure, frame, layout.language), labelpad=7)


def _write_beside(axes, height: float, text: str, quiet: bool) -> None:
    """The numbers of a row at the right of the axes; quiet where there are none."""
    axes.annotate(
        text,
        (1, height),
        (18, 0),
        va="center",
        ha="left",
        fontsize=SMALL_TEXT,
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        annotation_clip=False,
        **({"fontstyle": "italic", "alpha": 0.75} if quiet else {}),
    )


@dataclass(frozen=True)
class Mark:
    """How a row is drawn: all together larger than one of them."""

    colour: str
    marker: str
    size: float
    width: float


def _mark_of(row: pd.Series, layout: Layout, pooled: bool) -> Mark:
    if pooled:
        return Mark(INK, POOLED, 8.5, 2.4)
    if layout.category in ALWAYS_THEMSELVES:
        look = style_of(layout.category, row[layout.category], layout.categories)
        return Mark(look.colour, look.marker, 7, 2)
    return Mark(BLUE, "s", 7, 2)


def _row(axes, row: pd.Series, height: float, layout: Layout, pooled: bool) -> None:
    if pooled:
        axes.axhline(height - 0.5, color=INK, alpha=0.4, linewidth=0.8)
    value = row[layout.measure]
    if is_missing(value):
        return
    mark, (low, high) = _mark_of(row, layout, pooled), axes.get_xlim()
    if not is_missing(row.get("lower")) and not is_missing(row.get("upper")):
        ends = np.clip([row["lower"], row["upper"]], low, high)
        axes.plot(ends, [height, height], color=mark.colour, linewidth=mark.width, alpha=0.8)
        _arrows(axes, row["lower"], row["upper"], height, mark.colour)
    if low <= value <= high:
        point = {"marker": mark.marker, "color": mark.colour, "markersize": mark.size}
        axes.plot([value], [height], **point)
    # With an interval the arrow at its end says already that it goes on.
    elif is_missing(row.get("lower")):
        _arrows(axes, value, value, height, mark.colour)


def _arrows(axes, lower: float, upper: float, height: float, colour: str) -> None:
    """A head where an interval goes on beyond the axis."""
    low, high = axes.get_xlim()
    for end, marker, beyond in ((low, "<", lower < low), (high, ">", upper > high)):
        if beyond:
            axes.plot([end], [height], marker=marker, color=colour, markersize=6, clip_on=False)


def _ticks(axes, ends: tuple[float, float], measure: str, language: str) -> None:
    if measure not in RATIOS:
        format_values(axes, "x", measure, language, 5)
        return
    axes.minorticks_off()
    ticks = ratio_ticks(*ends)
    texts = [say_number(tick, language, len(f"{tick:g}".partition(".")[2])) for tick in ticks]
    axes.set_xticks(ticks, texts)
