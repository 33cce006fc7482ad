"""Which changes are worth telling first: quantities that changed much, each told once."""

import math
import re
from collections.abc import Iterable, Sequence

from analysis.quantities import of_kind, quantity
from analysis.report.compare.changed_numbers import Change
from analysis.report.compare.compared_editions import ComparedChapter, Comparison
from analysis.report.compare.exhibit_changes import ComparedExhibit

Placed = tuple[ComparedChapter, ComparedExhibit | None, Change]
# Of revised counts: adjusted p values below this are among the largest changes.
UNLIKELY = 0.01
# A figure's data may be rounded where its table's are not.
ROUNDED = 1e-3
# Steps of an inclusion, lines of reference, places on a scale: what is read beside a finding, and is none.
_NO_FINDING = frozenset(
    of_kind(
        "stratum",
        "time",
        "flow",
        "limit",
        "overall",
        "rank",
        "year_of_change",
        "number",
        "degrees",
        "p_value",
    )
)
# Not of the table of quantities: what a number in the text is, a goal, and a year by any other name.
_LABEL = re.compile(r"label|goal|(?:\w+_)?years?")


def largest_changes(
    chapter: ComparedChapter, threshold: float
) -> list[tuple[ComparedExhibit | None, Change]]:
    """Changes of a chapter by at least ``threshold`` (a share), beyond an interval or beyond chance; largest first.

    The same change in a figure and its table is told once, in the table; of each quantity of a figure the largest.
    """
    large = _large(None, chapter.numbers, threshold)
    for exhibit in chapter.exhibits:
        large += _large(exhibit, exhibit.changes, threshold)
    # Figures last, so that their tables have been listed before them.
    large.sort(key=lambda pair: (_drawn(pair[0]), -abs(pair[1].relative or 0)))
    listed, seen = [], set()
    for exhibit, change in large:
        keys = {(change.quantity, frozenset(change.stratum))}
        if _drawn(exhibit):
            keys.add((exhibit.now.anchor, change.quantity))
        if seen.isdisjoint(keys) and not (_drawn(exhibit) and _is_listed(change, listed)):
            seen |= keys
            listed.append((exhibit, change))
    return sorted(listed, key=lambda pair: -abs(pair[1].relative or 0))


def _large(
    exhibit: ComparedExhibit | None, changes: Iterable[Change], threshold: float
) -> list[tuple[ComparedExhibit | None, Change]]:
    return [(exhibit, change) for change in changes if is_large_change(change, threshold)]


def largest_of_all(comparison: Comparison, threshold: float) -> list[Placed]:
    """The largest changes of all chapters; what several chapters share is told in the first."""
    firsts: dict[tuple, Placed] = {}
    for chapter in comparison.chapters:
        for exhibit, change in largest_changes(chapter, threshold):
            key = (change.quantity, frozenset(change.stratum), change.was, change.now)
            firsts.setdefault(key, (chapter, exhibit, change))
    return sorted(firsts.values(), key=lambda placed: -abs(placed[2].relative or 0))


def is_large_change(change: Change, threshold: float) -> bool:
    """Whether a quantity changed beyond the threshold, its interval, or what chance would make of it."""
    if not is_finding(change):
        return False
    unlikely = change.adjusted is not None and change.adjusted < UNLIKELY
    return change.overlapping is False or unlikely or abs(change.relative or 0) >= threshold


def is_finding(change: Change) -> bool:
    """Whether what changed is a rate, a count, a survival, a ratio or a number quoted in the text."""
    if quantity(change.quantity):
        return change.quantity not in _NO_FINDING
    return not _LABEL.fullmatch(change.quantity)


def _drawn(exhibit: ComparedExhibit | None) -> bool:
    return exhibit is not None and exhibit.now.kind == "figure"


def _is_listed(change: Change, listed: Iterable[tuple[ComparedExhibit | None, Change]]) -> bool:
    """Whether a table tells the change: the same quantity and values, of the same strata or of these among others."""
    return any(
        exhibit is not None
        and not _drawn(exhibit)
        and other.quantity == change.quantity
        and _nested(set(change.stratum), set(other.stratum))
        and _alike(change.numbers, other.numbers)
        for exhibit, other in listed
    )


def _nested(strata: set, others: set) -> bool:
    return strata <= others or others <= strata


def _alike(numbers: Sequence[float | None], others: Sequence[float | None]) -> bool:
    if None in (*numbers, *others):
        return False
    pairs = zip(numbers, others, strict=True)
    return all(math.isclose(number, other, rel_tol=ROUNDED) for number, other in pairs)
