"""All changes of a comparison for machines: plain CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from analysis.report.compare.compared_editions import ComparedChapter, Comparison
from analysis.report.compare.exhibit_changes import Change, ComparedExhibit
from analysis.spreadsheets import harmless

CSV_COLUMNS = (
    *(
        "chapter",
        "place",
        "title",
        "stratum",
        "quantity",
        "state",
        "was",
        "now",
        "difference",
        "relative",
    ),
    *("was_lower", "was_upper", "now_lower", "now_upper", "intervals_overlap"),
    *("p_value", "adjusted_p_value", "why", "small_difference"),
)


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
        place = {"chapter": chapter.name, "place": exhibit.now.label, "title": exhibit.now.title}
        yield from ({**place, **fields} for fields in _csv_rows(exhibit))
    for state, exhibits in (("added", chapter.added), ("removed", chapter.removed)):
        for exhibit in exhibits:
            yield {
                "chapter": chapter.name,
                "place": exhibit.label,
                "title": exhibit.title,
                "state": state,
            }


def _csv_rows(exhibit: ComparedExhibit) -> Iterator[dict[str, Any]]:
    yield from map(_csv_fields, exhibit.changes)
    for state, rows in (("added", exhibit.added), ("removed", exhibit.removed)):
        for row in rows:
            yield {"state": state, "stratum": _stratum(zip(exhibit.strata, row, strict=True))}
    if exhibit.redrawn and not exhibit.changes:
        yield {"state": "redrawn"}


def _csv_fields(change: Change) -> dict[str, Any]:
    limits = dict(zip(("was_lower", "was_upper"), change.was_limits or (), strict=False))
    limits |= dict(zip(("now_lower", "now_upper"), change.now_limits or (), strict=False))
    numbers = {"difference": change.difference, "relative": change.relative}
    numbers |= {"p_value": change.p_value, "adjusted_p_value": change.adjusted}
    return {
        "stratum": _stratum(change.stratum),
        "quantity": change.quantity,
        "state": change.state,
        "was": change.was,
        "now": change.now,
        **limits,
        **{name: f"{number:.6g}" for name, number in numbers.items() if number is not None},
        "intervals_overlap": {None: "", True: "true", False: "false"}[change.overlapping],
        "why": " ".join(change.why),
        "small_difference": "true" if change.small else "",
    }


def _stratum(pairs) -> str:
    return "; ".join(f"{column}={value}" if column else value for column, value in pairs)
