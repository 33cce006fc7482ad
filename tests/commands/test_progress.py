"""What is told of a build: lines, bars on a terminal, events for programs."""

import io
import json
import re
import time
from dataclasses import make_dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.commands.progress import (
    result_line,
    show_failures,
    show_of,
    show_progress,
    tell_events,
)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


CellFault = make_dataclass("CellFault", ["cell", "source", "message"])


def decision(name, language="en", seconds=0.0, to_run=(), to_bind=()):
    return SimpleNamespace(key=(name, language), seconds=seconds, to_run=to_run, to_bind=to_bind)


def message_of(key, what, cell=0, cells=0, outcome=None):
    return SimpleNamespace(key=key, what=what, cell=cell, cells=cells, outcome=outcome, seconds=2.0)


def result_of(status="done", fault=None, log=None, warnings=0, key=("01_a", "en")):
    return SimpleNamespace(
        name=key[0],
        language=key[1],
        status=status,
        seconds=2.0,
        fault=fault,
        warnings=warnings,
        log=log,
    )


def ended(name, language="en", status="done", fault=None):
    result = result_of(status, fault, key=(name, language))
    return message_of((name, language), "ended", 3, 3, result)


FAULT = CellFault(9, "1 / 0", "ZeroDivisionError at: 1 / 0")
DECISIONS = [
    decision("01_a", to_run=("no earlier run",), seconds=4.0),
    decision("01_a", "nb", to_run=("no earlier run",), seconds=4.0),
    decision("02_b", to_bind=("its prose changed",)),
    decision("03_c"),
]
MESSAGES = [
    message_of(("01_a", "en"), "started"),
    message_of(("01_a", "en"), "cell", 2, 5),
    message_of(("01_a", "nb"), "started"),
    ended("01_a"),
    ended("02_b", status="bound"),
    ended("01_a", "nb", "failed", FAULT),
]


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    return Terminal()


def drawn(stream, pattern):
    """Wait until a pattern stands on the terminal, colours left aside."""
    deadline = time.monotonic() + 20
    while not re.search(pattern, re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", stream.getvalue())):
        assert time.monotonic() < deadline, f"{pattern} is never drawn"
        time.sleep(0.01)


def test_bars_for_the_build_and_for_each_chapter_at_work(terminal):
    telling = show_progress(MESSAGES, DECISIONS, terminal)
    next(telling)
    drawn(terminal, r"0 of 3 chapters")
    drawn(terminal, r"01_a en +")
    assert next(telling).cell == 2
    drawn(terminal, r"01_a en +━+[^\n]*\d:\d\d:\d\d")
    assert next(telling).key == ("01_a", "nb")
    drawn(terminal, r"01_a nb +")
    assert next(telling).what == "ended"
    drawn(terminal, r"1 of 3 chapters")
    assert [message.key for message in telling] == [("02_b", "en"), ("01_a", "nb")]


def test_bars_go_and_what_failed_stays(terminal):
    assert list(show_progress(MESSAGES, DECISIONS, terminal)) == MESSAGES
    drawn(
        terminal, r"✗ 01_a +nb +2\.0 s\n    cell 9: ZeroDivisionError at: 1 / 0\n      \| 1 / 0\n"
    )
    # The last that is written takes the bars off the screen and shows the cursor again.
    assert terminal.getvalue().rstrip("\r\n").endswith("\x1b[2K")
    assert "\x1b[?25h" in terminal.getvalue()


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({}, ["✓ 01_a", "✓ 02_b", "✗ 01_a", "    cell 9", "      | 1 "]),
        ({"quiet": True}, ["✗ 01_a", "    cell 9", "      | 1 "]),
    ],
)
def test_lines_where_nobody_watches(asked, lines):
    stream = io.StringIO()
    assert list(show_of(**asked)(MESSAGES, DECISIONS, stream)) == MESSAGES
    told = stream.getvalue().splitlines()
    assert len(told) == len(lines)
    assert all(line.startswith(start) for line, start in zip(told, lines, strict=True))


def test_events_are_lines_of_json():
    stream = io.StringIO()
    assert show_of(json=True, quiet=True) is tell_events
    assert list(tell_events(MESSAGES, DECISIONS, stream)) == MESSAGES
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(event["chapter"], event["language"], event["status"]) for event in events] == [
        ("01_a", "en", "waiting"),
        ("01_a", "nb", "waiting"),
        ("02_b", "en", "to bind"),
        ("03_c", "en", "cached"),
        ("01_a", "en", "started"),
        ("01_a", "en", "running"),
        ("01_a", "nb", "started"),
        ("01_a", "en", "done"),
        ("02_b", "en", "bound"),
        ("01_a", "nb", "failed"),
    ]
    assert [event["why"] for event in events[:4]] == [
        ["no earlier run"],
        ["no earlier run"],
        ["its prose changed"],
        [],
    ]
    assert (events[5]["cell"], events[5]["cells"]) == (2, 5)
    assert events[7]["seconds"] == 2.0
    assert events[9]["fault"] == {
        "cell": 9,
        "source": "1 / 0",
        "message": "ZeroDivisionError at: 1 / 0",
    }


def test_quiet_tells_of_failures_only():
    stream = io.StringIO()
    assert list(show_failures(MESSAGES, DECISIONS, stream)) == MESSAGES
    assert stream.getvalue().splitlines()[0].startswith("✗ 01_a")
    assert "02_b" not in stream.getvalue()


def test_a_stream_without_the_letters_gets_words():
    ended_well, failed = MESSAGES[3].outcome, MESSAGES[5].outcome
    assert result_line(ended_well, "ascii").startswith("ok 01_a")
    assert result_line(failed, "ascii").startswith("failed 01_a")
    assert result_line(ended_well, "no such encoding").startswith("ok 01_a")
    assert result_line(ended_well, None).startswith("✓ 01_a")


def test_a_failure_names_its_log():
    result = result_of("failed", FAULT, Path("logs/en-01_a.log"))
    assert "log: private/logs/en-01_a.log" in result_line(result)


def test_messages_beside_the_exhibits_are_counted_and_their_log_is_named():
    result = result_of(warnings=2, log=Path("logs/en-01_a.log"))
    assert result_line(result).endswith(
        "  (messages beside the exhibits: 2, see private/logs/en-01_a.log)"
    )


def test_a_fault_outside_any_cell_names_none():
    result = result_of("failed", CellFault(0, "", "killed\nby the machine"))
    assert result_line(result).splitlines()[1:] == ["    killed", "    by the machine"]
