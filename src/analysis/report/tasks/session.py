"""Where an edition is built: a folder that one build holds at a time, and the processes that do its work."""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from analysis.errors import InputError
from analysis.report.files.writing import recover_public
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

LOG = logging.getLogger("workbench")
# How often, and after how many seconds, a lock is tried before a build says that it waits.
TRIES, PAUSE = 10, 0.05
NO_FORK = "no warm process can be forked here: chapters run in ordinary kernels, which takes longer"


@dataclass(frozen=True)
class BuildSession:
    """An edition's folder while a build holds it.

    Attributes
    ----------
    folder, private
        Of the edition, and its private part.
    limits
        Of every task.
    forked
        Whether tasks run in children of a warm process; else in processes and kernels of their own.
    start
        Starts that warm process, the first time that it is called.
    elsewhere
        Runs chapters on other machines, where there are any: given their tasks, those that they find done,
        and the private folder.
    """

    folder: Path
    private: Path
    limits: Limits
    forked: bool
    start: Callable[[], Zygote]
    elsewhere: Callable[[Sequence[Task], Sequence[Task], Path], Iterator[Message]] | None = None


@contextmanager
def shared_process(log: Path) -> Iterator[Callable[[], Zygote]]:
    """What starts one warm process for the builds of several editions, the first time that one of them needs it.

    Parameters
    ----------
    log
        Where it writes what it has to say itself.
    """
    with ExitStack() as stack:

        @cache
        def start() -> Zygote:
            log.parent.mkdir(parents=True, exist_ok=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wb")))
            zygote = start_zygote(folder, log)
            stack.callback(end_zygote, zygote)
            return zygote

        yield start


@contextmanager
def open_session(
    folder: Path,
    limits: Limits,
    shared: Callable[[], Zygote] | None = None,
    elsewhere: Callable | None = None,
) -> Iterator[BuildSession]:
    """Hold an edition's folder, mend what an interrupted build left, and end all processes afterwards.

    A build that is beside another waits until that has ended.

    Parameters
    ----------
    folder
        Of the edition.
    limits
        Of every task.
    shared
        Gives a warm process that other builds use too; else one is started when it is first needed.
    elsewhere
        Runs chapters on a cluster, see `analysis.report.open_cluster`; else they run here.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    private, work = folder / "private", folder / "private" / ".work"
    with ExitStack() as stack:
        lock = stack.enter_context(_locked(folder, private, work))
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        if not can_fork():
            LOG.warning(NO_FORK)

        @cache
        def start() -> Zygote:
            # The processes hold the lock: the next build waits for the last of them, however this one ends.
            if shared:
                zygote = replace(branch(shared(), ALL, [lock]), folder=work)
            else:
                zygote = start_zygote(work, private / "logs" / "build.log", [lock])
            stack.callback(end_zygote, zygote)
            return zygote

        yield BuildSession(folder, private, limits, can_fork(), start, elsewhere)


@contextmanager
def _locked(folder: Path, private: Path, work: Path) -> Iterator[int]:
    """The descriptor of an edition's lock, with what an interrupted build left put right."""
    with ExitStack() as stack:
        try:
            (private / "logs").mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(_held(private / ".lock"))
            recover_public(folder)
            _clear(private, work)
        except OSError as error:
            fault = f"cannot be written to: {error.strerror}"
            raise InputError(f"folder {folder.name}", [fault]) from None
        yield lock


def run_tasks(session: BuildSession, tasks: Sequence[Task]) -> Iterator[Message]:
    """Run tasks, each in a process of its own, and tell of them as they go."""
    if session.forked:
        return run_forked(session.start(), tasks, session.limits)
    return run_spawned(tasks, session.limits)


@contextmanager
def warmed(
    session: BuildSession, tasks: Sequence[Task], packages: Sequence[str] = ()
) -> Iterator[BuildSession]:
    """A session whose processes find these tasks done and packages imported; the one given knows nothing of the tasks.

    Where one fails, its log says why, and whoever needs what it would have done does it.
    """
    if not session.forked:
        yield session
        return
    zygote = branch(session.start(), packages)
    try:
        for task in tasks:
            if fault := warm_up(zygote, task):
                name = task.key[0]
                LOG.warning(
                    f"{name}: {fault}, see private/logs/build.log; each chapter does it itself"
                )
        yield replace(session, start=lambda: zygote)
    finally:
        end_zygote(zygote)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """Hold a lock; it is let go when every process that was given its descriptor has ended."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        LOG.warning("two builds of one edition are not kept apart on this system")
        return
    # The processes of a build that was killed need a moment to end.
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(PAUSE)
    LOG.warning("another build of this edition is at work; this one goes on when that has ended")
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def _clear(private: Path, work: Path) -> None:
    """Remove what a build left that was stopped half-way."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for folder in (private, *private.glob("*/"), *private.glob("*/*/")):
        for path in folder.glob("*.part"):
            path.unlink()
    for path in private.glob(".intake-*"):
        shutil.rmtree(path, ignore_errors=True)
