"""What is told of a build: lines, a live table on a terminal, and why each chapter runs."""

import io
import re
from pathlib import Path

import pytest

from analysis.report.build.dependencies import changes
from analysis.report.build.plan import PlannedRun
from analysis.report.build.progress import result_line, show_failures, show_progress
from analysis.report.edition.chapters import ChapterRun
from analysis.report.edition.results import CellFault, ChapterResult
from analysis.report.tasks.task import Message


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def decision(name, language="en", seconds=0.0, **why):
    return PlannedRun(ChapterRun(Path(f"{name}.ipynb"), language, name), seconds=seconds, **why)


def ended(name, language="en", status="done", fault=None):
    result = ChapterResult(name, language, status, 2.0, Path(name), fault)
    return Message((name, language), "ended", 3, 3, result, seconds=2.0)


FAULT = CellFault(9, "1 / 0", "ZeroDivisionError at: 1 / 0")
DECISIONS = [
    decision("01_a", to_run=("no earlier run",), seconds=4.0),
    decision("01_a", "nb", to_run=("no earlier run",), seconds=4.0),
    decision("02_b", to_bind=("its prose changed",)),
    decision("03_c"),
]
MESSAGES = [
    Message(("01_a", "en"), "started"),
    Message(("01_a", "en"), "cell", 2, 5),
    Message(("01_a", "nb"), "started"),
    ended("01_a"),
    ended("02_b", status="bound"),
    ended("01_a", "nb", "failed", FAULT),
]


@pytest.fixture
def screens(monkeypatch):
    """What stood on a terminal of this height after each message."""

    def show(height=24):
        monkeypatch.setenv("LINES", str(height))
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr("time.monotonic", iter(range(10_000)).__next__)
        stream = Terminal()
        seen = [
            re.split(r"\x1b\[\d+A\x1b\[J", stream.getvalue())[-1]
            for _ in show_progress(MESSAGES, DECISIONS, stream)
        ]
        return seen, stream.getvalue()

    return show


def test_a_live_table_of_chapters(screens):
    seen, whole = screens()
    assert "1 waiting, 1 to bind, 1 running, 1 cached; about 8 s left" in seen[1]
    assert re.search(r"01_a +en ▸ 2/5 +nb ·", seen[1])
    assert re.search(r"02_b +en ·", seen[1])
    assert re.search(r"03_c +en =", seen[1])
    assert "1 running, 1 bound, 1 done, 1 cached" in seen[4].replace(
        "1 done, 1 bound", "1 bound, 1 done"
    )
    assert re.search(r"01_a +en ✓ 2.0 s +nb ▸", seen[3])
    # The table goes, and what failed stays, with its cell.
    last = re.split(r"\x1b\[\d+A\x1b\[J", whole)[-1]
    assert last.splitlines()[1:] == ["    cell 9: ZeroDivisionError at: 1 / 0", "      | 1 / 0"]


def test_the_table_fits_a_small_terminal_and_shows_what_is_at_work(screens):
    seen, _ = screens(height=4)
    assert all(len(screen.splitlines()) <= 3 for screen in seen)
    assert "01_a" in seen[2]


def test_quiet_tells_of_failures_only():
    stream = io.StringIO()
    assert list(show_failures(MESSAGES, DECISIONS, stream)) == MESSAGES
    assert stream.getvalue().splitlines()[0].startswith("✗ 01_a")
    assert "02_b" not in stream.getvalue()


def test_a_terminal_without_the_letters_gets_plain_lines():
    stream = Terminal()
    stream.encoding = "ascii"
    list(show_progress(MESSAGES, DECISIONS, stream))
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().startswith("ok 01_a")


def test_a_failure_names_its_log():
    result = ChapterResult(
        "01_a", "en", "failed", 1.0, Path("x"), FAULT, 0, Path("logs/en-01_a.log")
    )
    assert "log: private/logs/en-01_a.log" in result_line(result)


def test_changes_are_told_in_words():
    before = {
        "cells": {"": "1"}, "tables": {"cases_source": "1"}, "modules": {"cases/age.py": "1", "gone.py": "1"},
        "packages": {"pandas": "2.2.2"}, "parameters": {"years": "[1, 5]", "same": "1"},
    }  # fmt: skip
    now = {
        "cells": {"": "2"}, "tables": {"cases_source": "2"}, "modules": {"cases/age.py": "2", "gone.py": ""},
        "packages": {"pandas": "2.2.3"}, "parameters": {"years": "[1]", "same": "1", "new": "1"},
    }  # fmt: skip
    assert changes(before, now) == [
        "its code changed",
        "parameter new is new",
        "parameter years: [1, 5] → [1]",
        "table cases_source changed",
        "module cases/age.py changed",
        "module gone.py is gone",
        "package pandas: 2.2.2 → 2.2.3",
    ]
    assert changes(before, before) == []
