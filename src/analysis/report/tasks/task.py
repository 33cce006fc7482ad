"""A build is a list of tasks; where they run is exchangeable."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError


@dataclass(frozen=True)
class Task:
    """One piece of work, in a process of its own.

    Attributes
    ----------
    key
        What the build knows it by; of a chapter its name and language.
    call
        ``"package.module:function"``. It is given ``arguments``, and ``tell`` to say how far it has come.
    arguments
        Plain values and frozen records.
    log
        Where the process writes what nobody caught.
    """

    key: tuple[str, ...]
    call: str
    arguments: tuple = ()
    log: Path | None = None


@dataclass(frozen=True)
class Limits:
    """What the tasks of a build may take: how many at a time, seconds and bytes of memory each."""

    jobs: int = 1
    seconds: float = 1800.0
    memory: int = 0


@dataclass(frozen=True)
class Message:
    """What a task says: it ``started``, is at a ``cell``, or has ``ended`` with an outcome or a fault.

    ``what`` is ``"started"``, ``"cell"`` or ``"ended"``; ``cell`` and ``cells`` count from 1; ``error`` is
    an error of the package that the task raised; ``fault`` says in a sentence why there is no outcome.
    """

    key: tuple[str, ...]
    what: str
    cell: int = 0
    cells: int = 0
    outcome: Any = None
    error: AnalysisError | None = None
    fault: str = ""
    seconds: float = 0.0


# Runs tasks and tells of them as it goes; every task ends, well or not.
Runner = Callable[[Sequence[Task], Limits], Iterator[Message]]


def share_of_memory(jobs: int) -> int:
    """Bytes that each of so many processes may hold, so that together they fit into this machine; 0 where unknown."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 0
    return whole // max(jobs, 1)


def outcome_of(messages: Iterable[Message]) -> Any:
    """What the one task came to whose messages these are.

    Raises
    ------
    AnalysisError
        The task's own, or one that says how it ended.
    """
    last = [message for message in messages if message.what == "ended"][-1]
    if last.error or last.fault:
        raise last.error or AnalysisError(f"{last.key[0]}: {last.fault}")
    return last.outcome
