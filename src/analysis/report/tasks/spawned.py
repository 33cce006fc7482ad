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


def run_spawned(tasks: Sequence[Task], limits: Limits) -> Iterator[Message]:
    """Run tasks in processes of their own and tell of them as they go (a ``Runner``).

    Notes
    -----
    Memory is not bounded here, and nothing is told between a task's start and its end.
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
            ready = wait(
                [one.process.sentinel for one in running] + [one.told for one in running], 0.2
            )
            for one in [one for one in running if one.process.sentinel in ready]:
                one.process.join()
                running.remove(one)
                yield ended(one, one.process.exitcode, limits)
            for one in running:
                list(hear(one))
                if is_late(one, limits):
                    one.process.kill()
    finally:
        for one in running:
            one.process.terminate()
        shutil.rmtree(folder, ignore_errors=True)


def _start(task: Task, folder: Path) -> RunningTask:
    told, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=do_task, args=(task, theirs, folder)
    )
    with in_build_environment():
        process.start()
    theirs.close()
    return RunningTask(task, told, time.monotonic(), {}, process)


def do_task(task: Task, told: Connection, folder: Path) -> None:
    """Do a task in this process and tell its outcome, or its error."""
    log = os.open(task.log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["WORKBENCH_KERNELS"] = str(folder)
    module, _, name = task.call.partition(":")
    try:
        told.send(("outcome", pickle.dumps(getattr(import_module(module), name)(*task.arguments))))
    except Exception as error:
        told.send(("error", pickle.dumps(error)))
        traceback.print_exc()
