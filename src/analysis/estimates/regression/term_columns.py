"""One column of children as covariates: a number as it is, or its levels against one that has no column."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.strata import number_strata


@dataclass(frozen=True)
class Term:
    """A column of children as covariates: its ``table`` of levels, and its columns for every row.

    ``table`` is ``level reference children events column``: ``column`` is that of ``columns`` in which the level is 1,
    or −1. ``every_column`` has one more for each level without events; ``fitted`` marks rows in a level with some.
    """

    table: pd.DataFrame
    columns: np.ndarray
    every_column: np.ndarray
    fitted: np.ndarray


def numbers_of(column: pd.Series) -> np.ndarray:
    """A column as floats, what is missing as NaN."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def is_number(column: pd.Series, references: Mapping) -> bool:
    """Whether a column is taken as a number: it is one, and no reference was chosen among its levels."""
    types = pd.api.types
    is_numeric = types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype)
    return is_numeric and column.name not in references


def term_of(column: pd.Series, references: Mapping, first: np.ndarray, died: np.ndarray) -> Term:
    """The covariates of a column; ``first`` marks the first row of each child, ``died`` those with an event."""
    if is_number(column, references):
        return _number_term(numbers_of(column), first, died)
    return _level_term(column, references, first, died)


def _level_term(
    column: pd.Series, references: Mapping, first: np.ndarray, died: np.ndarray
) -> Term:
    """A column a level but the base, in which those with this level have 1."""
    numbers, levels = number_strata(column.to_frame(), [column.name])
    level = levels[column.name].astype(object)
    reference = references.get(column.name, next(iter(level), None))
    events = np.bincount(numbers[died], minlength=len(level))
    base, is_comparable = _base(level, reference, events)
    others = np.flatnonzero(level.index != base)
    estimated = others[events[others] > 0]
    children = np.bincount(numbers[first], minlength=len(level))
    counts = {"children": children, "events": events, "column": -1}
    table = pd.DataFrame({"level": level, "reference": reference, **counts})
    if is_comparable:
        table.loc[estimated, "column"] = np.arange(len(estimated))
    return Term(
        table=table,
        columns=_indicators(numbers, estimated),
        every_column=_indicators(numbers, others),
        fitted=events[numbers] > 0,
    )


def _number_term(values: np.ndarray, first: np.ndarray, died: np.ndarray) -> Term:
    """A number as it is; without a column where it is the same for all."""
    differs = len(values) > 0 and values.min() < values.max()
    columns = values[:, None] if differs else np.zeros((len(values), 0))
    row = {"level": None, "reference": None, "children": first.sum(), "events": died.sum()}
    table = pd.DataFrame([row | {"column": columns.shape[1] - 1}])
    return Term(table, columns, columns, fitted=np.ones(len(values), dtype=bool))


def _base(level: pd.Series, reference: object, events: np.ndarray) -> tuple[int, bool]:
    """The level that has no column, and whether it is the reference.

    Without an event in the reference nothing can be compared with it; other terms are adjusted for the levels still,
    and the first level with an event then is the base.
    """
    if not len(level):
        return 0, False
    at = np.flatnonzero(level == reference)
    if at.size and events[at[0]]:
        return int(at[0]), True
    base = int(events.astype(bool).argmax())
    return base, at.size > 0 and base == at[0]


def _indicators(numbers: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return (numbers[:, None] == levels).astype(float)
