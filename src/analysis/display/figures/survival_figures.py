"""Figures of survival and of cumulative incidence by time since diagnosis: curves together, or a panel each."""

from dataclasses import replace
from functools import partial

import pandas as pd

from analysis.display.columns import PROPORTIONS, estimate_of
from analysis.display.disclosure.public_table import Published
from analysis.display.disclosure.suppressed_curves import SAME_CHILDREN, PublicCurve, suppress_curve
from analysis.display.drawing.canvas import drawn_exhibit, nothing_drawn
from analysis.display.drawing.scales import is_cut
from analysis.display.exhibit import Exhibit
from analysis.display.painters.curve_panels import CurvePanels, curve_grid, paint_curve_panels
from analysis.display.painters.curve_plots import (
    MOST_BANDS,
    curve_limits,
    curves_height,
    paint_curves,
)
from analysis.display.wording.alternatives import curves_alternative
from analysis.display.wording.notes import curve_notes, cut_note
from analysis.errors import InputError
from analysis.strata import curve_strata, require_columns
from analysis.terms import DAYS_PER_YEAR, label


def survival_curves(
    curve: pd.DataFrame,
    language: str,
    minimum: int,
    by: str | None = None,
    horizon_years: float = 10,
) -> Exhibit:
    """Survival or cumulative-incidence curves with bands and the numbers at risk, on a monthly grid.

    Columns read: ``by``, ``time_days``, ``at_risk``, the curve (``survival``, ``net_survival``,
    ``conditional_survival``, ``cumulative_incidence`` …: the one in front of ``lower``), ``lower``, ``upper``; where
    they are there, ``emptied`` (true where a risk set became empty under delayed entry) and ``approach`` (one for
    all rows, or in the frame's attributes: ``cohort``, ``complete``, ``period``, ``hybrid``).

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

    Notes
    -----
    The axis of a survival runs from 0 to 100 %, unless everything drawn lies above 50 %: then it begins at a
    round number, the break is marked, and a note says so. That of an incidence begins at zero.
    """
    curve, approach = _without_approach(curve)
    strata = curve_strata(curve)
    # Curves of two columns at once would be more than can be told apart.
    if len(strata) > 1:
        raise InputError("survival curves", [f"one stratum column can be drawn, not {len(strata)}"])
    by = by or next(iter(strata), None)
    suppressed = _within(suppress_curve(curve, minimum), horizon_years)
    public = suppressed.frame
    notes = curve_notes(suppressed, curve, approach, language, minimum)
    if public.empty:
        return _nothing_left(suppressed, notes, language, minimum)
    names = len(public[by].unique()) if by else 1
    notes += cut_note(
        is_cut(curve_limits(public, estimate_of(public), names <= MOST_BANDS)), language
    )
    height = curves_height(1 if by in SAME_CHILDREN else names)
    paint = partial(paint_curves, curve=public, by=by, language=language, horizon=horizon_years)
    alternative = curves_alternative(public, strata, language)
    return drawn_exhibit(_exported(public), height, paint, alternative, (language, minimum), notes)


def curve_panels(
    curve: pd.DataFrame,
    language: str,
    minimum: int,
    panel: str,
    by: str | None = None,
    horizon_years: float = 10,
) -> Exhibit:
    """Curves as in :func:`survival_curves`, a small panel for every value of ``panel``, on common axes.

    Columns read: as in :func:`survival_curves`, with ``panel`` and, where given, ``by``.

    Parameters
    ----------
    curve
        With the stratum columns ``panel`` and ``by``, and no other.
    panel
        The column with a panel for each of its values.
    by
        A second column, whose curves share a panel and are named above all. Without it the numbers at risk stand
        under each panel, at its first year, its last and one between.
    """
    curve, approach = _without_approach(curve)
    strata = _checked_strata(curve, [panel, by] if by else [panel])
    suppressed = _within(suppress_curve(curve, minimum), horizon_years)
    public = suppressed.frame
    notes = curve_notes(suppressed, curve, approach, language, minimum)
    if public.empty:
        return _nothing_left(suppressed, notes, language, minimum)
    notes += cut_note(is_cut(curve_limits(public, estimate_of(public), True)), language)
    notes += () if by else (label("note.below_panels", language),)
    panels = CurvePanels(
        panel, by, language, horizon_years, curve_grid(public, panel, by, language)
    )
    paint = partial(paint_curve_panels, curve=public, panels=panels)
    alternative = curves_alternative(public, strata, language)
    return drawn_exhibit(
        _exported(public), panels.grid.height, paint, alternative, (language, minimum), notes
    )


def _checked_strata(curve: pd.DataFrame, strata: list[str]) -> list[str]:
    require_columns(curve, strata)
    if set(curve_strata(curve)) != set(strata):
        raise InputError("curve panels", [f"the strata must be {', '.join(strata)} alone"])
    return strata


def _nothing_left(
    suppressed: PublicCurve, notes: tuple[str, ...], language: str, minimum: int
) -> Exhibit:
    """A sentence where no curve may be shown; with the notes where they say whose was withheld."""
    notes = notes if suppressed.withheld_strata else ()
    return nothing_drawn(_exported(suppressed.frame), language, minimum, notes)


def _without_approach(curve: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """The curve without an ``approach`` that is the same everywhere, and that approach: a note, and no stratum."""
    if "approach" not in curve.columns or curve["approach"].nunique(dropna=False) > 1:
        return curve, None
    return curve.drop(columns="approach"), next(iter(curve["approach"]), None)


def _within(public: PublicCurve, horizon_years: float) -> PublicCurve:
    # Half a day, so that the month of the horizon itself is there.
    reached = public.frame["time_days"] <= horizon_years * DAYS_PER_YEAR + 0.5
    return replace(public, frame=public.frame[reached].reset_index(drop=True))


def _exported(public: pd.DataFrame) -> Published:
    """The curve as its CSV has it: proportions to a tenth of a per cent."""
    # With all its decimals a step of the curve would tell the number that it stands on.
    columns = [c for c in public.columns if c in (*PROPORTIONS, "lower", "upper")]
    return Published(public.round(dict.fromkeys(columns, 3)), pd.DataFrame(index=public.index), {})
