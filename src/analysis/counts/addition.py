"""Event tables of disjoint pieces, added up: of a file in pieces, of several countries."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.counts.events import table_of_movements
from analysis.errors import InputError, faults_in_rows
from analysis.quantities import is_note, is_of_cause, note_columns, notes_of
from analysis.strata import curve_strata, number_strata, require_columns

WHAT = "event tables"
COUNTED = ("events", "censored")
# Pieces are gathered until they hold so many rows, and then added up.
GATHERED_ROWS = 2_000_000


def add_event_tables(tables: Iterable[pd.DataFrame], entry_rows: bool = False) -> pd.DataFrame:
    """The event table of all children, from the event tables of disjoint groups of them.

    .. math:: d_j = \\sum_k d_{kj}, \\quad n_j = \\sum_k \\#\\{i \\in k : entry_i < t_j \\le exit_i\\}

    Reads ``time_days`` (days), ``events``, ``censored`` and ``events_<cause>`` (counts), with delayed entry ``entered``
    (a count), and the stratum columns, which are all the others. ``at_risk`` is counted anew: at a time of one table
    the others have no row.

    Parameters
    ----------
    tables
        Event tables with the same stratum columns, each as ``event_table`` gives it; with delayed entry, with its
        ``entry_rows``. A generator is read one table at a time.
    entry_rows
        With delayed entry, keep the rows at times of entry, so that the sum can be added to others.

    Returns
    -------
    pandas.DataFrame
        As ``event_table`` of all the children together: ``by… time_days at_risk events censored``, then ``entered``
        and the causes where they are; strata in reading order, times rising.

    Raises
    ------
    MissingStepError
        A table is no event table.
    InputError
        No table at all; other strata or outcomes than in the first; delayed entry in some tables only, or without a row
        at each time of entry; a missing or negative count; causes that do not add up to the events.

    Notes
    -----
    A child must be in one table only: nobody can tell from counts. With delayed entry the risk set at a time of another
    table depends on when children came, which a table of exits alone does not say.

    References
    ----------
    Andersen, Borgan, Gill, Keiding. Statistical Models Based on Counting Processes, 1993, section II.1 (counting and
    at-risk processes of independent individuals add up).

    Examples
    --------
    >>> ours = pd.DataFrame({"time_days": [10, 30], "at_risk": [2, 1], "events": [1, 0], "censored": [0, 1]})
    >>> theirs = pd.DataFrame({"time_days": [20], "at_risk": [5], "events": [2], "censored": [3]})
    >>> add_event_tables([ours, theirs])
       time_days  at_risk  events  censored
    0       10.0        7       1         0
    1       20.0        6       2         3
    2       30.0        1       0         1
    """
    gathered, largest = [], 0
    for number, table in enumerate(tables, start=1):
        gathered.append(_checked_movements(table, number))
        _refuse_other_kind(gathered[0], gathered[-1], number)
        if sum(map(len, gathered)) > max(GATHERED_ROWS, 2 * largest):
            gathered = [_movements_of(_sum(gathered, entry_rows=True))]
            largest = len(gathered[0])
    if not gathered:
        raise InputError(WHAT, ["there must be at least one"])
    return _sum(gathered, entry_rows)


def _sum(gathered: Sequence[pd.DataFrame], entry_rows: bool) -> pd.DataFrame:
    movements = _stack([table for table in gathered if len(table)] or gathered[:1])
    by = _strata_of(movements)
    numbers, strata = number_strata(movements, by)
    amounts = {
        name: movements[name].to_numpy()
        for name in movements.columns
        if name not in [*by, "time_days", *note_columns(movements)]
    }
    causes = {name: amount for name, amount in amounts.items() if is_of_cause(name)}
    amounts = {name: amount for name, amount in amounts.items() if name not in causes} | causes
    days = movements["time_days"].to_numpy()
    return table_of_movements(strata, numbers, days, amounts, entry_rows)


def _stack(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    return pd.DataFrame({name: _stacked_column(tables, name) for name in names})


def _stacked_column(tables: Sequence[pd.DataFrame], name: str) -> pd.Series:
    # A table without a cause that others have counts none of it.
    columns = [
        table[name] if name in table else pd.Series([None if is_note(name) else 0] * len(table))
        for table in tables
    ]
    if (
        len({str(column.dtype) for column in columns}) == 1
        and len({column.dtype for column in columns}) == 1
    ):
        return pd.concat(columns, ignore_index=True)
    words = np.concatenate([column.to_numpy(dtype=object) for column in columns])
    return pd.Series(words, dtype=object).infer_objects()


def _checked_movements(table: pd.DataFrame, number: int) -> pd.DataFrame:
    require_columns(table, ["time_days", *COUNTED])
    faults = _faults_of_counts(table)
    if not faults:
        movements = _movements_of(table)
        delayed = "entering" in movements and movements["leaving"].sum() > 0
        if not (delayed and _entries_lie_within_rows(table)):
            return movements
        faults = ["entered: must stand at each time of entry (event_table with entry_rows)"]
    raise InputError(f"event table {number}", faults)


def _faults_of_counts(table: pd.DataFrame) -> list[str]:
    causes = [name for name in table.columns if is_of_cause(name)]
    entered = ["entered"] if "entered" in table.columns else []
    counts = {
        name: table[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ["time_days", *COUNTED, *entered, *causes]
    }
    faults = faults_in_rows(
        {f"{name}: must be 0 or more": ~(values >= 0) for name, values in counts.items()}
    )
    if causes and not np.allclose(sum(counts[name] for name in causes), counts["events"]):
        faults.append("events: must be the sum of their causes")
    return faults


def _movements_of(table: pd.DataFrame) -> pd.DataFrame:
    """What leaves and, with delayed entry, comes at each row's own time."""
    movements = table.drop(columns=["at_risk", "censored", "entered"], errors="ignore")
    movements = movements.assign(leaving=table["events"] + table["censored"])
    if "entered" not in table:
        return movements
    # Who came since the row before came at the time of that row.
    numbers, _ = number_strata(table, curve_strata(table))
    order = np.lexsort((table["time_days"].to_numpy(dtype=float), numbers))
    entered = table["entered"].to_numpy()[order]
    entering = np.where(np.diff(numbers[order], append=-1) == 0, np.roll(entered, -1), 0)
    return movements.iloc[order].assign(entering=entering.astype(entered.dtype))


def _entries_lie_within_rows(table: pd.DataFrame) -> bool:
    """Whether children have come before the first row of a stratum, at times that no row tells."""
    numbers, _ = number_strata(table, curve_strata(table))
    order = np.lexsort((table["time_days"].to_numpy(dtype=float), numbers))
    first = np.diff(numbers[order], prepend=-1) != 0
    return bool((table["entered"].to_numpy(dtype=float)[order][first] > 0).any())


def _strata_of(movements: pd.DataFrame) -> list[str]:
    return [name for name in curve_strata(movements) if name not in ("leaving", "entering")]


def _refuse_other_kind(first: pd.DataFrame, other: pd.DataFrame, number: int) -> None:
    faults = []
    if set(_strata_of(first)) != set(_strata_of(other)):
        faults.append("must have the stratum columns of the first table")
    if ("entering" in first) != ("entering" in other):
        faults.append("entered: must be in all tables, or in none")
    outcomes = {notes_of(table).get("outcome") for table in (first, other)} - {None}
    if len(outcomes) > 1:
        faults.append("must be of the outcome of the first table")
    causes = [{name for name in table if is_of_cause(name)} for table in (first, other)]
    if bool(causes[0]) != bool(causes[1]) and len(first) and len(other):
        faults.append("must tell events by cause where other tables do")
    if faults:
        raise InputError(f"event table {number}", faults)
