"""Counting where the rows lie: the grouping is handed to the engine that holds them.

An engine (polars, Arrow, DuckDB, Spark, a database) is told by narwhals, in its own words, to count the rows of each
stratum, time and event. What comes back is small, and is finished here as any frame is.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.quantities import of_kind
from analysis.strata import require_columns
from analysis.terms import is_count_table

# How many rows of the engine's a counted row stands for, and how many of them have a weight that cannot be.
ROWS, IMPOSSIBLE = "counted_rows", "impossible_rows"
# Rows of a scanned file that are held at a time.
PIECE = 4_000_000


def count_in_engine(
    cases, needed: Sequence[str], optional: Sequence[str] = (), weights: str | None = None
) -> tuple[pd.DataFrame, str | None]:
    """A frame of cases as pandas, and the column that weighs its rows, if there is one.

    A pandas frame is handed back as it is. Any other is grouped by the columns ``needed``, and by the ``optional``
    ones that are there, in its engine; a column ``cases`` then says how many children each row stands for, or
    ``weights`` the sum of their weights.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        The frame is of no kind that narwhals knows; a weight is missing or negative.
    """
    if isinstance(cases, pd.DataFrame):
        return cases, weights or ("cases" if is_count_table(cases) else None)
    frame = _known_frame(cases)
    columns = frame.collect_schema().names()
    weights = weights or ("cases" if "cases" in columns else None)
    require_columns(pd.DataFrame(columns=columns), [*needed, *([weights] if weights else [])])
    wanted = [*optional, *of_kind("note")]
    keys = list(dict.fromkeys([*needed, *(name for name in wanted if name in columns)]))
    frame, sums = _summed_columns(_ordered_categories_only(frame), weights)
    rows = _counted_rows(frame, keys, sums)
    if weights is None:
        return rows.assign(cases=rows[ROWS]), "cases"
    _refuse_impossible_weights(rows, weights)
    return rows, weights


def _known_frame(cases):
    import narwhals as nw

    try:
        return nw.from_native(cases)
    except TypeError:
        raise InputError(
            "cases", ["must be a frame of pandas, or of a kind that narwhals knows"]
        ) from None


def _ordered_categories_only(frame):
    """Polars keeps the categories of a Categorical in no order of the frame's own: they are text; an Enum's stay."""
    import narwhals as nw

    if not frame.implementation.is_polars():
        return frame
    words = [name for name, dtype in frame.collect_schema().items() if dtype == nw.Categorical]
    return frame.with_columns(nw.col(name).cast(nw.String) for name in words)


def _counted_rows(frame, keys: list[str], sums: list) -> pd.DataFrame:
    """The sums of each combination of the keys, made by the engine that holds the frame."""
    import narwhals as nw

    if frame.implementation.is_polars() and isinstance(frame, nw.LazyFrame):
        return _summed_by_piece(frame, keys, sums).to_arrow().to_pandas()
    return _grouped(frame.lazy(), keys, sums).collect("pyarrow").to_native().to_pandas()


def _summed_by_piece(frame, keys: list[str], sums: list):
    """The sums of a file that polars scans, piece by piece: its own grouping would hold nearly all of the file."""
    import narwhals as nw

    whole = _grouped(frame.head(0).collect(), keys, sums)
    again = [nw.col(name).sum() for name in whole.columns if name not in keys]
    for piece in map(nw.from_native, frame.to_native().collect_batches(chunk_size=PIECE)):
        whole = _grouped(nw.concat([whole, _grouped(piece, keys, sums)]), keys, again)
    return whole


def _grouped(frame, keys: list[str], sums: list):
    return frame.group_by(keys).agg(*sums) if keys else frame.select(*sums)


def _summed_columns(frame, weights: str | None) -> tuple:
    """The frame with what is to be added up in it, and the sums."""
    import narwhals as nw

    rows = nw.len().alias(ROWS)
    if weights is None:
        return frame, [rows]
    weight = nw.col(weights)
    impossible = (weight.is_null() | (weight < 0).fill_null(False)).cast(nw.Int64).alias(IMPOSSIBLE)
    return frame.with_columns(impossible), [rows, weight.sum(), nw.col(IMPOSSIBLE).sum()]


def _refuse_impossible_weights(rows: pd.DataFrame, weights: str) -> None:
    weight = rows[weights].to_numpy(dtype=float, na_value=np.nan)
    count = int(np.where(np.isnan(weight), np.maximum(rows[IMPOSSIBLE], 1), rows[IMPOSSIBLE]).sum())
    if count:
        raise InputError(
            "cases", [f"{weights}: must be 0 or more in {count} row{'s' if count != 1 else ''}"]
        )
