"""Survival curves: steps and bands, names at their ends, numbers at risk below."""

import numpy as np
import pandas as pd

from analysis.display.axes import label_ends, place_axes, quiet_grid, rows_of, series_values
from analysis.display.columns import is_missing, survival_label, value_label
from analysis.display.language import say_number, say_percent
from analysis.display.style import SMALL_TEXT, WIDTH, style_of, text_width
from analysis.terms import DAYS_PER_YEAR, label

TALL, HEAD, AXIS, LINE = 290, 30, 46, 21
# More bands than this on top of each other cannot be told apart.
MOST_BANDS = 6
# A short upright where a curve ends.
END = "|"
# From a name to the middle of its first number at risk.
BESIDE = 34


def curves_height(names: int) -> float:
    """Height of the drawing with its table of numbers at risk."""
    return HEAD + TALL + AXIS + LINE * (names + 1) + 8


def year_ticks(horizon: float) -> np.ndarray:
    """Whole years under the curve, few enough to stand side by side."""
    step = next((step for step in (1, 2, 5, 10) if horizon / step <= 6), 20)
    return np.arange(0, horizon + 1e-9, step)


def paint_curves(figure, curve: pd.DataFrame, by: str | None, language: str, horizon: float) -> None:
    """Steps with bands from 100 % down to 0, and what stands behind them at each year."""
    names = series_values(curve, by)
    said = [value_label(by, name, language, short=True) for name in names] if by else [label("all", language)]
    right = max(text_width(text) for text in said) + 30 if len(names) > 1 else 20
    left = max(58.0, max(text_width(text, SMALL_TEXT) for text in said) + BESIDE + 10 if len(names) > 1 else 0)
    tall = figure.get_figheight() * 72
    axes = place_axes(figure, left, tall - HEAD - TALL, WIDTH - left - right, TALL)
    quiet_grid(axes, "y")
    axes.set(xlim=(0, horizon), ylim=(0, 1.0))
    ends = [_steps(axes, rows_of(curve, by, name), style_of(by, name, names), len(names)) for name in names]
    if len(names) > 1:
        label_ends(axes, [(*end, text) for end, text in zip(ends, said, strict=True)], (0, 1))
    axes.yaxis.set_major_formatter(lambda value, _: say_percent(value, language, 0))
    axes.set_xticks(year_ticks(horizon), [say_number(year, language) for year in year_ticks(horizon)])
    axes.set_xlabel(label("years_since_diagnosis", language), labelpad=5)
    band = f" ({label('interval_95', language)})" if len(names) <= MOST_BANDS else ""
    title = survival_label(curve, language) + band
    figure.text(8 / WIDTH, 1 - 14 / tall, title, fontsize=SMALL_TEXT, va="center")
    _numbers_at_risk(axes, curve, by, said if by else [""], (language, left, horizon))


def _steps(axes, rows: pd.DataFrame, look, crowd: int) -> tuple[float, float]:
    years = rows["time_days"].to_numpy() / DAYS_PER_YEAR
    survival = rows["survival"].to_numpy(dtype=float)
    if crowd <= MOST_BANDS:
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in ("lower", "upper"))
        alpha = 0.16 if crowd < 4 else 0.09
        axes.fill_between(years, lower, upper, step="post", color=look.colour, alpha=alpha, linewidth=0)
    axes.plot(
        years, survival, drawstyle="steps-post", color=look.colour, linestyle=look.dash, linewidth=2, clip_on=False
    )
    axes.plot(years[-1:], survival[-1:], color=look.colour, marker=END, markersize=7, markeredgewidth=2, clip_on=False)
    return years[-1], survival[-1]


def _numbers_at_risk(axes, curve: pd.DataFrame, by: str | None, said: list[str], style: tuple) -> None:
    """The table under the axis, in line with its ticks; a dash where a curve has ended."""
    language, left, horizon = style
    low = -(AXIS + LINE * 0.6)
    offset = {"xycoords": ("data", "axes pixels"), "annotation_clip": False, "fontsize": SMALL_TEXT}
    edge = {"xycoords": ("figure fraction", "axes pixels"), "annotation_clip": False, "fontsize": SMALL_TEXT}
    axes.annotate(label("number_at_risk", language), (8 / WIDTH, low), va="center", **edge)
    for line, (name, text) in enumerate(zip(series_values(curve, by), said, strict=True), start=1):
        axes.annotate(
            text,
            (left - BESIDE, low - LINE * line),
            va="center",
            ha="right",
            **(edge | {"xycoords": ("figure pixels", "axes pixels")}),
        )
        rows = rows_of(curve, by, name).set_index("time_days")["at_risk"]
        for year in year_ticks(horizon):
            near = rows[np.abs(rows.index - year * DAYS_PER_YEAR) < 1]
            shown = "–" if near.empty or is_missing(near.iloc[0]) else say_number(near.iloc[0], language)
            axes.annotate(shown, (year, low - LINE * line), va="center", ha="center", **offset)
