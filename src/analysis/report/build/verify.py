"""Build an edition anew beside its report, and say whether both are the same, byte for byte."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, InputError
from analysis.report.build.building import Build, build_report, limits_of
from analysis.report.build.plan import Choice
from analysis.report.build.run_chapters import Show
from analysis.report.edition.model import Edition
from analysis.report.files.digests import file_digests
from analysis.report.files.writing import read_record
from analysis.report.tasks.session import open_session

# Characters of a line that are shown on each side, from a little before they differ.
EXCERPT, BEFORE = 60, 20
_RECORDED = {
    "edition_sha256": "the edition's file is not the one that it was built from",
    "inputs": "the sources are not those that it was built from",
    "package": "the code is not that which built it",
    "dependencies": "the installed packages are not those that it was built with",
}


@dataclass(frozen=True)
class Verification:
    """What became of a report that was built anew: its number of files, what differs, and what explains it.

    ``differences`` has a sentence for each file that is not the same; ``causes`` what has changed since the
    report was built, as far as its record tells.
    """

    files: int
    differences: tuple[str, ...]
    causes: tuple[str, ...] = ()


def verify_report(
    edition: Edition,
    prepare: Callable,
    folder: str | Path,
    choice: Choice | None = None,
    show: Show | None = None,
    guard: str = "",
) -> Verification:
    """Build an edition from nothing in a temporary folder and hold its public files against those that are there.

    Parameters
    ----------
    edition
        As read by ``read_edition``.
    prepare
        Is given a folder and returns the `SourcesTask` of the edition's sources there.
    folder
        Of the edition, with its ``public``. The temporary folder is in its private part, where children's
        records may be, and is removed; builds of the edition wait meanwhile.
    choice, show, guard
        As in ``build_report``.

    Raises
    ------
    InputError
        There is no public report, or the folder cannot be written to.
    AnalysisError
        The edition cannot be built any more.
    """
    folder, choice = Path(folder).resolve(), choice or Choice()
    if not (folder / "public").is_dir():
        raise InputError(f"edition {folder.name}", ["must have a public report; build it first"])
    with open_session(folder, limits_of(choice)) as session:
        beside = session.private / ".work" / folder.name
        whole = replace(choice, chapters=(), languages=())
        built = build_report(edition, prepare(beside), beside, whole, show, guard)
        _require_success(built, folder.name)
        differences = tuple(first_differences(folder / "public", built.public))
        causes = _causes(folder, beside) if differences else ()
        files = len(file_digests(folder / "public"))
        return Verification(files, differences, tuple(causes))


def _require_success(built: Build, name: str) -> None:
    if built.succeeded:
        return
    failed = [f"{result.name} ({result.language})" for result in built.results if result.fault]
    raise AnalysisError(f"edition {name} cannot be built any more: {', '.join(failed)} failed")


def first_differences(published: Path, rebuilt: Path) -> Iterator[str]:
    """A sentence for each file that is not the same in two folders: where it differs first, and what stands there."""
    before, after = file_digests(published), file_digests(rebuilt)
    for name in sorted(before | after):
        if name not in after:
            yield f"{name}: is not made any more"
        elif name not in before:
            yield f"{name}: is not in the report that is there"
        elif before[name] != after[name]:
            contents = (published / name).read_bytes(), (rebuilt / name).read_bytes()
            yield f"{name}: {_first_difference(*contents)}"


def _first_difference(before: bytes, after: bytes) -> str:
    shared = min(len(before), len(after))
    at = next((i for i in range(shared) if before[i] != after[i]), shared)
    # Of a picture there is no line to be shown.
    if b"\0" in before or b"\0" in after:
        return f"byte {at + 1} of {len(before)} and {len(after)}"
    line, start = before.count(b"\n", 0, at) + 1, before.rfind(b"\n", 0, at) + 1
    begin = max(start, at - BEFORE)
    excerpts = [_excerpt(content, begin) for content in (before, after)]
    return f"line {line}, column {at - start + 1}: {' → '.join(excerpts)}"


def _excerpt(content: bytes, begin: int) -> str:
    line = content[begin : begin + EXCERPT].split(b"\n")[0].decode("utf-8", errors="replace")
    return repr(line) if line else "(nothing)"


def _causes(folder: Path, beside: Path) -> Iterator[str]:
    before, after = (_recorded(place) for place in (folder, beside))
    for key, sentence in _RECORDED.items():
        if before and before.get(key) != after.get(key):
            yield sentence


def _recorded(folder: Path) -> Mapping[str, Any]:
    """The record of a build without the commit: the code is known by its digest."""
    record = read_record(folder / "private" / "run.json")
    package = {name: value for name, value in record.get("package", {}).items() if name != "commit"}
    return {**record, "package": package} if record else record
