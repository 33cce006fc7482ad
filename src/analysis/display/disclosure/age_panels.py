"""Age panels that hold one another: what stands between 0–14 and 0–17 are the adolescents, who are few."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.display.columns import stratum_columns
from analysis.display.disclosure.cells import small_cells
from analysis.display.disclosure.public_table import PROTECTING, PUBLISHED, SMALL
from analysis.display.disclosure.suppressed_counts import checked_counts, suppression_marks
from analysis.strata import number_strata

AGE_PANEL = "age_panel"
FROM_BIRTH = re.compile(r"0[-–](\d+)")


def nested_panels(frame: pd.DataFrame) -> tuple[str, str] | None:
    """The narrower and the wider of two age panels that both begin at birth; None where a frame has no such two.

    Examples
    --------
    >>> nested_panels(pd.DataFrame({"age_panel": ["0–17", "0–14"]}))
    ('0–14', '0–17')
    >>> nested_panels(pd.DataFrame({"age_panel": ["0–14", "15–17"]})) is None
    True
    """
    panels = list(frame[AGE_PANEL].dropna().unique()) if AGE_PANEL in frame.columns else []
    ends = {panel: FROM_BIRTH.fullmatch(str(panel)) for panel in panels}
    # Of three panels within one another each pair would have to be protected: no report has them.
    if len(panels) != 2 or not all(ends.values()):
        return None
    narrow, wide = sorted(panels, key=lambda panel: int(ends[panel][1]))
    return narrow, wide


def mark_nested(
    frame: pd.DataFrame, column: str, totals: Sequence[Sequence[str]], minimum: int
) -> tuple[pd.Series, tuple]:
    """As ``suppression_marks``, for a frame in which every stratum stands in two panels, one within the other.

    The wider panel is taken apart into the narrower one and the ages between, which a reader finds by
    subtraction. Where those must be withheld, the wider panel is: the narrower one can be compared with
    other countries and years. Where the narrower one is small itself, the wider one is still printed.
    """
    narrow, _ = nested_panels(frame)
    numbers, strata = number_strata(
        frame, [name for name in stratum_columns(frame) if name != AGE_PANEL]
    )
    sides = _narrow_and_between(frame, column, numbers, strata)
    both, hidden = suppression_marks(sides, "n", _totals_of_a_panel(totals), minimum)
    of_narrow, of_between = both.to_numpy().reshape(2, len(strata))
    of_wide = np.where(of_between != PUBLISHED, PROTECTING, PUBLISHED)
    marks = np.where(frame[AGE_PANEL] == narrow, of_narrow[numbers], of_wide[numbers])
    # What is small itself is marked so, whichever panel it stands in.
    small = small_cells(checked_counts(frame, column), minimum)
    hidden_totals = tuple((columns[:-1], values[:-1]) for columns, values in hidden)
    return pd.Series(np.where(small, SMALL, marks), index=frame.index, dtype=object), hidden_totals


def _narrow_and_between(
    frame: pd.DataFrame, column: str, numbers: np.ndarray, strata: pd.DataFrame
) -> pd.DataFrame:
    """The children of the narrower panel, and those of the ages between, a row a stratum each."""
    counts = pd.Series(checked_counts(frame, column), index=numbers)
    narrow, wide = (
        counts[(frame[AGE_PANEL] == panel).to_numpy()].reindex(strata.index, fill_value=0)
        for panel in nested_panels(frame)
    )
    # A stratum that only the narrower panel has leaves nobody between, not fewer than nobody.
    pieces = (narrow, (wide - narrow).clip(lower=0))
    return pd.concat(
        [strata.assign(side=side, n=piece.to_numpy()) for side, piece in enumerate(pieces)],
        ignore_index=True,
    )


def _totals_of_a_panel(totals: Sequence[Sequence[str]]) -> list[list[str]]:
    """A total over both panels would count the narrower one twice: only those of one panel are known."""
    of_panels = [columns for columns in totals if not columns or AGE_PANEL in columns]
    return [[*(name for name in columns if name != AGE_PANEL), "side"] for columns in of_panels]
