"""From the columns of children to covariates of a regression: levels against a reference, numbers as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.regression.partial_likelihood import Follow
from analysis.estimates.regression.term_columns import Term, is_number, numbers_of, term_of
from analysis.strata import number_strata, require_columns, require_list
from analysis.terms import READING_ORDER

RANK_TOLERANCE = 1e-9
# Events a coefficient from which on terms that coincide are a fault of the model and not of chance.
FEWEST_EVENTS = 5
MOST_CHOICES = 20


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
    require_list("strata", strata)
    require_columns(cases, ["follow_up_days", "event", *strata])
    if isinstance(cases["event"].dtype, pd.CategoricalDtype):
        fault = "event: has causes; choose one with censor_other_causes"
        raise InputError("regression of survival", [fault])
    exit_days = numbers_of(cases["follow_up_days"])
    event = numbers_of(pd.to_numeric(cases["event"], errors="coerce"))
    rules = {
        "follow_up_days: must be filled and not negative": ~(exit_days >= 0),
        "event: must be 0 or 1, and filled": ~np.isin(event, (0, 1)),
    }
    entry_days = weight = None
    if "entry_days" in cases.columns:
        entry_days = numbers_of(cases["entry_days"])
        rules["entry_days: must be filled, and before follow_up_days"] = ~(entry_days < exit_days)
    if "risk_set_weight" in cases.columns:
        weight = numbers_of(cases["risk_set_weight"])
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
    require_list("terms", names)
    names, references = list(names), chosen_references(references)
    require_columns(cases, names)
    _refuse_references(cases, names, references)
    complete = _is_complete(cases, names, references)
    children, died = cases[complete], follow.died[complete]
    first = distinct_children(cases)[complete]
    terms = {name: term_of(children[name], references, first, died) for name in names}
    _refuse_collinear(terms, follow.layer[complete], int(died.sum()))
    return _design(terms, complete)


def _design(terms: Mapping[str, Term], complete: np.ndarray) -> Design:
    """The terms beside one another, of the rows that are in no level without an event."""
    fitted = np.ones(complete.sum(), dtype=bool)
    for term in terms.values():
        fitted &= term.fitted
    nothing = np.zeros((fitted.sum(), 0))
    return Design(
        rows=np.flatnonzero(complete)[fitted],
        covariates=np.hstack([nothing, *(term.columns[fitted] for term in terms.values())]),
        term=np.repeat(list(terms), [term.columns.shape[1] for term in terms.values()]),
        table=_one_table(terms),
        degrees={name: term.every_column.shape[1] for name, term in terms.items()},
        known=complete,
    )


def _one_table(terms: Mapping[str, Term]) -> pd.DataFrame:
    """The levels of all terms, with the column of each among those of all."""
    start, tables = 0, [pd.DataFrame()]
    for name, term in terms.items():
        column = term.table["column"]
        table = term.table.assign(column=column.where(column < 0, column + start))
        table.insert(0, "term", name)
        tables.append(table)
        start += term.columns.shape[1]
    return tables[0] if not terms else pd.concat(tables[1:], ignore_index=True)


def chosen_references(references: Mapping | None) -> dict[str, object]:
    """The references that were chosen; where a level is missing the first in reading order will do."""
    chosen = references or {}
    return {name: level for name, level in chosen.items() if level is not None}


def levels_of(
    cases: pd.DataFrame, names: Sequence[str], references: Mapping | None
) -> dict[str, list]:
    """The levels of each term that is not a number, in reading order."""
    require_list("terms", names)
    names = list(names)
    require_columns(cases, names)
    references = chosen_references(references)
    _refuse_references(cases, names, references)
    leveled = [name for name in names if not is_number(cases[name], references)]
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


def _is_complete(cases: pd.DataFrame, names: Sequence[str], references: Mapping) -> np.ndarray:
    complete = np.ones(len(cases), dtype=bool)
    for name in names:
        if is_number(cases[name], references):
            complete &= np.isfinite(numbers_of(cases[name]))
    return complete


def _refuse_references(cases: pd.DataFrame, names: Sequence[str], references: Mapping) -> None:
    faults = [
        f"references: {name} is not one of the terms: {', '.join(names)}"
        for name in references
        if name not in names
    ]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            faults.append(f"terms: {name} is given twice")
        levels = _levels(cases, name) if name in references else [references.get(name)]
        if references.get(name) not in levels:
            choices = ", ".join(map(str, levels[:MOST_CHOICES]))
            faults.append(f"references: {references[name]!r} is not a level of {name}: {choices}")
    if faults:
        raise InputError("regression of survival", faults)


def _levels(cases: pd.DataFrame, name: str) -> list:
    """The levels that a column has or could have: a reference may be one that no child is in."""
    column = cases[name]
    listed = READING_ORDER.get(name, ())
    if isinstance(column.dtype, pd.CategoricalDtype):
        listed = column.cat.categories
    present = number_strata(cases, [name])[1][name].dropna()
    return list(dict.fromkeys([*present, *listed]))


def _refuse_collinear(terms: Mapping[str, Term], layer: np.ndarray, events: int) -> None:
    """Name the terms that those before them, or the strata, already tell.

    In a small group terms can coincide by chance; with few events nothing is estimated then, and nothing refused.
    """
    before = np.zeros((len(layer), 0))
    every = np.hstack([before, *(term.every_column for term in terms.values())])
    if events < FEWEST_EVENTS * every.shape[1] or _rank(every, layer) == every.shape[1]:
        return
    faults = []
    for name, term in terms.items():
        together = np.hstack([before, term.every_column])
        if _rank(together, layer) < together.shape[1]:
            rule = "is determined by the terms before it or by the strata"
            faults.append(f"{name}: {rule}; leave one of them out")
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
