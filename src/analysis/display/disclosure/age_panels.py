"""Age panels that hold one another: what stands between 0–14 and 0–17 are the adolescents, who are few."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.display.columns import COUNTS, DERIVED
from analysis.display.disclosure.suppression import PROTECTING, PUBLISHED, SMALL, suppression_marks

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
    if len(panels) != 2 or not all(ends.values()):
        return None
    narrow, wide = sorted(panels, key=lambda panel: int(ends[panel][1]))
    return narrow, wide


def mark_nested(
    frame: pd.DataFrame, column: str, known: Sequence[Sequence[str]], minimum: int
) -> tuple[pd.Series, tuple]:
    """As ``suppression_marks``, for a frame in which every stratum stands in two panels, one within the other.

    The wider panel is taken apart into the narrower one and the ages between, which a reader finds by
    subtraction. Where those must be withheld, the wider panel is: the narrower one can be compared with
    other countries and years. Where the narrower one is small itself, the wider one is still printed.
    """
    narrow, wide = nested_panels(frame)
    strata = [
        name for name in frame.columns if name not in (*COUNTS, *DERIVED, "suppressed", AGE_PANEL)
    ]
    key = (
        frame.groupby(strata, dropna=False, observed=True).ngroup()
        if strata
        else pd.Series(0, index=frame.index)
    )
    pairs = (
        frame[strata]
        .assign(row=key)
        .drop_duplicates("row")
        .sort_values("row")
        .reset_index(drop=True)
    )
    inner = _counts_of(frame, key, column, narrow).reindex(pairs["row"])
    between = (_counts_of(frame, key, column, wide).reindex(pairs["row"]) - inner.fillna(0)).clip(
        lower=0
    )
    sides = [
        pairs.assign(side=side, n=piece.fillna(0).to_numpy())
        for side, piece in enumerate((inner, between))
    ]
    # A total over both panels would count the narrower one twice: none is known but those of a panel.
    of_panels = [columns for columns in known if not columns or AGE_PANEL in columns]
    groupings = [
        [*(name for name in columns if name != AGE_PANEL), "side"] for columns in of_panels
    ]
    both, hidden = suppression_marks(pd.concat(sides, ignore_index=True), "n", groupings, minimum)
    of_inner, of_between = both.to_numpy().reshape(2, len(pairs))
    of_wide = np.where(of_between != PUBLISHED, PROTECTING, PUBLISHED)
    marks = np.where(frame[AGE_PANEL] == narrow, of_inner[key], of_wide[key])
    small = pd.to_numeric(frame[column], errors="coerce").between(1, minimum - 1)
    totals = tuple((columns[:-1], values[:-1]) for columns, values in hidden)
    return pd.Series(np.where(small, SMALL, marks), index=frame.index, dtype=object), totals


def _counts_of(frame: pd.DataFrame, key: pd.Series, column: str, panel: str) -> pd.Series:
    rows = frame[AGE_PANEL] == panel
    return pd.Series(
        pd.to_numeric(frame.loc[rows, column]).to_numpy(dtype=float), index=key[rows].to_numpy()
    )
