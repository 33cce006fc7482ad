"""Tell how a build goes: a live table where someone watches, lines where no one does, events for programs."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TextIO

from analysis.report.build.live_table import View, erase, new_view, redraw, take_note
from analysis.report.build.plan import PlannedRun
from analysis.report.edition.results import ChapterResult
from analysis.report.tasks.task import Message


def show_progress(
    messages: Iterable[Message], decisions: Sequence[PlannedRun], stream: TextIO | None = None
) -> Iterator[Message]:
    """Pass messages on; write a line for each chapter that ends, or keep a table up to date on a terminal."""
    stream = stream or sys.stderr
    if stream.isatty() and can_write("✓▸", stream.encoding):
        yield from _live(messages, new_view(decisions, stream))
        return
    for message in messages:
        if message.what == "ended":
            print(result_line(message.outcome, stream.encoding), file=stream, flush=True)
        yield message


def show_failures(
    messages: Iterable[Message], _decisions: Sequence[PlannedRun], stream: TextIO | None = None
) -> Iterator[Message]:
    """Pass messages on; write a line for each chapter that fails."""
    stream = stream or sys.stderr
    for message in messages:
        if message.what == "ended" and message.outcome.status == "failed":
            print(result_line(message.outcome, stream.encoding), file=stream, flush=True)
        yield message


def tell_events(
    messages: Iterable[Message], decisions: Sequence[PlannedRun], stream: TextIO | None = None
) -> Iterator[Message]:
    """Pass messages on; write each as a line of JSON, after one line for each decision."""
    stream = stream or sys.stdout
    for one in decisions:
        status = "waiting" if one.to_run else "to bind" if one.to_bind else "cached"
        print(_event(one.key, status, why=[*one.to_run, *one.to_bind]), file=stream, flush=True)
    for message in messages:
        print(_event_of(message), file=stream, flush=True)
        yield message


def _event_of(message: Message) -> str:
    if message.what == "cell":
        return _event(message.key, "running", cell=message.cell, cells=message.cells)
    if message.what == "started":
        return _event(message.key, "started")
    result = message.outcome
    more = {"fault": asdict(result.fault)} if result.fault else {}
    return _event(message.key, result.status, seconds=round(message.seconds, 3), **more)


def _event(key: tuple[str, ...], status: str, **more) -> str:
    return json.dumps(
        {"chapter": key[0], "language": key[1], "status": status, **more}, ensure_ascii=False
    )


def result_line(result: ChapterResult, encoding: str | None = "utf-8") -> str:
    """One line on a run: mark, name, language, seconds; and where it stopped, if it did.

    Examples
    --------
    >>> from pathlib import Path
    >>> result_line(ChapterResult("03_incidence", "en", "done", 2.13, Path("03_incidence.ipynb")))
    '✓ 03_incidence                 en    2.1 s'
    """
    good, bad = ("✓", "✗") if can_write("✓✗", encoding) else ("ok", "failed")
    mark = bad if result.status == "failed" else good
    line = f"{mark} {result.name:<28} {result.language} {result.seconds:6.1f} s"
    if result.warnings:
        line += f"  (messages beside the exhibits: {result.warnings}, see private/logs/{result.log.name})"
    if result.fault is None:
        return line
    where = f"cell {result.fault.cell}: " if result.fault.cell else ""
    source = "".join(f"\n      | {text}" for text in result.fault.source.splitlines())
    message = result.fault.message.replace("\n", "\n    ")
    log = f"\n    log: private/logs/{result.log.name}" if result.log else ""
    return f"{line}\n    {where}{message}{source}{log}"


def can_write(text: str, encoding: str | None) -> bool:
    """Whether a stream of this encoding can show a text."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _live(messages: Iterable[Message], view: View) -> Iterator[Message]:
    try:
        redraw(view)
        for message in messages:
            take_note(view, message)
            redraw(view)
            yield message
    finally:
        erase(view)
        for result in view.failed:
            print(result_line(result, view.stream.encoding), file=view.stream, flush=True)
