"""The sources of an edition, read once and kept until something that they were made from changes."""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from analysis.report.build.dependencies import (
    State,
    changes,
    loaded_modules,
    loaded_packages,
    opened_files,
    read_files,
    state_of,
)
from analysis.report.edition.offer import SourceOffer
from analysis.report.files.digests import digest_of, file_digest, installed_versions
from analysis.report.files.writing import read_record, write_record
from analysis.report.tasks.session import BuildSession, run_tasks
from analysis.report.tasks.task import Task, outcome_of

RECORD = "sources.json"


@dataclass(frozen=True)
class SourcesTask:
    """How the sources of an edition are read, and when that need not be done again.

    Attributes
    ----------
    call
        ``"package.module:function"``, which is given ``arguments`` and the folder to write tables to,
        and returns what the sources gave: ``parameters``, ``available``, ``invented``, ``inputs``, ``checks``.
    arguments
        Plain values.
    files
        Files that it reads.
    lasting
        Whether all of its sources stay as they are while their files do; not so of a database.
    warm
        Tasks that the processes of chapters find done.
    beside
        What else its outcome depends on, such as a key in the environment; only its digest is kept.
    siblings
        Private folders of other editions, which may have read the same sources already.
    """

    call: str
    arguments: tuple
    files: tuple[str, ...]
    lasting: bool = True
    warm: tuple[Task, ...] = ()
    beside: str = ""
    siblings: tuple[Path, ...] = ()


def stale_sources(sources: SourcesTask, private: Path, state: State) -> list[str]:
    """Why the sources must be read anew, a phrase each; empty where they need not."""
    record = read_record(private / RECORD)
    if not record:
        return ["no earlier reading"]
    if not sources.lasting:
        return ["a database is asked anew for each build"]
    changed = changes(record["rests"], _rests_on(sources, record["rests"], state))
    return changed + [
        f"{Path(path).name} is not as it was written"
        for path, digest in record["tables"].items()
        if state.digest(path) != digest
    ]


def find_offer(sources: SourcesTask, session: BuildSession, state: State) -> SourceOffer:
    """What the sources offer: as an earlier build found it, or that of another edition, or read anew.

    Raises
    ------
    InputError
        The sources cannot be used.
    """
    private = session.private
    if stale_sources(sources, private, state):
        # Removed first: a build that is stopped half-way reads them again.
        (private / RECORD).unlink(missing_ok=True)
        if not any(_taken_over(sources, other, private, state) for other in sources.siblings):
            _read_anew(sources, session, state)
    return kept_offer(private)


def _read_anew(sources: SourcesTask, session: BuildSession, state: State) -> None:
    private = session.private
    task = Task(
        key=("sources",),
        call=f"{__name__}:read_sources",
        arguments=(sources, private, state.package),
        log=private / "logs" / "sources.log",
    )
    outcome_of(run_tasks(session, [task]))


def _taken_over(sources: SourcesTask, other: Path, private: Path, state: State) -> bool:
    """Whether another edition has read the very same sources with the same code; its tables are then this one's too."""
    if stale_sources(sources, other, state):
        return False
    record = read_record(other / RECORD)
    moved = {path: str(private / Path(path).relative_to(other)) for path in record["tables"]}
    for path, target in moved.items():
        _copy(Path(path), Path(target))
    tables = {moved[path]: digest for path, digest in record["tables"].items()}
    # That edition may be built anew at this moment.
    if any(file_digest(path) != digest for path, digest in tables.items()):
        return False
    offer = record["offer"]
    parameters = {name: moved.get(value, value) for name, value in offer["parameters"].items()}
    taken = {**record, "offer": offer | {"parameters": parameters}, "tables": tables}
    write_record(taken, private / RECORD)
    return True


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with suppress(FileNotFoundError):
        shutil.copyfile(path, part)
        part.replace(target)


def kept_offer(private: Path) -> SourceOffer | None:
    """What the sources offered when they were last read; None where they were not."""
    offer = read_record(private / RECORD).get("offer")
    if offer is None:
        return None
    return SourceOffer(
        parameters=offer["parameters"],
        available=frozenset(offer["available"]),
        invented=frozenset(offer["invented"]),
        inputs=offer["inputs"],
        checks=offer.get("checks", {}),
    )


def read_sources(
    sources: SourcesTask, private: Path, digests: Mapping[str, str], _tell=None
) -> None:
    """Read the sources, and write what they offer and what that was made from (the work of a task)."""
    opened_files()
    state = State(digests, installed_versions(), cache(file_digest))
    # Each file is known as it was before it was read.
    for path in sources.files:
        state.digest(path)
    module, _, name = sources.call.partition(":")
    offer = getattr(import_module(module), name)(*sources.arguments, private / "cohort")
    package_files, _ = read_files(private)
    modules = package_files | loaded_modules()
    used = {
        "modules": [path for path in modules if not path.startswith("report")],
        "packages": loaded_packages(),
    }
    parameters = offer["parameters"]
    tables = [path for name, path in parameters.items() if name.endswith("_source")]
    record = {
        "offer": offer,
        "rests": _rests_on(sources, used, state),
        "tables": {str(path): file_digest(path) for path in tables},
    }
    write_record(record, private / RECORD)


def _rests_on(
    sources: SourcesTask, used: Mapping[str, Iterable[str]], state: State
) -> dict[str, dict[str, str]]:
    return {
        "parameters": {"of the sources": digest_of([sources.arguments, sources.beside])},
        "files": {path: state.digest(path) for path in sources.files},
        "modules": state_of(used.get("modules", ()), state.package),
        "packages": state_of(used.get("packages", ()), state.versions),
    }
