"""Survival curves in small panels: one for every group, on common axes."""

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd

from analysis.display.columns import (
    column_label,
    estimate_of,
    ordered_values,
    rows_of,
    series_values,
)
from analysis.display.drawing.axes import LEGEND_HEIGHT, draw_legend, legend_lines
from analysis.display.drawing.scales import is_cut
from analysis.display.drawing.style import SMALL_TEXT, SOLID, style_of
from analysis.display.painters.curve_plots import (
    curve_limits,
    draw_steps,
    finish_years,
    said_at_risk,
    year_ticks,
)
from analysis.display.painters.panel_plots import GAP, LEFT, Grid, grid_of, panels_title
from analysis.terms import label

FOOT, BELOW, SIDE = 56, 33, 36
# Steps between the years that are named below a panel.
MOST_STEPS = 2.5


def curve_grid(curve: pd.DataFrame, panel: str, by: str | None, language: str) -> Grid:
    """The panels, with room for the numbers at risk below each and the names of the series above all."""
    grid = grid_of(panel, ordered_values(panel, curve[panel]), language)
    head = legend_lines(by, series_values(curve, by), LEFT, language) * LEGEND_HEIGHT
    return Grid(grid.panels, grid.titles, grid.across, SIDE, foot=GAP if by else FOOT, legend=head)


def paint_curve_panels(
    figure, curve: pd.DataFrame, strata: tuple[str, str | None], reader: tuple, grid: Grid
) -> None:
    """Steps and bands in each panel; below it the numbers at risk, where it holds one curve."""
    panel, by = strata
    language, horizon = reader
    names, measure = series_values(curve, by), estimate_of(curve)
    limits = curve_limits(curve, measure, True)
    for position, value in enumerate(grid.panels):
        rows, axes = rows_of(curve, panel, value), grid.axes_on(figure, position)
        axes.set(xlim=(0, horizon), ylim=limits)
        for name in series_values(rows, by):
            draw_steps(
                axes,
                rows_of(rows, by, name),
                _look(strata, value, name, names, grid),
                measure,
                len(names),
            )
        finish_years(
            axes,
            measure,
            language,
            horizon,
            is_cut(limits) and position % grid.across == 0,
            MOST_STEPS,
        )
        axes.tick_params(labelleft=position % grid.across == 0)
        if by is None:
            _numbers_below(axes, rows, language, horizon)
    if grid.legend:
        draw_legend(figure, by, names, LEFT, language, lines=True)
    text = label("interval_95", language)
    panels_title(figure, f"{column_label(measure, curve, language)} ({text})", grid.legend)


def _look(strata: tuple, value: Hashable, name: Hashable, names: list, grid: Grid):
    """The look of the series; of the panel where it holds one curve."""
    panel, by = strata
    return (
        style_of(by, name, names)
        if by
        else replace(style_of(panel, value, grid.panels), dash=SOLID)
    )


def _numbers_below(axes, rows: pd.DataFrame, language: str, horizon: float) -> None:
    """The numbers at risk at each tick."""
    for year in year_ticks(horizon, MOST_STEPS):
        place = {
            "xycoords": ("data", "axes pixels"),
            "annotation_clip": False,
            "fontsize": SMALL_TEXT,
        }
        text = said_at_risk(rows, year, language)
        axes.annotate(text, (year, -BELOW), ha="center", va="center", alpha=0.75, **place)
