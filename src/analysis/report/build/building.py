"""Build an edition: do what has changed, over the cores, and put the report in place when it is whole."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from analysis.report.build.dependencies import State, state_now
from analysis.report.build.plan import Choice, PlannedRun, choose_runs, plan_run
from analysis.report.build.provenance import run_record
from analysis.report.build.report_task import ReportTask, is_in_place, made_from
from analysis.report.build.run_chapters import Show, make_chapters
from analysis.report.build.sources import SourcesTask, find_offer
from analysis.report.edition.chapters import AbsentChapter, ChapterRun, chapter_runs
from analysis.report.edition.model import Edition
from analysis.report.edition.offer import SourceOffer
from analysis.report.edition.results import ChapterResult
from analysis.report.edition.sign_off_record import read_sign_offs
from analysis.report.files.digests import file_digest
from analysis.report.files.writing import write_record
from analysis.report.review.comment_files import comments_folder, read_collection
from analysis.report.tasks.session import BuildSession, open_session, run_tasks
from analysis.report.tasks.task import Limits, Task, outcome_of, share_of_memory


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
        Runs that were not asked for and whose earlier pages were made from something else.
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
    intake: SourcesTask | SourceOffer,
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
        How the sources are read; or what they gave.
    folder
        Of this edition, or the session that holds it; ``private/`` and ``public/`` are made in it.
    choice
        Which chapters and languages are run, and how; the others are bound as an earlier build left them,
        if they were made from the same tables, package, notebook and parameters.
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
    started, choice = time.perf_counter(), choice or Choice()
    with _session_in(folder, choice) as session:
        built = _build(edition, intake, session, choice, show, guard)
    return replace(built, seconds=time.perf_counter() - started)


def _session_in(
    folder: str | Path | BuildSession, choice: Choice
) -> AbstractContextManager[BuildSession]:
    if isinstance(folder, BuildSession):
        return nullcontext(folder)
    return open_session(Path(folder).resolve(), limits_of(choice))


def _build(
    edition: Edition,
    intake: SourcesTask | SourceOffer,
    session: BuildSession,
    choice: Choice,
    show: Show | None,
    guard: str,
) -> Build:
    # What reviewers left must be readable before anything is run.
    read_sign_offs(edition.path)
    read_collection(comments_folder(session.folder))
    offer, state, warm = _take_in(intake, session)
    agenda = _agenda(edition, offer, choice, session.private, state)
    results = make_chapters(agenda.bound, session, state, warm, show)
    succeeded = all(result.status != "failed" for result in results)
    if succeeded:
        task = _report_task(edition, offer, agenda, results, session)
        _publish(replace(task, guard=guard, digests=state.package), session, state)
    _record(edition, offer, results, session, succeeded)
    pairs = zip(results, agenda.bound, strict=True)
    return Build(
        succeeded=succeeded,
        results=tuple(
            result for result, plan in pairs if plan.run in agenda.chosen or result.fault
        ),
        absent=agenda.absent,
        left_out=agenda.left_out,
        public=session.folder / "public",
        seconds=0.0,
        parameters=offer.parameters,
    )


def _take_in(
    intake: SourcesTask | SourceOffer, session: BuildSession
) -> tuple[SourceOffer, State, Sequence[Task]]:
    """What the sources offer, the state of everything after they were read, and tasks that chapters find done."""
    state = state_now()
    if not isinstance(intake, SourcesTask):
        return intake, state, ()
    offer = find_offer(intake, session, state)
    # The tables may be other than they were a moment ago.
    return offer, replace(state, digest=cache(file_digest)), intake.warm


@dataclass(frozen=True)
class _Agenda:
    """What a build does: the runs that were asked for, those whose pages the report holds, and what is left out."""

    chosen: Sequence[ChapterRun]
    bound: Sequence[PlannedRun]
    left_out: tuple[str, ...]
    absent: tuple[AbsentChapter, ...]


def _agenda(
    edition: Edition, offer: SourceOffer, choice: Choice, private: Path, state: State
) -> _Agenda:
    runs, absent = chapter_runs(edition, offer.available, offer.parameters)
    chosen = choose_runs(runs, absent, choice)
    plans = [plan_run(run, private, state, choice.again and run in chosen) for run in runs]
    # A page of other data must not stand among those of today's.
    left_out = [plan for plan in plans if plan.to_run and plan.run not in chosen]
    bound = [plan for plan in plans if plan not in left_out]
    names = tuple(f"{plan.run.name} ({plan.run.language})" for plan in left_out)
    return _Agenda(chosen, bound, names, absent)


def limits_of(choice: Choice) -> Limits:
    """What each task may take: its share of this machine where the choice does not say."""
    jobs = choice.jobs or os.cpu_count() or 1
    return Limits(jobs, choice.seconds, choice.memory or share_of_memory(jobs))


def _report_task(
    edition: Edition,
    offer: SourceOffer,
    agenda: _Agenda,
    results: tuple[ChapterResult, ...],
    session: BuildSession,
) -> ReportTask:
    return ReportTask(
        edition=edition,
        absent=agenda.absent,
        invented=frozenset(offer.invented),
        inputs=tuple(offer.inputs),
        results=results,
        runs=tuple(plan.run for plan in agenda.bound),
        folder=session.folder,
        jobs=session.limits.jobs if session.forked else 1,
    )


def _publish(task: ReportTask, session: BuildSession, state: State) -> None:
    """Put the report in place, unless the one that is there is the same."""
    task = replace(task, rests=made_from(task, state))
    if is_in_place(task, state):
        return
    call = "analysis.report.build.publish:publish_report"
    log = session.private / "logs" / "report.log"
    outcome_of(run_tasks(session, [Task(("report",), call, (task,), log)]))


def _record(
    edition: Edition,
    offer: SourceOffer,
    results: Sequence[ChapterResult],
    session: BuildSession,
    succeeded: bool,
) -> None:
    """Write the record of a build, unless it did nothing."""
    path = session.private / "run.json"
    if path.is_file() and all(result.status == "cached" for result in results):
        return
    public = session.folder / "public" if succeeded else None
    write_record(run_record(edition, offer.inputs, results, public), path)
