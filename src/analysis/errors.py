"""Every error of the project.

``AnalysisError`` is the base. ``InputError`` is the branch for what a user can mend: it carries
every fault found, and the command line shows it without a traceback and ends with exit code 2.
"""

from collections.abc import Iterable, Mapping

SHOWN_ROWS = 5


class AnalysisError(Exception):
    """Something in the analysis cannot be done."""


class InputError(AnalysisError):
    """What came in cannot be used; every fault is listed at once.

    Parameters
    ----------
    what
        What was read, in a few words (``"extract cases.csv"``).
    faults
        One sentence a fault: what must hold, in how many rows it does not, which rows first.
        A sentence names columns and row numbers, never a person, a value or a date of birth.
    """

    def __init__(self, what: str, faults: Iterable[str]):
        self.what = what
        self.faults = tuple(faults)
        lines = [f"{what}: {len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"]
        super().__init__("\n".join([*lines, *(f"  - {fault}" for fault in self.faults)]))

    def __reduce__(self):
        # An exception is rebuilt from its arguments when it crosses a process border.
        return type(self), (self.what, self.faults)


class MissingStepError(AnalysisError):
    """A step was run before the one that adds the columns it reads."""


class NotEstimableError(AnalysisError):
    """A quantity is undefined for the counts given, and no row could carry that."""


class ChapterError(AnalysisError):
    """A chapter stopped: which cell, and what it said."""


def raise_faults(what: str, rules: Mapping[str, object], others: Iterable[str] = ()) -> None:
    """Refuse a table of which some rows break a rule; all rules that are broken are told at once.

    Parameters
    ----------
    what
        What is refused, in a few words (``"life table"``).
    rules
        From a sentence on what must hold (``"age: must be filled"``) to a mask of the rows that
        break it: true where the rule is broken, one element a row of the table.
    others
        Sentences on faults that lie in no row; they stand first.

    Raises
    ------
    InputError
        With ``others`` and a sentence for each rule that a row breaks; nothing happens without any.

    Examples
    --------
    >>> raise_faults("life table", {"age: must be filled": [False, False]})
    >>> raise_faults("life table", {"age: must be filled": [False, True]})
    Traceback (most recent call last):
    analysis.errors.InputError: life table: 1 fault
      - age: must be filled in 1 row (2)
    """
    faults = [*others, *faults_in_rows(rules)]
    if faults:
        raise InputError(what, faults)


def faults_in_rows(rules: Mapping[str, object]) -> list[str]:
    """The sentences of the rules that some row breaks; see `raise_faults`.

    Examples
    --------
    >>> faults_in_rows({"sex: must be filled": [False, False], "age: must be filled": [True, False]})
    ['age: must be filled in 1 row (1)']
    """
    # The command line imports this module and must start before numpy is loaded.
    import numpy as np

    rows = {rule: np.flatnonzero(np.asarray(broken, dtype=bool)) for rule, broken in rules.items()}
    return [
        f"{rule} in {rows_phrase(positions[:SHOWN_ROWS] + 1, len(positions))}"
        for rule, positions in rows.items()
        if len(positions)
    ]


def rows_phrase(rows: Iterable[int], count: int | None = None) -> str:
    """Say which rows, first ones first: ``"3 rows (2, 7, 9)"``.

    Row numbers count the data rows of the source from 1, the header left out. ``count`` is how many
    there are, where ``rows`` are only the first of them.

    Examples
    --------
    >>> rows_phrase([2, 7])
    '2 rows (2, 7)'
    >>> rows_phrase(range(1, 100))
    '99 rows (1, 2, 3, 4, 5, …)'
    """
    numbers = sorted(rows)
    count = len(numbers) if count is None else count
    shown = ", ".join(str(number) for number in numbers[:SHOWN_ROWS])
    more = ", …" if count > SHOWN_ROWS else ""
    return f"{count} row{'s' if count != 1 else ''} ({shown}{more})"
