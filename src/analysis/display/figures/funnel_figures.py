"""Funnel plots: regions, hospitals or countries against what chance alone would make of them."""

from collections.abc import Hashable, Sequence
from functools import partial

import pandas as pd

from analysis.display.columns import LIMITS, measure_of
from analysis.display.disclosure.public_table import Published, Totals
from analysis.display.disclosure.published_tables import publish
from analysis.display.drawing.canvas import drawn_exhibit, nothing_drawn
from analysis.display.drawing.scales import is_cut
from analysis.display.exhibit import Exhibit
from analysis.display.painters.funnel_plots import (
    TALL,
    Funnel,
    funnel_limits_shown,
    limits_beside,
    paint_funnel,
)
from analysis.display.wording.alternatives import funnel_alternative
from analysis.display.wording.notes import cut_note, goal_notes, goal_of
from analysis.errors import InputError, MissingStepError
from analysis.strata import require_columns
from analysis.terms import label

# What tells the size of a unit, in the order in which it is looked for.
SIZES = ("expected", "person_years", "eligible", "at_risk", "children")
# By the estimate: a standardised ratio stands on what was expected, a rate on person-years.
SIZE_OF = {"standardised_incidence_ratio": "expected", "rate": "person_years", "share": "eligible"}


def funnel_plot(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    between: str = "region",
    limits: pd.DataFrame | None = None,
    totals: Totals = None,
) -> Exhibit:
    """Units against their size, with the value of all together and the limits of chance around it; no ranking.

    Columns read: ``between``; the counts (``cases``; ``eligible`` and ``met``); the estimate (``rate``, ``share``,
    ``standardised_incidence_ratio``); its size (``person_years``, ``eligible``, ``expected``); ``overall``; ``goal``
    (one for all units) for a line of its own.

    Parameters
    ----------
    frame
        One row a unit; no total row.
    language, minimum
        As in :func:`analysis.display.table`.
    between
        The column that the dots stand for.
    limits
        The limits over a grid of sizes: the size column, ``lower_95``, ``upper_95`` (drawn dashed), ``lower_998``,
        ``upper_998`` (drawn full), in the unit of the estimate. None: those of the units, where they are in ``frame``.
    totals
        As in :func:`analysis.display.table`; the grand total is always known, for the line of all together tells it.

    Notes
    -----
    Where the sum over units may not be told, neither the line nor the limits are drawn: both would give it back.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185–1202.
    """
    require_columns(frame, [between])
    measure = measure_of(frame)
    size = _size_of(frame, measure)
    published = publish(frame, minimum, _with_grand_total(totals))
    public = published.frame
    shown = public.dropna(subset=[measure, size])
    if shown.empty:
        return nothing_drawn(published, language, minimum)
    grid = _drawn_limits(published, shown, limits, size)
    funnel = Funnel(between, size, measure, language, grid)
    outside = [_outside(public, funnel, pair) for pair in (LIMITS[:2], LIMITS[2:])]
    alternative = funnel_alternative(public, between, size, outside, language)
    cut = is_cut(funnel_limits_shown(shown, measure, grid))
    notes = _funnel_notes(published, grid, language, minimum) + cut_note(cut, language)
    paint = partial(paint_funnel, frame=public, funnel=funnel)
    return drawn_exhibit(published, TALL, paint, alternative, (language, minimum), notes)


def _with_grand_total(totals: Totals) -> list[Sequence[str]]:
    """The totals with that of all units, which the line of all together tells."""
    known = list(totals or ())
    return known if [] in known else [*known, []]


def _funnel_notes(
    published: Published, grid: pd.DataFrame | None, language: str, minimum: int
) -> tuple[str, ...]:
    """What the limits are, or why there are none; and what the line of a goal is."""
    notes = ()
    if grid is not None:
        notes = (label("note.funnel", language).replace("{n}", str(minimum)),)
    elif published.grand_total_hidden:
        notes = (label("note.no_limits", language).replace("{n}", str(minimum)),)
    if goal_of(published.frame) is not None:
        notes += goal_notes(published.frame, language, "note.goal_line")
    return notes


def _drawn_limits(
    published: Published, shown: pd.DataFrame, limits: pd.DataFrame | None, size: str
) -> pd.DataFrame | None:
    """The limits over the sizes of the units; none where they would give the withheld sum of all units back."""
    # Limits are drawn around the value of all units together.
    if published.grand_total_hidden:
        return None
    beside = _limits_of(published.frame, limits, size)
    return None if beside is None else limits_beside(shown, size, beside)


def _size_of(frame: pd.DataFrame, measure: str) -> str:
    wanted = [SIZE_OF.get(measure, SIZES[0]), *SIZES]
    size = next((column for column in wanted if column in frame.columns), None)
    if size is None:
        raise MissingStepError(f"{wanted[0]}: the size of a unit in a funnel plot")
    return size


def _limits_of(public: pd.DataFrame, limits: pd.DataFrame | None, size: str) -> pd.DataFrame | None:
    """The limits with their sizes; those of the units where none are given; None where they have none either."""
    beside = public if limits is None else limits
    columns = [column for column in LIMITS if column in beside.columns]
    if limits is not None and (size not in limits.columns or not columns):
        raise InputError(
            "limits of a funnel plot", [f"must have {size} and one of {', '.join(LIMITS)}"]
        )
    return beside[[size, *columns]].dropna(subset=[size]) if columns else None


def _outside(public: pd.DataFrame, funnel: Funnel, pair: tuple[str, str]) -> list[Hashable]:
    """The units that chance alone would seldom take so far."""
    if not set(pair) <= set(public.columns):
        return []
    low, high = (public[column].astype(float) for column in pair)
    beyond = (public[funnel.measure] < low) | (public[funnel.measure] > high)
    return [None if pd.isna(value) else value for value in public.loc[beyond, funnel.unit]]
