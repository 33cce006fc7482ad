"""What changed between two editions in a table or a figure, row by row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.report.compare.alignment import COUNTED, align, keyed_rows, stratum_columns
from analysis.report.compare.causes import Causes, counts_same_years, reasons
from analysis.report.compare.changed_numbers import (
    SHOWN,
    WITHHELD,
    Change,
    Stratum,
    as_number,
)
from analysis.report.compare.published_pages import PublishedExhibit

# How sure an estimate is; its interval tells it.
BESIDE = ("standard_error", "variance", "suppressed")
_WHOLE = re.compile(r"\d+(\.0)?")
# What is written in the unit of the estimate that it stands beside.
_BESIDE_ESTIMATE = re.compile(r"(?:overall|fitted|lower|upper)(?:_\w+)?")


@dataclass(frozen=True)
class ComparedExhibit:
    """An exhibit of both editions: what changed in it, its rows that came and went, and whether it looks another.

    ``revised`` holds the counts that both have of the same years, each with its stratum and column.
    """

    was: PublishedExhibit
    now: PublishedExhibit
    strata: tuple[str, ...]
    changes: tuple[Change, ...]
    added: tuple[tuple[str, ...], ...]
    removed: tuple[tuple[str, ...], ...]
    redrawn: bool
    revised: Mapping[tuple[Stratum, str], tuple[int, int]]

    @property
    def changed(self) -> bool:
        """Whether any number, row, column or the drawing is not what it was."""
        columns = self.was.columns != self.now.columns
        return bool(self.changes or self.added or self.removed or self.redrawn or columns)

    @property
    def renamed(self) -> bool:
        """Whether it stands under another number or title."""
        return (self.was.label, self.was.title) != (self.now.label, self.now.title)


def compare_exhibits(
    was: PublishedExhibit, now: PublishedExhibit, causes: Causes, minimum: int
) -> ComparedExhibit:
    """Hold two exhibits against one another, row by row as their strata say."""
    strata = stratum_columns(was, now)
    rows = align(keyed_rows(was, strata), keyed_rows(now, strata), [lambda row: row[0]])
    frame = _Frame(was, now, strata, causes, minimum)
    # Counts over other years differ because the years do: chance cannot be asked of them.
    same_years = counts_same_years(strata, causes)
    changes, revised = [], {}
    for (key, before), (_, after) in rows.pairs:
        stratum = tuple(zip(strata, key[0], strict=True))
        changes += _row_changes(before, after, stratum, frame)
        if same_years:
            revised |= _counts(before, after, stratum, frame)
    return ComparedExhibit(
        was=was,
        now=now,
        strata=strata,
        changes=tuple(changes),
        added=tuple(key[0] for key, _ in rows.added),
        removed=tuple(key[0] for key, _ in rows.removed),
        redrawn=drawing(was.shown) != drawing(now.shown),
        revised=revised,
    )


@dataclass(frozen=True)
class _Frame:
    """What the rows of an exhibit in two editions have in common: its columns, and why its numbers may change."""

    was: PublishedExhibit
    now: PublishedExhibit
    strata: tuple[str, ...]
    causes: Causes
    minimum: int

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Those that both editions have."""
        return tuple(column for column in self.now.columns if column in self.was.columns)

    @cached_property
    def intervals(self) -> Mapping[str, tuple[str, str]]:
        """Their limits, by the estimate."""
        return interval_columns(self.columns)

    @cached_property
    def estimates(self) -> list[str]:
        """The columns that are told by themselves: an interval is told with its estimate."""
        limits = {column for pair in self.intervals.values() for column in pair}
        aside = {*self.strata, *BESIDE, *limits}
        return [column for column in self.columns if column not in aside]


def _row_changes(
    before: Mapping[str, str],
    after: Mapping[str, str],
    stratum: Stratum,
    frame: _Frame,
) -> list[Change]:
    counts = [column for column in frame.columns if column in COUNTED]
    revised = any(before[column] != after[column] for column in counts) if counts else None
    why = reasons(frame.causes, frame.columns, frame.strata, revised)
    changes = []
    for column in frame.estimates:
        limits = frame.intervals.get(column, ())
        if all(before[name] == after[name] for name in (column, *limits)):
            continue
        change = Change(
            quantity=column,
            stratum=stratum,
            was=before[column],
            now=after[column],
            was_limits=_limits(before, limits),
            now_limits=_limits(after, limits),
            why=why,
            unit=unit_of(column, frame.columns),
        )
        changes.append(_publishable(change, before, after, frame.minimum))
    return changes


def _publishable(
    change: Change, before: Mapping[str, str], after: Mapping[str, str], minimum: int
) -> Change:
    """The change as far as it may be told: of a number that either edition withheld, only that it was."""
    hidden = [
        row.get("suppressed") == "true" and not row[change.quantity] for row in (before, after)
    ]
    if any(hidden):
        state = WITHHELD if hidden[1] else SHOWN
        return replace(change, was="", now="", was_limits=None, now_limits=None, state=state)
    # The difference of two counts, each large enough to be shown, may be too small to be.
    counted = change.quantity in COUNTED and change.difference is not None
    return replace(change, small=counted and 0 < abs(change.difference) < minimum)


def _limits(row: Mapping[str, str], columns: Sequence[str]) -> tuple[float, float] | None:
    numbers = [number for column in columns if (number := as_number(row[column])) is not None]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def interval_columns(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The columns of an interval by the estimate that they belong to: the one that stands in front of them.

    Examples
    --------
    >>> interval_columns(("sex", "cases", "rate", "standard_error", "lower", "upper"))
    {'rate': ('lower', 'upper')}
    """
    intervals = {}
    for at, lower in enumerate(columns):
        upper = re.sub(r"(^|_)lower$", r"\1upper", lower)
        front = [name for name in columns[:at] if name not in BESIDE]
        if upper != lower and upper in columns and front:
            intervals[front[-1]] = (lower, upper)
    return intervals


def unit_of(column: str, columns: Sequence[str]) -> str:
    """The column in whose unit a column is said: limits and lines of reference in that of their estimate.

    Examples
    --------
    >>> unit_of("upper_95", ("met", "share", "overall", "upper_95")), unit_of("met", ("met", "share"))
    ('share', 'met')
    """
    if not _BESIDE_ESTIMATE.fullmatch(column):
        return column
    estimates = list(interval_columns(columns))
    if estimates:
        return estimates[0]
    front = columns[: columns.index(column)]
    named = [name for name in front if not _BESIDE_ESTIMATE.fullmatch(name)]
    return named[-1] if named else column


def _counts(
    before: Mapping[str, str], after: Mapping[str, str], stratum: Stratum, frame: _Frame
) -> dict[tuple[Stratum, str], tuple[int, int]]:
    """Counts that both editions tell of a row; a weighted one is no count."""
    counts = {}
    for column in frame.columns:
        pair = [row[column] for row in (before, after)]
        if column in COUNTED and all(_WHOLE.fullmatch(text) for text in pair):
            counts[stratum, column] = (int(float(pair[0])), int(float(pair[1])))
    return counts


def drawing(markup: str) -> str:
    """What a table or drawing looks like: its markup without names, numbers of the chapter and ids.

    Examples
    --------
    >>> drawing('<svg id="a"><title>Figure 3.1</title><g fill="url(#a-1)"/></svg>')
    '<svg><g fill="url()"/></svg>'
    """
    markup = re.sub(r"<(title|desc)\b.*?</\1>", "", markup, flags=re.DOTALL)
    markup = re.sub(r'\s(?:id|aria-[a-z]+|xmlns(?::\w+)?)="[^"]*"', "", markup)
    return re.sub(r'#[^")]+(?=[")])', "", re.sub(r"\s+", " ", markup))
