"""Bars and dots by category: lying, a line a category, so that names can be read."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
    column_label,
    is_provisional,
    ordered_values,
    rows_of,
    series_values,
)
from analysis.display.disclosure.public_table import Published
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
from analysis.display.drawing.style import INK, SMALL_TEXT, WIDTH, style_of, text_width
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
    frame: pd.DataFrame, category: str, series: str | None, measure: str, language: str
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
    return Layout(category, series, measure, language, categories, names, left, legend, right=right)


def _lines(published: Published, layout: Layout):
    """Each row with its height on the page and its look."""
    step = 0.72 / len(layout.names)
    for place, name in enumerate(layout.names):
        rows = rows_of(published.frame, layout.series, name)
        for index, row in rows.iterrows():
            value = None if pd.isna(row[layout.category]) else row[layout.category]
            height = layout.categories.index(value) + (place - (len(layout.names) - 1) / 2) * step
            yield index, row, height, _look(layout, name, value)


def _look(layout: Layout, name: Hashable, value: Hashable):
    """The look of the series; of the category itself where there is none and it has one of its own."""
    if layout.series is None and layout.category in ALWAYS_THEMSELVES:
        return style_of(layout.category, value, layout.categories)
    return style_of(layout.series, name, layout.names)


def paint_dots(figure, published: Published, layout: Layout) -> None:
    """A dot and its interval for every row; words where there is none; a line where all together are."""
    axes, measure = layout.axes_on(figure), layout.measure
    quiet_grid(axes, "x")
    low, high = value_limits(published.frame, measure)
    axes.set_xlim(low, high)
    if (overall := overall_of(published.frame)) is not None:
        axes.axvline(overall, color=INK, linewidth=1.2, linestyle=OVERALL, zorder=1.5)
    for index, row, height, look in _lines(published, layout):
        _goal(axes, row, height, layout)
        if pd.isna(row[measure]):
            text = missing_text(row, published.why(measure)[index], layout.language)
            small_note(axes, low + (high - low) * 0.01, height, text, va="center")
            continue
        if "lower" in published.frame.columns and not pd.isna(row["lower"]):
            axes.plot(
                np.clip([row["lower"], row["upper"]], low, high),
                [height, height],
                color=look.colour,
                linewidth=2,
                alpha=0.75,
            )
        axes.plot([row[measure]], [height], marker=look.marker, markersize=7, color=look.colour)
    if (neutral := neutral_value(measure)) is not None:
        axes.axvline(neutral, color=INK, linewidth=1, zorder=1.5)
    if is_cut((low, high)):
        mark_break(axes, "x")
    format_values(axes, "x", measure, layout.language)
    axes.set_xlabel(measure_label(measure, published.frame, layout.language), labelpad=7)


def _goal(axes, row: pd.Series, height: float, layout: Layout) -> None:
    """An upright stroke at the goal of a line, and at the right whether it is met."""
    if pd.isna(row.get("goal")):
        return
    half = 0.36 / len(layout.names)
    axes.plot(
        [row["goal"]] * 2, [height - half, height + half], color=INK, linewidth=1.4, zorder=1.6
    )
    said = goal_words(row.get("goal_verdict"), layout.language)
    if said:
        beside = axes.get_yaxis_transform()
        axes.text(
            1.012, height, said, transform=beside, fontsize=SMALL_TEXT, va="center", ha="left"
        )


def paint_bars(figure, published: Published, layout: Layout) -> None:
    """A bar and its number for every row."""
    axes, measure = layout.axes_on(figure), layout.measure
    highest = published.frame[measure].max()
    axes.set_xlim(0, (highest or 1) * 1.12)
    thick = 0.72 / len(layout.names)
    for index, row, height, look in _lines(published, layout):
        if pd.isna(row[measure]):
            text = missing_text(row, published.why(measure)[index], layout.language)
            small_note(axes, highest * 0.005, height, text, va="center")
            continue
        filled = _filling(look.colour, is_provisional(row[layout.category], layout.provisional))
        axes.barh([height], [row[measure]], height=thick * 0.88, **filled)
        axes.text(
            row[measure] + highest * 0.008,
            height,
            say_number(row[measure], layout.language),
            va="center",
        )
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
    tentative = np.array(
        [is_provisional(value, layout.provisional) for value in frame[layout.category]], dtype=bool
    )
    for hollow in (False, True):
        chosen = frame[measure].fillna(0)[tentative == hollow]
        axes.bar(
            places[tentative == hollow],
            chosen,
            width=0.76,
            **_filling(style_of(None, None, []).colour, hollow),
        )
    hidden = (published.why(measure) != "").to_numpy()
    for place in places[hidden]:
        axes.text(place, 0, "–", ha="center", va="bottom")
    format_values(axes, "y", measure, layout.language, 6)
    axes.locator_params(axis="both", integer=True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.set_xlim(places.min() - 0.6, places.max() + 0.6)
    axes.set_xlabel(column_label(layout.category, frame, layout.language), labelpad=7)
    axes.set_title(
        column_label(measure, frame, layout.language),
        loc="left",
        fontsize=SMALL_TEXT,
        x=-0.05,
        pad=10,
    )
