"""Figures as inline SVG: counts, rates and survival by category, over time, and as curves.

The only file that knows matplotlib; what it draws on is handed to the modules that paint.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.display.alternatives import curves_alternative, dots_alternative, lines_alternative
from analysis.display.columns import (
    ADDITIVE_COUNTS,
    estimate_of,
    ordered_values,
)
from analysis.display.curveplots import curves_height, paint_curves
from analysis.display.dotplots import lay_out, paint_bars, paint_columns, paint_dots
from analysis.display.exhibit import Exhibit
from analysis.display.exports import machine_csv
from analysis.display.lineplots import TALL, Course, paint_lines, paint_panels, panels_height
from analysis.display.notes import axis_note, curve_notes, hidden_note, provisional_note, unplaced_note
from analysis.display.publishing import Published, publish
from analysis.display.style import PAPER, WIDTH
from analysis.display.suppression import CURVE, suppress_curve
from analysis.display.svg import inline_svg
from analysis.errors import InputError
from analysis.strata import require_columns, strata_columns
from analysis.terms import DAYS_PER_YEAR, label

Totals = Sequence[Sequence[str]] | None


def count_bars(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    category: str,
    totals: Totals = None,
    provisional: object = None,
) -> Exhibit:
    """Counts as bars, each with its number; upright over years and ages.

    Columns read: ``category`` and the first count (``cases``, ``events`` …).

    Parameters
    ----------
    frame
        One row a bar.
    language, minimum
        As in :func:`analysis.display.table`.
    category
        The column that the bars stand for.
    totals
        Totals that are printed or known; None: the grand total.
    provisional
        The first year that is provisional, or the value of ``category`` that is; drawn hollow. 0 or None: none.
    """
    measure = next((column for column in frame.columns if column in ADDITIVE_COUNTS), "cases")
    published = publish(frame, minimum, _known(totals, category, None))
    if not published.frame[measure].notna().any():
        return _nothing(published, language, minimum)
    layout = replace(lay_out(published.frame, category, None, measure, language), provisional=provisional)
    upright = pd.api.types.is_numeric_dtype(frame[category]) and len(frame) > 6
    drawn = _placed(published, category) if upright else published
    paint, height = (paint_columns, 330) if upright else (paint_bars, layout.height - 10)
    alternative = dots_alternative(published.frame, category, None, language, measure)
    notes = provisional_note(published.frame[category], provisional, language)
    notes += unplaced_note(published, category, language) if upright else ()
    return _figure(published, height, _painter(paint, drawn, layout), alternative, (language, minimum), notes)


def rate_dots(
    frame: pd.DataFrame, language: str, minimum: int, category: str, series: str | None = None, totals: Totals = None
) -> Exhibit:
    """A dot and its interval for each category: a rate, a share, an annual change.

    Columns read: ``category``, ``series`` where given, the estimate (the one in front of ``lower``), ``lower``,
    ``upper``, and the counts that it stands on; ``per`` for the unit of a rate.

    Parameters
    ----------
    frame
        One row a dot.
    language, minimum
        As in :func:`analysis.display.table`.
    totals
        As in :func:`count_bars`.
    category
        The column that the lines of the figure stand for.
    series
        A second column, told apart by colour and marker.

    Notes
    -----
    A rate axis starts at zero. A proportion axis runs from 0 to 100 %, unless everything drawn lies above
    50 %; then it starts at a round number, and a note says so.
    """
    published = publish(frame, minimum, _known(totals, category, series))
    measure = _measure(published.frame)
    if not published.frame[measure].notna().any():
        return _nothing(published, language, minimum)
    layout = lay_out(published.frame, category, series, measure, language)
    alternative = dots_alternative(published.frame, category, series, language)
    notes = axis_note(published.frame, measure, language)
    paint = _painter(paint_dots, published, layout)
    return _figure(published, layout.height, paint, alternative, (language, minimum), notes)


def survival_dots(
    frame: pd.DataFrame, language: str, minimum: int, category: str, series: str | None = None, totals: Totals = None
) -> Exhibit:
    """A dot and its interval for the survival of each category; see :func:`rate_dots`.

    Columns read: ``category``, ``series`` where given, ``survival``, ``lower``, ``upper``, ``at_risk``.
    """
    require_columns(frame, ["survival"])
    return rate_dots(frame, language, minimum, category, series, totals)


def rate_lines(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    x: str = "year",
    series: str | None = None,
    provisional: object = None,
) -> Exhibit:
    """Lines with bands over years, ages or periods.

    Columns read: ``x``, ``series`` where given, the estimate, ``lower``, ``upper``, and its counts.

    Parameters
    ----------
    frame
        One row a point; a missing estimate is a gap in the line.
    language, minimum
        As in :func:`analysis.display.table`.
    x
        ``"year"``, ``"age_at_diagnosis"``, ``"age_group"`` or ``"period"``.
    series
        The column that the lines stand for; each is named at its right end.
    provisional
        The first year that is provisional, or the value of ``x`` that is; drawn hollow. 0 or None: none.

    Notes
    -----
    A row whose ``x`` is missing has no place along the axis: it is in the data and is told in a note.
    """
    published = publish(frame, minimum, _known(None, x, series))
    measure = _measure(published.frame)
    if not _placed(published, x).frame[measure].notna().any():
        return _nothing(published, language, minimum)
    course = Course(x, series, measure, language, provisional, marked_every=5 if series else 0)
    return _lines_figure(published, course, TALL, paint_lines, minimum)


def small_multiples(
    frame: pd.DataFrame, language: str, minimum: int, panel: str, x: str = "year", provisional: object = None
) -> Exhibit:
    """A small line chart for every value of ``panel``, all on one scale.

    Columns read: as in :func:`rate_lines`, with ``panel`` in place of the series.
    """
    published = publish(frame, minimum, _known(None, x, panel))
    measure = _measure(published.frame)
    if not _placed(published, x).frame[measure].notna().any():
        return _nothing(published, language, minimum)
    panels = ordered_values(panel, _placed(published, x).frame[panel])
    across = 2 if len(panels) in (1, 2, 4) else 3
    course = Course(x, panel, measure, language, provisional)

    def paint(figure, placed: Published, course: Course) -> None:
        paint_panels(figure, placed, course, panels, across)

    return _lines_figure(published, course, panels_height(len(panels), across), paint, minimum)


def _lines_figure(published: Published, course: Course, height: float, paint: Callable, minimum: int) -> Exhibit:
    """Draw what has a place along x; the rows without one stay in the data and are told in a note."""
    placed = _placed(published, course.x)
    alternative = lines_alternative(placed.frame, course.x, course.series, course.language)
    notes = (
        *axis_note(placed.frame, course.measure, course.language),
        *provisional_note(placed.frame[course.x], course.provisional, course.language),
        *unplaced_note(published, course.x, course.language),
    )
    return _figure(published, height, _painter(paint, placed, course), alternative, (course.language, minimum), notes)


def _placed(published: Published, x: str) -> Published:
    """The rows whose place along x is known."""
    known = published.frame[x].notna()
    return replace(published, frame=published.frame[known], marks=published.marks[known])


def survival_curves(
    curve: pd.DataFrame, language: str, minimum: int, by: str | None = None, horizon_years: float = 10
) -> Exhibit:
    """Kaplan–Meier curves with bands and the numbers at risk, on a monthly grid.

    Columns read: ``by``, ``time_days``, ``at_risk``, ``survival``, ``lower``, ``upper``.

    Parameters
    ----------
    curve
        As :func:`analysis.estimates.kaplan_meier` gives it, with one stratum column or none.
    language, minimum
        As in :func:`analysis.display.table`; see :func:`suppress_curve` for what is withheld.
    by
        The stratum column; taken from the curve where it is not given.
    horizon_years
        Where the axis ends.
    """
    strata = strata_columns(curve, CURVE)
    if len(strata) > 1:
        raise InputError("survival curves", [f"one stratum column can be drawn, not {len(strata)}"])
    by = by or next(iter(strata), None)
    public = suppress_curve(curve, minimum)
    withheld = public.attrs["withheld_strata"]
    public = public[public["time_days"] <= horizon_years * DAYS_PER_YEAR + 0.5].reset_index(drop=True)
    notes = curve_notes(public, by, withheld, language, minimum)
    exported = Published(public.round({"survival": 3, "lower": 3, "upper": 3}), pd.DataFrame(index=public.index), {})
    if public.empty:
        return _nothing(exported, language, minimum, notes if withheld else ())
    alternative = curves_alternative(public, by, language)
    height = curves_height(len(public[by].unique()) if by else 1)

    def paint(figure) -> None:
        paint_curves(figure, public, by, language, horizon_years)

    return _figure(exported, height, paint, alternative, (language, minimum), notes)


def _known(totals: Totals, category: str, series: str | None) -> Totals:
    """The margins of a figure are taken as known: a reader finds them in the tables beside it."""
    return totals if totals is not None else [[category], [series]] if series else [[]]


def _painter(paint: Callable, published: Published, how: object) -> Callable:
    return lambda figure: paint(figure, published, how)


def _figure(
    published: Published, height: float, paint: Callable, alternative: str, reader: tuple, notes: tuple = ()
) -> Exhibit:
    """Draw, and put the words and the numbers beside the drawing."""
    drawing = io.StringIO()
    with rc_context(PAPER):
        figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        figure.patch.set_visible(False)
        paint(figure)
        FigureCanvasSVG(figure).print_svg(drawing, metadata={"Date": None, "Creator": None})
    body = inline_svg(drawing.getvalue(), alternative)
    return Exhibit("figure", body, machine_csv(published), alternative, (*hidden_note(published, *reader), *notes))


def _nothing(published: Published, language: str, minimum: int, notes: tuple = ()) -> Exhibit:
    """A sentence instead of an empty axis."""
    sentence = label("too_few", language)
    notes = (*hidden_note(published, language, minimum), *notes)
    return Exhibit("figure", f"<p>{sentence}</p>", machine_csv(published), sentence, notes)


def _measure(frame: pd.DataFrame) -> str:
    measure = estimate_of(frame)
    if measure is None:
        raise InputError("figure", ["must have an estimate: rate, survival, share or annual_percent_change"])
    return measure
