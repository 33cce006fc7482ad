"""Trends among withheld counts: what a fitted line tells of the years it runs through, and how that is kept safe."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.display.axes import rows_of, series_values
from analysis.display.columns import COUNTS, DERIVED, FITTED
from analysis.display.publishing import Published, publish
from analysis.display.suppression import PROTECTING, PUBLISHED

# A straight trend is worked out from two sums over its years, and each joinpoint adds one.
STRAIGHT = 2
# Withheld years beyond those sums, so that what is left open is more than one combination of counts.
SPARE = 3


def publish_fits(
    frame: pd.DataFrame, minimum: int, totals: Sequence[Sequence[str]], series: str | None = None
) -> Published:
    """As :func:`publish`, for estimates with a trend fitted through them.

    Columns read: as ``publish``, and ``fitted``, ``fitted_lower``, ``fitted_upper``, ``joinpoint`` where there.

    Parameters
    ----------
    series
        The column with one trend for each of its values.

    Notes
    -----
    A log-linear trend with p parameters is p known sums of its yearly counts: one withheld year would follow from
    it, and two as well. Where years of a series are withheld, the smallest others go with them until there are
    p + 3; where there are not so many, the trend goes instead. The sum over the years of a series counts as known.
    """
    if "fitted" not in frame.columns:
        return publish(frame, minimum, totals)
    fresh, own = frame.reset_index(drop=True), [series] if series else []
    published = publish(fresh, minimum, [*totals, *([] if own in list(totals) else [own])])
    for value in series_values(fresh, series):
        published = _safe_fit(published, fresh, rows_of(fresh, series, value), series)
    return published


def _safe_fit(published: Published, fresh: pd.DataFrame, rows: pd.DataFrame, series: str | None) -> Published:
    """One series with its trend back in place and as many years withheld as it takes, or without its trend."""
    count = next(column for column in COUNTS if column in fresh.columns)
    hidden = published.withheld[rows.index]
    joints = pd.to_numeric(rows["joinpoint"]).fillna(0).astype(bool).sum() if "joinpoint" in rows else 0
    lacking = max(STRAIGHT + joints + SPARE - hidden.sum(), 0) if hidden.any() else 0
    others = rows.loc[~hidden & (rows[count] > 0), count].astype(float).sort_values(kind="stable").index
    own = ((series,), (rows[series].iloc[0],)) if series else ((), ())
    if lacking > len(others) or any(own in totals for totals in published.hidden_totals.values()):
        return _withhold(published, rows.index, FITTED)
    published = _withhold(published, others[:lacking], (*COUNTS, *DERIVED))
    return _restore(published, fresh, rows.index)


def _withhold(published: Published, index: pd.Index, columns: Sequence[str]) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    columns = [column for column in marks.columns if column in columns]
    public.loc[index, columns] = np.nan
    marks.loc[index, columns] = marks.loc[index, columns].where(marks.loc[index, columns] != PUBLISHED, PROTECTING)
    return replace(published, frame=public, marks=marks)


def _restore(published: Published, fresh: pd.DataFrame, index: pd.Index) -> Published:
    public, marks = published.frame.copy(), published.marks.copy()
    for column in (column for column in FITTED if column in fresh.columns):
        public.loc[index, column] = fresh.loc[index, column].astype("float64")
        marks.loc[index, column] = PUBLISHED
    return replace(published, frame=public, marks=marks)
