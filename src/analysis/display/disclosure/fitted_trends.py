"""Trends among withheld counts: what a fitted line tells of the years it runs through, and how that is kept safe."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from analysis.display.columns import COUNTS, DERIVED, FITTED, rows_of, series_values
from analysis.display.disclosure.cells import SHARP, UNBOUNDED, small_cells
from analysis.display.disclosure.public_table import PROTECTING, PUBLISHED, Published, Totals
from analysis.display.disclosure.published_tables import publish

# Withheld years beyond those sums, so that what is left open is more than one combination of counts.
SPARE = 3
# Among more withheld years than this no sum pins one down.
MOST_AUDITED = 15


@dataclass(frozen=True)
class Trend:
    """One trend: the years it runs through, their counts, and the sums of them that it tells."""

    rows: pd.Index
    counts: pd.Series
    sums: np.ndarray
    total: tuple
    minimum: int


def publish_fits(
    frame: pd.DataFrame,
    minimum: int,
    totals: Totals,
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
    fresh = frame.reset_index(drop=True)
    of_series = [series] if series else []
    known = [*totals, *([] if of_series in list(totals) else [of_series])]
    published = publish(fresh, minimum, known)
    for value in series_values(fresh, series):
        rows = rows_of(fresh, series, value)
        # The sums go by time, and rows come in any order.
        rows = rows.sort_values(x, kind="stable") if x in rows else rows
        total = ((series,), (rows[series].iloc[0],)) if series else ((), ())
        trend = Trend(rows.index, _counts_of(rows), _known_sums(rows, x), total, minimum)
        published = _safe_fit(published, fresh, trend)
    return published


def _counts_of(rows: pd.DataFrame) -> pd.Series:
    count = next(column for column in COUNTS if column in rows.columns)
    return rows[count].astype(float).fillna(0)


def _known_sums(rows: pd.DataFrame, x: str) -> np.ndarray:
    """Weights of the years in the sums that give a trend: all alike, by time, and by time since each bend."""
    time = np.arange(len(rows), dtype=float)
    if x in rows and pd.api.types.is_numeric_dtype(rows[x]) and rows[x].notna().all():
        time = rows[x].to_numpy(dtype=float) - float(rows[x].min())
    bends = []
    if "joinpoint" in rows:
        bent = pd.to_numeric(rows["joinpoint"]).fillna(0).astype(bool)
        bends = time[bent.to_numpy()]
    return np.vstack([np.ones(len(rows)), time, *(np.maximum(time - bend, 0) for bend in bends)])


def _safe_fit(published: Published, fresh: pd.DataFrame, trend: Trend) -> Published:
    """One series with its trend back in place and as many years withheld as it takes, or without its trend."""
    if any(trend.total in totals for totals in published.hidden_totals.values()):
        # The trend would tell the sum over the years, which is withheld itself.
        return _withhold(published, trend.rows, FITTED)
    hidden = published.withheld[trend.rows]
    # A year without a case hides nobody: its zero is printed.
    counts = trend.counts[~hidden & (trend.counts > 0)]
    others = counts.sort_values(kind="stable").index
    least = max(len(trend.sums) + SPARE - hidden.sum(), 0) if hidden.any() else 0
    # The smallest first, so that as few children as may be are left out of the figure.
    for more in range(least, len(others) + 1):
        if not _tells(trend, hidden | hidden.index.isin(others[:more])):
            published = _withhold(published, others[:more], (*COUNTS, *DERIVED))
            return _restore(published, fresh, trend.rows)
    return _withhold(published, trend.rows, FITTED)


def _tells(trend: Trend, hidden: pd.Series) -> bool:
    """Whether the sums leave a small count fewer than two values, or who knows no rule fewer than ``minimum``."""
    values, weights = trend.counts[hidden].to_numpy(), trend.sums[:, hidden.to_numpy()]
    small = small_cells(values, trend.minimum)
    if len(values) > MOST_AUDITED:
        return False
    of_rule = [(1, trend.minimum - 1) if few else (trend.minimum, None) for few in small]
    of_no_rule = [(0, None)] * len(values)
    return any(
        _width(cell, weights, values, bounds) < least - SHARP
        for cell in np.flatnonzero(small)
        for bounds, least in ((of_rule, 1), (of_no_rule, trend.minimum))
    )


def _width(cell: int, weights: np.ndarray, values: np.ndarray, bounds: list) -> float:
    """Between the least and the most that one withheld count can be."""
    goal = np.where(np.arange(len(values)) == cell, 1.0, 0.0)
    least, most = (
        linprog(sign * goal, A_eq=weights, b_eq=weights @ values, bounds=bounds) for sign in (1, -1)
    )
    # From below each count is bounded by nothing less than zero.
    return np.inf if most.status == UNBOUNDED else -most.fun - least.fun


def _withhold(published: Published, rows: pd.Index, columns: Sequence[str]) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    marked = [column for column in marks.columns if column in columns]
    public.loc[rows, marked] = np.nan
    before = marks.loc[rows, marked]
    marks.loc[rows, marked] = before.where(before != PUBLISHED, PROTECTING)
    return replace(published, frame=public, marks=marks)


def _restore(published: Published, fresh: pd.DataFrame, rows: pd.Index) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    for column in (column for column in FITTED if column in fresh.columns):
        public.loc[rows, column] = fresh.loc[rows, column].astype("float64")
        marks.loc[rows, column] = PUBLISHED
    return replace(published, frame=public, marks=marks)
