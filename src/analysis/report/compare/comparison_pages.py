"""The page of a comparison in one language, and its drawings."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import get_decimal_symbol

from analysis.report.compare.compared_editions import ComparedChapter, Comparison
from analysis.report.compare.comparison_lines import (
    NumberWords,
    Sheet,
    backtest_line,
    cause_lines,
    column_words,
    line_of,
    stratum_words,
)
from analysis.report.compare.exhibit_changes import ComparedExhibit
from analysis.report.compare.large_changes import largest_of_all
from analysis.report.files.page_words import word, words_in
from analysis.report.site.frame import environment
from analysis.report.site.policy import content_policy, running_heads

LARGEST_SHOWN, OF_A_FIGURE, ROWS_NAMED = 60, 12, 12
_DRAWING = re.compile(r"<svg\b([^>]*)>", re.DOTALL)
_DESCRIPTION = re.compile(r"<desc\b[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True)
class ComparisonAsked:
    """How a comparison is told: what counts as large (a share), in which words, and the other pages by language."""

    threshold: float
    words: NumberWords
    switch: tuple[tuple[str, str], ...] = ()


def comparison_page(comparison: Comparison, choice: ComparisonAsked) -> str:
    """The page of a comparison; its drawings are files beside it, see :func:`drawing_files`."""
    language, heading = comparison.language, _heading(comparison)
    heads = running_heads(heading, "")
    changed = [chapter for chapter in comparison.chapters if chapter.changed]
    frame = {
        "language": language,
        "words": words_in(language),
        "word": word,
        "edition": {"title": {language: heading}},
        "heads": heads,
        "policy": content_policy((heads,)),
        "reviewing": "",
        "root": "",
        "switch": choice.switch,
        "banner_text": comparison.now.about[language].get("banner", ""),
    }
    content = {
        "comparison": comparison,
        "totals": _totals(comparison),
        "causes": cause_lines(comparison.causes, language),
        "threshold": _percent(choice.threshold, language),
        "backtests": [backtest_line(test, language) for test in comparison.backtests],
        "chapters": [_chapter(chapter, comparison, choice) for chapter in changed],
        "unchanged": [chapter.title for chapter in comparison.chapters if not chapter.changed],
        **_largest(comparison, choice),
    }
    return environment().get_template("comparison.html.j2").render(frame | content)


def drawing_files(comparison: Comparison) -> dict[str, str]:
    """Both drawings of each figure that changed, as text by file name."""
    return {
        file: svg
        for chapter in comparison.chapters
        for exhibit in chapter.exhibits
        for file, svg in _drawings(exhibit, comparison.language).items()
    }


def _percent(share: float, language: str) -> str:
    number = f"{100 * share:g}".replace(".", get_decimal_symbol(language))
    return f"{number}\N{NO-BREAK SPACE}%"


def _largest(comparison: Comparison, choice: ComparisonAsked) -> dict[str, Any]:
    """The sheet of the largest changes, and how many more there are."""
    language = comparison.language
    large = largest_of_all(comparison, choice.threshold)
    shown = large[:LARGEST_SHOWN]
    lines = [line_of(change, language, choice.words) for *_, change in shown]
    # Where each change stands on this page, and what that is called.
    places = [
        (_anchor(chapter, exhibit), exhibit.now.label if exhibit else chapter.title)
        for chapter, exhibit, _ in shown
    ]
    return {"large": Sheet(tuple(lines), tuple(places)), "more_large": len(large) - len(shown)}


def _heading(comparison: Comparison) -> str:
    """Both editions by their titles; by their folders where the titles are alike."""
    language, editions = comparison.language, (comparison.was, comparison.now)
    earlier, later = (edition.title(language) for edition in editions)
    if earlier == later:
        earlier, later = (edition.name for edition in editions)
    return word("compare.heading", language, was=earlier, now=later)


def _totals(comparison: Comparison) -> dict[str, int]:
    exhibits = [
        exhibit
        for chapter in comparison.chapters
        for exhibit in chapter.exhibits
        if exhibit.changed
    ]
    tables = [exhibit for exhibit in exhibits if exhibit.now.kind == "table"]
    return {
        "numbers": sum(len(chapter.numbers) for chapter in comparison.chapters),
        "cells": sum(len(exhibit.changes) for exhibit in tables),
        "tables": len(tables),
        "figures": len(exhibits) - len(tables),
        "added": sum(len(chapter.added) for chapter in comparison.chapters),
        "removed": sum(len(chapter.removed) for chapter in comparison.chapters),
        "small": sum(change.small for exhibit in exhibits for change in exhibit.changes),
    }


def _anchor(chapter: ComparedChapter, exhibit: ComparedExhibit | None = None) -> str:
    return f"{chapter.name}-{exhibit.now.anchor}" if exhibit else f"chapter-{chapter.name}"


def _chapter(
    chapter: ComparedChapter, comparison: Comparison, choice: ComparisonAsked
) -> dict[str, Any]:
    language = comparison.language
    exhibits = [exhibit for exhibit in chapter.exhibits if exhibit.changed or exhibit.renamed]
    return {
        "record": chapter,
        "anchor": _anchor(chapter),
        "causes": cause_lines(chapter.causes, language, with_method=True),
        "numbers": Sheet(
            tuple(line_of(change, language, choice.words) for change in chapter.numbers)
        ),
        "exhibits": [
            {
                "anchor": _anchor(chapter, exhibit),
                "history": _history(chapter, exhibit, comparison),
                **_exhibit(exhibit, language, choice.words),
            }
            for exhibit in exhibits
        ],
    }


def _exhibit(exhibit: ComparedExhibit, language: str, words: NumberWords) -> dict[str, Any]:
    shown = exhibit.changes
    # A figure has a row for each point that is drawn: those that moved most stand for the others.
    if exhibit.now.kind == "figure":
        shown = sorted(shown, key=lambda change: -abs(change.relative or 0))[:OF_A_FIGURE]
    former, current = exhibit.was.columns, exhibit.now.columns
    added = [column for column in current if column not in former]
    removed = [column for column in former if column not in current]
    return {
        "record": exhibit,
        "lines": Sheet(tuple(line_of(change, language, words) for change in shown)),
        "more": len(exhibit.changes) - len(shown),
        "rows": {
            "added": _rows_named(exhibit, exhibit.added, language, words),
            "removed": _rows_named(exhibit, exhibit.removed, language, words),
        },
        "columns": {
            "added": _columns_named(added, language),
            "removed": _columns_named(removed, language),
        },
        "drawings": _captions(exhibit, language),
    }


def _columns_named(columns: Sequence[str], language: str) -> str:
    return ", ".join(column_words(column, language) for column in columns)


def _rows_named(
    exhibit: ComparedExhibit, rows: Sequence[tuple[str, ...]], language: str, words: NumberWords
) -> str:
    names = [
        stratum_words(zip(exhibit.strata, row, strict=True), language, words)
        for row in rows[:ROWS_NAMED]
    ]
    return "; ".join(names) + (f" … ({len(rows)})" if len(rows) > ROWS_NAMED else "")


def _captions(exhibit: ComparedExhibit, language: str) -> list[tuple[str, str, str]]:
    """File, caption and description of each drawing of a changed figure."""
    sides = (("old_figure", exhibit.was), ("new_figure", exhibit.now))
    return [
        (file, word(f"compare.{caption}", language, label=side.label), _description(side.shown))
        for file, (caption, side) in zip(_drawings(exhibit, language), sides, strict=False)
    ]


def _history(
    chapter: ComparedChapter, exhibit: ComparedExhibit, comparison: Comparison
) -> list[str]:
    """What the exhibit was called and where it stood, where that is not as it is now."""
    former, language = exhibit.was, comparison.language
    moved = chapter.was is None or former.chapter != chapter.was.name
    sentences = []
    if moved:
        title = comparison.was.chapters[language][former.chapter].title
        sentences.append(word("compare.moved", language, was=former.label, chapter=title))
    elif former.label != exhibit.now.label:
        sentences.append(word("compare.renumbered", language, was=former.label))
    if former.title != exhibit.now.title:
        sentences.append(word("compare.retitled", language, title=former.title))
    return sentences


def _drawings(exhibit: ComparedExhibit, language: str) -> dict[str, str]:
    """Both drawings of a changed figure as files of their own."""
    both = (exhibit.was.shown, exhibit.now.shown)
    if not exhibit.changed or not all(shown.startswith("<svg") for shown in both):
        return {}
    stem = f"figures/{language}-{exhibit.now.chapter}-{exhibit.now.anchor}"
    return {
        f"{stem}-{side}.svg": _alone(shown)
        for side, shown in zip(("before", "now"), both, strict=True)
    }


def _alone(svg: str) -> str:
    """A drawing that stands by itself: with the namespaces that a page does without, and a size."""
    of_page = r'\s(?:xmlns(?::\w+)?|width|height|role|aria-[a-z]+)="[^"]*"'
    attributes = re.sub(of_page, "", _DRAWING.search(svg)[1])
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return _DRAWING.sub(lambda _: f"<svg {namespaces}{attributes}>", svg, count=1)


def _description(svg: str) -> str:
    description = _DESCRIPTION.search(svg)
    return html.unescape(description[1]) if description else ""
