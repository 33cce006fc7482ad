"""A chapter that is made elsewhere: what it needs, known by content, and what comes back of it."""

import hashlib
import json
import queue
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from analysis.report.build import records
from analysis.report.build.chapter_task import ChapterTask
from analysis.report.build.dependencies import tables_of
from analysis.report.edition.chapters import ChapterRun
from analysis.report.files.digests import digest_of, file_digest
from analysis.report.files.writing import record_text, write_whole
from analysis.report.pages.translations import catalogue_of
from analysis.report.tasks.task import Message, Task


@dataclass(frozen=True)
class RemoteJob:
    """One chapter to be made where neither its files nor its edition's folder are.

    Attributes
    ----------
    task
        As it would be done here.
    first
        Tasks that all chapters of the edition find done.
    private
        The private folder of the edition here.
    files
        Its notebook with its translation, and the tables of its edition: from their paths here to digests of their
        content.
    edition_key
        A name for the edition with these tables.
    """

    task: Task
    first: tuple[Task, ...]
    private: Path
    files: Mapping[str, str]
    edition_key: str


@dataclass(frozen=True)
class JobResult:
    """What came of a job: its last message, the files by their path in ``private``, the folder that they were in."""

    message: Message
    files: Mapping[str, bytes]
    private: Path


@dataclass(frozen=True)
class JobEvents:
    """What workers say of their jobs on a topic of their own, and the futures that are done, as they arrive."""

    topic: str
    arrived: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)

    def put(self, event: tuple[float, list]) -> None:
        """Take what was said on the topic, and when."""
        key, *more = event[1]
        self.arrived.put(Message(tuple(key), *more))


def remote_jobs_of(
    tasks: Sequence[Task], first: Sequence[Task], private: Path
) -> tuple[list[RemoteJob], dict[str, bytes]]:
    """The jobs of chapters, and the content of all files that they need by its digest, each once."""
    runs = [work.run for task in tasks for work in task.arguments]
    tables = sorted({path for run in runs for path in tables_of(run).values()})
    own_files = [_own_files(run) for run in runs]
    digests, contents = _read_files({*tables, *chain.from_iterable(own_files)})
    # Other tables make another edition at a worker: what its warm process has read is not taken for theirs.
    key = digest_of([str(private), *(digests[path] for path in tables)])[:16]
    jobs = []
    for task, files in zip(tasks, own_files, strict=True):
        needed = {path: digests[path] for path in (*files, *tables)}
        jobs.append(RemoteJob(task, tuple(first), private, needed, key))
    return jobs, contents


def _read_files(paths: Iterable[str]) -> tuple[dict[str, str], dict[str, bytes]]:
    """The digest of each file by its path, and the content of each by its digest."""
    digests: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    for path in paths:
        content = Path(path).read_bytes()
        digests[path] = hashlib.sha256(content).hexdigest()
        contents[digests[path]] = content
    return digests, contents


def _own_files(run: ChapterRun) -> list[str]:
    """What a chapter reads beside tables: its notebook, and the translation of it."""
    catalogue = catalogue_of(run.notebook, run.language)
    return [str(run.notebook), *([str(catalogue)] if catalogue.is_file() else [])]


def path_at_worker(path: str, job: RemoteJob, private: Path) -> Path:
    """Where a file of the builder lies at a worker whose private folder of the edition is ``private``."""
    (work,) = job.task.arguments
    if Path(path).is_relative_to(job.private):
        return private / Path(path).relative_to(job.private)
    if Path(path) == catalogue_of(work.run.notebook, work.run.language):
        return catalogue_of(path_at_worker(str(work.run.notebook), job, private), work.run.language)
    return private / "given" / job.files[path] / Path(path).name


def moved_work(job: RemoteJob, private: Path, forked: bool) -> ChapterTask:
    """The work of a job as it is done with ``private`` as private folder."""
    (work,) = job.task.arguments
    tables = {
        name: str(path_at_worker(path, job, private)) for name, path in tables_of(work.run).items()
    }
    notebook = path_at_worker(str(work.run.notebook), job, private)
    run = replace(work.run, notebook=notebook, parameters={**work.run.parameters, **tables})
    return replace(work, run=run, private=private, forked=forked)


def moved_task(task: Task, job: RemoteJob, private: Path) -> Task:
    """A first task with ``private`` as private folder."""
    arguments: list = []
    for argument in task.arguments:
        if isinstance(argument, Path) and argument.is_relative_to(job.private):
            argument = path_at_worker(str(argument), job, private)
        arguments.append(argument)
    return replace(task, arguments=tuple(arguments))


def result_of(message: Message, work: ChapterTask) -> JobResult:
    """Take up what a chapter has left in its private folder; nothing stays there."""
    files = {}
    for path in _made(work.private, work.run):
        if path.is_file():
            files[path.relative_to(work.private).as_posix()] = path.read_bytes()
            path.unlink()
    return JobResult(message, files, work.private)


def take_over(result: JobResult, job: RemoteJob) -> Message:
    """Write what came back into the edition's folder, the record last; the message as the builder's own."""
    (work,) = job.task.arguments
    executed, page, log, record = _made(job.private, work.run)
    record.unlink(missing_ok=True)
    for path in (executed, page, log, record):
        content = result.files.get(path.relative_to(job.private).as_posix())
        if content is None:
            continue
        text = _as_here(content.decode("utf-8"), job, result.private)
        write_whole(path, _with_digest(text, executed) if path == record else text)
    message = result.message
    outcome = message.outcome and replace(message.outcome, executed=executed, log=log)
    return replace(message, outcome=outcome)


def _made(private: Path, run: ChapterRun) -> list[Path]:
    paths = records.executed_path, records.page_path, records.log_path, records.record_path
    return [path(private, run) for path in paths]


def _with_digest(text: str, executed: Path) -> str:
    """A record with the digest of the executed notebook as it has been written here."""
    record = json.loads(text)
    # With the paths of the builder in it the notebook has another digest than at the worker.
    if "executed" in record:
        record["executed"] = file_digest(executed)
    return record_text(record)


def _as_here(text: str, job: RemoteJob, private: Path) -> str:
    """A text with the builder's paths in the place of the worker's, as JSON writes both."""
    paths = {str(path_at_worker(path, job, private)): path for path in job.files}
    # The folder comes last: it is the beginning of the paths in it.
    paths[str(private)] = str(job.private)
    for there, here in paths.items():
        text = text.replace(json.dumps(there)[1:-1], json.dumps(here)[1:-1])
    return text
