"""A table of chapters on a terminal, drawn over itself as a build goes."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from analysis.report.build.plan import PlannedRun
from analysis.report.edition.results import ChapterResult
from analysis.report.tasks.task import Message

MARKS = {
    "waiting": "·",
    "to bind": "·",
    "running": "▸",
    "done": "✓",
    "bound": "✓",
    "cached": "=",
    "failed": "✗",
}
EVERY = 0.1


@dataclass(frozen=True)
class View:
    """What is known of each run, and where it is drawn.

    ``status`` and ``text`` are by name and language; ``expected`` holds the seconds that each took the last
    time, ``spent`` those that it took now; ``drawn`` the number of lines on the screen and when they were drawn.
    """

    stream: TextIO
    status: dict[tuple[str, ...], str]
    text: dict[tuple[str, ...], str] = field(default_factory=dict)
    expected: dict[tuple[str, ...], float] = field(default_factory=dict)
    spent: dict[tuple[str, ...], float] = field(default_factory=dict)
    failed: list[ChapterResult] = field(default_factory=list)
    drawn: dict[str, float] = field(default_factory=lambda: {"lines": 0, "at": 0.0, "jobs": 1})


def new_view(decisions: Sequence[PlannedRun], stream: TextIO) -> View:
    """The table before anything has run."""
    view = View(stream, {})
    for one in decisions:
        view.status[one.key] = "waiting" if one.to_run else "to bind" if one.to_bind else "cached"
        view.expected[one.key] = one.seconds if one.to_run else 0.0
    return view


def take_note(view: View, message: Message) -> None:
    """Take what a message says into the table."""
    key = message.key
    if message.what == "ended":
        view.status[key] = message.outcome.status
        view.spent[key] = message.seconds
        view.text[key] = f"{message.seconds:.1f} s"
        view.failed.extend([message.outcome] if message.outcome.fault else [])
    else:
        view.status[key] = "running"
        view.text[key] = f"{message.cell}/{message.cells}" if message.cells else ""
    view.drawn["jobs"] = max(view.drawn["jobs"], list(view.status.values()).count("running"))


def time_left(view: View) -> float:
    """Seconds until the last chapter ends: what each took the last time, or those of this build on average."""
    usual = sum(view.spent.values()) / len(view.spent) if view.spent else 0.0
    todo = [key for key, status in view.status.items() if status in ("waiting", "running")]
    return sum(view.expected[key] or usual for key in todo) / view.drawn["jobs"]


def lines_of(view: View, width: int, height: int) -> list[str]:
    """The table as it fits on a screen: first the counts, then the chapters, those at work in sight."""
    counts = {status: list(view.status.values()).count(status) for status in MARKS}
    head = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    left = time_left(view)
    rows: dict[str, list[str]] = {}
    for (name, language), status in view.status.items():
        mark = f"{language} {MARKS[status]} {view.text.get((name, language), ''):<8}"
        rows.setdefault(name, []).append(mark)
    shown = [f"  {name:<30.30} {' '.join(marks)}" for name, marks in rows.items()]
    at_work = [place for place, line in enumerate(shown) if MARKS["running"] in line]
    first = max(0, min((at_work or [len(shown)])[0] - 2, len(shown) - (height - 2)))
    about = f"; about {left:.0f} s left" if left >= 1 else ""
    return [line[:width] for line in [head + about, *shown[first : first + max(height - 2, 1)]]]


def redraw(view: View) -> None:
    """Draw the table over itself, not more often than an eye can follow."""
    if time.monotonic() - view.drawn["at"] < EVERY:
        return
    size = shutil.get_terminal_size()
    lines = lines_of(view, size.columns - 1, size.lines)
    erase(view)
    view.stream.write("\n".join(lines) + "\n")
    view.stream.flush()
    view.drawn.update(lines=len(lines), at=time.monotonic())


def erase(view: View) -> None:
    """Take the table off the screen."""
    if view.drawn["lines"]:
        view.stream.write(f"\x1b[{view.drawn['lines']:.0f}A\x1b[J")
        view.stream.flush()
        view.drawn["lines"] = 0
