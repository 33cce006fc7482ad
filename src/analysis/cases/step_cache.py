"""Steps that are done once for all chapters of an edition: a chapter's process finds what its parent did."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps

import pandas as pd

from analysis.terms import is_count_table


@dataclass(frozen=True)
class CachedStep:
    """A step as it was done: the columns that it read, in order and to the row, and those that it added."""

    read: pd.DataFrame
    added: pd.DataFrame


_cache: dict[tuple, CachedStep] = {}
_remembering: list[bool] = []


@contextmanager
def remember_steps() -> Iterator[None]:
    """Remember the steps that are done meanwhile, for as long as this process and its children live.

    Examples
    --------
    >>> from analysis.cases import classify_iccc3
    >>> tumours = pd.DataFrame({"topography": ["C71.6"], "morphology": [9470], "behaviour": [3]})
    >>> with remember_steps():
    ...     once = classify_iccc3(tumours)
    >>> classify_iccc3(tumours).equals(once)
    True
    """
    _remembering.append(True)
    try:
        yield
    finally:
        _remembering.pop()


def cached_step(*reads: str) -> Callable[[Callable], Callable]:
    """A step whose added columns depend on these columns and its options alone.

    Where it was remembered for exactly these values (compared, row by row), its columns are taken
    from there; else it is done. Outside ``remember_steps`` nothing is remembered.
    """

    def of(step: Callable) -> Callable:
        @wraps(step)
        def done_once(cases: pd.DataFrame, *options, **named) -> pd.DataFrame:
            if not (_cache or _remembering):
                return step(cases, *options, **named)
            read = [column for column in reads if column in cases]
            # A count table comes back as it is, which its columns read do not tell.
            is_counts = is_count_table(cases)
            key = (step.__name__, options, tuple(sorted(named.items())), tuple(read), is_counts)
            before = _cache.get(key)
            if before is not None and _same(before.read, cases, read):
                return _with_columns(cases, before.added)
            after = step(cases, *options, **named)
            if _remembering:
                _cache[key] = CachedStep(cases[read].copy(), _added(cases, after, read))
            return after

        return done_once

    return of


def _with_columns(cases: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    # Copies, so that a chapter that changes a column does not change it for the next one.
    return cases.assign(**{name: column.array.copy() for name, column in added.items()})


def _same(before: pd.DataFrame, cases: pd.DataFrame, read: Sequence[str]) -> bool:
    return len(before) == len(cases) and all(
        before[name].dtype == cases[name].dtype and before[name].array.equals(cases[name].array)
        for name in read
    )


def _added(before: pd.DataFrame, after: pd.DataFrame, read: Sequence[str]) -> pd.DataFrame:
    """The columns that a step added, or gave other values."""
    # Compared only where the step read the column too: others it cannot have changed.
    names = [
        name
        for name in after
        if name not in before or (name in read and not after[name].equals(before[name]))
    ]
    return after[names].reset_index(drop=True).copy()
