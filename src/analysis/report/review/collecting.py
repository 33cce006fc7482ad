"""Comments of several reviewers in one place: a page in each language, the editors' list, and one file of all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.files.writing import Guard, write_whole
from analysis.report.review.comment_files import (
    ALL,
    SHEET,
    Collection,
    Look,
    comments_folder,
    look_of,
    read_collection,
    read_comments,
)
from analysis.report.review.comment_pages import collection_pages
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
    folders = [Path.cwd(), Path.home(), Path(folder or ".")]
    edition, comments = read_comments(paths, _careful(look_of(guard), folders))
    draft = _draft(edition, folder, output)
    target = _target(_folder(edition, folder), output)
    before = read_collection(target)
    if before.comments and before.edition != edition:
        kept = f"{target.name} holds those of {before.edition}"
        raise InputError("comments", [f"are of the edition {edition}, and {kept}"])
    both = merged([*before.comments, *comments])
    files = {
        **collection_pages(draft, both, before.verdicts, pages_beside=output is None),
        SHEET: comments_csv(both, before.verdicts),
        ALL: annotation_page(edition, both),
    }
    _write(files, target)
    return _summary(target, draft, before, both)


def _write(files: Mapping[str, str], target: Path) -> None:
    for name, text in files.items():
        write_whole(target / name, text)


def _target(folder: Path, output: str | Path | None) -> Path:
    target = Path(output) if output else comments_folder(folder)
    above = (target.resolve(), *target.resolve().parents)
    public = [path for path in above if path.name == "public"]
    own = (folder / "public").resolve()
    # A folder may be called public and be none of a report.
    if any(path == own or _is_report(path) for path in public):
        raise InputError("comments", ["must not be written into a public folder"])
    if target.exists() and not target.is_dir():
        raise InputError("comments", [f"{target.name} is a file: name a folder"])
    return target


def _is_report(public: Path) -> bool:
    return (public.parent / "private").is_dir() or (public / "index.html").is_file()


def _summary(
    target: Path, draft: Draft, before: Collection, both: tuple[Comment, ...]
) -> Collected:
    earlier = {comment.key: comment for comment in before.comments}
    chapters = {(chapter.language, chapter.name) for chapter in draft.chapters}
    new = [comment for comment in both if comment.key not in earlier]
    edited = [comment for comment in both if earlier.get(comment.key, comment) != comment]
    unknown = dict.fromkeys(
        f"{comment.chapter} ({comment.language})"
        for comment in both
        if (comment.language, comment.chapter) not in chapters
    )
    return Collected(
        page=target / "index.html",
        sheet=target / SHEET,
        comments=len(both),
        new=len(new),
        edited=len(edited),
        unknown=tuple(unknown) if draft.chapters else (),
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
    of_edition = _folder(edition, folder)
    if folder is None and not of_edition.is_dir():
        # Comments can be read together where the edition is not.
        if output:
            return Draft(edition, {}, (), "")
        fault = f"no folder outputs/{edition} here: name the edition's folder with --edition"
        raise InputError(f"comments of the edition {edition}", [fault])
    draft = read_draft(of_edition)
    if draft.edition != edition:
        holds = f"the folder {of_edition.name} holds {draft.edition}"
        raise InputError("comments", [f"are of the edition {edition}, and {holds}"])
    return draft
