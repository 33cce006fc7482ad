"""Follow-up as it was observed, held to what it must be before anyone is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.counts.engines import ROWS
from analysis.errors import InputError, raise_faults


@dataclass(frozen=True)
class FollowUp:
    """Each row's exit and entry (days), its event (0 censored, else the number of its cause) and its weight."""

    exit_days: np.ndarray
    entry_days: np.ndarray | None
    event: np.ndarray
    causes: tuple[str, ...]
    weight: np.ndarray | None

    def of(self, rows: np.ndarray) -> "FollowUp":
        """The follow-up of some of the rows."""
        columns = {
            name: getattr(self, name) for name in ("exit_days", "entry_days", "event", "weight")
        }
        return replace(
            self, **{name: column[rows] for name, column in columns.items() if column is not None}
        )


def checked_follow_up(
    cases: pd.DataFrame, weights: str | None, outcomes: Sequence[str] | None
) -> FollowUp:
    """``follow_up_days``, ``entry_days``, ``event`` and the weights as numbers.

    Raises
    ------
    InputError
        Any of them missing or impossible; each fault with its rows.
    """
    exit_days = _numbers(cases["follow_up_days"])
    event, causes = _event_codes(cases["event"], outcomes)
    values = "one of outcomes" if outcomes else "0 or 1, or a categorical"
    rules = {
        "follow_up_days: must be filled": np.isnan(exit_days),
        "follow_up_days: must not be negative": exit_days < 0,
        f"event: must be {values}, and filled": event < 0,
    }
    entry_days = weight = None
    if "entry_days" in cases.columns:
        entry_days = _numbers(cases["entry_days"])
        rules["entry_days: must be filled"] = np.isnan(entry_days)
        rules["entry_days: must not be negative"] = entry_days < 0
        rules["entry_days: must be before follow_up_days"] = entry_days >= exit_days
    if weights is not None:
        weight = _weight(cases[weights])
        rules[f"{weights}: must be 0 or more"] = ~(weight >= 0)
    _refuse("event table", rules, cases)
    return FollowUp(exit_days, entry_days, event, causes, weight)


def _refuse(what: str, rules: dict[str, np.ndarray], cases: pd.DataFrame) -> None:
    """All faults at once; of rows that an engine has counted, how many there are and no row numbers."""
    if ROWS not in cases.columns:
        raise_faults(what, rules)
        return
    counted = {rule: int(cases.loc[broken, ROWS].sum()) for rule, broken in rules.items()}
    faults = [
        f"{rule} in {count} row{'s' if count != 1 else ''}"
        for rule, count in counted.items()
        if count
    ]
    if faults:
        raise InputError(what, faults)


def _numbers(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        return column.to_numpy()
    return column.to_numpy(dtype=float, na_value=np.nan)


def _weight(column: pd.Series) -> np.ndarray:
    weight = _numbers(column)
    whole = column.name == "cases" or pd.api.types.is_integer_dtype(column.dtype)
    if whole and weight.dtype.kind == "f" and np.isfinite(weight).all():
        return weight.round().astype(np.int64)
    return weight.astype(float) if weight.dtype.kind == "f" else weight.astype(np.int64)


def _event_codes(event: pd.Series, outcomes: Sequence[str] | None) -> tuple[np.ndarray, tuple]:
    if outcomes is not None:
        event = pd.Series(pd.Categorical(event, categories=list(outcomes)))
    if isinstance(event.dtype, pd.CategoricalDtype):
        return event.cat.codes.to_numpy(), tuple(event.cat.categories[1:])
    if isinstance(event.dtype, np.dtype) and event.dtype.kind in "iub":
        values = event.to_numpy()
    else:
        values = pd.to_numeric(event, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    died, alive = values == 1, values == 0
    codes = died.astype(np.int8)
    codes[~(died | alive)] = -1
    return codes, ()
