"""Funnel plots: regions, hospitals or countries against what chance alone would make of them."""

import pandas as pd

from analysis.display.columns import LIMITS, measure_of
from analysis.display.disclosure.public_table import Totals
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
    unit: str = "region",
    limits: pd.DataFrame | None = None,
    totals: Totals = None,
) -> Exhibit:
    """Units against their size, with the value of all together and the limits of chance around it; no ranking.

    Columns read: ``unit``; the counts (``cases``; ``eligible`` and ``met``); the estimate (``rate``, ``share``,
    ``standardised_incidence_ratio``); its size (``person_years``, ``eligible``, ``expected``); ``overall``; ``goal``
    (one for all units) for a line of its own.

    Parameters
    ----------
    frame
        One row a unit; no total row.
    language, minimum
        As in :func:`analysis.display.table`.
    unit
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
    require_columns(frame, [unit])
    measure, margins = measure_of(frame), list(totals or ())
    size = _size_of(frame, measure)
    published = publish(frame, minimum, [*margins, *([] if [] in margins else [[]])])
    public = published.frame
    if not public[[measure, size]].notna().all(axis=1).any():
        return nothing_drawn(published, language, minimum)
    told, shown = not published.grand_total_hidden, public.dropna(subset=[measure, size])
    given = (
        _checked(public if limits is None else limits, size, limits is not None) if told else None
    )
    grid = None if given is None else limits_beside(shown, size, given)
    outside = tuple(_outside(public, unit, measure, pair) for pair in (LIMITS[:2], LIMITS[2:]))
    alternative = funnel_alternative(public, unit, size, outside, language)
    note = label("note.funnel" if told else "note.no_limits", language).replace("{n}", str(minimum))

    def paint(figure) -> None:
        paint_funnel(figure, public, Funnel(unit, size, measure, language, grid))

    notes = (
        *([note] if grid is not None or not told else []),
        *(goal_notes(public, language, "note.goal_line") if goal_of(public) is not None else ()),
        *cut_note(is_cut(funnel_limits_shown(shown, measure, grid)), language),
    )
    return drawn_exhibit(published, TALL, paint, alternative, (language, minimum), notes)


def _size_of(frame: pd.DataFrame, measure: str) -> str:
    wanted = [SIZE_OF.get(measure, SIZES[0]), *SIZES]
    found = next((column for column in wanted if column in frame.columns), None)
    if found is None:
        raise MissingStepError(f"{wanted[0]}: the size of a unit in a funnel plot")
    return found


def _checked(limits: pd.DataFrame, size: str, given: bool) -> pd.DataFrame | None:
    """The limits with their sizes; None where a frame without any was not meant to bring them."""
    columns = [column for column in LIMITS if column in limits.columns]
    if given and (size not in limits.columns or not columns):
        raise InputError(
            "limits of a funnel plot", [f"must have {size} and one of {', '.join(LIMITS)}"]
        )
    return limits[[size, *columns]].dropna(subset=[size]) if columns else None


def _outside(public: pd.DataFrame, unit: str, measure: str, pair: tuple[str, str]) -> list:
    """The units that chance alone would seldom take so far."""
    if not set(pair) <= set(public.columns):
        return []
    low, high = (public[column].astype(float) for column in pair)
    beyond = (public[measure] < low) | (public[measure] > high)
    return [None if pd.isna(value) else value for value in public.loc[beyond, unit]]
