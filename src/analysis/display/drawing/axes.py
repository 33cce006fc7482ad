"""What every drawing shares: axes placed in the units of the page, quiet grids, labels that do not collide.

These functions are handed figures and axes; they import no drawing package.
"""

import textwrap
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import PROPORTIONS, column_label, scale_of, value_label
from analysis.display.disclosure.public_table import PUBLISHED
from analysis.display.drawing.style import (
    INK,
    SMALL_TEXT,
    TEXT,
    WIDTH,
    Style,
    spread,
    style_of,
    text_width,
)
from analysis.display.language import say_number
from analysis.terms import label

WRAP = 34
LEGEND_HEIGHT = 26
# Room for the marker of a name in a legend, and between two names.
BESIDE_NAME = 46
# Free at either end of a row of places, in places.
EDGE = 0.35
# Between a line's end and its name: a hairline, never to be taken for the line going on.
STROKE = {"color": INK, "linewidth": 1.2, "linestyle": "-"}
LEADER = {"color": INK, "alpha": 0.4, "linewidth": 0.6, "linestyle": "-"}


def place_axes(figure, left: float, bottom: float, width: float, height: float):
    """Axes at a place given in the units of the drawing, from its lower left corner."""
    tall = figure.get_figheight() * 72
    axes = figure.add_axes((left / WIDTH, bottom / tall, width / WIDTH, height / tall))
    # The paper of the page is seen through, light or dark.
    axes.patch.set_visible(False)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, pad=6)
    axes.tick_params(axis="x", pad=9)
    return axes


def quiet_grid(axes, direction: str) -> None:
    """Hairlines across, behind what is drawn."""
    axes.grid(axis=direction, color=INK, alpha=0.14, linewidth=0.8)
    axes.set_axisbelow(True)


def format_values(axes, side: str, measure: str, language: str, most: int = 8) -> None:
    """Round tick values in the reader's language; proportions in per cent."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    axes.locator_params(axis=side, nbins=most, steps=[1, 2, 5, 10])
    scale, sign = scale_of(measure), "\N{NO-BREAK SPACE}%" if measure in PROPORTIONS else ""

    def said(value: float, _: int) -> str:
        step = np.diff(axis.get_ticklocs()) * scale
        places = (
            int(np.ceil(-np.log10(step[0]) - 1e-9)) if len(step) and 0 < step[0] < 1 - 1e-9 else 0
        )
        return say_number(value * scale, language, places) + sign

    # Decimals follow the step between ticks, which is known when they are drawn.
    axis.set_major_formatter(said)


def mark_break(axes, side: str) -> None:
    """Two strokes across the foot of an axis that does not begin at zero."""
    box, figure = axes.get_position(), axes.figure
    wide, tall = box.width * figure.get_figwidth() * 72, box.height * figure.get_figheight() * 72
    for shift in (4, 8):
        across = ([-4 / wide, 4 / wide], [(shift - 2.5) / tall, (shift + 2.5) / tall])
        upright = ([(shift - 2.5) / wide, (shift + 2.5) / wide], [-4 / tall, 4 / tall])
        axes.plot(
            *(across if side == "y" else upright), transform=axes.transAxes, clip_on=False, **STROKE
        )


def category_texts(column: str, values: Sequence[Hashable], language: str) -> list[str]:
    """Category labels, short and wrapped."""
    said = [value_label(column, value, language, short=True) for value in values]
    return [textwrap.fill(text, WRAP) for text in said]


def missing_text(row: pd.Series, why: str, language: str) -> str:
    """What stands where nothing is drawn."""
    return label("not_estimated" if why == PUBLISHED else "not_shown", language)


def draw_legend(
    figure, column: str, values: Sequence[Hashable], left: float, language: str, lines: bool = False
) -> None:
    """One line of names with their markers above the axes; a second line where it is full."""
    tall = figure.get_figheight() * 72
    axes = figure.add_axes((0, 0, 1, 1), zorder=-1)
    axes.set(xlim=(0, WIDTH), ylim=(0, tall))
    axes.axis("off")
    x, y = left, tall - 12
    for value in values:
        text = value_label(column, value, language, short=True)
        needed = text_width(text) + BESIDE_NAME
        # One name wider than the page stands on its line all the same.
        if x + needed > WIDTH and x > left:
            x, y = left, y - LEGEND_HEIGHT + 6
        _draw_key(axes, x, y, style_of(column, value, values), lines)
        axes.text(x + 28, y, text, va="center", fontsize=TEXT)
        x += needed


def _draw_key(axes, x: float, y: float, look: Style, lines: bool) -> None:
    """The marker of one name; in the middle of a piece of its line where lines are drawn."""
    across = [x, x + 11, x + 22] if lines else [x + 11]
    axes.plot(
        across,
        [y] * len(across),
        color=look.colour,
        linestyle=look.dash if lines else "none",
        linewidth=1.8,
        marker=look.marker,
        markevery=[1] if lines else None,
        markersize=6,
    )


def legend_lines(column: str | None, values: Sequence[Hashable], left: float, language: str) -> int:
    """How many lines the legend takes."""
    if column is None or len(values) < 2:
        return 0
    names = (value_label(column, value, language, short=True) for value in values)
    wide = sum(text_width(name) + BESIDE_NAME for name in names)
    return int(np.ceil(wide / (WIDTH - left)))


@dataclass(frozen=True)
class Side:
    """On which side of the axes names stand, how far off, and how far from there their hairline ends."""

    names: float
    leaders: float
    alignment: str


SIDES = {"right": Side(1.035, 1.026, "left"), "left": Side(-0.035, -0.026, "right")}


def label_ends(
    axes, ends: Sequence[tuple[float, float, str]], limits: tuple[float, float], side: str = "right"
) -> None:
    """Names at the ends of lines, moved apart where they would meet, tied to their ends.

    Parameters
    ----------
    ends
        ``(x, y, name)``; x and y in data units.
    limits
        The lowest and highest y of the axes.
    side
        ``"right"`` of the axes or ``"left"``.
    """
    beside = SIDES[side]
    tall = axes.get_position().height * axes.figure.get_figheight() * 72
    unit = tall / (limits[1] - limits[0])
    wanted = [(y - limits[0]) * unit for _, y, _ in ends]
    heights = spread(wanted, TEXT + 3.5, 0, tall)
    for (x, y, name), height in zip(ends, heights, strict=True):
        across = height / tall
        axes.text(
            beside.names, across, name, transform=axes.transAxes, va="center", ha=beside.alignment
        )
        tie = axes.transAxes.transform((beside.leaders, across))
        tie_x, tie_y = axes.transData.inverted().transform(tie)
        axes.plot([x, tie_x], [y, tie_y], clip_on=False, **LEADER)


def ticks_with_room(texts: Sequence[str], wide: float, gap: float) -> list[int]:
    """Which labels of a row of places stand side by side: all, every second …, or the first and the last.

    Parameters
    ----------
    texts
        The labels, in order.
    wide
        Width of the axes, with a third of a place free at either end.
    gap
        Room beyond both ends together, before the next axes begin.

    Examples
    --------
    >>> ticks_with_room(["1985–1989"] * 8, 600, 40), ticks_with_room(["1985–1989"] * 8, 195, 18)
    ([0, 1, 2, 3, 4, 5, 6, 7], [0, 7])
    """
    widest, last = max(text_width(text, SMALL_TEXT) for text in texts), len(texts) - 1
    pitch = wide / (last + 2 * EDGE)
    step = int(np.ceil((widest + 14) / pitch))
    shown = list(range(0, last + 1, step))
    beyond = widest - (2 * EDGE + last - shown[-1]) * pitch
    # The last label may reach over the edge, into the next panel.
    return shown if beyond < gap - 6 or last == 0 else [0, last]


def measure_label(measure: str, frame: pd.DataFrame, language: str) -> str:
    """The axis title: what, in which unit, and that the bars or bands are intervals."""
    named = column_label(measure, frame, language)
    return f"{named} ({label('interval_95', language)})" if "lower" in frame.columns else named


def draw_title(figure, title: str, below: float = 16) -> None:
    """What is drawn, at the upper left corner, so far below the upper edge."""
    tall = figure.get_figheight() * 72
    figure.text(8 / WIDTH, 1 - below / tall, title, fontsize=SMALL_TEXT, va="center")


def small_note(axes, x: float, y: float, text: str, **place) -> None:
    """A quiet word inside the axes."""
    axes.text(x, y, text, fontsize=SMALL_TEXT, fontstyle="italic", color=INK, alpha=0.75, **place)
