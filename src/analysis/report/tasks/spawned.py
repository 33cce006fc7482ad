"""Run tasks where no warm process can be forked: a new process each, chapters in Papermill's ordinary kernels."""

import multiprocessing
import os
import pickle
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path

from analysis.report.tasks.environment import in_build_environment
from analysis.report.tasks.running import RunningTask, ended, hear, is_late
from analysis.report.tasks.task import Limits, Message, Task

# Seconds until a task is looked at again that says nothing: it may have passed its time.
POLL = 0.2


def run_spawned(tasks: Sequence[Task], limits: Limits) -> Iterator[Message]:
    """Run tasks in processes of their own and tell of them as they go (a ``Runner``).

    Notes
    -----
    Memory is not bounded here, and nothing is reported between a task's start and its end.
    """
    # The connection files of kernels live here: a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="wb"))
    waiting: list[Task] = list(tasks)
    running: list[RunningTask] = []
    try:
        while waiting or running:
            while waiting and len(running) < limits.jobs:
                running.append(_start(waiting.pop(0), folder))
                yield Message(running[-1].task.key, "started")
            yield from _ended_among(running, limits)
            _stop_late(running, limits)
    finally:
        for task in running:
            task.process.terminate()
        shutil.rmtree(folder, ignore_errors=True)


def _ended_among(running: list[RunningTask], limits: Limits) -> Iterator[Message]:
    """Wait until something happens, and take those whose processes have ended out of the list."""
    ends = [task.process.sentinel for task in running]
    ready = wait([*ends, *(task.pipe for task in running)], POLL)
    for task in list(running):
        if task.process.sentinel in ready:
            task.process.join()
            running.remove(task)
            yield ended(task, task.process.exitcode, limits)


def _stop_late(running: list[RunningTask], limits: Limits) -> None:
    for task in running:
        # A pipe that is not emptied would keep its writer waiting.
        list(hear(task))
        if is_late(task, limits):
            task.process.kill()


def _start(task: Task, folder: Path) -> RunningTask:
    pipe, theirs = multiprocessing.Pipe(duplex=False)
    # The parent may have threads; a fork of it could wait for ever for a lock that one of them holds.
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=do_task, args=(task, theirs, folder))
    with in_build_environment():
        process.start()
    theirs.close()
    return RunningTask(task, pipe, time.monotonic(), {}, process)


def do_task(task: Task, pipe: Connection, folder: Path) -> None:
    """Do a task in this process and tell its outcome, or its error."""
    log = os.open(task.log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["WORKBENCH_KERNELS"] = str(folder)
    module, _, name = task.call.partition(":")
    try:
        outcome = getattr(import_module(module), name)(*task.arguments)
        pipe.send(("outcome", pickle.dumps(outcome)))
    except Exception as error:
        pipe.send(("error", pickle.dumps(error)))
        traceback.print_exc()
