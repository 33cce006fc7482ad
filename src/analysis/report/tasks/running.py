"""What a process at work tells the build over its pipe, and what it came to when it has ended."""

import pickle
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from analysis.errors import AnalysisError
from analysis.report.tasks.task import Limits, Message, Task


@dataclass(frozen=True)
class RunningTask:
    """A task at work: the pipe that it tells on, since when, the last that it told, and its process."""

    task: Task
    pipe: Connection
    since: float
    last: dict = field(default_factory=dict)
    process: Any = None


def hear(running: RunningTask) -> Iterator[Message]:
    """What a task has told since it was last heard."""
    try:
        while running.pipe.poll():
            what, *more = running.pipe.recv()
            running.last[what] = more
            if what == "cell":
                yield Message(running.task.key, what, *more)
    except (EOFError, OSError):
        # It has said its last.
        return


def is_late(running: RunningTask, limits: Limits) -> bool:
    """Whether a task has just passed its time; it is late once."""
    if not limits.seconds or "late" in running.last:
        return False
    if time.monotonic() - running.since <= limits.seconds:
        return False
    running.last["late"] = []
    return True


def ended(running: RunningTask, code: int, limits: Limits) -> Message:
    """What a task came to whose process has ended with this code (minus the signal's number)."""
    list(hear(running))
    running.pipe.close()
    last = running.last
    cell, cells = last.get("cell", (0, 0))
    seconds = time.monotonic() - running.since
    message = Message(running.task.key, "ended", cell, cells, seconds=seconds)
    if "outcome" in last:
        return replace(message, outcome=pickle.loads(last["outcome"][0]))
    error = pickle.loads(last["error"][0]) if "error" in last else None
    if isinstance(error, AnalysisError):
        return replace(message, error=error)
    return replace(message, fault=in_short(error) if error else _why(last, code, limits))


def in_short(error: Exception) -> str:
    """An error's kind, and the system's words; its own may hold a person's value, and stay in the log."""
    system_words = error.strerror if isinstance(error, OSError) else ""
    return f"{type(error).__name__}: {system_words or 'see its log'}"


def _why(last: Mapping, code: int, limits: Limits) -> str:
    """How a process ended that gave no outcome, in a sentence."""
    if "late" in last:
        return f"took longer than {limits.seconds:g} s (--timeout) and was stopped"
    if code < 0:
        name = signal.Signals(-code).name
        memory = f"{limits.memory / 2**30:.1f} GiB"
        bound = f"; its bound is {memory} (--memory)" if limits.memory else ""
        reason = "which often means that memory ran out"
        return f"the process that ran it was ended by {name}, {reason}{bound}"
    return f"the process that ran it ended by itself, with code {code}"
