"""Small multiples: a small line chart for every group, on one scale or each on its own."""

import textwrap
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.display.columns import rows_of, value_label
from analysis.display.disclosure.public_table import PUBLISHED, Published
from analysis.display.drawing.axes import (
    draw_title,
    format_values,
    mark_break,
    measure_label,
    place_axes,
    quiet_grid,
    small_note,
)
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.drawing.style import ADVANCE, SMALL_TEXT, SOLID, WIDTH, Style, style_of
from analysis.display.painters.line_plots import Course, draw_course, mark_gaps, x_axis
from analysis.terms import label

# The title of all panels stands so far below what is above it.
PANELS_TITLE = 14
HEAD, TALL, GAP, TITLE, TITLE_LINE = 34, 120, 26, 24, 15
LEFT, RIGHT, SIDE, OWN_SIDE = 52, 14, 18, 46


@dataclass(frozen=True)
class Grid:
    """Where panels stand: in rows from above, each under its name."""

    panels: list[Hashable]
    titles: list[str]
    across: int
    side: float
    tall: float = TALL
    foot: float = GAP
    legend: float = 0

    @property
    def wide(self) -> float:
        """Width of a panel."""
        return panel_width(self.across, self.side)

    @property
    def title(self) -> float:
        """Room for the longest title."""
        return TITLE + TITLE_LINE * max((title.count("\n") for title in self.titles), default=0)

    @property
    def height(self) -> float:
        """Height of the drawing."""
        rows = int(np.ceil(len(self.panels) / self.across))
        return HEAD + self.legend + rows * (self.tall + self.foot + self.title) + 4

    def axes_on(self, figure, position: int):
        """The axes of one panel, with its title."""
        row, column = divmod(position, self.across)
        top = (
            figure.get_figheight() * 72
            - self.legend
            - HEAD
            + 8
            - row * (self.tall + self.foot + self.title)
        )
        left = LEFT + column * (self.wide + self.side)
        axes = place_axes(figure, left, top - self.title - self.tall, self.wide, self.tall)
        quiet_grid(axes, "y")
        axes.set_title(
            self.titles[position], loc="left", fontsize=SMALL_TEXT, pad=6, linespacing=1.15
        )
        return axes


def panel_width(across: int, side: float) -> float:
    """Width of each of so many panels side by side."""
    return (WIDTH - LEFT - (across - 1) * side - RIGHT) / across


def grid_of(column: str, panels: list[Hashable], language: str, own: bool = False) -> Grid:
    """Two panels side by side where there are few, else three; titles short, on two lines where they must."""
    across = 2 if len(panels) in (1, 2, 4) else 3
    side = OWN_SIDE if own else SIDE
    # Names are wrapped before anything is drawn: the height of all panels depends on them.
    letters = int(panel_width(across, side) / (ADVANCE * SMALL_TEXT))
    said = [
        textwrap.fill(value_label(column, panel, language, short=True), letters) for panel in panels
    ]
    return Grid(panels, said, across, side)


def paint_panels(figure, published: Published, course: Course, grid: Grid, own: bool) -> None:
    """A small line chart for every value of the panel column (``course.series``)."""
    frame = published.frame
    common = value_limits(frame, course.measure)
    for position, panel in enumerate(grid.panels):
        rows, axes = rows_of(frame, course.series, panel), grid.axes_on(figure, position)
        limits = value_limits(rows, course.measure) if own else common
        axes.set_ylim(*limits)
        x_axis(axes, frame, course, grid.side)
        look = replace(style_of(course.series, panel, grid.panels), dash=SOLID)
        _paint_panel(axes, rows, published, course, look)
        labelled = own or position % grid.across == 0
        axes.tick_params(labelleft=labelled)
        if is_cut(limits) and labelled:
            mark_break(axes, "y")
    title = measure_label(course.measure, _without_fit(frame), course.language)
    draw_title(figure, title, PANELS_TITLE)


def _paint_panel(
    axes, rows: pd.DataFrame, published: Published, course: Course, look: Style
) -> None:
    """The line of a panel, or why there is none."""
    if draw_course(axes, rows, course, look, published.frame) is None:
        withheld = (published.why(course.measure)[rows.index] != PUBLISHED).any()
        _say_nothing(axes, "not_shown" if withheld else "not_estimated", course.language)
    mark_gaps(axes, rows, published, course, look.colour, 0)
    format_values(axes, "y", course.measure, course.language, 5)


def _say_nothing(axes, why: str, language: str) -> None:
    """Words in a panel where there is nothing to draw, or nothing that may be."""
    text = label(why, language)
    small_note(axes, 0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center")


def _without_fit(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that are drawn: through a trend the intervals of the points are not."""
    return (
        frame.drop(columns=["lower", "upper"], errors="ignore")
        if "fitted" in frame.columns
        else frame
    )
