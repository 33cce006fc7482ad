"""Figures that compare: ratios and differences, one period with another, observed with expected."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from analysis.display.columns import COUNTS, DERIVED, INTERVAL, RATIOS, measure_of
from analysis.display.disclosure.public_table import PROTECTING, Published, Totals, known_margins
from analysis.display.disclosure.published_tables import publish
from analysis.display.drawing.canvas import drawn_exhibit, nothing_drawn
from analysis.display.drawing.scales import is_cut, neutral_value
from analysis.display.exhibit import Exhibit
from analysis.display.painters.dot_plots import lay_out
from analysis.display.painters.expected_plots import expected_texts, paint_expected, with_heading
from analysis.display.painters.forest_plots import (
    Forest,
    forest_texts,
    goes_beyond,
    paint_forest,
    with_room_for,
)
from analysis.display.painters.line_plots import Course
from analysis.display.painters.slope_plots import paint_slopes, slope_height, slope_limits
from analysis.display.wording.alternatives import (
    comparison_alternative,
    expected_alternative,
    lines_alternative,
)
from analysis.display.wording.notes import cut_note, heterogeneity_note, unplaced_note
from analysis.errors import InputError
from analysis.strata import require_columns
from analysis.terms import label

MARKS = ("reference", "pooled")


def forest_plot(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    category: str,
    totals: Totals = None,
    *,
    heterogeneity: pd.DataFrame | None = None,
) -> Exhibit:
    """Ratios or differences with their intervals, a line a category, the numbers printed beside them.

    Columns read: ``category``, the estimate (``rate_ratio``, ``hazard_ratio``, ``standardised_rate_ratio``,
    ``difference`` …: the one in front of ``lower``), ``lower``, ``upper``, and the counts it stands on; where they
    are there, ``reference`` (true on the row that the others are compared with, or its category on every row),
    ``pooled`` (true on a row of all together, which is drawn last) and, on that row, ``heterogeneity``
    (Cochran's Q), ``degrees_of_freedom``, ``p_value`` and ``i_squared`` (0–1).

    Parameters
    ----------
    frame
        One row a line.
    language, minimum, totals
        As in :func:`analysis.display.table`. The pooled row is no cell: it goes when the grand total must.
    category
        The column that the lines stand for.
    heterogeneity
        Whether the lines differ by more than chance, where no row says it: a row with ``test_statistic`` and the
        columns beside it, as :func:`analysis.estimates.survival_heterogeneity` gives it.

    Notes
    -----
    Ratios stand on a logarithmic axis, so that 0.5 and 2 are as far from 1. No interval stretches the axis to more
    than six times the outermost estimate: an arrow says that it goes on, and its limits are printed.
    """
    require_columns(frame, [category])
    fresh = frame.reset_index(drop=True)
    measure = _compared_measure(fresh)
    published = _with_pooled(fresh, minimum, known_margins(totals, category, None), category)
    rows = published.frame
    # Which row is the pooled one is seen by its name; the mark is the drawing's own.
    exported = replace(published, frame=rows.drop(columns=["pooled"], errors="ignore"))
    if not rows[measure].notna().any():
        return nothing_drawn(exported, language, minimum)
    forest = _forest_of(published, category, measure, language)
    alternative = comparison_alternative(rows, category, language)
    notes = _axis_notes(rows, measure, language)
    notes += heterogeneity_note(rows[_pooled(rows)], heterogeneity, language)
    paint, height = partial(paint_forest, published=published, forest=forest), forest.layout.height
    return drawn_exhibit(exported, height, paint, alternative, (language, minimum), notes)


def _forest_of(published: Published, category: str, measure: str, language: str) -> Forest:
    """The layout with room for the names at the left and the numbers at the right."""
    rows = published.frame
    layout = lay_out(rows, category, None, measure, language)
    forest = Forest(layout, _references(rows, category, measure), _pooled(rows))
    return with_room_for(forest, forest_texts(published, forest))


def _compared_measure(frame: pd.DataFrame) -> str:
    measure = measure_of(frame)
    if neutral_value(measure) is None:
        raise InputError(
            "forest plot", [f"must be a ratio or a difference, which {measure} is not"]
        )
    return measure


def _axis_notes(rows: pd.DataFrame, measure: str, language: str) -> tuple[str, ...]:
    """That an axis goes by ratios, and that arrows stand where an interval goes on beyond it."""
    keys = ["note.ratio_axis"] if measure in RATIOS else []
    keys += ["note.beyond_axis"] if goes_beyond(rows, measure) else []
    return tuple(label(key, language) for key in keys)


def _pooled(rows: pd.DataFrame) -> pd.Series:
    marked = rows["pooled"] if "pooled" in rows.columns else pd.Series(False, index=rows.index)
    return marked.astype("boolean").fillna(False).astype(bool)


def _references(rows: pd.DataFrame, category: str, measure: str) -> pd.Series:
    """Which row is the reference: it is marked, or named, or has the neutral value and no interval."""
    neutral = rows[measure] == neutral_value(measure)
    if "reference" not in rows.columns:
        bare = rows[[c for c in INTERVAL if c in rows.columns]].isna().all(axis=1)
        return neutral & bare & ~_pooled(rows)
    # Estimators mark the row of reference; a table by hand may name it on every row.
    if set(rows["reference"].dropna().unique()) <= {True, False}:
        return rows["reference"].astype("boolean").fillna(False).astype(bool)
    return (rows[category] == rows["reference"]).fillna(False).astype(bool)


def _with_pooled(fresh: pd.DataFrame, minimum: int, totals: Totals, category: str) -> Published:
    """The parts as they may be published, and after them all together where the total may be told."""
    whole = _pooled(fresh)
    parts = publish(fresh[~whole], minimum, totals)
    if not whole.any():
        return parts
    name = fresh.loc[whole, category].astype(object).fillna("pooled")
    together = publish(fresh[whole].assign(**{category: name}), minimum, ())
    # All together less the parts that are told would be the part that is not.
    if parts.grand_total_hidden:
        together = _all_withheld(together)
    frame = pd.concat([parts.frame.astype({category: object}), together.frame], ignore_index=True)
    marks = pd.concat([parts.marks, together.marks], ignore_index=True)
    return Published(frame, marks, parts.hidden_totals)


def _all_withheld(published: Published) -> Published:
    """Without any count, and without what stands on one."""
    blank = [c for c in published.frame.columns if c in (*COUNTS, *DERIVED)]
    marks = dict.fromkeys(published.marks.columns, PROTECTING)
    return replace(
        published,
        frame=published.frame.assign(**dict.fromkeys(blank, np.nan)),
        marks=published.marks.assign(**marks),
    )


def slope_chart(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    category: str,
    x: str = "period",
    totals: Totals = None,
) -> Exhibit:
    """One line a category between two periods or more, its name and value at both ends.

    Columns read: ``category``, ``x``, the estimate and its counts; ``lower`` and ``upper`` where there, as thin
    uprights.

    Parameters
    ----------
    frame
        One row a category and period.
    language, minimum, totals
        As in :func:`analysis.display.table`; None: both margins are known.
    category
        The column that the lines stand for.
    x
        The column along the axis, in its order.
    """
    published = publish(frame, minimum, known_margins(totals, x, category))
    measure, placed = measure_of(published.frame), published.with_place(x)
    if not placed.frame[measure].notna().any():
        return nothing_drawn(published, language, minimum)
    # Only what is drawn takes room at the sides.
    lines = placed.frame.dropna(subset=[measure])[category].nunique(dropna=False)
    notes = (
        *cut_note(is_cut(slope_limits(placed.frame, measure)), language),
        *_interval_note(placed.frame, language),
        *unplaced_note(published, x, language),
    )
    paint = partial(paint_slopes, published=placed, course=Course(x, category, measure, language))
    alternative = lines_alternative(placed.frame, x, category, language)
    return drawn_exhibit(
        published, slope_height(lines), paint, alternative, (language, minimum), notes
    )


def _interval_note(frame: pd.DataFrame, language: str) -> tuple[str, ...]:
    """What the thin uprights are, where there are any."""
    drawn = "lower" in frame.columns and frame["lower"].notna().any()
    return (label("note.thin_intervals", language),) if drawn else ()


def expected_dots(
    frame: pd.DataFrame, language: str, minimum: int, category: str, totals: Totals = None
) -> Exhibit:
    """Observed numbers against the interval in which chance would put them: was this year unusual?

    Columns read: ``category``, ``cases``, ``expected``, ``lower`` and ``upper`` (prediction interval, in cases), and
    ``verdict`` where there (``as_expected``, ``higher``, ``lower``, or words); else the interval's finding.

    Parameters
    ----------
    frame
        One row a category.
    language, minimum, totals
        As in :func:`analysis.display.table`.
    category
        The column that the lines stand for.
    """
    require_columns(frame, [category, "cases", "expected", "lower", "upper"])
    published = publish(frame, minimum, known_margins(totals, category, None))
    if not published.frame["cases"].notna().any():
        return nothing_drawn(published, language, minimum)
    layout = replace(lay_out(published.frame, category, None, "cases", language), legend=1)
    layout = with_heading(layout, expected_texts(published, language))

    paint = partial(paint_expected, published=published, layout=layout)
    alternative = expected_alternative(published.frame, category, language)
    notes = (label("note.expected", language),)
    return drawn_exhibit(published, layout.height, paint, alternative, (language, minimum), notes)
