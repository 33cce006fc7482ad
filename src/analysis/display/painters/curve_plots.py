"""Survival curves: steps and bands, names at their ends, numbers at risk below."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import (
    INTERVAL,
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
    draw_title,
    format_values,
    label_ends,
    mark_break,
    place_axes,
    quiet_grid,
)
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.drawing.style import SMALL_TEXT, WIDTH, Style, style_of, text_width
from analysis.display.language import say_number
from analysis.terms import DAYS_PER_YEAR, label

TALL, HEAD, AXIS, LINE = 290, 30, 46, 21
LEAST_LEFT = 58.0
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
    drawn = curve if banded else curve.drop(columns=list(INTERVAL))
    low, high = value_limits(drawn, measure)
    return low, min(high, 1.0) if measure in PROPORTIONS else high


@dataclass(frozen=True)
class Curves:
    """Curves on one pair of axes: the columns, what each is called, and the space that names take."""

    by: str | None
    measure: str
    language: str
    horizon: float
    names: list[Hashable]
    texts: list[str]

    @property
    def right(self) -> float:
        """Room for the names at the ends."""
        return max(map(text_width, self.texts)) + 30 if len(self.names) > 1 else 20

    @property
    def left(self) -> float:
        """Room for the names of the table under the axis."""
        if len(self.names) == 1:
            return LEAST_LEFT
        widest = max(text_width(text, SMALL_TEXT) for text in self.texts)
        return max(LEAST_LEFT, widest + BESIDE + 10)

    def title(self, curve: pd.DataFrame) -> str:
        """What the curves are of, and what the bands are."""
        band = f" ({label('interval_95', self.language)})" if self.banded else ""
        return column_label(self.measure, curve, self.language) + band

    @property
    def banded(self) -> bool:
        """Whether there are few enough for bands."""
        return len(self.names) <= MOST_BANDS


def _curves_of(curve: pd.DataFrame, by: str | None, language: str, horizon: float) -> Curves:
    names = series_values(curve, by)
    texts = [label("all", language)]
    if by:
        texts = [value_label(by, name, language, short=True) for name in names]
    return Curves(by, estimate_of(curve), language, horizon, names, texts)


def paint_curves(
    figure, curve: pd.DataFrame, by: str | None, language: str, horizon: float
) -> None:
    """Steps with bands, and what stands behind them at each year."""
    curves = _curves_of(curve, by, language, horizon)
    tall = figure.get_figheight() * 72
    wide = WIDTH - curves.left - curves.right
    axes = place_axes(figure, curves.left, tall - HEAD - TALL, wide, TALL)
    quiet_grid(axes, "y")
    limits = curve_limits(curve, curves.measure, curves.banded)
    axes.set(xlim=(0, horizon), ylim=limits)
    ends = _draw_all(axes, curve, curves)
    if len(ends) > 1:
        label_ends(axes, ends, limits)
    finish_years(axes, curves.measure, language, horizon, is_cut(limits))
    axes.set_xlabel(label("years_since_diagnosis", language), labelpad=5)
    title = curves.title(curve)
    draw_title(figure, title, 14)
    _numbers_at_risk(axes, curve, curves)


def _draw_all(axes, curve: pd.DataFrame, curves: Curves) -> list[tuple[float, float, str]]:
    """Draw every curve; answer where each ends, and what it is called."""
    ends = []
    for name, text in zip(curves.names, curves.texts, strict=True):
        rows, look = rows_of(curve, curves.by, name), style_of(curves.by, name, curves.names)
        x, y = draw_steps(axes, rows, look, curves.measure, len(curves.names))
        ends.append((x, y, text))
    return ends


def finish_years(
    axes, measure: str, language: str, horizon: float, cut: bool, most: float = 6
) -> None:
    """Values at the side, whole years below, and the break where there is one."""
    format_values(axes, "y", measure, language, 6 if most >= 6 else 5)
    ticks = year_ticks(horizon, most)
    axes.set_xticks(ticks, [say_number(year, language) for year in ticks])
    if cut:
        mark_break(axes, "y")


def draw_steps(
    axes, rows: pd.DataFrame, look: Style, measure: str, crowd: int
) -> tuple[float, float]:
    """One curve with its band, where the crowd is not too large for bands; answer where it ends."""
    rows = _seen(axes, rows, measure)
    years = rows["time_days"].to_numpy() / DAYS_PER_YEAR
    reached = rows[measure].to_numpy(dtype=float)
    if crowd <= MOST_BANDS:
        lower, upper = (rows[limit].to_numpy(dtype=float) for limit in INTERVAL)
        alpha = 0.16 if crowd < 4 else 0.09
        axes.fill_between(
            years, lower, upper, step="post", color=look.colour, alpha=alpha, linewidth=0
        )
    line = {"drawstyle": "steps-post", "linestyle": look.dash, "linewidth": 2}
    axes.plot(years, reached, color=look.colour, clip_on=False, **line)
    end = {"marker": END, "markersize": 7, "markeredgewidth": 2}
    axes.plot(years[-1:], reached[-1:], color=look.colour, clip_on=False, **end)
    return years[-1], reached[-1]


def _seen(axes, rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The months at which a curve or its band moves by as much as can be seen, and the last."""
    low, high = axes.get_ylim()
    tall = axes.get_position().height * axes.figure.get_figheight() * 72
    values = np.nan_to_num(rows[[measure, *INTERVAL]].to_numpy(dtype=float)) * tall / (high - low)
    # Of a hundred and twenty months most are a step too small to see, and each is a point in the file.
    seen, last = [0], len(rows) - 1
    for row in range(1, len(rows)):
        if np.abs(values[row] - values[seen[-1]]).max() >= VISIBLE or row == last:
            seen.append(row)
    return rows.iloc[seen]


def _numbers_at_risk(axes, curve: pd.DataFrame, curves: Curves) -> None:
    """The table under the axis, in line with its ticks; a dash where a curve has ended."""
    low = -(AXIS + LINE * 0.6)
    _write_below(axes, label("number_at_risk", curves.language), 8 / WIDTH, low, "figure fraction")
    # Curves of one and the same children have one line of numbers, without a name.
    texts = [""] if curves.by in (None, *SAME_CHILDREN) else curves.texts
    for line, (name, text) in enumerate(zip(curves.names, texts, strict=False), start=1):
        height = low - LINE * line
        place = (curves.left - BESIDE, height, "figure points", "right")
        _write_below(axes, text, *place)
        rows = rows_of(curve, curves.by, name)
        for year in year_ticks(curves.horizon):
            number = said_at_risk(rows, year, curves.language)
            _write_below(axes, number, year, height, "data", "center")


def _write_below(axes, text: str, x: float, y: float, across: str, alignment: str = "left") -> None:
    axes.annotate(
        text,
        (x, y),
        xycoords=(across, "axes points"),
        annotation_clip=False,
        fontsize=SMALL_TEXT,
        va="center",
        ha=alignment,
    )


def said_at_risk(rows: pd.DataFrame, year: float, language: str) -> str:
    """The number at risk at a whole year; a dash where the curve has ended or the number is withheld."""
    near = rows.loc[np.abs(rows["time_days"] - year * DAYS_PER_YEAR) < 1, "at_risk"]
    return "–" if near.empty or is_missing(near.iloc[0]) else say_number(near.iloc[0], language)
