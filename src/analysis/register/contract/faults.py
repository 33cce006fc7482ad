"""What does not hold, and in which rows: gathered piece by piece, told at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from analysis.errors import SHOWN_ROWS, rows_phrase


@dataclass(frozen=True)
class Fault:
    """One thing that must hold and does not.

    Attributes
    ----------
    sentence
        What must hold, up to the rows: ``"sex: must be one of …; does not hold in"``. Columns and
        row numbers, never a person's value.
    rows
        How many rows; 0 for what concerns no row.
    first
        The first of their numbers.
    """

    sentence: str
    rows: int = 0
    first: tuple[int, ...] = ()

    def told(self) -> str:
        """The whole sentence.

        Examples
        --------
        >>> Fault("sex: must be filled; does not hold in", 2, (4, 9)).told()
        'sex: must be filled; does not hold in 2 rows (4, 9)'
        """
        return (
            f"{self.sentence} {rows_phrase(self.first, self.rows)}" if self.rows else self.sentence
        )


def fault_in(sentence: str, rows: np.ndarray) -> list[Fault]:
    """A fault in these rows (numbers from 1); none where there are none."""
    # A row may break a rule in two ways; it is one row in the message.
    rows = np.unique(rows)
    return [Fault(sentence, len(rows), tuple(rows[:SHOWN_ROWS].tolist()))] if len(rows) else []


def merge_faults(pieces: Iterable[Iterable[Fault]]) -> list[Fault]:
    """One fault a sentence, from pieces that share no rows.

    Examples
    --------
    >>> merge_faults([[Fault("odd", 1, (3,))], [Fault("odd", 1, (1,)), Fault("empty")]])
    [Fault(sentence='odd', rows=2, first=(1, 3)), Fault(sentence='empty', rows=0, first=())]
    """
    merged: dict[str, Fault] = {}
    for fault in chain.from_iterable(pieces):
        before = merged.get(fault.sentence, Fault(fault.sentence))
        first = tuple(sorted(before.first + fault.first)[:SHOWN_ROWS])
        merged[fault.sentence] = Fault(fault.sentence, before.rows + fault.rows, first)
    return list(merged.values())


def broken_rules(typed: pd.DataFrame, rules: Iterable[Callable], rows: np.ndarray) -> list[Fault]:
    """The rules over several columns (pandera checks with an ``error``) that do not hold, and where."""
    faults = []
    for rule in rules:
        holds = rule(typed).check_output.to_numpy(dtype=bool)
        faults += fault_in(f"{rule.error}; does not hold in", rows[~holds])
    return faults
