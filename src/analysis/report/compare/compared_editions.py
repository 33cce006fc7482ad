"""Two editions held against one another, chapter by chapter: what changed, by how much, and why as far as known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.report.compare.alignment import Alignment, align_chapters, align_exhibits, align_moved
from analysis.report.compare.backtest import Backtest, backtests
from analysis.report.compare.causes import Causes, chapter_causes, edition_causes
from analysis.report.compare.changed_numbers import Change
from analysis.report.compare.exhibit_changes import ComparedExhibit, compare_exhibits
from analysis.report.compare.published import PublishedEdition, read_published
from analysis.report.compare.published_pages import PublishedChapter, PublishedExhibit
from analysis.report.compare.text_changes import moved_years, quoted_changes, reworded
from analysis.report.files.page_words import plain_language

# Where neither edition says what the smallest number is that it shows.
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
        if self.was is None or self.now is None:
            return True
        text = self.paragraphs
        words = (self.numbers, text.pairs, text.removed, text.added)
        exhibits = any(exhibit.changed or exhibit.renamed for exhibit in self.exhibits)
        return exhibits or any(words) or bool(self.added or self.removed)


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
    codes = _shared_languages(earlier, later, [plain_language(code) for code in languages])
    return [compare_language(earlier, later, code, revised_counts) for code in codes]


def _shared_languages(
    was: PublishedEdition, now: PublishedEdition, wanted: Sequence[str]
) -> list[str]:
    """The languages to compare, each once, in the order asked for or that of the later edition."""
    shared = [code for code in now.chapters if code in was.chapters]
    before, after = ("/".join(edition.chapters) for edition in (was, now))
    if not (wanted or shared):
        names = f"{was.name} is in {before}, {now.name} in {after}"
        raise InputError("editions to compare", [f"must have a language in common: {names}"])
    faults = [
        f"language {code}: must be in both editions, which have {before} and {after}"
        for code in wanted
        if code not in shared
    ]
    if faults:
        raise InputError("editions to compare", faults)
    return list(dict.fromkeys(wanted or shared))


def compare_language(
    was: PublishedEdition, now: PublishedEdition, language: str, revised_counts: RevisedCounts
) -> Comparison:
    """Compare two editions in one language."""
    causes, minimum = edition_causes(was, now, language), _minimum(was, now)
    earlier, later = (list(edition.chapters[language].values()) for edition in (was, now))
    aligned = align_chapters(earlier, later)
    chapters = [_compare_chapters(*pair, causes, minimum, language) for pair in aligned.pairs]
    chapters += [
        ComparedChapter(None, chapter, causes, added=chapter.exhibits) for chapter in aligned.added
    ]
    # What is no longer there stands behind what is.
    chapters.sort(key=lambda chapter: later.index(chapter.now))
    chapters += [
        ComparedChapter(chapter, None, causes, removed=chapter.exhibits)
        for chapter in aligned.removed
    ]
    chapters = _with_tests(_with_moved(chapters, minimum), revised_counts)
    exhibits = [exhibit for chapter in chapters for exhibit in chapter.exhibits]
    return Comparison(
        language=language,
        was=was,
        now=now,
        causes=causes,
        chapters=tuple(chapters),
        backtests=tuple(backtests(exhibits, causes)),
        minimum=minimum,
    )


def _minimum(was: PublishedEdition, now: PublishedEdition) -> int:
    """The larger of the smallest numbers that the two editions show: neither may be undone by the other."""
    minimums = []
    for edition in (was, now):
        recorded = edition.record.get("edition")
        if isinstance(recorded, dict):
            minimums.append(recorded.get("minimum_cell"))
        minimums += [about.get("minimum") for about in edition.about.values()]
    numbers = [int(minimum) for minimum in minimums if str(minimum).isdecimal()]
    return max(numbers, default=MINIMUM)


def _compare_chapters(
    was: PublishedChapter, now: PublishedChapter, causes: Causes, minimum: int, language: str
) -> ComparedChapter:
    own = chapter_causes(causes, was, now)
    exhibits = align_exhibits(was.exhibits, now.exhibits)
    years = moved_years(causes)
    return ComparedChapter(
        was=was,
        now=now,
        causes=own,
        numbers=tuple(quoted_changes(was.paragraphs, now.paragraphs, own, language, years)),
        paragraphs=reworded(was.paragraphs, now.paragraphs),
        exhibits=tuple(compare_exhibits(*pair, own, minimum) for pair in exhibits.pairs),
        added=exhibits.added,
        removed=exhibits.removed,
    )


def _with_moved(chapters: Sequence[ComparedChapter], minimum: int) -> list[ComparedChapter]:
    """Exhibits that moved to another chapter are compared where they stand now."""
    removed = [exhibit for chapter in chapters for exhibit in chapter.removed]
    added = [exhibit for chapter in chapters for exhibit in chapter.added]
    moved = align_moved(removed, added)
    rejoined = []
    for chapter in chapters:
        arrived = [
            compare_exhibits(before, after, chapter.causes, minimum)
            for before, after in moved.pairs
            if after in chapter.added
        ]
        rejoined.append(
            replace(
                chapter,
                exhibits=(*chapter.exhibits, *arrived),
                added=tuple(exhibit for exhibit in chapter.added if exhibit in moved.added),
                removed=tuple(exhibit for exhibit in chapter.removed if exhibit in moved.removed),
            )
        )
    return rejoined


def _with_tests(
    chapters: Sequence[ComparedChapter], revised_counts: RevisedCounts
) -> list[ComparedChapter]:
    """P values of the counts that both editions have of the same years, each stratum of a chapter tested once."""
    import pandas as pd

    # A count that a table and its figure share is one test: it must not weigh twice in the adjustment.
    counts = {
        (chapter.name, *key): pair
        for chapter in chapters
        for exhibit in chapter.exhibits
        for key, pair in exhibit.revised.items()
    }
    frame = pd.DataFrame(list(counts.values()), columns=["earlier_cases", "cases"])
    tested = revised_counts(frame)
    both = zip(tested["p_value"], tested["adjusted_p_value"], strict=True)
    p_values = dict(zip(counts, both, strict=True))
    return [
        replace(
            chapter,
            exhibits=tuple(
                _with_p_values(exhibit, chapter.name, p_values) for exhibit in chapter.exhibits
            ),
        )
        for chapter in chapters
    ]


def _with_p_values(
    exhibit: ComparedExhibit, chapter: str, p_values: Mapping[tuple, tuple[float, float]]
) -> ComparedExhibit:
    changes = []
    for change in exhibit.changes:
        tested = p_values.get((chapter, change.stratum, change.quantity))
        # A withheld number has no difference, and must not show by its p value.
        if tested and change.difference is not None:
            change = replace(change, p_value=float(tested[0]), adjusted=float(tested[1]))
        changes.append(change)
    return replace(exhibit, changes=tuple(changes))
