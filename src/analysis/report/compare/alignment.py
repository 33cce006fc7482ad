"""What of two editions is the same thing: chapters, exhibits, rows and paragraphs, wherever they stand."""

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.quantities import with_trait
from analysis.report.compare.published_pages import PublishedChapter, PublishedExhibit
from analysis.report.files.page_text import numbers_masked

# Words alike by so much are a paragraph that was reworded; less, and they are two paragraphs.
REWORDED = 0.6
# Counts of children or tumours that were diagnosed: a new count of the same years is a revised one.
COUNTED = with_trait("additive")
# Of an exhibit's columns, what tells no rows apart.
NOT_STRATA = ("suppressed", *COUNTED)


@dataclass(frozen=True)
class Alignment:
    """Pairs of what both editions have, in the order of the second; what only one of them has."""

    pairs: tuple[tuple[Any, Any], ...]
    removed: tuple[Any, ...]
    added: tuple[Any, ...]


def align(was: Sequence, now: Sequence, keys: Iterable[Callable[[Any], Any]]) -> Alignment:
    """Pair what has the same key, by each key in turn for what is left; alike keys are paired in their order.

    Examples
    --------
    >>> align(["a", "B", "c"], ["b", "a"], [str, str.lower]).pairs
    (('B', 'b'), ('a', 'a'))
    """
    earlier, later = dict(enumerate(was)), dict(enumerate(now))
    partners: dict[int, Any] = {}
    for key in keys:
        waiting = defaultdict(list)
        for index, item in earlier.items():
            waiting[key(item)].append(index)
        for index, item in list(later.items()):
            if waiting[key(item)]:
                partners[index] = earlier.pop(waiting[key(item)].pop(0))
                del later[index]
    pairs = tuple((partners[index], now[index]) for index in sorted(partners))
    return Alignment(pairs, tuple(earlier.values()), tuple(later.values()))


def align_chapters(was: Sequence[PublishedChapter], now: Sequence[PublishedChapter]) -> Alignment:
    """Chapters by the name of their page, else by that name or their title without a number."""
    # A chapter that was put in between moves the numbers of those behind it, not their names.
    return align(
        was,
        now,
        [
            lambda chapter: chapter.name,
            lambda chapter: re.sub(r"^\d+_?", "", chapter.name),
            lambda chapter: re.sub(r"^\d\S* ", "", chapter.title),
        ],
    )


def align_exhibits(was: Sequence[PublishedExhibit], now: Sequence[PublishedExhibit]) -> Alignment:
    """Exhibits of one chapter by their titles (years and other numbers aside), else by place and columns."""
    return align(
        was,
        now,
        [
            lambda item: (item.kind, numbers_masked(item.title), item.columns, item.anchor),
            lambda item: (item.kind, numbers_masked(item.title), item.columns),
            lambda item: (item.kind, numbers_masked(item.title)),
            lambda item: (item.kind, item.columns, item.anchor),
        ],
    )


def align_moved(was: Sequence[PublishedExhibit], now: Sequence[PublishedExhibit]) -> Alignment:
    """Exhibits of any chapter by what they are called and their columns."""
    # Across chapters a place and columns alone are too weak a sign: many tables have the same columns.
    return align(was, now, [lambda item: (item.kind, numbers_masked(item.title), item.columns)])


def align_paragraphs(was: Sequence[str], now: Sequence[str]) -> tuple[Alignment, Alignment]:
    """Paragraphs with the same words around their numbers; of the others, those that were reworded."""
    same = align(was, now, [numbers_masked])
    removed, pairs = list(same.removed), []
    for text in same.added:
        nearest = difflib.get_close_matches(text, removed, n=1, cutoff=REWORDED)
        if nearest:
            removed.remove(nearest[0])
            pairs.append((nearest[0], text))
    rewritten = [after for _, after in pairs]
    added = tuple(text for text in same.added if text not in rewritten)
    return same, Alignment(tuple(pairs), tuple(removed), added)


def stratum_columns(was: PublishedExhibit, now: PublishedExhibit) -> tuple[str, ...]:
    """The columns that tell the rows of two exhibits apart: the fewest in front that do so in both.

    Tables and figures have their strata in front. Where nothing tells rows apart, the columns in front that hold words
    do as far as they can.
    """
    shared = [
        column for column in now.columns if column in was.columns and column not in NOT_STRATA
    ]
    tables = [_cells(exhibit, shared) for exhibit in (was, now)]
    for width in range(1, len(shared) + 1):
        if all(_are_distinct([row[:width] for row in table]) for table in tables):
            return tuple(shared[:width])
    rows = [*tables[0], *tables[1]]
    for width in range(len(shared)):
        if all(_is_number(row[width]) for row in rows):
            return tuple(shared[:width])
    return ()


def _are_distinct(keys: Sequence[tuple[str, ...]]) -> bool:
    return len(set(keys)) == len(keys)


def _cells(exhibit: PublishedExhibit, columns: Sequence[str]) -> list[tuple[str, ...]]:
    places = [exhibit.columns.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in exhibit.rows]


def keyed_rows(
    exhibit: PublishedExhibit, strata: Sequence[str]
) -> list[tuple[tuple, dict[str, str]]]:
    """Each row with the key that it is known by: its strata, and which of several alike it is."""
    seen: dict[tuple, int] = defaultdict(int)
    rows = []
    for line in exhibit.rows:
        row = dict(zip(exhibit.columns, line, strict=True))
        # A year is written 2021.0 where its column had a gap when the file was written.
        stratum = tuple(row[column].removesuffix(".0") for column in strata)
        rows.append(((stratum, seen[stratum]), row))
        seen[stratum] += 1
    return rows


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text
    return True
