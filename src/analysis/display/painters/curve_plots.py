"""Survival curves: steps and bands, names at their ends, numbers at risk below."""

import numpy as np
import pandas as pd

from analysis.display.columns import (
    PROPORTIONS,
    column_label,
    estimate_of,
    is_missing,
    rows_of,
    series_values,
    value_label,
)
from analysis.display.disclosure.suppressed_curves import SAME_CHILDREN
from analysis.display.drawing.axes import (
    format_values,
    label_ends,
    mark_break,
    place_axes,
    quiet_grid,
)
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.drawing.style import SMALL_TEXT, WIDTH, style_of, text_width
from analysis.display.language import say_number
from analysis.terms import DAYS_PER_YEAR, label

TALL, HEAD, AXIS, LINE = 290, 30, 46, 21
# More bands than this on top of each other cannot be told apart.
MOST_BANDS = 6
# A step smaller than this, in the units of the drawing, is not drawn by itself.
VISIBLE = 0.3
# A short upright where a curve ends.
END = "|"
# From a name to the middle of its first number at risk.
BESIDE = 34


def curves_height(names: int) -> float:
    """Height of the drawing with its table of numbers at risk."""
    return HEAD + TALL + AXIS + LINE * (names + 1) + 8


def year_ticks(horizon: float, most: float = 6) -> np.ndarray:
    """Whole years under the curve, few enough to stand side by side."""
    step = next((step for step in (1, 2, 5, 10) if horizon / step <= most), 20)
    return np.arange(0, horizon + 1e-9, step)


def curve_limits(curve: pd.DataFrame, measure: str, banded: bool) -> tuple[float, float]:
    """From 0 to 100 %, or from a break where all that is drawn lies in the upper half."""
    drawn = curve if banded else curve.drop(columns=["lower", "upper"])
    low, high = value_limits(drawn, measure)
    return low, min(high, 1.0) if measure in PROPORTIONS else high


def paint_curves(
    figure, curve: pd.DataFrame, by: str | None, language: str, horizon: float
) -> None:
    """Steps with bands, and what stands behind them at each year."""
    names, measure = series_values(curve, by), estimate_of(curve)
    said = (
        [value_label(by, name, language, short=True) for name in names]
        if by
        else [label("all", language)]
    )
    right = max(text_width(text) for text in said) + 30 if len(names) > 1 else 20
    left = max(
        58.0,
        max(text_width(text, SMALL_TEXT) for text in said) + BESIDE + 10 if len(names) > 1 else 0,
    )
    tall = figure.get_figheight() * 72
    axes = place_axes(figure, left, tall - HEAD - TALL, WIDTH - left - right, TALL)
    quiet_grid(axes, "y")
    limits = curve_limits(curve, measure, len(names) <= MOST_BANDS)
    axes.set(xlim=(0, horizon), ylim=limits)
    looks = [style_of(by, name, names) for name in names]
    rows = [rows_of(curve, by, name) for name in names]
    ends = [draw_steps(axes, *pair, measure, len(names)) for pair in zip(rows, looks, strict=True)]
    if len(names) > 1:
        label_ends(axes, [(*end, text) for end, text in zip(ends, said, strict=True)], limits)
    finish_years(axes, measure, language, horizon, is_cut(limits))
    axes.set_xlabel(label("years_since_diagnosis", language), labelpad=5)
    band = f" ({label('interval_95', language)})" if len(names) <= MOST_BANDS else ""
    title = column_label(measure, curve, language) + band
    figure.text(8 / WIDTH, 1 - 14 / tall, title, fontsize=SMALL_TEXT, va="center")
    together = by in (None, *SAME_CHILDREN)
    _numbers_at_risk(axes, curve, by, [""] if together else said, (language, left, horizon))


def finish_years(
    axes, measure: str, language: str, horizon: float, cut: bool, most: float = 6
) -> None:
    """Values at the side, whole years below, and the break where there is one."""
    format_values(axes, "y", measure, language, 6 if most >= 6 else 5)
    ticks = year_ticks(horizon, most)
    axes.set_xticks(ticks, [say_number(year, language) for year in ticks])
    if cut:
        mark_break(axes, "y")


def draw_steps(axes, rows: pd.DataFrame, look, measure: str, crowd: int) -> tuple[float, float]:
    """One curve with its band, where the crowd is not too large for bands; answer where it ends."""
    rows = _seen(axes, rows, measure)
    years = rows["time_days"].to_numpy() / DAYS_PER_YEAR
    reached = rows[measure].to_numpy(dtype=float)
    if crowd <= MOST_BANDS:
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in ("lower", "upper"))
        alpha = 0.16 if crowd < 4 else 0.09
        axes.fill_between(
            years, lower, upper, step="post", color=look.colour, alpha=alpha, linewidth=0
        )
    axes.plot(
        years,
        reached,
        drawstyle="steps-post",
        color=look.colour,
        linestyle=look.dash,
        linewidth=2,
        clip_on=False,
    )
    axes.plot(
        years[-1:],
        reached[-1:],
        color=look.colour,
        marker=END,
        markersize=7,
        markeredgewidth=2,
        clip_on=False,
    )
    return years[-1], reached[-1]


def _seen(axes, rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The months at which a curve or its band moves by as much as can be seen, and the last."""
    low, high = axes.get_ylim()
    tall = axes.get_position().height * axes.figure.get_figheight() * 72
    values = (
        np.nan_to_num(rows[[measure, "lower", "upper"]].to_numpy(dtype=float)) * tall / (high - low)
    )
    kept = [0]
    for row in range(1, len(rows)):
        if np.abs(values[row] - values[kept[-1]]).max() >= VISIBLE or row == len(rows) - 1:
            kept.append(row)
    return rows.iloc[kept]


def _numbers_at_risk(
    axes, curve: pd.DataFrame, by: str | None, said: list[str], style: tuple
) -> None:
    """The table under the axis, in line with its ticks; a dash where a curve has ended."""
    language, left, horizon = style
    low = -(AXIS + LINE * 0.6)
    offset = {"xycoords": ("data", "axes points"), "annotation_clip": False, "fontsize": SMALL_TEXT}
    edge = {
        "xycoords": ("figure fraction", "axes points"),
        "annotation_clip": False,
        "fontsize": SMALL_TEXT,
    }
    axes.annotate(label("number_at_risk", language), (8 / WIDTH, low), va="center", **edge)
    for line, (name, text) in enumerate(zip(series_values(curve, by), said, strict=False), start=1):
        axes.annotate(
            text,
            (left - BESIDE, low - LINE * line),
            va="center",
            ha="right",
            **(edge | {"xycoords": ("figure points", "axes points")}),
        )
        rows = rows_of(curve, by, name)
        for year in year_ticks(horizon):
            shown = said_at_risk(rows, year, language)
            axes.annotate(shown, (year, low - LINE * line), va="center", ha="center", **offset)


def said_at_risk(rows: pd.DataFrame, year: float, language: str) -> str:
    """The number at risk at a whole year; a dash where the curve has ended or the number is withheld."""
    near = rows.loc[np.abs(rows["time_days"] - year * DAYS_PER_YEAR) < 1, "at_risk"]
    return "–" if near.empty or is_missing(near.iloc[0]) else say_number(near.iloc[0], language)
