"""What of an edition must be done: each run held against the record of its last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.build import records
from analysis.report.build.dependencies import State, bound_on, changes, rests_now, state_of
from analysis.report.edition.chapters import AbsentChapter, ChapterRun
from analysis.report.files.notebooks import read_notebook
from analysis.report.files.page_words import plain_language
from analysis.report.files.writing import read_record


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
class Decision:
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


def decide(run: ChapterRun, private: Path, state: State, again: bool = False) -> Decision:
    """Hold a run against the record of its last."""
    record = read_record(records.record_path(private, run))
    seconds = float(record.get("seconds", 0.0))
    to_run = ["asked for again"] if again else _to_run(run, record, private, state)
    to_bind = [] if to_run else _to_bind(run, record, private, state)
    return Decision(run, tuple(to_run), tuple(to_bind), seconds)


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
    known = {name: [run for run in runs if _is_called(run, name)] for name in choice.chapters}
    missing = {
        name for name in known for chapter in absent if _has_name(chapter.name, chapter.name, name)
    }
    faults = [
        f"chapter {name}: "
        + ("the sources of this edition do not carry it" if name in missing else _not_among(runs))
        for name, found in known.items()
        if not found
    ]
    written = sorted({run.language for run in runs})
    faults += [
        f"language {code}: must be one of {', '.join(written)}"
        for code in languages
        if code not in written
    ]
    if not runs:
        faults = ["no chapter can be run: the sources of this edition carry none of them"]
    if faults:
        raise InputError("choice of chapters", faults)
    return [
        run
        for run in runs
        if (not known or any(run in found for found in known.values()))
        and (not languages or run.language in languages)
    ]


def _is_called(run: ChapterRun, name: str) -> bool:
    return _has_name(run.name, run.notebook.stem, name)


def _has_name(run_name: str, notebook: str, name: str) -> bool:
    number = notebook.partition("_")[0]
    same_number = name.isdigit() and number.isdigit() and int(name) == int(number)
    return same_number or name.removesuffix(".ipynb") in (run_name, notebook)


def _not_among(runs: Sequence[ChapterRun]) -> str:
    return f"must be one of {', '.join(dict.fromkeys(run.notebook.stem for run in runs))}"
