"""Files of comments that reviewers exported: read together, and every fault of all of them told at once."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, InputError
from analysis.report.files.writing import Guard
from analysis.report.review.comments import EDITION, Comment, comment_of

LARGEST_FILE, MOST_COMMENTS = 20 * 2**20, 10_000
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
        page, found = _page(path)
        faults += [f"{path.name}: {fault}" for fault in found]
        if page:
            editions.setdefault(page[EDITION], path.name)
            read, wrong = _items(page["items"], path.name, look)
            comments, faults = comments + read, faults + wrong
    if len(editions) > 1:
        listed = ", ".join(f"{edition} ({name})" for edition, name in editions.items())
        faults.append(f"must be of one edition; these are of {listed}")
    if faults or not editions:
        raise InputError("comments", faults or ["no file is named"])
    return next(iter(editions)), comments


def _page(path: Path) -> tuple[dict | None, list[str]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None, [f"must not be larger than {LARGEST_FILE // 2**20} MB"]
        given = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        return None, ["must be a file that can be read"]
    except (ValueError, RecursionError):
        return None, ["must be JSON in UTF-8, as the reviewers' pages export it"]
    edition = given.get(EDITION) if isinstance(given, dict) else None
    if isinstance(given, dict) and isinstance(given.get("first"), dict):
        given = given["first"]
        edition = given.get(EDITION, edition)
    return _checked(given, edition)


def _checked(page: Any, edition: Any) -> tuple[dict | None, list[str]]:
    if (
        not isinstance(page, dict)
        or page.get("type") != "AnnotationPage"
        or not isinstance(page.get("items"), list)
    ):
        return None, ["must be an AnnotationPage with items (the W3C Web Annotation model)"]
    faults = []
    if (
        not isinstance(edition, str)
        or not edition
        or len(edition) > 200
        or set(edition) & set('/\\\0<>:"|?*')
    ):
        faults.append(f"{EDITION} must name the edition, such as demo")
    if len(page["items"]) > MOST_COMMENTS:
        faults.append(
            f"must not hold more than {MOST_COMMENTS} comments; it holds {len(page['items'])}"
        )
    return (None, faults) if faults else (page | {EDITION: edition}, [])


def _items(items: list, name: str, look: Look | None) -> tuple[list[Comment], list[str]]:
    read, wrong = [], []
    for number, item in enumerate(items, start=1):
        comment, faults = comment_of(item)
        if (
            comment
            and look
            and (found := look(f"{comment.reviewer}\n\n{comment.text}\n\n{comment.exact}"))
        ):
            faults = [found]
        wrong += [f"{name}, comment {number}: {fault}" for fault in faults]
        read += [comment] if comment and not faults else []
    return read, wrong
