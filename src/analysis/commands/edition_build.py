"""Build the editions that were asked for, and say what became of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from analysis import report
from analysis.commands.preparation import GUARD, preparation_of
from analysis.errors import AnalysisError, InputError

STATUSES = {"done": "run", "bound": "bound anew", "cached": "as they were"}


@dataclass(frozen=True)
class BuildRequest:
    """What is to be built, and how it is told.

    Attributes
    ----------
    editions
        Their files.
    choice
        Which chapters and languages, and how much they may take.
    show
        Wraps the messages of a build, see ``progress``.
    output
        The folder of the one edition, where it is not the usual one.
    explain
        Only say why each chapter would run.
    json
        Programs read the output: print nothing that is not a line of JSON.
    """

    editions: tuple[Path, ...]
    choice: "report.Choice"
    show: Callable
    output: Path | None = None
    explain: bool = False
    json: bool = False

    def folder_of(self, path: Path) -> Path:
        """Where an edition is built: as asked, or ``outputs/<edition>`` beside ``params``."""
        path = path.resolve()
        return (self.output or path.parent.parent / "outputs" / path.stem).resolve()

    @property
    def logs(self) -> Path:
        """Of what is not one edition's: the logs of the first."""
        return self.folder_of(self.editions[0]) / "private" / "logs"


def build_all(request: BuildRequest, elsewhere: Callable | None = None) -> int:
    """Build what was asked for; several with one warm process, and one that fails stops no other."""
    if len(request.editions) == 1:
        return build_one(request.editions[0], request, elsewhere=elsewhere)
    with report.shared_process(request.logs / "build.log") as shared:
        # The worst exit code of all: faults of input before chapters that failed.
        return max(
            _build_among_others(path, request, shared, elsewhere) for path in request.editions
        )


def _build_among_others(path: Path, request: BuildRequest, shared, elsewhere) -> int:
    if not request.json:
        print(f"{path}:", flush=True)
    try:
        return build_one(path, request, shared=shared, elsewhere=elsewhere)
    except AnalysisError as error:
        typer.secho(error, fg="red", err=True)
        return 2 if isinstance(error, InputError) else 1


def build_one(
    path: Path,
    request: BuildRequest,
    *,
    shared: Callable | None = None,
    elsewhere: Callable | None = None,
) -> int:
    """Build an edition, or say why each of its chapters would run; the exit code.

    Parameters
    ----------
    path
        Of the edition's file.
    request
        All that was asked for.
    shared
        Starts the warm process that several editions share.
    elsewhere
        Runs chapters on other machines.
    """
    edition = report.read_edition(path)
    report.check_chapters(edition)
    folder = request.folder_of(path)
    # Editions of one command may be made of the same sources, which are then read once.
    siblings = [request.folder_of(other) for other in request.editions]
    preparation = preparation_of(edition, folder, siblings)
    if request.explain:
        print("\n".join(report.explain_build(edition, preparation, folder, request.choice)))
        return 0
    limits = report.limits_of(request.choice)
    with report.open_session(folder, limits, shared, elsewhere) as session:
        build = report.build_report(
            edition, preparation, session, request.choice, request.show, GUARD
        )
    if not request.json:
        # Where processes are shared, or elsewhere, this one does not know what they have cost.
        cost = "" if shared or elsewhere else _work_done()
        print("\n".join(build_lines(build, edition, cost)))
    return 0 if build.succeeded else 1


def build_lines(build, edition, cost: str = "") -> Iterator[str]:
    """What a build came to: what is absent or left out, how many chapters ran, the page to open."""
    yield from _years_without_cases(edition.diagnosis_years, build.parameters)
    for chapter in build.absent:
        lacking = ", ".join(chapter.missing)
        yield f"- {chapter.name}: not in this edition, its sources lack {lacking}"
    if build.left_out:
        names = ", ".join(build.left_out)
        yield f"- left out, their earlier runs rest on other data, code or parameters: {names}"
    statuses = [result.status for result in build.results]
    if failed := statuses.count("failed"):
        yield typer.style(
            f"{failed} of {len(statuses)} chapters failed; the public report is as it was", fg="red"
        )
        return
    counts = {words: statuses.count(status) for status, words in STATUSES.items()}
    chapters = ", ".join(f"{words} {count}" for words, count in counts.items() if count)
    yield f"chapters: {chapters}; in {build.seconds:.1f} s{cost}"
    yield str(build.public / "index.html")


def _years_without_cases(years, parameters) -> Iterator[str]:
    first, last = parameters.get("first_year", 0), parameters.get("last_year", 9999)
    if years and (years.first < first or years.last > last):
        yield (
            f"! the cases are of {first}–{last}, the edition of {years.first}–{years.last}: "
            "years without a case count as years at risk"
        )


def _work_done() -> str:
    """What the processes of this build have cost."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return ""
    # Chapters run in children of this process, which are counted when they have ended.
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    largest = usages[1].ru_maxrss / 2**20
    return f", {seconds:.0f} s of processor time, at most {largest:.1f} GiB in one process"
