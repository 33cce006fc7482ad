"""The sources of an edition, read once and kept until something that they rest on changes."""

import os
import shutil
from collections.abc import Mapping
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
class Preparation:
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


def stale_sources(preparation: Preparation, private: Path, state: State) -> list[str]:
    """Why the sources must be read anew, a phrase each; empty where they need not."""
    record = read_record(private / RECORD)
    if not record:
        return ["no earlier reading"]
    if not preparation.lasting:
        return ["a database is asked anew for each build"]
    written = {path: state.digest(path) for path in record["tables"]}
    gone = [
        f"{Path(path).name} is not as it was written"
        for path in written
        if written[path] != record["tables"][path]
    ]
    return changes(record["rests"], _rests_on(preparation, record["rests"], state)) + gone


def find_offer(preparation: Preparation, workshop: BuildSession, state: State) -> SourceOffer:
    """What the sources offer: as an earlier build found it, or that of another edition, or read anew.

    Raises
    ------
    InputError
        The sources cannot be used.
    """
    record = workshop.private / RECORD
    if stale_sources(preparation, workshop.private, state):
        record.unlink(missing_ok=True)
        if any(
            _taken_over(preparation, private, workshop.private, state)
            for private in preparation.siblings
        ):
            return kept_offer(workshop.private)
        arguments = (preparation, workshop.private, state.package)
        task = Task(
            ("sources",),
            f"{__name__}:read_sources",
            arguments,
            workshop.private / "logs" / "sources.log",
        )
        outcome_of(run_tasks(workshop, [task]))
    return kept_offer(workshop.private)


def _taken_over(preparation: Preparation, other: Path, private: Path, state: State) -> bool:
    """Whether another edition has read the very same sources with the same code; its tables are then this one's too."""
    if stale_sources(preparation, other, state):
        return False
    record = read_record(other / RECORD)
    moved = {path: str(private / Path(path).relative_to(other)) for path in record["tables"]}
    for path, here in moved.items():
        _copy(Path(path), Path(here))
    offer = record["offer"]
    parameters = {name: moved.get(value, value) for name, value in offer["parameters"].items()}
    tables = {moved[path]: digest for path, digest in record["tables"].items()}
    # That edition may be built anew at this moment.
    if tables != {here: file_digest(here) for here in tables}:
        return False
    write_record(
        {**record, "offer": offer | {"parameters": parameters}, "tables": tables}, private / RECORD
    )
    return True


def _copy(path: Path, here: Path) -> None:
    here.parent.mkdir(parents=True, exist_ok=True)
    part = here.with_name(f"{here.name}.{os.getpid()}.part")
    with suppress(FileNotFoundError):
        shutil.copyfile(path, part)
        part.replace(here)


def kept_offer(private: Path) -> SourceOffer | None:
    """What the sources offered when they were last read; None where they were not."""
    found = read_record(private / RECORD).get("offer")
    if found is None:
        return None
    sets = (frozenset(found[name]) for name in ("available", "invented"))
    return SourceOffer(found["parameters"], *sets, found["inputs"], found.get("checks", {}))


def read_sources(
    preparation: Preparation, private: Path, digests: Mapping[str, str], _tell=None
) -> None:
    """Read the sources, and write what they offer and what that rests on (the work of a task)."""
    opened_files()
    now = State(digests, installed_versions(), cache(file_digest))
    # Each file is known as it was before it was read.
    for path in preparation.files:
        now.digest(path)
    module, _, name = preparation.call.partition(":")
    offer = getattr(import_module(module), name)(*preparation.arguments, private / "cohort")
    mine, _ = read_files(private)
    used = {path: "" for path in (mine | loaded_modules()) if not path.startswith("report")}
    rests = _rests_on(
        preparation, {"modules": used, "packages": dict.fromkeys(loaded_packages(), "")}, now
    )
    tables = {
        str(path): file_digest(path)
        for name, path in offer["parameters"].items()
        if name.endswith("_source")
    }
    write_record({"offer": offer, "rests": rests, "tables": tables}, private / RECORD)


def _rests_on(preparation: Preparation, used: Mapping, state: State) -> dict[str, dict[str, str]]:
    return {
        "parameters": {"of the sources": digest_of([preparation.arguments, preparation.beside])},
        "files": {path: state.digest(path) for path in preparation.files},
        "modules": state_of(used.get("modules", ()), state.package),
        "packages": state_of(used.get("packages", ()), state.versions),
    }
