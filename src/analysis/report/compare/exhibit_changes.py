"""What changed between two editions of a row, a cell or a number in the text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from babel.numbers import get_decimal_symbol

from analysis.report.compare.alignment import COUNTED, align, keyed_rows, stratum_columns
from analysis.report.compare.causes import Causes, is_tied, reasons
from analysis.report.compare.published_pages import PublishedExhibit
from analysis.report.files.page_text import NUMBER

# Said by the interval.
BESIDE = ("standard_error", "variance", "suppressed")
CHANGED, WITHHELD, SHOWN = "changed", "withheld_now", "shown_now"
# Said in the unit of the estimate that they stand beside.
_BESIDE_ESTIMATE = re.compile(r"(?:overall|fitted|lower|upper)(?:_\w+)?")


@dataclass(frozen=True)
class Change:
    """One number that is not what it was.

    Attributes
    ----------
    quantity
        The column of a cell; for a number in the text ``"p_value"`` or ``"label"`` (an age, a year, the number of a
        table) where it is one, else empty.
    stratum
        Column and value of each stratum of a row; for a number in the text its sentence, as it stands now.
    was, now
        As they were published; empty where withheld, in either edition, and where not estimated.
    was_limits, now_limits
        Of the interval, where there is one.
    state
        ``"changed"``; ``"withheld_now"`` or ``"shown_now"``, and then neither number is told.
    why
        Keys of words, from :func:`reasons`.
    language
        Of a number in the text; empty for a cell.
    small
        The two published counts differ by less than the smallest number that may be shown.
    unit
        The column in whose unit a cell is said.
    """

    quantity: str
    stratum: tuple[tuple[str, str], ...]
    was: str
    now: str
    was_limits: tuple[float, float] | None = None
    now_limits: tuple[float, float] | None = None
    state: str = CHANGED
    why: tuple[str, ...] = ("not_known",)
    small: bool = False
    p_value: float | None = None
    adjusted: float | None = None
    language: str = ""
    unit: str = ""

    @property
    def difference(self) -> float | None:
        """Now less before; None where either is no number."""
        was, now = self.numbers
        return None if was is None or now is None else now - was

    @property
    def numbers(self) -> tuple[float | None, float | None]:
        """Both as numbers."""
        return as_number(self.was, self.language), as_number(self.now, self.language)

    @property
    def relative(self) -> float | None:
        """The difference as a share of what was; None where that says nothing.

        That is of zero, of p values, of calendar years in the text, and of estimates that may be on both sides of 0.
        """
        was, now = self.numbers
        if self.difference is None or not was or was * now < 0 or "p_value" in self.quantity:
            return None
        years = self.language and all(
            re.fullmatch(r"(?:19|20)\d\d", text) for text in (self.was, self.now)
        )
        either_side = any(
            limits and limits[0] < 0 < limits[1] for limits in (self.was_limits, self.now_limits)
        )
        return None if years or either_side else self.difference / abs(was)

    @property
    def overlapping(self) -> bool | None:
        """Whether the two intervals overlap; None where there are not two."""
        if not self.was_limits or not self.now_limits:
            return None
        return self.was_limits[0] <= self.now_limits[1] and self.now_limits[0] <= self.was_limits[1]


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
    revised: Mapping[tuple, tuple[int, int]]

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
    columns = tuple(column for column in now.columns if column in was.columns)
    changes, revised = [], {}
    comparable = is_tied(strata) or (causes.years == () and causes.closing == ())
    for (key, before), (_, after) in rows.pairs:
        stratum = tuple(zip(strata, key[0], strict=True))
        changes += _row_changes(before, after, columns, stratum, causes, minimum)
        if comparable:
            revised |= {
                (stratum, column): pair for column, pair in _counts(before, after, columns).items()
            }
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


def _row_changes(
    before: Mapping,
    after: Mapping,
    columns: tuple[str, ...],
    stratum: tuple,
    causes: Causes,
    minimum: int,
) -> list[Change]:
    limits = limits_of(columns)
    aside = {column for column, _ in stratum} | {
        *BESIDE,
        *(limit for pair in limits.values() for limit in pair),
    }
    counts = [column for column in columns if column in COUNTED]
    revised = any(before[column] != after[column] for column in counts) if counts else None
    why = reasons(causes, columns, tuple(column for column, _ in stratum), revised)
    found = []
    for column in (column for column in columns if column not in aside):
        pair = limits.get(column, ())
        if all(before[name] == after[name] for name in (column, *pair)):
            continue
        change = Change(
            column, stratum, before[column], after[column], why=why, unit=unit_of(column, columns)
        )
        found.append(_told(change, before, after, pair, minimum))
    return found


def _told(
    change: Change, before: Mapping, after: Mapping, pair: tuple[str, ...], minimum: int
) -> Change:
    """The change as far as it may be told: of a number that either edition withheld, only that it was."""
    hidden = [
        row.get("suppressed") == "true" and not row[change.quantity] for row in (before, after)
    ]
    if any(hidden):
        return replace(change, was="", now="", state=WITHHELD if hidden[1] else SHOWN)
    told = replace(change, was_limits=_limits(before, pair), now_limits=_limits(after, pair))
    counted = change.quantity in COUNTED and told.difference is not None
    return replace(told, small=counted and 0 < abs(told.difference) < minimum)


def _limits(row: Mapping, pair: tuple[str, ...]) -> tuple[float, float] | None:
    found = [number for column in pair if (number := as_number(row[column])) is not None]
    return (found[0], found[1]) if len(found) == 2 else None


def limits_of(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The columns of an interval by the estimate that they belong to: the one that stands in front of them.

    Examples
    --------
    >>> limits_of(("sex", "cases", "rate", "standard_error", "lower", "upper"))
    {'rate': ('lower', 'upper')}
    """
    found = {}
    for place, column in enumerate(columns):
        upper = re.sub(r"(^|_)lower$", r"\1upper", column)
        if upper != column and upper in columns:
            front = [name for name in columns[:place] if name not in BESIDE]
            found |= {front[-1]: (column, upper)} if front else {}
    return found


def unit_of(column: str, columns: Sequence[str]) -> str:
    """The column in whose unit a column is said: limits and lines of reference in that of their estimate.

    Examples
    --------
    >>> unit_of("upper_95", ("met", "share", "overall", "upper_95")), unit_of("met", ("met", "share"))
    ('share', 'met')
    """
    if not _BESIDE_ESTIMATE.fullmatch(column):
        return column
    front = [
        name for name in columns[: columns.index(column)] if not _BESIDE_ESTIMATE.fullmatch(name)
    ]
    return next(iter(limits_of(columns)), front[-1] if front else column)


def _counts(
    before: Mapping, after: Mapping, columns: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Counts that both editions tell of a row."""
    counts = {column: (before[column], after[column]) for column in columns if column in COUNTED}
    return {
        column: (int(float(pair[0])), int(float(pair[1])))
        for column, pair in counts.items()
        if all(re.fullmatch(r"\d+(\.0)?", count) for count in pair)
    }


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


def as_number(text: str, language: str = "") -> float | None:
    """The number that a text begins with, or None; in a language its decimal sign and spaces are that language's.

    Examples
    --------
    >>> as_number("1\\u202f204,5 (95 % KI 1–2)", "nb"), as_number("<5", "en"), as_number("0.25")
    (1204.5, None, 0.25)
    """
    if language:
        found = NUMBER.match(text)
        text = found[0] if found else ""
        point = get_decimal_symbol(language)
        text = text.replace("." if point == "," else ",", "").replace(point, ".")
        text = re.sub(r"\s", "", text.replace("−", "-"))
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
