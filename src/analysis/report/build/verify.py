"""Build an edition anew beside its report, and say whether both are the same, byte for byte."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.report.build.building import Show, build_report, limits_of
from analysis.report.build.plan import Choice
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
        Is given a folder and returns the `Preparation` of the edition's sources there.
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
    with open_session(folder, limits_of(choice)) as held:
        beside = held.private / ".work" / folder.name
        chosen = replace(choice, chapters=(), languages=())
        built = build_report(edition, prepare(beside), beside, chosen, show, guard)
        if not built.succeeded:
            failed = ", ".join(f"{one.name} ({one.language})" for one in built.results if one.fault)
            raise AnalysisError(f"edition {folder.name} cannot be built any more: {failed} failed")
        found = tuple(first_differences(folder / "public", built.public))
        records = (read_record(place / "private" / "run.json") for place in (folder, beside))
        return Verification(
            len(file_digests(folder / "public")), found, tuple(_causes(*records)) if found else ()
        )


def first_differences(published: Path, rebuilt: Path) -> Iterator[str]:
    """A sentence for each file that is not the same in two folders: where it differs first, and what stands there."""
    before, now = file_digests(published), file_digests(rebuilt)
    for name in sorted(before | now):
        if name not in now:
            yield f"{name}: is not made any more"
        elif name not in before:
            yield f"{name}: is not in the report that is there"
        elif before[name] != now[name]:
            yield f"{name}: {_first_difference((published / name).read_bytes(), (rebuilt / name).read_bytes())}"


def _first_difference(one: bytes, other: bytes) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    if b"\0" in one or b"\0" in other:
        return f"byte {at + 1} of {len(one)} and {len(other)}"
    line, start = one.count(b"\n", 0, at) + 1, one.rfind(b"\n", 0, at) + 1
    begin = max(start, at - BEFORE)
    shown = (_excerpt(content, begin) for content in (one, other))
    return f"line {line}, column {at - start + 1}: {' → '.join(shown)}"


def _excerpt(content: bytes, begin: int) -> str:
    line = content[begin : begin + EXCERPT].split(b"\n")[0].decode("utf-8", errors="replace")
    return repr(line) if line else "(nothing)"


def _causes(before: Mapping, now: Mapping) -> Iterator[str]:
    for key, sentence in _RECORDED.items():
        old, new = (
            {k: v for k, v in record.get(key, {}).items() if k != "commit"}
            if key == "package"
            else record.get(key)
            for record in (before, now)
        )
        if before and old != new:
            yield sentence
