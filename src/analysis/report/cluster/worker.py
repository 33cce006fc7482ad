"""What a worker keeps for a build that is directed from elsewhere: a private folder, files, a warm process."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.report.build import records
from analysis.report.cluster.remote_jobs import (
    JobResult,
    RemoteJob,
    moved_task,
    moved_work,
    path_at_worker,
    result_of,
)
from analysis.report.files.digests import digest_of, installed_versions, package_digests
from analysis.report.tasks.forked import (
    Zygote,
    branch,
    can_fork,
    end_zygote,
    run_forked,
    start_zygote,
    warm_up,
)
from analysis.report.tasks.spawned import run_spawned
from analysis.report.tasks.task import Limits, Message, Task
from analysis.report.tasks.zygote import ALL


@dataclass(frozen=True)
class WorkerSession:
    """A worker's part in a build.

    Attributes
    ----------
    folder
        Its own, which nobody else can enter.
    lifeline
        A pipe that every process of the session holds; when the last has ended the folder goes.
    cleaner
        The process that removes the folder then.
    warm
        Warm processes: under an empty name the first of all, under an edition's private folder that
        in which its first tasks are done.
    lock
        Of ``warm``, as several chapters begin at a time.
    gate, closed
        Nothing is started any more when it is closed; the gate is held while something is.
    """

    folder: Path
    lifeline: int
    cleaner: subprocess.Popen
    warm: dict[str, Zygote] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gate: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)


def demands_of(versions: Mapping[str, str]) -> dict[str, str]:
    """What must be the same at every worker: the versions of what a report needs, and the code of the package."""
    return {**versions, "code": digest_of(package_digests())}


def require_same(demands: Mapping[str, str], name: str) -> None:
    """Hold this interpreter against what the builder has.

    Raises
    ------
    InputError
        Naming what differs: results of other code or other versions could be other than the builder's.
    """
    installed = {**installed_versions(), "code": digest_of(package_digests())}
    faults = []
    if installed["code"] != demands["code"]:
        faults.append(
            "the code of analysis must be the same as where the build was started, file by file"
        )
    for package, version in demands.items():
        present = installed.get(package, "absent")
        if package != "code" and present != version:
            faults.append(
                f"{package} must be {version}, as where the build was started, and is {present}"
            )
    if faults:
        raise InputError(f"worker {name}", faults)


def open_worker_session(scratch: str | Path) -> WorkerSession:
    """Make a folder that only this user can enter, and start what removes it when all is over."""
    if not can_fork() and multiprocessing.current_process().daemon:
        raise AnalysisError(
            "this worker cannot fork and may not start processes: start it with --no-nanny"
        )
    folder = Path(tempfile.mkdtemp(prefix="wb", dir=scratch)).resolve()
    reading, lifeline = os.pipe()
    script = str(Path(__file__).with_name("cleanup.py"))
    cleaner = subprocess.Popen(
        [sys.executable, "-I", "-S", script, str(folder)],
        stdin=reading,
        cwd="/",
        start_new_session=True,
    )
    os.close(reading)
    session = WorkerSession(folder, lifeline, cleaner)
    if can_fork():
        _start(session)
    return session


def _start(session: WorkerSession) -> None:
    with session.gate:
        if session.closed.is_set():
            raise AnalysisError("this build has ended")
        session.warm[""] = start_zygote(
            session.folder, session.folder / "build.log", [session.lifeline]
        )


def close_worker_session(session: WorkerSession) -> None:
    """End all processes of a session; its folder is gone afterwards."""
    with session.gate:
        session.closed.set()
    _forget(session)
    os.close(session.lifeline)
    with suppress(subprocess.TimeoutExpired):
        session.cleaner.wait(10)


def store(session: WorkerSession, contents: Mapping[str, bytes]) -> None:
    """Keep files by their digest."""
    for digest, content in contents.items():
        path = session.folder / digest
        if not path.exists():
            part = path.with_suffix(".part")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            part.replace(path)


def make_chapter_at(
    session: WorkerSession, job: RemoteJob, limits: Limits
) -> Iterator[Message | JobResult]:
    """Make a chapter at a session; what it tells as it goes, and its result.

    Raises
    ------
    AnalysisError
        The session's warm process has ended, or a file that the chapter needs is not here.
    """
    private = session.folder / job.edition_key / "private"
    work = moved_work(job, private, can_fork())
    task = replace(job.task, arguments=(work,), log=records.log_path(private, work.run))
    try:
        _set_out(session, job, private)
        for message in _run(session, job, task, limits, private):
            yield result_of(message, work) if message.what == "ended" else message
    finally:
        result_of(Message(task.key, "ended"), work)
        if session.closed.is_set():
            # The folder is gone but for what this chapter has written since.
            shutil.rmtree(session.folder, ignore_errors=True)


def _set_out(session: WorkerSession, job: RemoteJob, private: Path) -> None:
    """Lay out the private folder of a job's edition, with the files that it needs."""
    for name in ("logs", ".work"):
        (private / name).mkdir(parents=True, exist_ok=True)
    for path, digest in job.files.items():
        there = path_at_worker(path, job, private)
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            _lay(session.folder / digest, there)


def _lay(stored: Path, there: Path) -> None:
    """Have a file in two places, on a file system without hard links as a copy."""
    part = there.with_name(f"{there.name}.{threading.get_ident()}.part")
    try:
        os.link(stored, part)
    except OSError:
        shutil.copyfile(stored, part)
    part.replace(there)


def _run(
    session: WorkerSession, job: RemoteJob, task: Task, limits: Limits, private: Path
) -> Iterator[Message]:
    if not can_fork():
        return run_spawned([task], limits)
    return _run_in_branch(session, job, task, limits, private)


def _run_in_branch(
    session: WorkerSession, job: RemoteJob, task: Task, limits: Limits, private: Path
) -> Iterator[Message]:
    """A branch serves one thread: what it says of its children is for who listens to it."""
    warm = _warmed(session, job, private)
    try:
        own = branch(warm)
        try:
            yield from run_forked(own, [task], limits)
        finally:
            end_zygote(own)
    except AnalysisError:
        with session.lock:
            if session.warm.get(job.edition_key) == warm:
                _forget(session)
        raise


def _warmed(session: WorkerSession, job: RemoteJob, private: Path) -> Zygote:
    """The warm process of an edition, which has done its first tasks; begun by whoever comes first."""
    with session.lock:
        if "" not in session.warm:
            _start(session)
        if job.edition_key not in session.warm:
            zygote = replace(branch(session.warm[""], ALL), folder=private / ".work")
            for task in job.first:
                # Where one fails each chapter does it itself.
                warm_up(zygote, moved_task(task, job, private))
            session.warm[job.edition_key] = zygote
        return session.warm[job.edition_key]


def _forget(session: WorkerSession) -> None:
    """End all warm processes; the next chapter starts them anew."""
    for zygote in reversed(list(session.warm.values())):
        end_zygote(zygote)
    session.warm.clear()
