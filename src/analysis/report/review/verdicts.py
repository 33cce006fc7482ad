"""The editors' list of comments: a CSV in which they set a status and write an answer, which stay."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.review.comments import Comment
from analysis.spreadsheets import harmless

# Nobody has dealt with it; answered, without a change of the report; the report was changed; it will not be.
STATUSES = ("open", "answered", "resolved", "declined")
COLUMNS = (
    *("chapter", "anchor", "reviewer", "comment", "status", "answer"),
    *("quote", "language", "created", "modified", "id"),
)


@dataclass(frozen=True)
class Verdict:
    """What an editor made of a comment: a status, and an answer that may be empty."""

    status: str = STATUSES[0]
    answer: str = ""


def comments_csv(comments: Iterable[Comment], verdicts: Mapping[str, Verdict]) -> str:
    """Comments with their statuses, a line each; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for comment in comments:
        verdict = verdicts.get(comment.key, Verdict())
        cells = (
            *(comment.chapter, comment.anchor, comment.reviewer, comment.text),
            *(verdict.status, verdict.answer, comment.exact, comment.language),
            *(comment.created, comment.modified, comment.key),
        )
        writer.writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def read_verdicts(path: Path) -> dict[str, Verdict]:
    """What editors have set in a list of comments, by the comment's key; nothing where there is no list.

    Raises
    ------
    InputError
        The list has lost a column, or a row has a status that is none.

    Notes
    -----
    A spreadsheet may have saved it with semicolons or tabs, with a byte order mark, or in Windows' encoding.
    """
    if not path.exists():
        return {}
    what = f"list of comments {path.name}"
    rows = _rows(path, what)
    lost = [column for column in ("id", "status") if rows and column not in rows[0]]
    if lost:
        raise InputError(what, [f"must have the column {column}" for column in lost])
    verdicts, faults = {}, []
    for number, row in enumerate(rows, start=1):
        status = _status(row["status"])
        if status not in STATUSES:
            faults.append(f"row {number}: status must be one of {', '.join(STATUSES)}")
        verdicts[row["id"]] = Verdict(status, _unguarded(row.get("answer") or ""))
    if faults:
        raise InputError(what, faults)
    return verdicts


def _status(cell: str | None) -> str:
    return (cell or "").strip().casefold() or STATUSES[0]


def _rows(path: Path, what: str) -> list[dict[str, str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise InputError(what, ["must be CSV; it was saved as something else"]) from None


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) != cell[1:] else cell
