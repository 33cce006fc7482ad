"""A comparison in a folder of its own: a page a language, all changes as CSV, drawings; whole or not at all."""

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import InputError
from analysis.report.compare.changed_numbers import Change
from analysis.report.compare.compared_editions import (
    ComparedChapter,
    Comparison,
    RevisedCounts,
    compare_folders,
)
from analysis.report.compare.comparison_lines import NumberWords
from analysis.report.compare.comparison_pages import (
    ComparisonAsked,
    comparison_page,
    drawing_files,
)
from analysis.report.compare.exhibit_changes import ComparedExhibit
from analysis.report.compare.published_pages import PublishedExhibit
from analysis.report.files.writing import require_no_path
from analysis.report.site.frame import template_text
from analysis.spreadsheets import harmless

FIRST = "index.html"
# What every comparison holds, and no other folder.
_MARK = "changes-*.csv"
THRESHOLD = 0.1
CSV_COLUMNS = (
    *("chapter", "place", "title", "stratum", "quantity", "state", "was", "now"),
    *("difference", "relative", "was_lower", "was_upper", "now_lower", "now_upper"),
    *("intervals_overlap", "p_value", "adjusted_p_value", "why", "small_difference"),
)


@dataclass(frozen=True)
class WrittenComparison:
    """Where a comparison was written, and what it came to, one :class:`Comparison` a language."""

    page: Path
    comparisons: tuple[Comparison, ...]

    @property
    def changed(self) -> bool:
        """Whether anything changed."""
        return any(comparison.changed for comparison in self.comparisons)


def compare_editions(
    was: str | Path,
    now: str | Path,
    tools: tuple[RevisedCounts, NumberWords],
    folder: str | Path | None = None,
    threshold: float = THRESHOLD,
    languages: Sequence[str] = (),
) -> WrittenComparison:
    """Compare two built editions and write what changed.

    Parameters
    ----------
    was, now
        Folders of the earlier and the later edition; a copy of a public folder serves as the earlier one.
    tools
        The test of revised counts, and how numbers are said: stages share no code.
    folder
        Where it is written: ``private/comparison`` of the later edition where None. An earlier comparison there is
        replaced.
    threshold
        The relative change from which a change is among the largest (0.1 is 10 %).
    languages
        Those to compare; empty for all that both editions have.

    Raises
    ------
    InputError
        See :func:`compare_folders`; or the folder is within a public one, or holds something else.

    Notes
    -----
    The comparison is private. Both editions are public, and yet their difference can tell what neither does: the cases
    of a group in 1985–2023 less those in 1985–2022 are those of one year, of which there may be two. Nor is a number
    told that either edition withheld.
    """
    comparisons = compare_folders(was, now, languages, tools[0])
    target = _target(comparisons[0], folder)
    files = _files(comparisons, threshold, tools[1])
    # A path of the machine in a page would tell who built it, and where.
    above = [Path(was).resolve().parent, Path(now).resolve().parent, target.parent, Path.home()]
    require_no_path(files, above)
    _write(files, target)
    return WrittenComparison(target / FIRST, tuple(comparisons))


def _files(
    comparisons: Sequence[Comparison], threshold: float, words: NumberWords
) -> dict[str, str]:
    """The pages, tables and drawings of a comparison in each language, as text by file name."""
    codes = [comparison.language for comparison in comparisons]
    names = {code: FIRST if code == codes[0] else f"{code}.html" for code in codes}
    files = {}
    for comparison in comparisons:
        language = comparison.language
        switch = tuple((code, name) for code, name in names.items() if code != language)
        choice = ComparisonAsked(threshold, words, switch)
        files[names[language]] = comparison_page(comparison, choice)
        files[f"changes-{language}.csv"] = changes_csv(comparison)
        files |= drawing_files(comparison)
    return files | {"style.css": "\n".join(map(template_text, ("style.css", "comparison.css")))}


def changes_csv(comparison: Comparison) -> str:
    """Every change of a comparison, one a line; numbers as they were published, withheld ones empty.

    Rows, tables and figures that only one edition has are lines with ``state`` ``added`` or ``removed``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for chapter in comparison.chapters:
        for line in _csv_lines(chapter):
            writer.writerow([harmless(line.get(column, "")) for column in CSV_COLUMNS])
    return text.getvalue()


def _csv_lines(chapter: ComparedChapter) -> Iterator[dict[str, Any]]:
    for change in chapter.numbers:
        yield {"chapter": chapter.name, "place": "text", **_csv_fields(change)}
    for exhibit in chapter.exhibits:
        yield from (_placed(chapter, exhibit.now) | fields for fields in _csv_rows(exhibit))
    for state, exhibits in (("added", chapter.added), ("removed", chapter.removed)):
        for exhibit in exhibits:
            yield _placed(chapter, exhibit) | {"state": state}


def _placed(chapter: ComparedChapter, exhibit: PublishedExhibit) -> dict[str, Any]:
    return {"chapter": chapter.name, "place": exhibit.label, "title": exhibit.title}


def _csv_rows(exhibit: ComparedExhibit) -> Iterator[dict[str, Any]]:
    yield from map(_csv_fields, exhibit.changes)
    for state, rows in (("added", exhibit.added), ("removed", exhibit.removed)):
        for row in rows:
            yield {"state": state, "stratum": _stratum(zip(exhibit.strata, row, strict=True))}
    if exhibit.redrawn and not exhibit.changes:
        yield {"state": "redrawn"}


def _csv_fields(change: Change) -> dict[str, Any]:
    was_limits, now_limits = change.was_limits or ("", ""), change.now_limits or ("", "")
    numbers = {
        "difference": change.difference,
        "relative": change.relative,
        "p_value": change.p_value,
        "adjusted_p_value": change.adjusted,
    }
    return {
        "stratum": _stratum(change.stratum),
        "quantity": change.quantity,
        "state": change.state,
        "was": change.was,
        "now": change.now,
        "was_lower": was_limits[0],
        "was_upper": was_limits[1],
        "now_lower": now_limits[0],
        "now_upper": now_limits[1],
        **{name: f"{number:.6g}" for name, number in numbers.items() if number is not None},
        "intervals_overlap": {None: "", True: "true", False: "false"}[change.overlapping],
        "why": " ".join(change.why),
        "small_difference": "true" if change.small else "",
    }


def _stratum(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{column}={value}" if column else value for column, value in pairs)


def _target(comparison: Comparison, folder: str | Path | None) -> Path:
    public = comparison.now.public
    if folder is None and public.name != "public":
        _refuse("the later edition is a public folder alone: say where to write, with --output")
    target = Path(folder).resolve() if folder else public.parent / "private" / "comparison"
    within = [target, *target.parents]
    if comparison.was.public in within or public in within or "public" in target.parts[-3:]:
        _refuse("must not be written into a public folder: it can tell small counts")
    if target.exists() and not target.is_dir():
        _refuse(f"{target.name} is a file: name a folder")
    if target.is_dir() and any(target.iterdir()) and not any(target.glob(_MARK)):
        _refuse(f"{target.name} holds something else: name an empty folder, or a new one")
    return target


def _refuse(fault: str) -> NoReturn:
    raise InputError("comparison", [fault])


def _write(files: Mapping[str, str], target: Path) -> None:
    """Write beside, then put in place; what was there goes when the new is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk as the target, so that putting it in place is one step.
    part = Path(tempfile.mkdtemp(prefix=".comparison-", dir=target.parent))
    try:
        for name, text in files.items():
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_text(text, encoding="utf-8", newline="")
        if target.exists():
            os.replace(target, part / "former")
        os.replace(part, target)
        shutil.rmtree(target / "former", ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
