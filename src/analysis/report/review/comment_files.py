"""Comments in files: those that reviewers exported, and those of all that an edition keeps."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, InputError
from analysis.report.files.writing import Guard
from analysis.report.review.comments import EDITION, Comment, comment_of, merged
from analysis.report.review.verdicts import Verdict, read_verdicts

LARGEST_FILE, MOST_COMMENTS, LONGEST_EDITION = 20 * 2**20, 10_000, 200
_NO_FOLDER = frozenset('/\\\0<>:"|?*')
ALL, SHEET = "comments.json", "comments.csv"
# What looks through a text and says in a phrase why it may not be kept; empty where it may.
Look = Callable[[str], str]


def look_of(guard: Guard | None) -> Look:
    """What looks through one text as the guard of a build looks through files."""

    def look(text: str) -> str:
        try:
            if guard:
                guard({"text": text})
        except AnalysisError:
            return "must not hold an identity number, an e-mail address or a phone number"
        return ""

    return look


def read_comments(
    paths: Iterable[str | Path], look: Look | None = None
) -> tuple[str, list[Comment]]:
    """The edition that files of comments are of, and all their comments.

    Parameters
    ----------
    paths
        Of JSON files, each a Web Annotation ``AnnotationPage`` (or a collection that holds one).
    look
        Looks through what a reviewer wrote.

    Raises
    ------
    InputError
        With every fault, by file and by the number of the comment in it, counted from 1.
    """
    comments, faults, editions = [], [], {}
    for path in map(Path, paths):
        page, page_faults = _page(path)
        faults += [f"{path.name}: {fault}" for fault in page_faults]
        if page:
            editions.setdefault(page[EDITION], path.name)
            sound, item_faults = _items(page["items"], path.name, look)
            comments += sound
            faults += item_faults
    if len(editions) > 1:
        names = ", ".join(f"{edition} ({name})" for edition, name in editions.items())
        faults.append(f"must be of one edition; these are of {names}")
    if faults or not editions:
        raise InputError("comments", faults or ["no file is named"])
    return next(iter(editions)), comments


def _page(path: Path) -> tuple[dict | None, list[str]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None, [f"must not be larger than {LARGEST_FILE // 2**20} MB"]
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        return None, ["must be a file that can be read"]
    except (ValueError, RecursionError):
        return None, ["must be JSON in UTF-8, as the reviewers' pages export it"]
    if not isinstance(content, dict):
        return _checked(content, None)
    edition = content.get(EDITION)
    # A collection holds its first page.
    page = content.get("first")
    if isinstance(page, dict):
        return _checked(page, page.get(EDITION, edition))
    return _checked(content, edition)


def _checked(page: Any, edition: Any) -> tuple[dict | None, list[str]]:
    if not _is_page(page):
        return None, ["must be an AnnotationPage with items (the W3C Web Annotation model)"]
    faults = []
    if not _names_an_edition(edition):
        faults.append(f"{EDITION} must name the edition, such as demo")
    number = len(page["items"])
    if number > MOST_COMMENTS:
        faults.append(f"must not hold more than {MOST_COMMENTS} comments; it holds {number}")
    return (None, faults) if faults else (page | {EDITION: edition}, [])


def _is_page(page: Any) -> bool:
    is_page = isinstance(page, dict) and page.get("type") == "AnnotationPage"
    return is_page and isinstance(page.get("items"), list)


def _names_an_edition(edition: Any) -> bool:
    """Whether it may be the name of a folder, on any system."""
    if not isinstance(edition, str) or not 0 < len(edition) <= LONGEST_EDITION:
        return False
    return _NO_FOLDER.isdisjoint(edition)


def _items(items: list, name: str, look: Look | None) -> tuple[list[Comment], list[str]]:
    comments, faults = [], []
    for number, item in enumerate(items, start=1):
        comment, item_faults = comment_of(item)
        if comment and look:
            fault = look(f"{comment.reviewer}\n\n{comment.text}\n\n{comment.exact}")
            item_faults = [fault] if fault else []
        faults += [f"{name}, comment {number}: {fault}" for fault in item_faults]
        if comment and not item_faults:
            comments.append(comment)
    return comments, faults


@dataclass(frozen=True)
class Collection:
    """Collected comments, and what editors made of each by its key; ``folder`` is where they lie."""

    folder: Path
    edition: str = ""
    comments: tuple[Comment, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


def comments_folder(folder: Path) -> Path:
    """Where the comments of an edition lie: in its private part, which a build leaves as it is."""
    return folder / "private" / "comments"


def read_collection(folder: Path) -> Collection:
    """The comments that lie in a folder; none where nothing was collected.

    Raises
    ------
    InputError
        What lies there is not as it was written, or an editor has set a status that is none.
    """
    path = folder / ALL
    if not path.exists():
        return Collection(folder)
    edition, comments = read_comments([path])
    return Collection(folder, edition, merged(comments), read_verdicts(folder / SHEET))
