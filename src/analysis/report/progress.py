"""Tell how a build goes: one line a chapter, and a bar where someone is watching."""

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from tqdm import tqdm

from analysis.report.chapters import ChapterResult


def show_progress(
    results: Iterable[ChapterResult], total: int, stream: TextIO | None = None
) -> Iterator[ChapterResult]:
    """Pass results on, writing a line for each; on a terminal a bar stands below the lines."""
    stream = stream or sys.stderr
    bar = tqdm(
        total=total,
        file=stream,
        disable=not stream.isatty(),
        unit="chapter",
        leave=False,
        bar_format="{l_bar}{bar:24}| {n_fmt}/{total_fmt} {elapsed}",
    )
    try:
        for result in results:
            with bar.external_write_mode(file=stream):
                print(result_line(result, stream.encoding), file=stream, flush=True)
            bar.update()
            yield result
    finally:
        bar.close()


def result_line(result: ChapterResult, encoding: str | None = "utf-8") -> str:
    """One line on a run: mark, name, language, seconds; and where it stopped, if it did.

    Examples
    --------
    >>> from pathlib import Path
    >>> result_line(ChapterResult("03_incidence", "en", "done", 2.13, Path("03_incidence.ipynb")))
    '✓ 03_incidence                 en    2.1 s'
    """
    good, bad = ("✓", "✗") if _can_write("✓✗", encoding) else ("ok", "failed")
    mark = good if result.status == "done" else bad
    line = f"{mark} {result.name:<28} {result.language} {result.seconds:6.1f} s"
    if result.warnings:
        line += f"  (messages beside the exhibits: {result.warnings}, see private/logs/{result.log.name})"
    if result.fault is None:
        return line
    where = f"cell {result.fault.cell}: " if result.fault.cell else ""
    source = "".join(f"\n      | {text}" for text in result.fault.source.splitlines())
    message = result.fault.message.replace("\n", "\n    ")
    log = f"\n    traceback: private/logs/{result.log.name}" if result.log else ""
    return f"{line}\n    {where}{message}{source}{log}"


def _can_write(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
