"""The sentences under a figure: what is withheld, cut, provisional or without a place."""

import pandas as pd

from analysis.display.columns import PROPORTIONS, is_provisional, value_label
from analysis.display.dotplots import value_limits
from analysis.display.publishing import Published
from analysis.display.suppression import at_whole_years
from analysis.terms import label


def hidden_note(published: Published, language: str, minimum: int) -> tuple[str, ...]:
    """That a number is withheld."""
    hidden = bool(published.withheld.any())
    return (label("note.figure_hidden", language).replace("{n}", str(minimum)),) if hidden else ()


def axis_note(frame: pd.DataFrame, measure: str, language: str) -> tuple[str, ...]:
    """That the axis does not start at zero."""
    cut = measure in PROPORTIONS and value_limits(frame, measure)[0] > 0
    return (label("note.axis_cut", language),) if cut else ()


def provisional_note(values: pd.Series, provisional: object, language: str) -> tuple[str, ...]:
    """What hollow means."""
    there = any(is_provisional(value, provisional) for value in values)
    return (label("note.provisional", language),) if there else ()


def unplaced_note(published: Published, x: str, language: str) -> tuple[str, ...]:
    """That rows have no place along the axis."""
    missing = published.frame[x].isna().any()
    return (label("note.unplaced", language).replace("{x}", label(x, language)),) if missing else ()


def curve_notes(public: pd.DataFrame, by: str | None, withheld: tuple, language: str, minimum: int) -> tuple[str, ...]:
    """Where curves end, and what is not told under and beside them."""
    notes = [label("note.curve_end", language).replace("{n}", str(minimum))]
    if public.loc[at_whole_years(public), "at_risk"].isna().any():
        notes.append(label("note.at_risk_hidden", language).replace("{n}", str(minimum)))
    if by and withheld:
        names = ", ".join(value_label(by, values[0], language, short=True) for values in withheld)
        notes.append(label("note.withheld_strata", language).replace("{n}", str(minimum)).replace("{names}", names))
    return tuple(notes)
