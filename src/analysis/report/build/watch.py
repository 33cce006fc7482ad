"""Build an edition again whenever something that it is made of is saved."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from analysis.report.edition.model import Edition
from analysis.report.files.digests import PACKAGE_ROOT, file_digest

EVERY = 0.5
# Beyond this many bytes a file is known by its size and time, below it by its content.
LARGE = 5_000_000


def watched_paths(edition: Edition, sources: Iterable[str]) -> list[Path]:
    """The files that a build may depend on: the edition, its notebooks and texts, the package, the sources."""
    package = (
        path
        for path in PACKAGE_ROOT.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    own = {edition.path, *edition.notebooks.glob("*.ipynb"), *edition.text_paths}
    return sorted({*own, *package, *map(Path, sources)})


def signature(paths: Iterable[Path]) -> dict[Path, str]:
    """What tells whether files have changed: their content, not their times."""
    found = {}
    for path in paths:
        try:
            size = path.stat()
        except OSError:
            continue
        found[path] = (
            f"{size.st_size} {size.st_mtime_ns}" if size.st_size > LARGE else file_digest(path)
        )
    return found


def saved_changes(
    paths: Callable[[], Iterable[Path]], every: float = EVERY
) -> Iterator[list[Path]]:
    """None at first, then the files that have changed, each time that some have and no more is being saved.

    What is saved while its reader is at work is told when it asks again.

    Parameters
    ----------
    paths
        Gives the files to be watched, asked again each time.
    every
        Seconds between two looks.
    """
    before = signature(paths())
    yield []
    while True:
        time.sleep(every)
        now = signature(paths())
        if now == before:
            continue
        while (settled := _after(paths, every / 2)) != now:
            now = settled
        yield sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
        before = now


def _after(paths: Callable[[], Iterable[Path]], seconds: float) -> dict[Path, str]:
    time.sleep(seconds)
    return signature(paths())
