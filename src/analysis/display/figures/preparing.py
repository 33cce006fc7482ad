"""Before a figure is drawn: which totals its reader knows, what it is about, what has a place in it."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.display.columns import estimate_of
from analysis.display.disclosure.published_tables import Published
from analysis.errors import InputError

Totals = Sequence[Sequence[str]] | None


def known_margins(totals: Totals, category: str, series: str | None) -> Totals:
    """The margins of a figure are taken as known: a reader finds them in the tables beside it."""
    return totals if totals is not None else [[category], [series]] if series else [[]]


def measure_of(frame: pd.DataFrame) -> str:
    """The estimate that a figure is about; refused where there is none."""
    measure = estimate_of(frame)
    if measure is None:
        raise InputError(
            "figure", ["must have an estimate: rate, survival, share or annual_percent_change"]
        )
    return measure


def with_place(published: Published, x: str) -> Published:
    """The rows whose place along x is known."""
    known = published.frame[x].notna()
    return replace(published, frame=published.frame[known], marks=published.marks[known])
