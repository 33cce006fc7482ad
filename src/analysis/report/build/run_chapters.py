"""Run the chapters of a build over the cores, and on other machines where there are any."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path

from analysis.report.build import records
from analysis.report.build.chapter_task import ChapterTask
from analysis.report.build.dependencies import State, tables_of
from analysis.report.build.plan import PlannedRun
from analysis.report.edition.chapters import ChapterRun
from analysis.report.edition.results import CellFault, ChapterResult
from analysis.report.files.notebooks import code_cell, read_notebook
from analysis.report.tasks.session import BuildSession, run_tasks, warmed
from analysis.report.tasks.task import Message, Task
from analysis.report.tasks.zygote import OF_FIGURES, OF_PAGES, SELDOM

# Chapters for each core of which each may import by itself what is seldom needed.
FEW = 4
READY = Task(("ready",), "analysis.report.build.chapter_task:get_ready")
# Wraps the stream of messages, and is told what was planned.
Show = Callable[[Iterable[Message], Sequence[PlannedRun]], Iterator[Message]]


def make_chapters(
    plans: Sequence[PlannedRun],
    session: BuildSession,
    state: State,
    warm: Sequence[Task],
    show: Show | None,
) -> tuple[ChapterResult, ...]:
    """Do what was planned; one result a plan, in order."""
    todo = [plan for plan in plans if plan.to_run or plan.to_bind]
    results = {plan.key: _cached(plan, session.private) for plan in plans if plan not in todo}
    if todo:
        _check_prose([plan.run for plan in todo])
        # Closed before anything else is done: its processes end with it, also where ``show`` is interrupted.
        with closing(_messages(todo, session, state, warm)) as messages:
            for message in show(messages, plans) if show else messages:
                if message.what == "ended":
                    results[message.key] = message.outcome
    return tuple(results[plan.key] for plan in plans)


def _messages(
    todo: Sequence[PlannedRun], session: BuildSession, state: State, warm: Sequence[Task]
) -> Iterator[Message]:
    """Run chapters here and, where there are other machines, there; each that ends carries its result."""
    # The longest first: no core is left with one of them when the others have nothing to do.
    longest_first = sorted(todo, key=lambda plan: -plan.seconds)
    far = [plan for plan in longest_first if plan.to_run and session.elsewhere]
    near = [plan for plan in longest_first if plan not in far]
    runs = {plan.key: plan.run for plan in todo}
    with _warmed_for(near, session, warm) as ready:
        messages = [run_tasks(ready, _tasks(near, session, state))] if near else []
        if far:
            tasks = _tasks(far, session, state)
            messages.append(session.elsewhere(tasks, [READY, *warm], session.private))
        for message in chain.from_iterable(messages):
            yield _with_result(message, runs, session.private)


def _warmed_for(
    plans: Sequence[PlannedRun], session: BuildSession, warm: Sequence[Task]
) -> AbstractContextManager[BuildSession]:
    """The session with all imported that these chapters need; as it is where none is to be made here."""
    if not plans:
        return nullcontext(session)
    running = sum(bool(plan.to_run) for plan in plans)
    tasks = [READY, *warm] if running else [READY]
    return warmed(session, tasks, _packages(running, session.limits.jobs))


def _check_prose(runs: Sequence[ChapterRun]) -> None:
    """Stop before any work where what is to be bound is not whole in its language."""
    from analysis.report.pages.translation_catalogues import check_translations

    for language in dict.fromkeys(run.language for run in runs):
        notebooks = dict.fromkeys(run.notebook for run in runs if run.language == language)
        check_translations([language], notebooks)


def _packages(running: int, jobs: int) -> tuple[str, ...]:
    """What is imported before chapters are forked: less than all of it where few run, and few of those need it."""
    seldom = SELDOM if running > FEW * jobs else ()
    return (*OF_PAGES, *OF_FIGURES, *seldom) if running else OF_PAGES


def _tasks(plans: Iterable[PlannedRun], session: BuildSession, state: State) -> list[Task]:
    tasks = []
    for plan in plans:
        chapter = ChapterTask(
            run=plan.run,
            private=session.private,
            digests=state.package,
            tables={name: state.digest(path) for name, path in tables_of(plan.run).items()},
            bind_only=not plan.to_run,
            forked=session.forked,
        )
        call = "analysis.report.build.chapter_task:make_chapter"
        log = records.log_path(session.private, plan.run)
        tasks.append(Task(plan.key, call, (chapter,), log))
    return tasks


def _cached(plan: PlannedRun, private: Path) -> ChapterResult:
    executed = records.executed_path(private, plan.run)
    return ChapterResult(plan.run.name, plan.run.language, "cached", plan.seconds, executed)


def _with_result(
    message: Message, runs: Mapping[tuple[str, ...], ChapterRun], private: Path
) -> Message:
    """A message that ends a chapter carries its result, also where its process gave none."""
    if message.what != "ended" or message.outcome is not None:
        return message
    run = runs[message.key]
    cell, source = code_cell(read_notebook(run.notebook), message.cell, bool(run.parameters))
    result = ChapterResult(
        name=run.name,
        language=run.language,
        status="failed",
        seconds=message.seconds,
        executed=records.executed_path(private, run),
        fault=CellFault(cell, source, str(message.error or message.fault)),
        log=records.log_path(private, run),
    )
    return replace(message, outcome=result)
