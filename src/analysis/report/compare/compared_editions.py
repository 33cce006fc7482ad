"""Two editions held against one another, chapter by chapter: what changed, by how much, and why as far as known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.report.compare.alignment import Alignment, align_chapters, align_exhibits, align_moved
from analysis.report.compare.backtest import Backtest, backtests
from analysis.report.compare.causes import Causes, chapter_causes, edition_causes
from analysis.report.compare.exhibit_changes import Change, ComparedExhibit, compare_exhibits
from analysis.report.compare.published import PublishedEdition, read_published
from analysis.report.compare.published_pages import PublishedChapter, PublishedExhibit
from analysis.report.compare.text_changes import moved_years, quoted_changes, reworded
from analysis.report.files.page_words import plain_language

MINIMUM = 5
_NOTHING = Alignment((), (), ())

RevisedCounts = Callable[[Any], Any]


@dataclass(frozen=True)
class ComparedChapter:
    """A chapter in one or both editions.

    Attributes
    ----------
    was, now
        None in the edition that does not have it.
    causes
        What differs between its two runs.
    numbers
        Numbers in its text that changed.
    paragraphs
        Pairs that were reworded, and paragraphs that only one edition has.
    exhibits
        Those that both editions have, wherever they stood before.
    added, removed
        Exhibits that only one edition has.
    """

    was: PublishedChapter | None
    now: PublishedChapter | None
    causes: Causes
    numbers: tuple[Change, ...] = ()
    paragraphs: Alignment = _NOTHING
    exhibits: tuple[ComparedExhibit, ...] = ()
    added: tuple[PublishedExhibit, ...] = ()
    removed: tuple[PublishedExhibit, ...] = ()

    @property
    def name(self) -> str:
        """Of its page in the later edition, or in the earlier one where that is the only one."""
        return (self.now or self.was).name

    @property
    def title(self) -> str:
        """As in the later edition, or in the earlier one."""
        return (self.now or self.was).title

    @property
    def changed(self) -> bool:
        """Whether anything in it is not what it was."""
        words = any((self.paragraphs.pairs, self.paragraphs.removed, self.paragraphs.added))
        exhibits = any(exhibit.changed or exhibit.renamed for exhibit in self.exhibits)
        return not (self.was and self.now) or bool(
            self.numbers or words or exhibits or self.added or self.removed
        )


@dataclass(frozen=True)
class Comparison:
    """Two editions in one language."""

    language: str
    was: PublishedEdition
    now: PublishedEdition
    causes: Causes
    chapters: tuple[ComparedChapter, ...]
    backtests: tuple[Backtest, ...]
    minimum: int

    @property
    def changed(self) -> bool:
        """Whether anything is not what it was, the years included."""
        return bool(self.causes.years) or any(chapter.changed for chapter in self.chapters)


def compare_folders(
    was: str | Path, now: str | Path, languages: Sequence[str], revised_counts: RevisedCounts
) -> list[Comparison]:
    """Compare two built editions in each language that both have.

    Parameters
    ----------
    was, now
        Folders of editions, or copies of their public folders.
    languages
        Those to compare; empty for all that both have.
    revised_counts
        Tests revised counts: given ``row``, ``cases`` and ``earlier_cases``, it answers with ``row``, ``p_value`` and
        ``adjusted_p_value`` (``analysis.estimates.revised_count_test``; stages share no code).

    Raises
    ------
    InputError
        A folder is not there or holds no report; the editions have no language in common, or not one asked for.
    """
    earlier, later = read_published(was), read_published(now)
    shared = [code for code in later.chapters if code in earlier.chapters]
    asked = [plain_language(code) for code in languages] or shared
    each = ["/".join(edition.chapters) for edition in (earlier, later)]
    faults = [
        f"language {code}: must be in both editions, which have {each[0]} and {each[1]}"
        for code in asked
        if code not in shared
    ]
    if not asked:
        faults = [
            f"must have a language in common: {earlier.name} is in {each[0]}, {later.name} in {each[1]}"
        ]
    if faults:
        raise InputError("editions to compare", faults)
    return [compare_language(earlier, later, code, revised_counts) for code in dict.fromkeys(asked)]


def compare_language(
    was: PublishedEdition, now: PublishedEdition, language: str, revised_counts: RevisedCounts
) -> Comparison:
    """Compare two editions in one language."""
    causes, minimum = edition_causes(was, now, language), _minimum(was, now)
    found = align_chapters(
        list(was.chapters[language].values()), list(now.chapters[language].values())
    )
    pairs = [_compare_chapters(*pair, causes, minimum, language) for pair in found.pairs]
    alone = [ComparedChapter(None, one, causes, added=one.exhibits) for one in found.added]
    alone += [ComparedChapter(one, None, causes, removed=one.exhibits) for one in found.removed]
    order = {name: place for place, name in enumerate(now.chapters[language])}
    chapters = _with_moved(
        sorted([*pairs, *alone], key=lambda one: order.get(one.name, len(order))), minimum
    )
    chapters = _with_tests(chapters, revised_counts)
    exhibits = [exhibit for chapter in chapters for exhibit in chapter.exhibits]
    return Comparison(
        language, was, now, causes, tuple(chapters), tuple(backtests(exhibits, causes)), minimum
    )


def _minimum(was: PublishedEdition, now: PublishedEdition) -> int:
    found = []
    for edition in (was, now):
        kept = edition.record.get("edition")
        found.append(kept.get("minimum_cell") if isinstance(kept, dict) else None)
        found += [about.get("minimum") for about in edition.about.values()]
    return max((int(one) for one in found if str(one).isdecimal()), default=MINIMUM)


def _compare_chapters(
    was: PublishedChapter, now: PublishedChapter, causes: Causes, minimum: int, language: str
) -> ComparedChapter:
    own = chapter_causes(causes, was, now)
    exhibits = align_exhibits(was.exhibits, now.exhibits)
    return ComparedChapter(
        was=was,
        now=now,
        causes=own,
        numbers=tuple(
            quoted_changes(was.paragraphs, now.paragraphs, own, language, moved_years(causes))
        ),
        paragraphs=reworded(was.paragraphs, now.paragraphs),
        exhibits=tuple(compare_exhibits(*pair, own, minimum) for pair in exhibits.pairs),
        added=exhibits.added,
        removed=exhibits.removed,
    )


def _with_moved(chapters: Sequence[ComparedChapter], minimum: int) -> list[ComparedChapter]:
    """Exhibits that moved to another chapter are compared where they stand now."""
    removed, added = (
        [one for chapter in chapters for one in getattr(chapter, side)]
        for side in ("removed", "added")
    )
    moved = align_moved(removed, added)
    return [
        replace(
            chapter,
            exhibits=(
                *chapter.exhibits,
                *(
                    compare_exhibits(*pair, chapter.causes, minimum)
                    for pair in moved.pairs
                    if pair[1] in chapter.added
                ),
            ),
            added=tuple(one for one in chapter.added if one in moved.added),
            removed=tuple(one for one in chapter.removed if one in moved.removed),
        )
        for chapter in chapters
    ]


def _with_tests(
    chapters: Sequence[ComparedChapter], revised_counts: RevisedCounts
) -> list[ComparedChapter]:
    """P values of the counts that both editions have of the same years, each stratum of a chapter tested once."""
    import pandas as pd

    pairs = {
        (chapter.name, *key): pair
        for chapter in chapters
        for exhibit in chapter.exhibits
        for key, pair in exhibit.revised.items()
    }
    frame = pd.DataFrame(list(pairs.values()), columns=["earlier_cases", "cases"])
    tested = revised_counts(frame)
    p_values = dict(
        zip(pairs, zip(tested["p_value"], tested["adjusted_p_value"], strict=True), strict=True)
    )
    return [
        replace(
            chapter,
            exhibits=tuple(_tested(one, chapter.name, p_values) for one in chapter.exhibits),
        )
        for chapter in chapters
    ]


def _tested(exhibit: ComparedExhibit, chapter: str, p_values: dict) -> ComparedExhibit:
    changes = []
    for change in exhibit.changes:
        key = (chapter, change.stratum, change.quantity)
        known = p_values.get(key) if change.difference is not None else None
        changes.append(
            replace(change, p_value=float(known[0]), adjusted=float(known[1])) if known else change
        )
    return replace(exhibit, changes=tuple(changes))
