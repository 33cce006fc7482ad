"""Figures of counts and estimates by category and over time: bars, dots, lines, a panel each."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from analysis.display.columns import ADDITIVE_COUNTS, measure_of, ordered_values
from analysis.display.disclosure.fitted_trends import publish_fits
from analysis.display.disclosure.public_table import Published, Totals, known_margins
from analysis.display.disclosure.published_tables import publish
from analysis.display.drawing.canvas import drawn_exhibit, nothing_drawn
from analysis.display.drawing.scales import is_cut, value_limits
from analysis.display.exhibit import Exhibit
from analysis.display.painters.dot_plots import lay_out, paint_bars, paint_columns, paint_dots
from analysis.display.painters.line_plots import TALL, Course, paint_lines
from analysis.display.painters.panel_plots import grid_of, paint_panels
from analysis.display.wording.alternatives import dots_alternative, lines_alternative
from analysis.display.wording.notes import (
    cut_note,
    fit_notes,
    gap_notes,
    goal_notes,
    overall_note,
    provisional_note,
    scales_note,
    unplaced_note,
)

# More years or ages than this stand upright, so high.
MOST_LYING, UPRIGHT = 6, 330


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
    measure = next((name for name in frame.columns if name in ADDITIVE_COUNTS), "cases")
    published = publish(frame, minimum, known_margins(totals, category, None))
    public = published.frame
    if not public[measure].notna().any():
        return nothing_drawn(published, language, minimum)
    layout = lay_out(public, category, None, measure, language, provisional)
    alternative = dots_alternative(public, category, None, language, measure)
    notes = provisional_note(public[category], provisional, language)
    # A year that is missing has no place between others; lying bars have a line for it.
    if _stands_upright(frame[category]):
        notes += unplaced_note(published, category, language)
        placed = published.with_place(category)
        paint, height = partial(paint_columns, published=placed, layout=layout), UPRIGHT
    else:
        paint = partial(paint_bars, published=published, layout=layout)
        height = layout.height - 10
    return drawn_exhibit(published, height, paint, alternative, (language, minimum), notes)


def _stands_upright(categories: pd.Series) -> bool:
    """Years and ages stand upright, unless they are few."""
    return pd.api.types.is_numeric_dtype(categories) and len(categories) > MOST_LYING


def rate_dots(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    category: str,
    series: str | None = None,
    totals: Totals = None,
) -> Exhibit:
    """A dot and its interval for each category: a rate, a survival, a share, an annual change.

    Columns read: ``category``, ``series`` where given, the estimate (the one in front of ``lower``), ``lower``,
    ``upper``, and the counts that it stands on; ``overall`` for a line of reference (that of the first row); ``goal``
    and ``goal_verdict`` as :func:`analysis.display.add_goal` adds them.

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
    50 %; then it starts at a round number, the break is marked, and a note says so. Countries and sexes have their
    own colour and marker wherever they are.
    """
    published = publish(frame, minimum, known_margins(totals, category, series))
    measure = measure_of(published.frame)
    if not published.frame[measure].notna().any():
        return nothing_drawn(published, language, minimum)
    layout = lay_out(published.frame, category, series, measure, language)
    alternative = dots_alternative(published.frame, category, series, language)
    notes = cut_note(is_cut(value_limits(published.frame, measure)), language)
    notes += overall_note(published.frame, measure, language)
    notes += goal_notes(published.frame, language, "note.goal_stroke")
    paint = partial(paint_dots, published=published, layout=layout)
    return drawn_exhibit(published, layout.height, paint, alternative, (language, minimum), notes)


def rate_lines(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    x: str = "year",
    series: str | None = None,
    provisional: object = None,
) -> Exhibit:
    """Lines with bands over years, ages or periods; points and a trend where one is fitted.

    Columns read: ``x``, ``series`` where given, the estimate, ``lower``, ``upper``, and its counts; where they are
    there, ``fitted``, ``fitted_lower``, ``fitted_upper`` (the trend, in the unit of the estimate) and ``joinpoint``
    (true where the trend bends).

    Parameters
    ----------
    frame
        One row a point; a missing estimate is a gap in the line.
    language, minimum
        As in :func:`analysis.display.table`.
    x
        ``"year"``, ``"age_at_diagnosis"``, ``"age_group"``, ``"period"`` or ``"given_years"``.
    series
        The column that the lines stand for; each is named at its right end.
    provisional
        The first year that is provisional, or the value of ``x`` that is; drawn hollow. 0 or None: none.

    Notes
    -----
    A row whose ``x`` is missing has no place along the axis: it is in the data and is told in a note. A point that
    is withheld is a gap, with a short stroke at the foot. See :func:`publish_fits` for what a trend may tell.
    """
    published = publish_fits(frame, minimum, known_margins(None, x, series), series, x)
    course = Course(
        x,
        series,
        measure_of(published.frame),
        language,
        provisional,
        marked_every=5 if series else 0,
    )
    # Rows without a place may hold the only estimates there are.
    if not _anything(published.with_place(x).frame, course.measure):
        return nothing_drawn(published, language, minimum)
    return _lines_figure(published, course, TALL, paint_lines, minimum)


def small_multiples(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    panel: str,
    x: str = "year",
    provisional: object = None,
) -> Exhibit:
    """A small line chart for every value of ``panel``, all on one scale: levels can be compared.

    Columns read: as in :func:`rate_lines`, with ``panel`` in place of the series.
    """
    published = publish_fits(frame, minimum, known_margins(None, x, panel), panel, x)
    course = Course(x, panel, measure_of(published.frame), language, provisional)
    return _multiples(published, course, minimum, own=False)


def free_multiples(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    panel: str,
    x: str = "year",
    provisional: object = None,
) -> Exhibit:
    """As :func:`small_multiples`, each panel on a scale of its own, which a note says: courses, not levels.

    Columns read: as in :func:`rate_lines`, with ``panel`` in place of the series.
    """
    published = publish_fits(frame, minimum, known_margins(None, x, panel), panel, x)
    course = Course(x, panel, measure_of(published.frame), language, provisional)
    return _multiples(published, course, minimum, own=True)


def _multiples(published: Published, course: Course, minimum: int, own: bool) -> Exhibit:
    """A panel for each value of the series of a course; ``own``: each on a scale of its own."""
    placed = published.with_place(course.x).frame
    if not _anything(placed, course.measure):
        return nothing_drawn(published, course.language, minimum)
    panels = ordered_values(course.series, placed[course.series])
    grid = grid_of(course.series, panels, course.language, own)

    paint = partial(paint_panels, grid=grid, own=own)
    return _lines_figure(published, course, grid.height, paint, minimum, own)


def _anything(frame: pd.DataFrame, measure: str) -> bool:
    """Whether there is a point or a trend to draw."""
    return bool(
        frame[[c for c in (measure, "fitted") if c in frame.columns]].notna().any(axis=None)
    )


def _lines_figure(
    published: Published,
    course: Course,
    height: float,
    paint: Callable,
    minimum: int,
    own: bool = False,
) -> Exhibit:
    """Draw what has a place along x; the rows without one stay in the data and are told in a note."""
    placed, language = published.with_place(course.x), course.language
    common = value_limits(placed.frame, course.measure)
    alternative = lines_alternative(placed.frame, course.x, course.series, language)
    notes = (
        *(scales_note(language) if own else cut_note(is_cut(common), language)),
        *fit_notes(placed.frame, language),
        *gap_notes(placed, course.measure, language),
        *provisional_note(placed.frame[course.x], course.provisional, language),
        *unplaced_note(published, course.x, language),
    )
    return drawn_exhibit(
        published,
        height,
        partial(paint, published=placed, course=course),
        alternative,
        (language, minimum),
        notes,
    )
