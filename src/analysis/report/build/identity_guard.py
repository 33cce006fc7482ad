"""The guard looks through what is about to be published: over the cores, and at no text twice."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.report.files.digests import digest_of, installed_versions
from analysis.report.files.writing import Guard, read_record, write_record

# Which texts have passed, by digest, and the guard that they passed.
PASSED = "passed.json"
# Characters that are looked through sooner than a process is forked.
FEW = 300_000


def remembering_guard(
    name: str, private: Path, package: Mapping[str, str], jobs: int = 1
) -> Guard | None:
    """A guard that passes what it has passed before, and looks through the rest in several processes.

    Parameters
    ----------
    name
        ``"package.module:function"``, which judges each file by its name and text alone; None where empty.
    private
        The private folder of the edition.
    package
        Digests of the files of the package.
    jobs
        Processes at a time; more than one only where this process may be forked.

    Notes
    -----
    What has passed holds for the same code, the same versions of all packages and the same day alone: a number
    that could not be a birth date yesterday can be one today.
    """
    module, _, function = name.partition(":")
    if not module:
        return None
    look = getattr(import_module(module), function)
    rests = digest_of([name, package, installed_versions(), date.today()])
    record = read_record(private / PASSED)
    before = set(record.get("passed", ())) if record.get("rests") == rests else set()
    seen: set[str] = set()

    def guard(files: Mapping[str, str]) -> None:
        digests = {path: _text_digest(path, text) for path, text in files.items()}
        _look_through(
            look, {path: files[path] for path in files if digests[path] not in before}, jobs
        )
        seen.update(digests.values())
        write_record({"rests": rests, "passed": sorted(seen)}, private / PASSED)

    return guard


def _text_digest(path: str, text: str) -> str:
    return hashlib.sha256(f"{path}\n{text}".encode()).hexdigest()


def _look_through(look: Guard, files: Mapping[str, str], jobs: int) -> None:
    """Raise what the guard has to say of all files, if of any."""
    parts = _shares(files, jobs) if sum(map(len, files.values())) > FEW else [files]
    if len(parts) == 1 or not _all_pass(look, parts):
        look(files)


def _shares(files: Mapping[str, str], number: int) -> list[dict[str, str]]:
    """Files in so many parts of about the same length, the longest given out first."""
    parts: list[dict[str, str]] = [{} for _ in range(number)]
    lengths = [0] * number
    for path in sorted(files, key=lambda path: -len(files[path])):
        shortest = lengths.index(min(lengths))
        parts[shortest][path] = files[path]
        lengths[shortest] += len(files[path])
    return parts


def _all_pass(look: Guard, parts: Sequence[Mapping[str, str]]) -> bool:
    """Whether the guard has nothing to say; each part but the first in a process of its own."""
    others = [get_context("fork").Process(target=_leave, args=(look, part)) for part in parts[1:]]
    for other in others:
        other.start()
    passed = _passes(look, parts[0])
    for other in others:
        other.join()
    return passed and all(other.exitcode == 0 for other in others)


def _leave(look: Guard, files: Mapping[str, str]) -> None:
    sys.exit(0 if _passes(look, files) else 1)


def _passes(look: Guard, files: Mapping[str, str]) -> bool:
    try:
        look(files)
    except AnalysisError:
        return False
    return True
