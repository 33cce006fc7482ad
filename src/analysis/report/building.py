"""Build an edition: run its chapters over the cores, bind them, put the report in place when it is whole."""

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import ChapterError, InputError
from analysis.report.chapters import CellFault, ChapterResult, prepare_worker, run_chapter
from analysis.report.edition import Edition, plain_language
from analysis.report.front_matter import Report
from analysis.report.notebooks import read_notebook
from analysis.report.pages import report_files
from analysis.report.planning import AbsentChapter, ChapterRun, chapter_runs
from analysis.report.provenance import build_stamp, package_digest, run_record, run_stamp, write_record
from analysis.report.publication import Guard, replace_public
from analysis.report.review import review_files
from analysis.report.written import all_pages

Progress = Callable[[Iterable[ChapterResult], int], Iterator[ChapterResult]]


@dataclass(frozen=True)
class Choice:
    """What of an edition is run; empty means all of it.

    ``chapters`` are numbers (``"03"``), notebooks (``"03_incidence"``) or runs
    (``"09_diagnostic_group-I"``); ``jobs`` is the number of chapters run at a time, all cores where 0.
    """

    chapters: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    jobs: int = 0


@dataclass(frozen=True)
class Build:
    """What a build came to.

    Attributes
    ----------
    succeeded
        Every chapter ran and was bound; only then is ``public`` new.
    results
        One a run, in the order of the edition.
    absent
        Chapters that the sources do not carry.
    left_out
        Runs that were not asked for and whose earlier pages rest on something else.
    public
        The folder of the public report.
    seconds
        For the whole build.
    """

    succeeded: bool
    results: tuple[ChapterResult, ...]
    absent: tuple[AbsentChapter, ...]
    left_out: tuple[str, ...]
    public: Path
    seconds: float


def build_report(
    edition: Edition,
    intake,
    folder: str | Path,
    choice: Choice | None = None,
    progress: Progress | None = None,
    guard: Guard | None = None,
) -> Build:
    """Run the chapters of an edition and bind them into ``folder/public``.

    Parameters
    ----------
    edition
        As read by ``read_edition``.
    intake
        What the sources gave, with ``parameters``, ``available``, ``invented`` and ``inputs``
        (``analysis.register.Intake``).
    folder
        Of this edition; ``private/`` and ``public/`` are made in it.
    choice
        Which chapters and languages are run; the others are bound as an earlier build left them,
        if they rest on the same tables, package, notebook and parameters.
    progress
        Wraps the stream of results and is told their number: see ``show_progress``.
    guard
        Is given every file (its text by its name) that is about to be published, and raises where one
        must not be.

    Returns
    -------
    Build
        A chapter that fails is in ``results``; the others finish, and the public report stays as it was.

    Raises
    ------
    InputError
        The chapters do not fit their notebooks, or the choice names what the edition does not have.
    AnalysisError
        The guard refused; the public report is as it was.
    """
    started = time.perf_counter()
    folder, choice = Path(folder).resolve(), choice or Choice()
    runs, absent = chapter_runs(edition, intake.available, intake.parameters)
    chosen = choose_runs(runs, absent, choice)
    private, public = folder / "private", folder / "public"
    private.mkdir(parents=True, exist_ok=True)
    stamps = _stamps(runs, intake)
    jobs = min(choice.jobs or os.cpu_count() or 1, max(len(chosen), 1))
    outcomes = _run_all(chosen, private, stamps, jobs)
    results = _in_order(progress(outcomes, len(chosen)) if progress else outcomes, chosen)
    kept, left_out = _earlier_runs([run for run in runs if run not in chosen], private, stamps)
    bound = chosen + kept
    if all(result.status == "done" for result in results):
        report = Report(edition, (), absent, frozenset(intake.invented), tuple(intake.inputs))
        results = _publish([run for run in runs if run in bound], results, report, folder, guard)
    succeeded = all(result.status == "done" for result in results)
    record = run_record(edition, intake.inputs, results, public if succeeded else None)
    write_record(record, private / "run.json")
    return Build(succeeded, results, absent, left_out, public, time.perf_counter() - started)


def choose_runs(runs: Sequence[ChapterRun], absent: Sequence[AbsentChapter], choice: Choice) -> list[ChapterRun]:
    """The runs that a choice asks for, in reading order.

    Raises
    ------
    InputError
        A chapter that the edition does not have or whose data it lacks; a language it is not written in.
    """
    languages = [plain_language(code) for code in choice.languages]
    known = {name: [run for run in runs if _is_called(run, name)] for name in choice.chapters}
    missing = {name for name in known for chapter in absent if _has_name(chapter.name, chapter.name, name)}
    faults = [
        f"chapter {name}: " + ("the sources of this edition do not carry it" if name in missing else _not_among(runs))
        for name, found in known.items()
        if not found
    ]
    written = sorted({run.language for run in runs})
    faults += [f"language {code}: must be one of {', '.join(written)}" for code in languages if code not in written]
    if not runs:
        faults = ["no chapter can be run: the sources of this edition carry none of them"]
    if faults:
        raise InputError("choice of chapters", faults)
    return [
        run
        for run in runs
        if (not known or any(run in found for found in known.values())) and (not languages or run.language in languages)
    ]


def _is_called(run: ChapterRun, name: str) -> bool:
    return _has_name(run.name, run.notebook.stem, name)


def _has_name(run_name: str, notebook: str, name: str) -> bool:
    number = notebook.partition("_")[0]
    same_number = name.isdigit() and number.isdigit() and int(name) == int(number)
    return same_number or name.removesuffix(".ipynb") in (run_name, notebook)


def _not_among(runs: Sequence[ChapterRun]) -> str:
    return f"must be one of {', '.join(dict.fromkeys(run.notebook.stem for run in runs))}"


def _stamps(runs: Sequence[ChapterRun], intake) -> dict[tuple[str, str], str]:
    tables = [Path(path) for name, path in sorted(intake.parameters.items()) if name.endswith("_source")]
    build = build_stamp(tables, package_digest())
    return {(run.name, run.language): run_stamp(run, build) for run in runs}


def _run_all(runs: Sequence[ChapterRun], private: Path, stamps: dict, jobs: int) -> Iterator[ChapterResult]:
    """Run chapters side by side; each result as it comes."""
    # The connection files of kernels live here: a socket's path must be short.
    folder = tempfile.mkdtemp(prefix="wb")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), prepare_worker, (folder,))
    try:
        waiting = {
            pool.submit(run_chapter, run, private, stamps[run.name, run.language]): (run, time.perf_counter())
            for run in runs
        }
        for future in as_completed(waiting):
            run, since = waiting[future]
            error = future.exception()
            yield _lost(run, private, time.perf_counter() - since, error) if error else future.result()
        pool.shutdown()
    except BaseException:
        # Interrupted: a kernel ends with the process that started it.
        pool.shutdown(wait=False, cancel_futures=True)
        _end(set(multiprocessing.active_children()) - others)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(workers: set) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(5)


def _lost(run: ChapterRun, private: Path, seconds: float, error: BaseException) -> ChapterResult:
    fault = CellFault(0, "", f"{type(error).__name__}: the process that ran the chapter ended")
    executed = private / "executed" / run.language / f"{run.name}.ipynb"
    return ChapterResult(run.name, run.language, "failed", seconds, executed, fault)


def _in_order(results: Iterable[ChapterResult], runs: Sequence[ChapterRun]) -> tuple[ChapterResult, ...]:
    found = {(result.name, result.language): result for result in results}
    return tuple(found[run.name, run.language] for run in runs)


def _earlier_runs(runs: Sequence[ChapterRun], private: Path, stamps: dict) -> tuple[list[ChapterRun], tuple[str, ...]]:
    """Runs whose executed notebooks of an earlier build still hold, and the names of those that do not."""
    kept, left_out = [], []
    for run in runs:
        executed = _executed(private, run)
        stamp = read_notebook(executed).metadata.get("workbench", {}).get("stamp") if executed.is_file() else None
        if stamp == stamps[run.name, run.language]:
            kept.append(run)
        else:
            left_out.append(f"{run.name} ({run.language})")
    return kept, tuple(left_out)


def _executed(private: Path, run: ChapterRun) -> Path:
    return private / "executed" / run.language / f"{run.name}.ipynb"


def _publish(
    runs: Sequence[ChapterRun],
    results: tuple[ChapterResult, ...],
    report: Report,
    folder: Path,
    guard: Guard | None = None,
) -> tuple[ChapterResult, ...]:
    """Bind the runs and put the report in place; a chapter that cannot be bound counts as failed."""
    # nbconvert is imported when there is something to bind, not while chapters fail.
    from analysis.report.binding import bind_chapter

    pages, faults = [], {}
    for run in runs:
        try:
            notebook = read_notebook(_executed(folder / "private", run))
            pages.append(bind_chapter(notebook, run.name, run.language, run.value))
        except ChapterError as error:
            faults[run.name, run.language] = CellFault(0, "", f"cannot be bound: {error}")
    if faults:
        return _with_faults(results, faults, folder / "private")
    whole = all_pages(report.edition, pages, [chapter.name for chapter in report.absent])
    report = replace(report, pages=whole)
    elsewhere = [report.edition.path.parent, Path.home()]
    replace_public(report_files(report), folder, elsewhere, guard)
    replace_public(review_files(report, results), folder, elsewhere, guard, "review")
    return results


def _with_faults(results: tuple[ChapterResult, ...], faults: dict, private: Path) -> tuple[ChapterResult, ...]:
    failed = {
        key: ChapterResult(*key, "failed", 0.0, private / "executed" / key[1] / f"{key[0]}.ipynb", fault)
        for key, fault in faults.items()
    }
    run = {(result.name, result.language): result for result in results}
    return tuple(
        replace(one, status="failed", fault=run_fault.fault) if (run_fault := failed.get(key)) else one
        for key, one in run.items()
    ) + tuple(one for key, one in failed.items() if key not in run)
