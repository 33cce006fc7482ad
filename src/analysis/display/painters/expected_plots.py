"""Observed against expected: where chance would put a number, and where it is."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.display.columns import is_missing, value_label
from analysis.display.disclosure.public_table import Published
from analysis.display.drawing.axes import format_values, missing_text, quiet_grid, small_note
from analysis.display.drawing.style import BLUE, INK, SMALL_TEXT, VERMILION, WIDTH, text_width
from analysis.display.language import say_number
from analysis.display.painters.dot_plots import Layout
from analysis.terms import label

BAND, TICK = 0.24, 0.3
HEADING = 22
# The axis goes on beyond the highest number by so much.
FREE = 1.06


def finding(row: pd.Series) -> str:
    """``higher``, ``lower`` or ``as_expected``, by the interval of what was expected; empty where one is unknown."""
    if any(is_missing(row.get(column)) for column in ("cases", "lower", "upper")):
        return ""
    return (
        "higher"
        if row["cases"] > row["upper"]
        else "lower"
        if row["cases"] < row["lower"]
        else "as_expected"
    )


def said_finding(row: pd.Series, language: str) -> str:
    """The finding in words: the one that the frame brings, else that of the interval."""
    verdict = row.get("verdict")
    code = finding(row) if is_missing(verdict) or verdict == "" else str(verdict)
    return value_label("verdict", code, language) if code else ""


def expected_texts(published: Published, language: str) -> list[tuple[str, str]]:
    """What stands at the right of each row: the two numbers, and the finding."""
    return [_row_texts(row, language) for _, row in published.frame.iterrows()]


def _row_texts(row: pd.Series, language: str) -> tuple[str, str]:
    if is_missing(row["cases"]) or is_missing(row["expected"]):
        return "", ""
    observed = say_number(row["cases"], language)
    return f"{observed} ({say_number(row['expected'], language, 1)})", said_finding(row, language)


def column_widths(texts: list[tuple[str, str]], language: str) -> tuple[float, float]:
    """Room for the numbers under their heading, and for the findings."""
    heading = label("observed_and_expected", language)
    first = max(text_width(text, SMALL_TEXT) for text in (heading, *(pair[0] for pair in texts)))
    return first + 16, max((text_width(pair[1], SMALL_TEXT) for pair in texts), default=0) + 10


def paint_expected(figure, published: Published, layout: Layout) -> None:
    """The band of what was expected, the observed number, and both in figures."""
    frame, language = published.frame, layout.language
    axes, texts = layout.axes_on(figure), expected_texts(published, language)
    quiet_grid(axes, "x")
    highest, reasons = _highest(frame), published.why("cases")
    axes.set_xlim(0, (highest or 1) * FREE)
    first = WIDTH - layout.right + 16
    second = first + column_widths(texts, language)[0]
    for (index, row), (numbers, words) in zip(frame.iterrows(), texts, strict=True):
        height = layout.height_of(row)
        if is_missing(row["cases"]):
            text = missing_text(row, reasons[index], language)
            small_note(axes, highest * 0.005, height, text, va="center")
            continue
        _row(axes, row, height, highest)
        _write_beside(axes, first, height, numbers)
        _write_beside(axes, second, height, words)
    _heading(figure, first, language)
    _case_axis(axes, language)


def _heading(figure, x: float, language: str) -> None:
    """What the numbers beside the rows are."""
    upper = 1 - 12 / (figure.get_figheight() * 72)
    head = label("observed_and_expected", language)
    figure.text(x / WIDTH, upper, head, fontsize=SMALL_TEXT, va="center")


def _case_axis(axes, language: str) -> None:
    format_values(axes, "x", "cases", language, 6)
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel(label("cases", language), labelpad=7)


def _highest(frame: pd.DataFrame) -> float:
    """The highest number of a band or a row; an upper limit without end is none."""
    numbers = frame[["cases", "expected", "upper"]].replace(np.inf, np.nan)
    return np.nanmax(numbers.to_numpy(dtype=float))


def _row(axes, row: pd.Series, height: float, highest: float) -> None:
    """Band, stroke at what was expected, and the observed number on top."""
    if not is_missing(row["lower"]) and not is_missing(row["upper"]):
        ends = np.clip([row["lower"], row["upper"]], 0, highest * FREE)
        axes.fill_between(ends, height - BAND, height + BAND, color=INK, alpha=0.16, linewidth=0)
    if not is_missing(row["expected"]):
        axes.vlines(row["expected"], height - TICK, height + TICK, color=INK, linewidth=1.4)
    look = {"marker": "o", "markersize": 7, "color": BLUE}
    # Told by shape as well: colour alone is lost in print and to some eyes.
    if finding(row) in ("higher", "lower"):
        look = {"marker": "D", "markersize": 8, "color": VERMILION}
    axes.plot([row["cases"]], [height], clip_on=False, **look)


def _write_beside(axes, x: float, height: float, text: str) -> None:
    axes.annotate(
        text,
        (x, height),
        xycoords=("figure pixels", "data"),
        annotation_clip=False,
        va="center",
        fontsize=SMALL_TEXT,
    )


def with_heading(layout: Layout, texts: list[tuple[str, str]]) -> Layout:
    """The layout with room for both columns at the right."""
    return replace(layout, right=16 + sum(column_widths(texts, layout.language)))
