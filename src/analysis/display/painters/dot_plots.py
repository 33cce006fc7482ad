"""Bars and dots by category: lying, a line a category, so that names can be read."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
    column_label,
    is_missing,
    is_provisional,
    ordered_values,
    rows_of,
    series_values,
)
from analysis.display.disclosure.public_table import PUBLISHED, Published
from analysis.display.drawing.axes import (
    LEGEND_HEIGHT,
    category_texts,
    draw_legend,
    format_values,
    legend_lines,
    mark_break,
    measure_label,
    missing_text,
    place_axes,
    quiet_grid,
    small_note,
)
from analysis.display.drawing.scales import is_cut, neutral_value, value_limits
from analysis.display.drawing.style import INK, SMALL_TEXT, WIDTH, Style, style_of, text_width
from analysis.display.language import say_number
from analysis.display.wording.goals import goal_words
from analysis.display.wording.notes import overall_of

ROW, FOOT, GAP = 27, 46, 10
# The line of all together: dashed, for the neutral value is a full line.
OVERALL = (0, (6, 3))
# Columns whose values look the same in every figure, also where each has a line of its own.
ALWAYS_THEMSELVES = ("country", "sex")


@dataclass(frozen=True)
class Layout:
    """What is drawn by category: the columns, the reader's language, and the space it takes."""

    category: str
    series: str | None
    measure: str
    language: str
    categories: list[Hashable]
    names: list[Hashable]
    left: float
    legend: int
    provisional: object = None
    right: float = 24

    @property
    def row(self) -> float:
        """Height of a category."""
        return max(ROW, 15 * len(self.names) + 9)

    @property
    def height(self) -> float:
        """Height of the drawing."""
        return self.row * len(self.categories) + FOOT + GAP + self.legend * LEGEND_HEIGHT

    def value_of(self, row: pd.Series) -> Hashable:
        """The category of a row; None where it is missing."""
        value = row[self.category]
        return None if pd.isna(value) else value

    def height_of(self, row: pd.Series) -> int:
        """Where a row stands, counted in categories from above."""
        return self.categories.index(self.value_of(row))

    def axes_on(self, figure):
        """The axes, with a line a category from above and its name at the left."""
        axes = place_axes(
            figure, self.left, FOOT, WIDTH - self.left - self.right, self.row * len(self.categories)
        )
        axes.set_ylim(len(self.categories) - 0.5, -0.5)
        axes.set_yticks(
            range(len(self.categories)),
            category_texts(self.category, self.categories, self.language),
        )
        if self.legend and self.series:
            draw_legend(figure, self.series, self.names, self.left, self.language)
        return axes


def lay_out(
    frame: pd.DataFrame,
    category: str,
    series: str | None,
    measure: str,
    language: str,
    provisional: object = None,
) -> Layout:
    """Measure the names and make room for them."""
    categories = ordered_values(category, frame[category])
    names = series_values(frame, series)
    widest = max(
        text_width(text, SMALL_TEXT) for text in category_texts(category, categories, language)
    )
    left = min(max(widest + 14, 60), 270)
    verdicts = frame["goal_verdict"] if "goal_verdict" in frame.columns else []
    right = max(
        24, *(text_width(goal_words(verdict, language), SMALL_TEXT) + 14 for verdict in verdicts), 0
    )
    legend = legend_lines(series, names, left, language)
    return Layout(
        category, series, measure, language, categories, names, left, legend, provisional, right
    )


@dataclass(frozen=True)
class Line:
    """A row with its height on the page, its look, and why its estimate is missing, if it is."""

    row: pd.Series
    height: float
    look: Style
    why: str


def _lines(published: Published, layout: Layout) -> Iterator[Line]:
    step = 0.72 / len(layout.names)
    reasons = published.why(layout.measure)
    for rank, name in enumerate(layout.names):
        rows = rows_of(published.frame, layout.series, name)
        for index, row in rows.iterrows():
            height = layout.height_of(row) + (rank - (len(layout.names) - 1) / 2) * step
            yield Line(row, height, _look(layout, name, layout.value_of(row)), reasons[index])


def _look(layout: Layout, name: Hashable, value: Hashable) -> Style:
    """The look of the series; of the category itself where there is none and it has one of its own."""
    if layout.series is None and layout.category in ALWAYS_THEMSELVES:
        return style_of(layout.category, value, layout.categories)
    return style_of(layout.series, name, layout.names)


def paint_dots(figure, published: Published, layout: Layout) -> None:
    """A dot and its interval for every row; words where there is none; a line where all together are."""
    axes, measure = layout.axes_on(figure), layout.measure
    quiet_grid(axes, "x")
    limits = value_limits(published.frame, measure)
    axes.set_xlim(*limits)
    if (overall := overall_of(published.frame)) is not None:
        axes.axvline(overall, color=INK, linewidth=1.2, linestyle=OVERALL, zorder=1.5)
    # Goals first, so that dots stand on them.
    for line in _lines(published, layout):
        _goal(axes, line, layout)
        _dot(axes, line, layout)
    if (neutral := neutral_value(measure)) is not None:
        axes.axvline(neutral, color=INK, linewidth=1, zorder=1.5)
    if is_cut(limits):
        mark_break(axes, "x")
    format_values(axes, "x", measure, layout.language)
    axes.set_xlabel(measure_label(measure, published.frame, layout.language), labelpad=7)


def _dot(axes, line: Line, layout: Layout) -> None:
    """The estimate and its interval, or why there is none."""
    row, look = line.row, line.look
    low, high = axes.get_xlim()
    if pd.isna(row[layout.measure]):
        text = missing_text(row, line.why, layout.language)
        small_note(axes, low + (high - low) * 0.01, line.height, text, va="center")
        return
    if not is_missing(row.get("lower")):
        ends = np.clip([row["lower"], row["upper"]], low, high)
        axes.plot(ends, [line.height] * 2, color=look.colour, linewidth=2, alpha=0.75)
    marker = {"marker": look.marker, "markersize": 7, "color": look.colour}
    axes.plot([row[layout.measure]], [line.height], **marker)


def _goal(axes, line: Line, layout: Layout) -> None:
    """An upright stroke at the goal of a line, and at the right whether it is met."""
    if pd.isna(line.row.get("goal")):
        return
    half = 0.36 / len(layout.names)
    heights = [line.height - half, line.height + half]
    axes.plot([line.row["goal"]] * 2, heights, color=INK, linewidth=1.4, zorder=1.6)
    words = goal_words(line.row.get("goal_verdict"), layout.language)
    if words:
        beside = {"transform": axes.get_yaxis_transform(), "va": "center", "ha": "left"}
        axes.text(1.012, line.height, words, fontsize=SMALL_TEXT, **beside)


def paint_bars(figure, published: Published, layout: Layout) -> None:
    """A bar and its number for every row."""
    axes, measure = layout.axes_on(figure), layout.measure
    highest = published.frame[measure].max()
    axes.set_xlim(0, (highest or 1) * 1.12)
    thick = 0.72 / len(layout.names) * 0.88
    for line in _lines(published, layout):
        number = line.row[measure]
        if pd.isna(number):
            text = missing_text(line.row, line.why, layout.language)
            small_note(axes, highest * 0.005, line.height, text, va="center")
            continue
        hollow = is_provisional(line.row[layout.category], layout.provisional)
        axes.barh([line.height], [number], height=thick, **_filling(line.look.colour, hollow))
        text = say_number(number, layout.language)
        axes.text(number + highest * 0.008, line.height, text, va="center")
    axes.set_xticks([])
    axes.set_xlabel(column_label(measure, published.frame, layout.language), labelpad=7, loc="left")


def _filling(colour: str, hollow: bool) -> dict:
    """A full bar; an outline where the number is provisional."""
    if hollow:
        return {"facecolor": "none", "edgecolor": colour, "linewidth": 1.6}
    return {"color": colour, "alpha": 0.9}


def paint_columns(figure, published: Published, layout: Layout) -> None:
    """Upright bars over years or ages; a gap with a mark where a number is withheld."""
    axes = place_axes(figure, 58, 50, WIDTH - 78, 250)
    frame, measure = published.frame, layout.measure
    quiet_grid(axes, "y")
    places = frame[layout.category].astype(float)
    _columns(axes, places, published, layout)
    # A year without a bar would be read as a year without a child.
    hidden = (published.why(measure) != PUBLISHED).to_numpy()
    for x in places[hidden]:
        axes.text(x, 0, "–", ha="center", va="bottom")
    format_values(axes, "y", measure, layout.language, 6)
    axes.locator_params(axis="both", integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.set_xlim(places.min() - 0.6, places.max() + 0.6)
    axes.set_xlabel(column_label(layout.category, frame, layout.language), labelpad=7)
    title = column_label(measure, frame, layout.language)
    axes.set_title(title, loc="left", fontsize=SMALL_TEXT, x=-0.05, pad=10)


def _columns(axes, places: pd.Series, published: Published, layout: Layout) -> None:
    """The bars, those of provisional years hollow."""
    years = published.frame[layout.category]
    tentative = np.array([is_provisional(year, layout.provisional) for year in years], dtype=bool)
    heights = published.frame[layout.measure].fillna(0)
    for hollow in (False, True):
        chosen = tentative == hollow
        look = _filling(style_of(None, None, []).colour, hollow)
        axes.bar(places[chosen], heights[chosen], width=0.76, **look)
