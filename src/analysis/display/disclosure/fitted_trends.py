"""Trends among withheld counts: what a fitted line tells of the years it runs through, and how that is kept safe."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from analysis.display.columns import COUNTS, DERIVED, FITTED
from analysis.display.disclosure.published_tables import Published, publish
from analysis.display.disclosure.suppression import PROTECTING, PUBLISHED
from analysis.display.drawing.axes import rows_of, series_values

# Withheld years beyond those sums, so that what is left open is more than one combination of counts.
SPARE = 3
# Among more withheld years than this no sum pins one down.
MOST_AUDITED = 15


def publish_fits(
    frame: pd.DataFrame,
    minimum: int,
    totals: Sequence[Sequence[str]],
    series: str | None = None,
    x: str = "year",
) -> Published:
    """As :func:`publish`, for estimates with a trend fitted through them.

    Columns read: as ``publish``, and ``fitted``, ``fitted_lower``, ``fitted_upper``, ``joinpoint`` where there.

    Parameters
    ----------
    series
        The column with one trend for each of its values.
    x
        The column of time that the trends run over.

    Notes
    -----
    A log-linear trend with p parameters is p known sums of its yearly counts: one withheld year would follow from
    it, and two as well. Where years of a series are withheld, the smallest others go with them until there are
    p + 3 and linear programming finds no small count pinned down; where there are not so many, the trend goes
    instead. The sum over the years of a series counts as known.
    """
    if "fitted" not in frame.columns:
        return publish(frame, minimum, totals)
    fresh, own = frame.reset_index(drop=True), [series] if series else []
    published = publish(fresh, minimum, [*totals, *([] if own in list(totals) else [own])])
    for value in series_values(fresh, series):
        rows = rows_of(fresh, series, value)
        rows = rows.sort_values(x, kind="stable") if x in rows else rows
        published = _safe_fit(published, fresh, rows, (series, x, minimum))
    return published


def _safe_fit(
    published: Published, fresh: pd.DataFrame, rows: pd.DataFrame, how: tuple
) -> Published:
    """One series with its trend back in place and as many years withheld as it takes, or without its trend."""
    series, x, minimum = how
    counts = (
        rows[next(column for column in COUNTS if column in fresh.columns)].astype(float).fillna(0)
    )
    hidden = published.withheld[rows.index]
    others = counts[~hidden & (counts > 0)].sort_values(kind="stable").index
    sums = _known_sums(rows, x)
    own = ((series,), (rows[series].iloc[0],)) if series else ((), ())
    shut = any(own in totals for totals in published.hidden_totals.values())
    more = max(len(sums) + SPARE - hidden.sum(), 0) if hidden.any() else 0
    while not shut and more <= len(others):
        if not _tells(counts, hidden | hidden.index.isin(others[:more]), sums, minimum):
            published = _withhold(published, others[:more], (*COUNTS, *DERIVED))
            return _restore(published, fresh, rows.index)
        more += 1
    return _withhold(published, rows.index, FITTED)


def _known_sums(rows: pd.DataFrame, x: str) -> np.ndarray:
    """Weights of the years in the sums that give a trend: all alike, by time, and by time since each bend."""
    timed = x in rows and pd.api.types.is_numeric_dtype(rows[x]) and rows[x].notna().all()
    place = (
        rows[x].to_numpy(dtype=float) - float(rows[x].min())
        if timed
        else np.arange(len(rows), dtype=float)
    )
    bent = (
        pd.to_numeric(rows["joinpoint"]).fillna(0).astype(bool).to_numpy()
        if "joinpoint" in rows
        else place < 0
    )
    return np.vstack(
        [np.ones(len(rows)), place, *(np.maximum(place - bend, 0) for bend in place[bent])]
    )


def _tells(counts: pd.Series, hidden: pd.Series, sums: np.ndarray, minimum: int) -> bool:
    """Whether the sums leave a small count fewer than two values, or who knows no rule fewer than ``minimum``."""
    values, weights = counts[hidden].to_numpy(), sums[:, hidden.to_numpy()]
    small = (values > 0) & (values < minimum)
    if len(values) > MOST_AUDITED:
        return False
    sharp = [(1, minimum - 1) if few else (minimum, None) for few in small]
    plain = [(0, None)] * len(values)
    return any(
        _width(cell, weights, values, bounds) < least - 1e-6
        for cell in np.flatnonzero(small)
        for bounds, least in ((sharp, 1), (plain, minimum))
    )


def _width(cell: int, weights: np.ndarray, values: np.ndarray, bounds: list) -> float:
    """Between the least and the most that one withheld count can be."""
    goal = np.where(np.arange(len(values)) == cell, 1.0, 0.0)
    ends = [
        linprog(sign * goal, A_eq=weights, b_eq=weights @ values, bounds=bounds) for sign in (1, -1)
    ]
    return np.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun


def _withhold(published: Published, index: pd.Index, columns: Sequence[str]) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    columns = [column for column in marks.columns if column in columns]
    public.loc[index, columns] = np.nan
    marks.loc[index, columns] = marks.loc[index, columns].where(
        marks.loc[index, columns] != PUBLISHED, PROTECTING
    )
    return replace(published, frame=public, marks=marks)


def _restore(published: Published, fresh: pd.DataFrame, index: pd.Index) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    for column in (column for column in FITTED if column in fresh.columns):
        public.loc[index, column] = fresh.loc[index, column].astype("float64")
        marks.loc[index, column] = PUBLISHED
    return replace(published, frame=public, marks=marks)
