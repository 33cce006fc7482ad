"""Build an edition: do what has changed, over the cores, and put the report in place when it is whole."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from analysis.report.build import records
from analysis.report.build.chapter_task import Publication, Work
from analysis.report.build.dependencies import State, changes, state_now, state_of, tables_of
from analysis.report.build.plan import Choice, Decision, choose_runs, decide
from analysis.report.build.provenance import chapter_digests, mapping_digests, run_record
from analysis.report.build.sources import Preparation, find_offer
from analysis.report.edition.chapters import AbsentChapter, ChapterRun, chapter_runs
from analysis.report.edition.model import Edition
from analysis.report.edition.results import CellFault, ChapterResult
from analysis.report.files.digests import digest_of, file_digest, file_digests
from analysis.report.files.notebooks import code_cell, read_notebook
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.writing import read_record, write_record
from analysis.report.review.reviewing import require_readable_review, reviewed_paths
from analysis.report.tasks.session import BuildSession, open_session, run_tasks, warmed
from analysis.report.tasks.task import Limits, Message, Task, outcome_of, share_of_memory
from analysis.report.tasks.zygote import OF_FIGURES, OF_PAGES, SELDOM

# Chapters for each core of which each may import by itself what is seldom needed.
FEW = 4
Show = Callable[[Iterable[Message], Sequence[Decision]], Iterator[Message]]


@dataclass(frozen=True)
class Build:
    """What a build came to.

    Attributes
    ----------
    succeeded
        Every chapter ran and was bound; only then is ``public`` new.
    results
        One a run that was asked for, in the order of the edition.
    absent
        Chapters that the sources do not carry.
    left_out
        Runs that were not asked for and whose earlier pages rest on something else.
    public
        The folder of the public report.
    seconds
        For the whole build.
    parameters
        What the sources gave to chapters.
    """

    succeeded: bool
    results: tuple[ChapterResult, ...]
    absent: tuple[AbsentChapter, ...]
    left_out: tuple[str, ...]
    public: Path
    seconds: float
    parameters: Mapping[str, Any] = field(default_factory=dict)


def build_report(
    edition: Edition,
    intake,
    folder: str | Path | BuildSession,
    choice: Choice | None = None,
    show: Show | None = None,
    guard: str = "",
) -> Build:
    """Run what has changed of an edition and bind its chapters into ``folder/public``.

    Parameters
    ----------
    edition
        As read by ``read_edition``.
    intake
        A `Preparation`, which says how the sources are read; or what they gave, with ``parameters``,
        ``available``, ``invented`` and ``inputs``.
    folder
        Of this edition, or the workshop that holds it; ``private/`` and ``public/`` are made in it.
    choice
        Which chapters and languages are run, and how; the others are bound as an earlier build left them,
        if they rest on the same tables, package, notebook and parameters.
    show
        Wraps the stream of messages and is told what was decided: see ``show_progress``.
    guard
        ``"package.module:function"``, which is given files (text by name) that are about to be published,
        judges each by its name and text alone, and raises where one must not be; what it has passed it is
        not given again, as long as it is the same guard on the same day.

    Returns
    -------
    Build
        A chapter that fails is in ``results``; the others finish, and the public report stays as it was.

    Raises
    ------
    InputError
        The sources cannot be used, the chapters do not fit their notebooks, the choice names what the
        edition does not have, or the folder cannot be written to; sign-offs or comments cannot be read.
    AnalysisError
        The guard refused; the public report is as it was.
    """
    started, choice, held = (
        time.perf_counter(),
        choice or Choice(),
        isinstance(folder, BuildSession),
    )
    with (
        nullcontext(folder)
        if held
        else open_session(Path(folder).resolve(), limits_of(choice)) as workshop
    ):
        require_readable_review(edition.path, workshop.folder)
        state = state_now()
        offer = find_offer(intake, workshop, state) if isinstance(intake, Preparation) else intake
        # The tables may be other than they were a moment ago.
        state = replace(state, digest=cache(file_digest))
        runs, absent = chapter_runs(edition, offer.available, offer.parameters)
        chosen = choose_runs(runs, absent, choice)
        decisions = [
            decide(run, workshop.private, state, choice.again and run in chosen) for run in runs
        ]
        left_out = [one for one in decisions if one.to_run and one.run not in chosen]
        bound = [one for one in decisions if one not in left_out]
        warm = intake.warm if isinstance(intake, Preparation) else ()
        results = _make(bound, workshop, state, warm, show)
        succeeded = all(result.status != "failed" for result in results)
        if succeeded:
            about = (edition, absent, frozenset(offer.invented), tuple(offer.inputs))
            _publish((*about, results), [one.run for one in bound], workshop, state, guard)
        _record(edition, offer, results, workshop, succeeded)
    names = tuple(f"{one.run.name} ({one.run.language})" for one in left_out)
    told = tuple(
        one
        for one, decision in zip(results, bound, strict=True)
        if decision.run in chosen or one.fault
    )
    seconds, public = time.perf_counter() - started, workshop.folder / "public"
    return Build(succeeded, told, absent, names, public, seconds, offer.parameters)


def limits_of(choice: Choice) -> Limits:
    """What each task may take: its share of this machine where the choice does not say."""
    jobs = choice.jobs or os.cpu_count() or 1
    return Limits(jobs, choice.seconds, choice.memory or share_of_memory(jobs))


def _make(
    decisions: Sequence[Decision],
    workshop: BuildSession,
    state: State,
    warm: Sequence[Task],
    show: Show | None,
) -> tuple[ChapterResult, ...]:
    """Do what was decided; one result a decision, in order."""
    todo = [one for one in decisions if one.to_run or one.to_bind]
    _check_prose([one.run for one in todo])
    found = {one.key: _cached(one, workshop.private) for one in decisions if one not in todo}
    if not todo:
        return tuple(found[one.key] for one in decisions)
    runs, ready = (
        {one.key: one.run for one in todo},
        Task(("ready",), "analysis.report.build.working:get_ready"),
    )
    # The longest first: no core is left with one of them when the others have nothing to do.
    todo.sort(key=lambda one: -one.seconds)
    far = [one for one in todo if one.to_run and workshop.elsewhere]
    near = [one for one in todo if one not in far]
    running = sum(bool(one.to_run) for one in near)
    first, packages = (
        [ready, *warm] if running else [ready],
        _packages(running, workshop.limits.jobs),
    )
    with warmed(workshop, first, packages) if near else nullcontext(workshop) as place:
        here = run_tasks(place, [_task(one, workshop, state) for one in near]) if near else ()
        orders = [_task(one, workshop, state) for one in far]
        there = workshop.elsewhere(orders, [ready, *warm], workshop.private) if far else ()
        messages = _with_results(chain(here, there), runs, workshop.private)
        for message in show(messages, decisions) if show else messages:
            if message.what == "ended":
                found[message.key] = message.outcome
    return tuple(found[one.key] for one in decisions)


def _check_prose(runs: Sequence[ChapterRun]) -> None:
    """Stop before any work where what is to be bound is not whole in its language."""
    from analysis.report.pages.translation_catalogues import check_translations

    for language in dict.fromkeys(run.language for run in runs):
        check_translations(
            [language], dict.fromkeys(run.notebook for run in runs if run.language == language)
        )


def _packages(running: int, jobs: int) -> tuple[str, ...]:
    """What is imported before chapters are forked: less than all of it where few run, and few of those need it."""
    seldom = SELDOM if running > FEW * jobs else ()
    return (*OF_PAGES, *OF_FIGURES, *seldom) if running else OF_PAGES


def _task(decision: Decision, workshop: BuildSession, state: State) -> Task:
    run, private = decision.run, workshop.private
    tables = {name: state.digest(path) for name, path in tables_of(run).items()}
    work = Work(run, private, state.package, tables, not decision.to_run, workshop.forked)
    return Task(
        decision.key,
        "analysis.report.build.working:make_chapter",
        (work,),
        records.log_path(private, run),
    )


def _cached(decision: Decision, private: Path) -> ChapterResult:
    run = decision.run
    return ChapterResult(
        run.name, run.language, "cached", decision.seconds, records.executed_path(private, run)
    )


def _with_results(messages: Iterable[Message], runs: Mapping, private: Path) -> Iterator[Message]:
    """Messages of which each that ends a chapter carries its result, also where its process gave none."""
    for message in messages:
        lost = message.what == "ended" and message.outcome is None
        yield (
            replace(message, outcome=_lost(runs[message.key], message, private))
            if lost
            else message
        )


def _lost(run: ChapterRun, message: Message, private: Path) -> ChapterResult:
    cell, source = code_cell(read_notebook(run.notebook), message.cell, bool(run.parameters))
    fault = CellFault(cell, source, str(message.error or message.fault))
    executed, log = records.executed_path(private, run), records.log_path(private, run)
    return ChapterResult(run.name, run.language, "failed", message.seconds, executed, fault, 0, log)


def _publish(
    about: tuple, runs: Sequence[ChapterRun], workshop: BuildSession, state: State, guard: str
) -> None:
    """Put the report in place, unless the one that is there is the same."""
    pages = [file_digest(records.page_path(workshop.private, run)) for run in runs]
    edition, absent, invented, inputs, _ = about
    sources = [
        state.digest(str(path))
        for path in (*(chapter.notebook for chapter in absent), *edition.text_paths)
    ]
    sources += [state.digest(str(path)) for path in reviewed_paths(edition.path, workshop.folder)]
    recorded = state.package, chapter_digests(edition), mapping_digests(edition)
    told = digest_of(
        [
            *map(repr, (edition, absent, *runs)),
            sorted(invented),
            inputs,
            sources,
            guard,
            pages,
            recorded,
        ]
    )
    rests = {"parameters": {"report": told}, "packages": {PACKAGE: package_version()}}
    before = read_record(workshop.private / records.PUBLISHED)
    # The record of a report tells of all code and of the versions of all that it needs.
    needed = state_of(before.get("rests", {}).get("packages", ()), state.versions)
    now = {**rests, "packages": needed | rests["packages"]}
    if (
        before
        and not changes(before["rests"], now)
        and file_digests(workshop.folder / "public") == before["public"]
    ):
        return
    jobs = workshop.limits.jobs if workshop.forked else 1
    asked = Publication(*about, tuple(runs), workshop.folder, guard, rests, state.package, jobs)
    log = workshop.private / "logs" / "report.log"
    outcome_of(
        run_tasks(
            workshop,
            [Task(("report",), "analysis.report.build.publish:publish_report", (asked,), log)],
        )
    )


def _record(
    edition: Edition,
    offer,
    results: Iterable[ChapterResult],
    workshop: BuildSession,
    succeeded: bool,
) -> None:
    """Write the record of a build, unless it did nothing."""
    path = workshop.private / "run.json"
    if path.is_file() and all(result.status == "cached" for result in results):
        return
    write_record(
        run_record(
            edition, offer.inputs, results, workshop.folder / "public" if succeeded else None
        ),
        path,
    )
