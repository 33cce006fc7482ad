"""``workbench review``: collect what reviewers said, record who approves which chapter."""

from datetime import date
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from analysis import register, report
from analysis.commands.options import (
    Chapters,
    EditionFile,
    Folder,
    Languages,
    edition_file_of,
)

CommentFiles = Annotated[
    list[Path], Argument(metavar="FILE", help="Exported from the reviewers' pages (.json).")
]
EditionFolder = Annotated[
    Path | None,
    Option("--edition", metavar="FOLDER", help="Of the edition.", show_default="outputs/<edition>"),
]
Output = Annotated[
    Path | None,
    Option(metavar="FOLDER", help="Write here.", show_default="private/comments of the edition"),
]
Everything = Annotated[
    bool, Option("--all", help="Every chapter and language that is not narrowed above.")
]
Name = Annotated[str, Option(metavar="NAME", help="Who signs.")]
Role = Annotated[str, Option(metavar="ROLE", help="In which role, such as reference group.")]


def collect(files: CommentFiles, *, edition: EditionFolder = None, output: Output = None) -> int:
    """Merge the files that reviewers exported into a page and a CSV.

    Comments that were collected before stay, with the status and answer that an editor gave them in the CSV
    (open, answered, resolved, declined). The next build shows them at their places.
    """
    comments = report.collect_comments(
        files, edition, output, register.require_no_identity_in_files
    )
    print(f"comments: {comments.comments}; new {comments.new}, edited {comments.edited}")
    for chapter in comments.unknown:
        print(f"- the report has no chapter {chapter} any more; its comments stand at the end")
    print(comments.page, comments.sheet, sep="\n")
    return 0


def sign_off(
    folder: Folder,
    *,
    chapter: Chapters = (),
    language: Languages = (),
    everything: Everything = False,
    name: Name,
    role: Role = "",
    edition: EditionFile = None,
) -> int:
    """Record who approves which chapter as it reads now.

    Writes <edition>.sign-offs.json beside the edition's file; the next build shows it on the cover. A chapter
    that changes afterwards is no longer approved.
    """
    path = (edition or edition_file_of(folder)).resolve()
    chapters = report.Asked(tuple(chapter), tuple(language), everything)
    draft = report.read_draft(folder.resolve())
    # What is signed is published, so a name must not look like an identity number.
    guard = register.require_no_identity_in_files
    signatures = report.sign_chapters(path, draft, chapters, (name, role), date.today(), guard)
    for signature in signatures:
        print(
            f"{signature.chapter} ({signature.language}): "
            f"signed by {signature.name} for {signature.sha256[:8]}"
        )
    print(report.sign_offs_path(path) if signatures else "signed already: nothing is new")
    return 0
