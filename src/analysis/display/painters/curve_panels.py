"""Survival curves in small panels: one for every group, on common axes."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import pandas as pd

from analysis.display.columns import (
    column_label,
    estimate_of,
    is_missing,
    ordered_values,
    rows_of,
    series_values,
)
from analysis.display.drawing.axes import LEGEND_HEIGHT, draw_legend, draw_title, legend_lines
from analysis.display.drawing.scales import is_cut
from analysis.display.drawing.style import SMALL_TEXT, SOLID, Style, style_of
from analysis.display.painters.curve_plots import (
    curve_limits,
    draw_steps,
    finish_years,
    said_at_risk,
    year_ticks,
)
from analysis.display.painters.panel_plots import GAP, LEFT, PANELS_TITLE, Grid, grid_of
from analysis.terms import label

FOOT, BELOW, SIDE = 56, 33, 36
# Steps between the years that are named below a panel.
MOST_STEPS = 2.5


@dataclass(frozen=True)
class CurvePanels:
    """What is drawn in panels: the columns, the reader's language, where axes end, where panels stand."""

    panel: str
    by: str | None
    language: str
    horizon: float
    grid: Grid


def curve_grid(curve: pd.DataFrame, panel: str, by: str | None, language: str) -> Grid:
    """The panels, with room for the numbers at risk below each and the names of the series above all."""
    grid = grid_of(panel, ordered_values(panel, curve[panel]), language)
    head = legend_lines(by, series_values(curve, by), LEFT, language) * LEGEND_HEIGHT
    return Grid(grid.panels, grid.titles, grid.across, SIDE, foot=GAP if by else FOOT, legend=head)


def paint_curve_panels(figure, curve: pd.DataFrame, panels: CurvePanels) -> None:
    """Steps and bands in each panel; below it the numbers at risk, where it holds one curve."""
    grid, language = panels.grid, panels.language
    measure = estimate_of(curve)
    for position, value in enumerate(grid.panels):
        axes = grid.axes_on(figure, position)
        axes.set(xlim=(0, panels.horizon), ylim=curve_limits(curve, measure, True))
        rows = rows_of(curve, panels.panel, value)
        _paint_panel(axes, rows, curve, panels, first=position % grid.across == 0)
    if grid.legend:
        names = series_values(curve, panels.by)
        draw_legend(figure, panels.by, names, LEFT, language, lines=True)
    text = label("interval_95", language)
    title = f"{column_label(measure, curve, language)} ({text})"
    draw_title(figure, title, PANELS_TITLE + grid.legend)


def _paint_panel(
    axes, rows: pd.DataFrame, curve: pd.DataFrame, panels: CurvePanels, first: bool
) -> None:
    """The curves of one panel; the first of a row has the values at its side."""
    names, measure = series_values(curve, panels.by), estimate_of(curve)
    for name in series_values(rows, panels.by):
        look = _look(panels, rows[panels.panel].iloc[0], name, names)
        draw_steps(axes, rows_of(rows, panels.by, name), look, measure, len(names))
    # The break is marked once a row: all panels have one scale.
    cut = is_cut(axes.get_ylim()) and first
    finish_years(axes, measure, panels.language, panels.horizon, cut, MOST_STEPS)
    axes.tick_params(labelleft=first)
    if panels.by is None:
        _numbers_below(axes, rows, panels.language, panels.horizon)


def _look(panels: CurvePanels, value: Hashable, name: Hashable, names: list[Hashable]) -> Style:
    """The look of the series; of the panel where it holds one curve."""
    if panels.by:
        return style_of(panels.by, name, names)
    value = None if is_missing(value) else value
    return replace(style_of(panels.panel, value, panels.grid.panels), dash=SOLID)


def _numbers_below(axes, rows: pd.DataFrame, language: str, horizon: float) -> None:
    """The numbers at risk at each tick."""
    for year in year_ticks(horizon, MOST_STEPS):
        axes.annotate(
            said_at_risk(rows, year, language),
            (year, -BELOW),
            xycoords=("data", "axes pixels"),
            annotation_clip=False,
            fontsize=SMALL_TEXT,
            ha="center",
            va="center",
            alpha=0.75,
        )
