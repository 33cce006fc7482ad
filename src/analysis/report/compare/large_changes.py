"""Which changes are worth telling first: quantities that changed much, each told once."""

import math
import re
from collections.abc import Iterable, Sequence

from analysis.report.compare.compared_editions import ComparedChapter, Comparison
from analysis.report.compare.exhibit_changes import Change, ComparedExhibit

Placed = tuple[ComparedChapter, ComparedExhibit | None, Change]
# Of revised counts: adjusted p values below this are among the largest changes.
UNLIKELY = 0.01
# A figure's data may be rounded where its table's are not.
ROUNDED = 1e-3
# Steps of an inclusion, limits of a funnel, places on a scale, names: no findings.
_NO_FINDING = re.compile(
    r"left_out|remaining|label|goal|overall|(?:lower|upper)_\d+|rank\w*|joinpoint\w*|segment|"
    r"(?:\w+_)?years?|(?:attained_)?age|age_at_diagnosis|(?:\w+_)?p_value"
)
_YEARS_COUNTED = (
    "person_years",
    "median_years",
    "mean_years",
    "difference_years",
    "restricted_mean_years",
)


def largest_changes(
    chapter: ComparedChapter, threshold: float
) -> list[tuple[ComparedExhibit | None, Change]]:
    """Changes of a chapter by at least ``threshold`` (a share), beyond an interval or beyond chance; largest first.

    The same change in a figure and its table is told once, in the table; of each quantity of a figure the largest.
    """
    every = [(None, change) for change in chapter.numbers]
    every += [(exhibit, change) for exhibit in chapter.exhibits for change in exhibit.changes]
    every.sort(key=lambda one: (_drawn(one[0]), -abs(one[1].relative or 0)))
    told, seen = [], set()
    for exhibit, change in (one for one in every if is_large(one[1], threshold)):
        once = (change.quantity, frozenset(change.stratum))
        drawn = (exhibit.now.anchor, change.quantity) if _drawn(exhibit) else once
        if not {once, drawn} & seen and not (_drawn(exhibit) and _is_told(change, told)):
            seen |= {once, drawn}
            told.append((exhibit, change))
    return sorted(told, key=lambda one: -abs(one[1].relative or 0))


def largest_of_all(comparison: Comparison, threshold: float) -> list[Placed]:
    """The largest changes of all chapters; what several chapters share is told in the first."""
    large = [
        (chapter, *one)
        for chapter in comparison.chapters
        for one in largest_changes(chapter, threshold)
    ]
    told = {}
    for place in reversed(range(len(large))):
        change = large[place][2]
        told[change.quantity, frozenset(change.stratum), change.was, change.now] = place
    return sorted(
        (large[place] for place in told.values()), key=lambda one: -abs(one[2].relative or 0)
    )


def is_large(change: Change, threshold: float) -> bool:
    """Whether a quantity changed beyond the threshold, its interval, or what chance would make of it."""
    if not is_finding(change):
        return False
    unlikely = change.adjusted is not None and change.adjusted < UNLIKELY
    return change.overlapping is False or unlikely or abs(change.relative or 0) >= threshold


def is_finding(change: Change) -> bool:
    """Whether what changed is a rate, a count, a survival, a ratio or a number quoted in the text."""
    return change.quantity.endswith(_YEARS_COUNTED) or not _NO_FINDING.fullmatch(change.quantity)


def _drawn(exhibit: ComparedExhibit | None) -> bool:
    return exhibit is not None and exhibit.now.kind == "figure"


def _is_told(change: Change, told: Iterable[tuple[ComparedExhibit | None, Change]]) -> bool:
    """Whether a table tells the change: the same quantity and values, of the same strata or of these among others."""
    return any(
        exhibit is not None
        and not _drawn(exhibit)
        and other.quantity == change.quantity
        and _nested(set(change.stratum), set(other.stratum))
        and _alike(change.numbers, other.numbers)
        for exhibit, other in told
    )


def _nested(one: set, other: set) -> bool:
    return one <= other or other <= one


def _alike(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(
        a is not None and b is not None and math.isclose(a, b, rel_tol=ROUNDED) for a, b in pairs
    )
