"""What of an edition must be done, and why: each run held against the record of its last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.build import records
from analysis.report.build.dependencies import (
    State,
    bound_on,
    changes,
    rests_now,
    state_now,
    state_of,
)
from analysis.report.build.sources import SourcesTask, kept_offer, stale_sources
from analysis.report.edition.chapters import AbsentChapter, ChapterRun, chapter_runs
from analysis.report.edition.model import Edition
from analysis.report.files.notebooks import read_notebook
from analysis.report.files.page_words import plain_language
from analysis.report.files.writing import read_record

# Reasons that are listed of each run.
SHOWN = 6


@dataclass(frozen=True)
class Choice:
    """What of an edition is run, and how; empty means all of it.

    ``chapters`` are numbers (``"03"``), notebooks (``"03_incidence"``) or runs
    (``"09_diagnostic_group-I"``). ``jobs`` is the number of chapters run at a time, all cores where 0;
    ``seconds`` and ``memory`` (bytes; each chapter's share of the machine where 0) are what one may take.
    ``again`` runs also what has not changed.
    """

    chapters: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    jobs: int = 0
    seconds: float = 1800.0
    memory: int = 0
    again: bool = False


@dataclass(frozen=True)
class PlannedRun:
    """What becomes of a run, and why.

    ``to_run`` and ``to_bind`` say what has changed since its cells ran and its page was bound, a phrase
    each; where both are empty the page holds. ``seconds`` is what its cells took the last time, 0 where unknown.
    """

    run: ChapterRun
    to_run: tuple[str, ...] = ()
    to_bind: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Name and language of the run."""
        return self.run.name, self.run.language


def plan_run(run: ChapterRun, private: Path, state: State, again: bool = False) -> PlannedRun:
    """Hold a run against the record of its last."""
    record = read_record(records.record_path(private, run))
    seconds = float(record.get("seconds", 0.0))
    # Cells that run anew have their page bound anew: there is no second reason.
    to_run = ["asked for again"] if again else _to_run(run, record, private, state)
    to_bind = [] if to_run else _to_bind(run, record, private, state)
    return PlannedRun(run, tuple(to_run), tuple(to_bind), seconds)


def _to_run(run: ChapterRun, record: Mapping, private: Path, state: State) -> list[str]:
    if not record.get("executed"):
        return ["no earlier run"]
    if state.digest(str(records.executed_path(private, run))) != record["executed"]:
        return ["its executed notebook is not as it was written"]
    return changes(record["rests"], rests_now(run, record["rests"], state))


def _to_bind(run: ChapterRun, record: Mapping, private: Path, state: State) -> list[str]:
    if not record.get("bound"):
        return ["no page yet"]
    if state.digest(str(records.page_path(private, run))) != record["page"]:
        return ["its page is not as it was written"]
    files = state_of(record["bound"]["modules"], state.package)
    return changes(record["bound"], bound_on(run, read_notebook(run.notebook), files))


def choose_runs(
    runs: Sequence[ChapterRun], absent: Sequence[AbsentChapter], choice: Choice
) -> list[ChapterRun]:
    """The runs that a choice asks for, in reading order.

    Raises
    ------
    InputError
        A chapter that the edition does not have or whose data it lacks; a language it is not written in.
    """
    languages = [plain_language(code) for code in choice.languages]
    faults = [
        *_chapter_faults(choice.chapters, runs, absent),
        *_language_faults(languages, runs),
    ]
    if not runs:
        faults = ["no chapter can be run: the sources of this edition carry none of them"]
    if faults:
        raise InputError("choice of chapters", faults)
    chosen = list(runs)
    if choice.chapters:
        chosen = [run for run in runs if any(_is_called(run, name) for name in choice.chapters)]
    if languages:
        chosen = [run for run in chosen if run.language in languages]
    return chosen


def _chapter_faults(
    names: Sequence[str], runs: Sequence[ChapterRun], absent: Sequence[AbsentChapter]
) -> list[str]:
    faults = []
    for name in dict.fromkeys(names):
        if not any(_is_called(run, name) for run in runs):
            faults.append(_chapter_fault(name, runs, absent))
    return faults


def _chapter_fault(name: str, runs: Sequence[ChapterRun], absent: Sequence[AbsentChapter]) -> str:
    if any(_has_name(chapter.name, chapter.name, name) for chapter in absent):
        return f"chapter {name}: the sources of this edition do not carry it"
    notebooks = dict.fromkeys(run.notebook.stem for run in runs)
    return f"chapter {name}: must be one of {', '.join(notebooks)}"


def _language_faults(languages: Sequence[str], runs: Sequence[ChapterRun]) -> list[str]:
    written = sorted({run.language for run in runs})
    return [
        f"language {code}: must be one of {', '.join(written)}"
        for code in languages
        if code not in written
    ]


def _is_called(run: ChapterRun, name: str) -> bool:
    return _has_name(run.name, run.notebook.stem, name)


def _has_name(run_name: str, notebook: str, name: str) -> bool:
    # ``3``, ``03`` and ``03_incidence`` are one chapter.
    number = notebook.partition("_")[0]
    same_number = name.isdigit() and number.isdigit() and int(name) == int(number)
    return same_number or name.removesuffix(".ipynb") in (run_name, notebook)


def explain_build(
    edition: Edition, sources: SourcesTask, folder: str | Path, choice: Choice | None = None
) -> list[str]:
    """What a build would do and why, a line each; nothing is run and nothing is written.

    Raises
    ------
    InputError
        The choice names what the edition does not have.
    """
    choice, private, state = choice or Choice(), Path(folder).resolve() / "private", state_now()
    stale = stale_sources(sources, private, state)
    reading = f"will be read: {_phrases(stale)}" if stale else "as they were read before"
    lines = [f"sources: {reading}"]
    offer = kept_offer(private)
    if offer is None:
        return [*lines, "chapters: all that the sources carry will run: no earlier build"]
    runs, absent = chapter_runs(edition, offer.available, offer.parameters)
    chosen = choose_runs(runs, absent, choice)
    if stale:
        lines.append("chapters whose tables change by that will run as well; of the others:")
    for run in runs:
        plan = plan_run(run, private, state, choice.again and run in chosen)
        lines.append(_line(plan, run in chosen))
    return lines


def _line(plan: PlannedRun, chosen: bool) -> str:
    name = f"{plan.run.name} ({plan.run.language})"
    if plan.to_run:
        fate = "will run" if chosen else "not asked for, and left out"
        return f"{name}: {fate}: {_phrases(plan.to_run)}"
    if plan.to_bind:
        return f"{name}: will be bound anew, not run: {_phrases(plan.to_bind)}"
    return f"{name}: holds"


def _phrases(reasons: Sequence[str]) -> str:
    more = f" and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return ", ".join(reasons[:SHOWN]) + more
