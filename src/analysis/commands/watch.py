"""``workbench build --watch``: build an edition again whenever something that it is made of is saved."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from analysis import report
from analysis.commands.edition_build import BuildRequest
from analysis.commands.preparation import GUARD, preparation_of
from analysis.commands.preview import preview_server
from analysis.errors import AnalysisError

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
# Milliseconds in which nothing more is saved: several files saved together are one build.
QUIET_AFTER = 200


def watch_edition(request: BuildRequest, port: int = 0) -> int:
    """Build an edition whenever something of it is saved, and show it in the browser, until interrupted."""
    path = request.editions[0]
    folder = request.folder_of(path)
    edition = report.read_edition(path)
    # The preview asks how many builds there were, and reloads when there is one more.
    builds: list[int] = []

    def paths() -> list[Path]:
        return watched_paths(edition, preparation_of(edition, folder).files)

    with (
        report.open_session(folder, report.limits_of(request.choice)) as session,
        preview_server(folder / "public", lambda: len(builds), port) as address,
    ):
        for saved in saved_changes(paths):
            for file in saved:
                print(f"saved: {file.name}", flush=True)
            try:
                # The file of the edition may be what was saved.
                edition = report.read_edition(path)
                report.check_chapters(edition)
                sources = preparation_of(edition, folder)
                report.build_report(edition, sources, session, request.choice, request.show, GUARD)
            except AnalysisError as error:
                typer.secho(error, fg="red", err=True)
            builds.append(len(builds))
            print(f"{address}  (Ctrl-C ends)", flush=True)
    return 0


def watched_paths(edition, sources: Iterable[str]) -> list[Path]:
    """The files that a build may depend on: the edition, its notebooks and texts, the package, the sources."""
    package = (path for path in PACKAGE_ROOT.rglob("*") if "__pycache__" not in path.parts)
    own = {edition.path, *edition.notebooks.glob("*.ipynb"), *edition.text_paths}
    files = (path for path in {*own, *package, *map(Path, sources)} if path.is_file())
    return sorted({path.resolve() for path in files})


def saved_changes(paths: Callable[[], Iterable[Path]]) -> Iterator[list[Path]]:
    """None at first, then the files that were saved, each time that some were and no more follow.

    What is saved while its reader is at work is told when it asks again. None are told again where files in
    other folders are to be watched from now on, since some of them may have been saved unseen.

    Parameters
    ----------
    paths
        Gives the files to be watched, asked again each time.
    """
    # A file that was among them may be gone when it is told.
    watched = set(paths())
    folders: set[Path] = set()
    while True:
        if (needed := {path.parent for path in paths()}) != folders:
            folders, events = needed, _events(needed)
            # The watcher stands when it first answers; what is saved from then on is told.
            next(events)
            yield []
            continue
        names = next(changes for changes in events if changes)
        watched.update(paths())
        if saved := names & watched:
            yield sorted(saved)


def _events(folders: Iterable[Path]) -> Iterator[set[Path]]:
    """Names of all that changes in these folders, or none each time that nothing has for a while."""
    from watchfiles import watch

    # Beside a source may lie folders with much that no build reads.
    settings = {"recursive": False, "watch_filter": None, "yield_on_timeout": True}
    waits = {"step": QUIET_AFTER, "rust_timeout": QUIET_AFTER}
    for changes in watch(*folders, **settings, **waits):
        yield {Path(name) for _, name in changes}
