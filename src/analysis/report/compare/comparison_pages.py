"""The page of a comparison in one language, and its drawings."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from babel.numbers import get_decimal_symbol

from analysis.report.compare.compared_editions import ComparedChapter, Comparison
from analysis.report.compare.comparison_csv import changes_csv
from analysis.report.compare.comparison_lines import (
    Line,
    Sheet,
    Voice,
    backtest_line,
    cause_lines,
    column_words,
    line_of,
    stratum_words,
)
from analysis.report.compare.exhibit_changes import ComparedExhibit
from analysis.report.compare.large_changes import largest_of_all
from analysis.report.files.page_words import word, words_in
from analysis.report.pages.bind import TEMPLATES
from analysis.report.site.frame import environment
from analysis.report.site.policy import content_policy, running_heads

LARGEST_SHOWN, OF_A_FIGURE, ROWS_NAMED = 60, 12, 12
_DRAWING = re.compile(r"<svg\b([^>]*)>", re.DOTALL)
_DESCRIPTION = re.compile(r"<desc\b[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """How a comparison is told: what counts as large (a share), in which words, and the other pages by language."""

    threshold: float
    voice: Voice
    switch: tuple[tuple[str, str], ...] = ()


def comparison_files(comparison: Comparison, name: str, asked: Asked) -> dict[str, str]:
    """The page ``name`` of a comparison, its CSV and its drawings, as text by file name."""
    language = comparison.language
    drawings = {
        file: svg
        for chapter in comparison.chapters
        for exhibit in chapter.exhibits
        for file, svg in _drawings(exhibit, language).items()
    }
    page = environment().get_template("comparison.html.j2").render(_context(comparison, asked))
    style = "\n".join(
        (TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in ("style.css", "comparison.css")
    )
    return {
        name: page,
        f"changes-{language}.csv": changes_csv(comparison),
        **drawings,
        "style.css": style,
    }


def _context(comparison: Comparison, asked: Asked) -> dict[str, Any]:
    language, heading = comparison.language, _heading(comparison)
    heads = running_heads(heading, "")
    changed = [chapter for chapter in comparison.chapters if chapter.changed]
    large = largest_of_all(comparison, asked.threshold)
    return {
        "language": language,
        "words": words_in(language),
        "word": word,
        "edition": {"title": {language: heading}},
        "heads": heads,
        "policy": content_policy((heads,)),
        "reviewing": "",
        "root": "",
        "switch": asked.switch,
        "banner_text": comparison.now.about[language].get("banner", ""),
        "comparison": comparison,
        "totals": _totals(comparison),
        "causes": cause_lines(comparison.causes, language),
        "threshold": f"{100 * asked.threshold:g}\N{NO-BREAK SPACE}%".replace(
            ".", get_decimal_symbol(language)
        ),
        "large": Sheet(
            tuple(_lines(large[:LARGEST_SHOWN], language, asked)),
            tuple(_places(large[:LARGEST_SHOWN])),
        ),
        "more_large": max(len(large) - LARGEST_SHOWN, 0),
        "backtests": [backtest_line(test, language) for test in comparison.backtests],
        "chapters": [_chapter(chapter, comparison, asked) for chapter in changed],
        "unchanged": [chapter.title for chapter in comparison.chapters if not chapter.changed],
    }


def _lines(large: Sequence[tuple], language: str, asked: Asked) -> list[Line]:
    return [line_of(change, language, asked.voice) for *_, change in large]


def _places(large: Sequence[tuple]) -> list[tuple[str, str]]:
    """Where each change stands on this page, and what that is called."""
    return [
        (_anchor(chapter, exhibit), exhibit.now.label if exhibit else chapter.title)
        for chapter, exhibit, _ in large
    ]


def _heading(comparison: Comparison) -> str:
    """Both editions by their titles; by their folders where the titles are alike."""
    was, now = (edition.title(comparison.language) for edition in (comparison.was, comparison.now))
    if was == now:
        was, now = comparison.was.name, comparison.now.name
    return word("compare.heading", comparison.language, was=was, now=now)


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


def _chapter(chapter: ComparedChapter, comparison: Comparison, asked: Asked) -> dict[str, Any]:
    language = comparison.language
    return {
        "record": chapter,
        "anchor": _anchor(chapter),
        "causes": cause_lines(chapter.causes, language, with_method=True),
        "numbers": Sheet(
            tuple(line_of(change, language, asked.voice) for change in chapter.numbers)
        ),
        "exhibits": [
            _exhibit(chapter, one, comparison, asked)
            for one in chapter.exhibits
            if one.changed or one.renamed
        ],
    }


def _exhibit(
    chapter: ComparedChapter, exhibit: ComparedExhibit, comparison: Comparison, asked: Asked
) -> dict:
    language, voice = comparison.language, asked.voice
    shown = exhibit.changes
    if exhibit.now.kind == "figure":
        shown = sorted(shown, key=lambda change: -abs(change.relative or 0))[:OF_A_FIGURE]
    rows = {
        side: _named(exhibit, getattr(exhibit, side), language, voice)
        for side in ("added", "removed")
    }
    columns = {
        "added": [column for column in exhibit.now.columns if column not in exhibit.was.columns],
        "removed": [column for column in exhibit.was.columns if column not in exhibit.now.columns],
    }
    return {
        "record": exhibit,
        "anchor": _anchor(chapter, exhibit),
        "history": _history(chapter, exhibit, comparison),
        "lines": Sheet(tuple(line_of(change, language, voice) for change in shown)),
        "more": len(exhibit.changes) - len(shown),
        "rows": rows,
        "columns": {
            side: ", ".join(column_words(one, language) for one in found)
            for side, found in columns.items()
        },
        "drawings": [
            (file, word(f"compare.{side}", language, label=one.label), _description(one.shown))
            for (file, side, one) in zip(
                _drawings(exhibit, language),
                ("old_figure", "new_figure"),
                (exhibit.was, exhibit.now),
                strict=False,
            )
        ],
    }


def _named(exhibit: ComparedExhibit, rows: Sequence[tuple], language: str, voice: Voice) -> str:
    named = [
        stratum_words(zip(exhibit.strata, row, strict=True), language, voice)
        for row in islice(rows, ROWS_NAMED)
    ]
    return "; ".join(named) + (f" … ({len(rows)})" if len(rows) > ROWS_NAMED else "")


def _history(
    chapter: ComparedChapter, exhibit: ComparedExhibit, comparison: Comparison
) -> list[str]:
    """What the exhibit was called and where it stood, where that is not as it is now."""
    was, now, language = exhibit.was, exhibit.now, comparison.language
    moved = chapter.was is None or was.chapter != chapter.was.name
    said = []
    if moved:
        before = comparison.was.chapters[language][was.chapter].title
        said.append(word("compare.moved", language, was=was.label, chapter=before))
    elif was.label != now.label:
        said.append(word("compare.renumbered", language, was=was.label))
    if was.title != now.title:
        said.append(word("compare.retitled", language, title=was.title))
    return said


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
    bare = re.sub(
        r'\s(?:xmlns(?::\w+)?|width|height|role|aria-[a-z]+)="[^"]*"', "", _DRAWING.search(svg)[1]
    )
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return _DRAWING.sub(lambda _: f"<svg {spaces}{bare}>", svg, count=1)


def _description(svg: str) -> str:
    found = _DESCRIPTION.search(svg)
    return html.unescape(found[1]) if found else ""
