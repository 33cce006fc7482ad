"""Comments of several reviewers in one place: a page in each language, the editors' list, and one file of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.files.writing import Guard, write_whole
from analysis.report.review.collected import (
    ALL,
    SHEET,
    Collection,
    comments_folder,
    read_collection,
)
from analysis.report.review.comment_files import Look, look_of, read_comments
from analysis.report.review.comment_pages import comment_files
from analysis.report.review.comments import Comment, annotation_page, merged
from analysis.report.review.verdicts import comments_csv
from analysis.report.site.drafts import Draft, read_draft


@dataclass(frozen=True)
class Collected:
    """What a collection came to: the page, the list, and how many comments are there, are new and were edited."""

    page: Path
    sheet: Path
    comments: int
    new: int
    edited: int
    unknown: tuple[str, ...]


def collect_comments(
    paths: Iterable[str | Path],
    folder: str | Path | None = None,
    output: str | Path | None = None,
    guard: Guard | None = None,
) -> Collected:
    """Add reviewers' files to the comments of an edition, and write all of them anew.

    Parameters
    ----------
    paths
        Of the files that reviewers exported.
    folder
        Of the edition; ``outputs/<edition>`` in the current folder where None.
    output
        Where it is written; ``private/comments`` of the edition where None, from where the next draft takes it.
    guard
        Is given what each reviewer wrote, and raises where it must not be kept; see ``replace_public``.

    Raises
    ------
    InputError
        With every fault of all files; the edition is another, or is not found; the folder is public or a file.

    Notes
    -----
    Comments that were collected before stay, and so do the status and the answer that an editor has given them.
    """
    edition, comments = read_comments(
        paths,
        _careful(look_of(guard), [Path.cwd(), Path.home(), *([Path(folder)] if folder else [])]),
    )
    draft = _draft(edition, folder, output)
    target = _target(_folder(edition, folder), output)
    before = read_collection(target)
    if before.comments and before.edition != edition:
        raise InputError(
            "comments",
            [f"are of the edition {edition}, and {target.name} holds those of {before.edition}"],
        )
    both = merged([*before.comments, *comments])
    files = comment_files(draft, both, before.verdicts, pages_beside=output is None)
    files |= {SHEET: comments_csv(both, before.verdicts), ALL: annotation_page(edition, both)}
    for name, text in files.items():
        write_whole(target / name, text)
    return _told(target, draft, before, both)


def _target(folder: Path, output: str | Path | None) -> Path:
    target = Path(output) if output else comments_folder(folder)
    above = (target.resolve(), *target.resolve().parents)
    if any(
        place.name == "public" and (place == (folder / "public").resolve() or _is_report(place))
        for place in above
    ):
        raise InputError("comments", ["must not be written into a public folder"])
    if target.exists() and not target.is_dir():
        raise InputError("comments", [f"{target.name} is a file: name a folder"])
    return target


def _is_report(public: Path) -> bool:
    return (public.parent / "private").is_dir() or (public / "index.html").is_file()


def _told(target: Path, draft: Draft, before: Collection, both: tuple[Comment, ...]) -> Collected:
    known = {one.key: one for one in before.comments}
    chapters = {(one.language, one.name) for one in draft.chapters}
    unknown = dict.fromkeys(
        f"{one.chapter} ({one.language})"
        for one in both
        if (one.language, one.chapter) not in chapters
    )
    return Collected(
        target / "index.html",
        target / SHEET,
        len(both),
        sum(one.key not in known for one in both),
        sum(one.key in known and known[one.key] != one for one in both),
        tuple(unknown) if draft.chapters else (),
    )


def _careful(look: Look, folders: Iterable[Path]) -> Look:
    """What looks for the folders of this machine as well, which no page of a build may name."""
    named = [str(folder.resolve()) for folder in folders if len(folder.resolve().parts) > 2]

    def look_twice(text: str) -> str:
        if any(folder in text for folder in named):
            return "must not name a folder of this machine"
        return look(text)

    return look_twice


def _folder(edition: str, folder: str | Path | None) -> Path:
    return Path(folder) if folder else Path("outputs") / edition


def _draft(edition: str, folder: str | Path | None, output: str | Path | None) -> Draft:
    place = _folder(edition, folder)
    if folder is None and not place.is_dir():
        if output:
            return Draft(edition, {}, (), "")
        faults = [f"no folder outputs/{edition} here: name the edition's folder with --edition"]
        raise InputError(f"comments of the edition {edition}", faults)
    draft = read_draft(place)
    if draft.edition != edition:
        faults = [
            f"are of the edition {edition}, and the folder {place.name} holds {draft.edition}"
        ]
        raise InputError("comments", faults)
    return draft
