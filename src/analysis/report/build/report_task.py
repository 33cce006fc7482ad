"""What a report is put together from, and whether the one that is in place was made from the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.report.build.dependencies import State, changes, state_of
from analysis.report.build.provenance import chapter_digests, mapping_digests
from analysis.report.build.records import PUBLISHED, page_path
from analysis.report.edition.chapters import AbsentChapter, ChapterRun
from analysis.report.edition.model import Edition
from analysis.report.edition.results import ChapterResult
from analysis.report.edition.sign_off_record import sign_offs_path
from analysis.report.files.digests import digest_of, file_digest, file_digests
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.writing import read_record
from analysis.report.review.comment_files import ALL, SHEET, comments_folder


@dataclass(frozen=True)
class ReportTask:
    """A report to be put in place.

    Attributes
    ----------
    edition, absent, invented, inputs
        What it is about, see `analysis.report.Report`.
    results
        How the runs went, for reviewers.
    runs
        Whose pages it holds, in reading order.
    folder
        Of the edition.
    guard
        ``"package.module:function"`` that looks through it, see `replace_public`; empty where none does.
    digests
        Of every file of the package.
    jobs
        Processes at a time that may be forked for it.
    rests
        What it is made from beside the files that frame it, see :func:`made_from`.
    """

    edition: Edition
    absent: tuple[AbsentChapter, ...]
    invented: frozenset[str]
    inputs: tuple[Mapping, ...]
    results: tuple[ChapterResult, ...]
    runs: Sequence[ChapterRun]
    folder: Path
    jobs: int = 1
    guard: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    rests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def made_from(task: ReportTask, state: State) -> dict[str, dict[str, str]]:
    """What a report is made from beside the files that frame it, as one digest, and the version of the package."""
    edition, private = task.edition, task.folder / "private"
    notebooks = [chapter.notebook for chapter in task.absent]
    comments = comments_folder(task.folder)
    reviewed = [sign_offs_path(edition.path), comments / ALL, comments / SHEET]
    texts = [*notebooks, *edition.text_paths, *reviewed]
    content = [
        *map(repr, (edition, task.absent, *task.runs)),
        sorted(task.invented),
        task.inputs,
        [state.digest(str(path)) for path in texts],
        task.guard,
        [file_digest(page_path(private, run)) for run in task.runs],
        [task.digests, chapter_digests(edition), mapping_digests(edition)],
    ]
    return {
        "parameters": {"report": digest_of(content)},
        "packages": {PACKAGE: package_version()},
    }


def is_in_place(task: ReportTask, state: State) -> bool:
    """Whether the report that is in place is the one that the task would make."""
    record = read_record(task.folder / "private" / PUBLISHED)
    if not record:
        return False
    # The record of a report names the versions of all packages that it needs.
    needed = state_of(record["rests"].get("packages", ()), state.versions)
    now = {**task.rests, "packages": needed | task.rests["packages"]}
    if changes(record["rests"], now):
        return False
    return file_digests(task.folder / "public") == record["public"]
