"""Tell how a build goes: bars where someone watches, lines where no one does, events for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TextIO

# Seconds that a page takes of which only the prose has changed, and a chapter of which no run is known.
BINDING, UNKNOWN = 0.3, 3.0


def show_of(*, json: bool = False, quiet: bool = False) -> Callable:
    """How a build is told where programs read it, where only failures matter, and else."""
    return tell_events if json else show_failures if quiet else show_progress


def show_progress(
    messages: Iterable, decisions: Sequence, stream: TextIO | None = None
) -> Iterator:
    """Pass messages on; write a line for each chapter that ends, or keep bars up to date on a terminal."""
    stream = stream or sys.stderr
    if stream.isatty():
        yield from _live(messages, decisions, stream)
        return
    for message in messages:
        if message.what == "ended":
            _write_line(message.outcome, stream)
        yield message


def show_failures(
    messages: Iterable, _decisions: Sequence, stream: TextIO | None = None
) -> Iterator:
    """Pass messages on; write a line for each chapter that fails."""
    stream = stream or sys.stderr
    for message in messages:
        if message.what == "ended" and message.outcome.status == "failed":
            _write_line(message.outcome, stream)
        yield message


def _write_line(result, stream: TextIO) -> None:
    print(result_line(result, stream.encoding), file=stream, flush=True)


def tell_events(messages: Iterable, decisions: Sequence, stream: TextIO | None = None) -> Iterator:
    """Pass messages on; write each as a line of JSON, after one line for each decision."""
    stream = stream or sys.stdout
    for decision in decisions:
        todo = "waiting" if decision.to_run else "to bind" if decision.to_bind else "cached"
        event = _event(decision.key, todo, why=[*decision.to_run, *decision.to_bind])
        print(event, file=stream, flush=True)
    for message in messages:
        print(_event_of(message), file=stream, flush=True)
        yield message


def _event_of(message) -> str:
    if message.what == "cell":
        return _event(message.key, "running", cell=message.cell, cells=message.cells)
    if message.what == "started":
        return _event(message.key, "started")
    result = message.outcome
    more = {"fault": asdict(result.fault)} if result.fault else {}
    return _event(message.key, result.status, seconds=round(message.seconds, 3), **more)


def _event(key: tuple[str, ...], status: str, **more) -> str:
    event = {"chapter": key[0], "language": key[1], "status": status, **more}
    return json.dumps(event, ensure_ascii=False)


def result_line(result, encoding: str | None = "utf-8") -> str:
    """One line on a run: mark, name, language, seconds; and where it stopped, if it did.

    Examples
    --------
    >>> from pathlib import Path
    >>> from analysis.report.edition.results import ChapterResult
    >>> result_line(ChapterResult("03_incidence", "en", "done", 2.13, Path("03_incidence.ipynb")))
    '✓ 03_incidence                 en    2.1 s'
    """
    good, bad = ("✓", "✗") if _can_write("✓✗", encoding) else ("ok", "failed")
    mark = bad if result.status == "failed" else good
    line = f"{mark} {result.name:<28} {result.language} {result.seconds:6.1f} s"
    if result.warnings:
        log = f"private/logs/{result.log.name}"
        line += f"  (messages beside the exhibits: {result.warnings}, see {log})"
    return "\n".join([line, *_fault_lines(result)])


def _fault_lines(result) -> Iterator[str]:
    if result.fault is None:
        return
    where = f"cell {result.fault.cell}: " if result.fault.cell else ""
    # All lines of a fault stand in, under the chapter that they belong to.
    message = result.fault.message.replace("\n", "\n    ")
    yield f"    {where}{message}"
    for source in result.fault.source.splitlines():
        yield f"      | {source}"
    if result.log:
        yield f"    log: private/logs/{result.log.name}"


def _can_write(text: str, encoding: str | None) -> bool:
    """Whether a stream of this encoding can show a text."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _live(messages: Iterable, decisions: Sequence, stream: TextIO) -> Iterator:
    """Pass messages on under a bar for the whole build and one for each chapter at work."""
    waiting = {decision.key: _expected(decision) for decision in decisions}
    # Pages that are as they were take no time, and count for nothing.
    waiting = {key: seconds for key, seconds in waiting.items() if seconds}
    chapters, at_work = len(waiting), {}
    with _new_bars(stream) as bars:
        whole = bars.add_task(f"0 of {chapters} chapters", total=sum(waiting.values()))
        for message in messages:
            if message.what != "ended":
                _follow(bars, at_work, message)
                yield message
                continue
            bars.update(whole, advance=waiting.pop(message.key, 0))
            bars.update(whole, description=f"{chapters - len(waiting)} of {chapters} chapters")
            if message.key in at_work:
                bars.remove_task(at_work.pop(message.key))
            if message.outcome.fault:
                line = result_line(message.outcome, stream.encoding)
                # As it is: square brackets are no markup, and no line is broken.
                bars.console.print(line, markup=False, soft_wrap=True)
            yield message


def _expected(decision) -> float:
    """Seconds that a chapter may take: those of its last run; none where nothing is to be done."""
    if decision.to_run:
        return decision.seconds or UNKNOWN
    return BINDING if decision.to_bind else 0.0


def _new_bars(stream: TextIO):
    """Bars with words before them, the time spent and the time left behind; they go when they are left."""
    # Only where someone watches: a build that finds nothing to do is over before rich is imported.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    words = TextColumn("{task.description}")
    console = Console(file=stream, highlight=False)
    times = TimeElapsedColumn(), TimeRemainingColumn()
    return Progress(words, BarColumn(), *times, console=console, transient=True)


def _follow(bars, at_work: dict, message) -> None:
    """Bring the bar of a chapter up to date, a new one where it has just begun."""
    if message.key not in at_work:
        name, language = message.key
        at_work[message.key] = bars.add_task(f"{name} {language}", total=None)
    bars.update(at_work[message.key], completed=message.cell, total=message.cells or None)
