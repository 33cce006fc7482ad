"""From the columns of children to covariates of a regression: levels against a reference, numbers as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.regression.partial_likelihood import Follow
from analysis.strata import READING_ORDER, number_strata, require_columns

RANK_TOLERANCE = 1e-9
# Events a coefficient from which on terms that coincide are a fault of the model and not of chance.
FEWEST_EVENTS = 5


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


@dataclass(frozen=True)
class Design:
    """What is fitted: which ``rows`` of the children, their ``covariates``, and the ``term`` of each of these.

    ``table`` is ``term level reference children events column``, a row a level; ``degrees`` is how many coefficients a
    term has, those of levels without events included; ``known`` says which rows have every number.
    """

    rows: np.ndarray
    covariates: np.ndarray
    term: np.ndarray
    table: pd.DataFrame
    degrees: dict[str, int]
    known: np.ndarray

    @property
    def left_out(self) -> int:
        """How many rows lack a number that the model needs."""
        return int((~self.known).sum())


def checked_follow_up(cases: pd.DataFrame, strata: Sequence[str]) -> Follow:
    """Follow-up of children for a regression, or every fault in it."""
    require_columns(cases, ["follow_up_days", "event", *strata])
    if isinstance(cases["event"].dtype, pd.CategoricalDtype):
        raise InputError(
            "regression of survival", ["event: has causes; choose one with censor_other_causes"]
        )
    exit_days = _numbers(cases["follow_up_days"])
    event = _numbers(pd.to_numeric(cases["event"], errors="coerce"))
    rules = {
        "follow_up_days: must be filled and not negative": ~(exit_days >= 0),
        "event: must be 0 or 1, and filled": ~np.isin(event, (0, 1)),
    }
    entry_days = weight = None
    if "entry_days" in cases.columns:
        entry_days = _numbers(cases["entry_days"])
        rules["entry_days: must be filled, and before follow_up_days"] = ~(entry_days < exit_days)
    if "risk_set_weight" in cases.columns:
        weight = _numbers(cases["risk_set_weight"])
        rules["risk_set_weight: must be above 0"] = ~(weight > 0)
    raise_faults("regression of survival", rules)
    return Follow(exit_days, event == 1, number_strata(cases, strata)[0], entry_days, weight)


def refuse_no_time(follow: Follow) -> None:
    """Refuse a follow-up of 0 days, which has no stretch of time in it."""
    no_time = "follow_up_days: must be above 0 (half a day)"
    raise_faults("regression of survival", {no_time: ~(follow.exit > 0)})


def distinct_children(cases: pd.DataFrame) -> np.ndarray:
    """Which rows are the first of their child, where follow-up was split into several rows."""
    if "child_row" not in cases.columns:
        return np.ones(len(cases), dtype=bool)
    return ~cases["child_row"].duplicated().to_numpy()


def design_of(
    cases: pd.DataFrame, follow: Follow, names: Sequence[str], references: Mapping | None
) -> Design:
    """The covariates of the terms named, each level against its reference.

    A level in which nobody has the event would have a coefficient without end. It is not estimated, and children in
    it, who in the limit no longer count in any risk set, are not fitted. Nor are those with a number missing.
    """
    names, references = list(names), chosen_references(references)
    require_columns(cases, names)
    _refuse_references(cases, names, references)
    known, first = _known(cases, names, references), distinct_children(cases)
    of_known = cases[known]
    counted = [(first & known)[known], follow.died[known]]
    terms = {name: _term(of_known[name], references, *counted) for name in names}
    every = [term.every_column for term in terms.values()]
    _refuse_collinear(
        dict(zip(names, every, strict=True)), follow.layer[known], int(follow.died[known].sum())
    )
    fitted = (
        np.logical_and.reduce([term.fitted for term in terms.values()])
        if names
        else np.ones(known.sum(), bool)
    )
    widths = [term.columns.shape[1] for term in terms.values()]
    starts = np.cumsum([0, *widths])[:-1]
    tables = [
        term.table.assign(
            column=term.table["column"].where(
                term.table["column"] < 0, term.table["column"] + start
            )
        )
        for term, start in zip(terms.values(), starts, strict=True)
    ]
    return Design(
        rows=np.flatnonzero(known)[fitted],
        covariates=np.column_stack(
            [np.zeros((fitted.sum(), 0)), *(term.columns[fitted] for term in terms.values())]
        ),
        term=np.repeat(names, widths),
        table=pd.concat(tables, keys=names, names=["term"]).reset_index("term")
        if names
        else pd.DataFrame(),
        degrees={name: columns.shape[1] for name, columns in zip(names, every, strict=True)},
        known=known,
    )


def chosen_references(references: Mapping | None) -> dict[str, object]:
    """The references that were chosen; where a level is missing the first in reading order will do."""
    chosen = references or {}
    return {name: level for name, level in chosen.items() if level is not None}


def levels_of(
    cases: pd.DataFrame, names: Sequence[str], references: Mapping | None
) -> dict[str, list]:
    """The levels of each term that is not a number, in reading order."""
    require_columns(cases, names)
    references = chosen_references(references)
    _refuse_references(cases, names, references)
    leveled = [name for name in names if not _is_number(cases[name], references)]
    return {name: number_strata(cases, [name])[1][name].dropna().tolist() for name in leveled}


def without_children(cases: pd.DataFrame, names: Sequence[str]) -> dict[str, list]:
    """The categories of each term that no child is in."""
    categorical = [name for name in names if isinstance(cases[name].dtype, pd.CategoricalDtype)]
    unused = {
        name: cases[name].cat.categories.difference(cases[name].dropna(), sort=False)
        for name in categorical
    }
    return {name: list(levels) for name, levels in unused.items() if len(levels)}


def is_identified(covariates: np.ndarray, layer: np.ndarray) -> bool:
    """Whether no covariate is a sum of the others, within layers."""
    return _rank(covariates, layer) == covariates.shape[1]


def _numbers(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=float, na_value=np.nan)


def _is_number(column: pd.Series, references: Mapping) -> bool:
    numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(
        column.dtype
    )
    return numeric and column.name not in references


def _known(cases: pd.DataFrame, names: Sequence[str], references: Mapping) -> np.ndarray:
    numbers = [_numbers(cases[name]) for name in names if _is_number(cases[name], references)]
    return np.logical_and.reduce(
        [np.ones(len(cases), dtype=bool), *(np.isfinite(column) for column in numbers)]
    )


def _term(column: pd.Series, references: Mapping, first: np.ndarray, died: np.ndarray) -> Term:
    if _is_number(column, references):
        values = _numbers(column)[:, None]
        values = values[:, : int(len(values) > 0 and values.min() < values.max())]
        row = {"level": None, "reference": None, "children": first.sum(), "events": died.sum()}
        return Term(
            pd.DataFrame([row | {"column": values.shape[1] - 1}]),
            values,
            values,
            np.ones(len(values), bool),
        )
    numbers, levels = number_strata(column.to_frame(), [column.name])
    children, events = (
        np.bincount(numbers[chosen], minlength=len(levels)) for chosen in (first, died)
    )
    level = levels[column.name].astype(object)
    reference = references.get(column.name, level.iloc[0] if len(level) else None)
    at = np.flatnonzero(level == reference)
    # Without an event in the reference nothing can be compared with it; other terms are adjusted for the levels still.
    base = (
        at[0] if at.size and events[at[0]] else events.astype(bool).argmax() if len(events) else 0
    )
    indicated = np.flatnonzero((events > 0) & (np.arange(len(levels)) != base))
    place = np.full(len(levels), -1)
    place[indicated] = np.arange(len(indicated))
    comparable = at.size > 0 and base == at[0]
    table = pd.DataFrame(
        {"level": level, "reference": reference, "children": children, "events": events}
    )
    table["column"] = place if comparable else -1
    others = np.flatnonzero(np.arange(len(levels)) != base)
    return Term(
        table, _indicators(numbers, indicated), _indicators(numbers, others), events[numbers] > 0
    )


def _indicators(numbers: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return (numbers[:, None] == levels).astype(float)


def _refuse_references(cases: pd.DataFrame, names: Sequence[str], references: Mapping) -> None:
    faults = [
        f"references: {name} is not one of the terms" for name in references if name not in names
    ]
    for name in set(names) & set(references):
        column = cases[name]
        listed = (
            column.cat.categories
            if isinstance(column.dtype, pd.CategoricalDtype)
            else READING_ORDER.get(name, ())
        )
        if references[name] not in listed and not (column == references[name]).any():
            faults.append(f"references: that of {name} is none of its values")
    faults += [
        f"terms: {name} is given twice"
        for name in dict.fromkeys(names)
        if list(names).count(name) > 1
    ]
    if faults:
        raise InputError("regression of survival", faults)


def _refuse_collinear(columns: Mapping[str, np.ndarray], layer: np.ndarray, events: int) -> None:
    """Name the terms that those before them, or the strata, already tell.

    In a small group terms can coincide by chance; with few events nothing is estimated then, and nothing refused.
    """
    every = np.column_stack(list(columns.values())) if columns else np.zeros((0, 0))
    if events < FEWEST_EVENTS * every.shape[1] or _rank(every, layer) == every.shape[1]:
        return
    faults, before = [], every[:, :0]
    for name, own in columns.items():
        together = np.column_stack([before, own])
        if _rank(together, layer) < before.shape[1] + own.shape[1]:
            faults.append(
                f"{name}: is determined by the terms before it or by the strata; leave one of them out"
            )
        else:
            before = together
    raise InputError("regression of survival", faults)


def _rank(columns: np.ndarray, layer: np.ndarray) -> int:
    if not columns.size:
        return 0
    size = np.maximum(np.bincount(layer), 1)
    centred = np.column_stack(
        [column - (np.bincount(layer, column) / size)[layer] for column in columns.T]
    )
    scale = np.linalg.norm(columns - columns.mean(axis=0), axis=0)
    scaled = centred / np.where(scale > 0, scale, 1.0)
    return int((np.linalg.eigvalsh(scaled.T @ scaled) > RANK_TOLERANCE).sum())
