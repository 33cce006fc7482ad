"""The comments of an edition where they lie: in its private folder, which a build leaves as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.report.review.comment_files import read_comments
from analysis.report.review.comments import Comment, merged
from analysis.report.review.verdicts import Verdict, read_verdicts

ALL, SHEET = "comments.json", "comments.csv"


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
