"""What a process at work says, and what it came to by what it said last and how it ended."""

import pickle
import signal
from multiprocessing import Pipe

import pytest

from analysis.errors import ChapterError
from analysis.report.tasks import running as module
from analysis.report.tasks.running import RunningTask, ended, hear, is_late
from analysis.report.tasks.task import Limits, Message, Task, outcome_of, share_of_memory


@pytest.fixture
def at(monkeypatch):
    """Set the clock, in seconds."""
    return lambda seconds: monkeypatch.setattr(module.time, "monotonic", lambda: seconds)


@pytest.fixture
def begin(at):
    """A task that began at 10 s and has said these things."""

    def make(*events):
        ours, theirs = Pipe(duplex=False)
        for event in events:
            theirs.send(event)
        theirs.close()
        at(15.0)
        return RunningTask(Task(("a", "en"), "x:y"), ours, 10.0)

    return make


def test_cells_are_told_as_they_come(begin):
    task = begin(("cell", 1, 3), ("outcome", b""), ("cell", 2, 3))
    assert list(hear(task)) == [Message(("a", "en"), "cell", cell, 3) for cell in (1, 2)]
    assert list(hear(task)) == []


def test_a_task_is_late_once_and_only_after_its_time(begin, at):
    task, limits = begin(), Limits(seconds=5)
    assert not is_late(task, limits)
    at(15.1)
    assert not is_late(task, Limits(seconds=0))
    assert [is_late(task, limits) for _ in range(2)] == [True, False]


def test_an_outcome_is_told_with_the_time_that_it_took(begin):
    message = ended(begin(("cell", 2, 3), ("outcome", pickle.dumps("x"))), 0, Limits())
    assert message == Message(("a", "en"), "ended", 2, 3, "x", seconds=5.0)


def test_an_error_of_the_package_is_told_in_full_and_any_other_by_its_kind(begin):
    own = ended(begin(("error", pickle.dumps(ChapterError("no caption")))), 1, Limits())
    assert (str(own.error), own.fault) == ("no caption", "")
    for error, fault in (
        (ValueError("0101701234"), "ValueError: see its log"),
        (OSError(28, "No space left"), "OSError: No space left"),
    ):
        message = ended(begin(("error", pickle.dumps(error))), 1, Limits())
        assert (message.error, message.fault) == (None, fault)


def test_how_a_process_ended_that_said_nothing(begin, at):
    ended_by_itself = ended(begin(), 3, Limits())
    assert ended_by_itself.fault == "the process that ran it ended by itself, with code 3"
    killed = ended(begin(), -signal.SIGKILL, Limits(memory=3 * 2**29)).fault
    assert "ended by SIGKILL" in killed
    assert killed.endswith("memory ran out; its bound is 1.5 GiB (--memory)")
    assert ended(begin(), -signal.SIGTERM, Limits()).fault.endswith("memory ran out")
    late = begin()
    at(200.0)
    is_late(late, Limits(seconds=90))
    fault = "took longer than 90 s (--timeout) and was stopped"
    assert ended(late, -signal.SIGKILL, Limits(seconds=90)).fault == fault


def test_the_outcome_of_one_task_is_that_of_its_end():
    start, end = Message(("a",), "started"), Message(("a",), "ended", outcome=4)
    assert outcome_of([start, end]) == 4
    with pytest.raises(ChapterError, match="own"):
        outcome_of([Message(("a",), "ended", error=ChapterError("own"))])
    with pytest.raises(Exception, match="a: died"):
        outcome_of([Message(("a",), "ended", fault="died")])


def test_processes_share_the_memory_of_the_machine():
    assert share_of_memory(4) == share_of_memory(1) // 4 > 0
    assert share_of_memory(0) == share_of_memory(1)
