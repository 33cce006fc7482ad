"""Make one chapter: run its cells, bind its page, and keep both with a record of what they were made from.

What asks for a chapter loads nothing heavy: papermill and nbconvert are imported where the work is done.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import ChapterError
from analysis.report.build import records
from analysis.report.build.dependencies import (
    bound_on,
    code_digest,
    distributions_by_module,
    loaded_modules,
    loaded_packages,
    opened_files,
    parameters_as_text,
    read_files,
    state_of,
)
from analysis.report.edition.chapters import ChapterRun
from analysis.report.edition.results import CellFault, ChapterResult
from analysis.report.files.digests import file_digest, installed_versions
from analysis.report.files.notebooks import nbformat, printed_messages, read_notebook, with_outputs
from analysis.report.files.writing import read_record, write_record, write_whole
from analysis.report.pages.translations import translate_notebook

if TYPE_CHECKING:
    from analysis.report.build.execute import ExecutedCells

Tell = Callable[[tuple], object]


@dataclass(frozen=True)
class ChapterTask:
    """One chapter to be made.

    Attributes
    ----------
    run
        What is run.
    private
        The private folder of the edition.
    digests
        Of every file of the package, by its path in it, when the build began.
    tables
        Digests of the tables that the run reads, by the parameter's name.
    bind_only
        Whether the cells have run already and only the page is made anew.
    forked
        Whether this process is forked for this chapter; else an ordinary kernel runs the cells.
    """

    run: ChapterRun
    private: Path
    digests: Mapping[str, str]
    tables: Mapping[str, str]
    bind_only: bool = False
    forked: bool = True


def get_ready() -> None:
    """What every chapter's process needs: do it once, before they are forked."""
    from analysis.report.pages.bind import bind_chapter

    import_module("analysis.report.build.execute")
    opened_files()
    distributions_by_module()
    blank = [nbformat.v4.new_markdown_cell("# 1\n\n$x$"), nbformat.v4.new_code_cell("1")]
    bind_chapter(nbformat.v4.new_notebook(cells=blank), "00_blank", "en")


def make_chapter(task: ChapterTask, tell: Tell | None = None) -> ChapterResult:
    """Run a chapter, bind its page, and keep both with a record of what they were made from, written last.

    Returns
    -------
    ChapterResult
        ``status`` is ``"done"``, ``"bound"`` or ``"failed"``. Nothing is raised for a chapter's own fault.
    """
    opened_files()
    started = time.perf_counter()
    source = read_notebook(task.run.notebook)
    cells = _earlier_cells(task, source) if task.bind_only else _run_cells(task, source, tell)
    fault, printed = cells.fault, []
    if cells.notebook:
        fault = _bind(task, source, cells.notebook)
        printed = printed_messages(cells.notebook)
    log = records.log_path(task.private, task.run)
    write_whole(log, "\n\n".join(["\n".join(cells.log), *printed]) + "\n")
    return ChapterResult(
        name=task.run.name,
        language=task.run.language,
        status="failed" if fault else "bound" if task.bind_only else "done",
        seconds=time.perf_counter() - started,
        executed=records.executed_path(task.private, task.run),
        fault=fault,
        warnings=0 if fault else len(printed),
        log=log,
    )


def _earlier_cells(task: ChapterTask, source: nbformat.NotebookNode) -> "ExecutedCells":
    from analysis.report.build.execute import ExecutedCells

    executed = read_notebook(records.executed_path(task.private, task.run))
    line = "the cells had run; the page is bound anew"
    return ExecutedCells(with_outputs(source, executed), None, (line,))


def _run_cells(
    task: ChapterTask, source: nbformat.NotebookNode, tell: Tell | None
) -> "ExecutedCells":
    """Run the cells and record what they were made from; what was recorded before is gone."""
    from analysis.report.build.execute import execute_cells, prepare_forked, prepare_worker

    record = records.record_path(task.private, task.run)
    record.unlink(missing_ok=True)
    if task.forked:
        prepare_forked(task.run)
    else:
        prepare_worker(os.environ["WORKBENCH_KERNELS"])
    folder = Path(tempfile.mkdtemp(prefix="chapter-"))
    started = time.perf_counter()
    try:
        cells = execute_cells(task.run, folder, tell if task.forked else None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if cells.notebook:
        seconds = time.perf_counter() - started
        write_record({"rests": _rests_on(task, source), "seconds": seconds}, record)
    return cells


def _rests_on(task: ChapterTask, source: nbformat.NotebookNode) -> dict[str, dict[str, str]]:
    """What this process has used up to now; all of the package where an ordinary kernel ran the cells."""
    versions = installed_versions()
    if task.forked:
        package_files, other_files = read_files(task.private)
        modules = _outside_report(package_files) | loaded_modules()
        packages = loaded_packages()
    else:
        # A kernel is another process, whose imports are not seen from here.
        modules, other_files = _outside_report(task.digests), set()
        packages = set(versions)
    tables = [str(value) for key, value in task.run.parameters.items() if key.endswith("_source")]
    other_files -= {str(task.run.notebook), *tables}
    return {
        "cells": {"": code_digest(source)},
        "parameters": parameters_as_text(task.run),
        "tables": dict(task.tables),
        "modules": state_of(modules, task.digests),
        "files": {path: file_digest(path) for path in sorted(other_files)},
        "packages": state_of(packages, versions),
    }


def _outside_report(paths: Iterable[str]) -> set[str]:
    """The report stage frames chapters and computes nothing in them: see ``dependencies.ENGINE``."""
    return {path for path in paths if not path.startswith("report")}


def _bind(
    task: ChapterTask, source: nbformat.NotebookNode, executed: nbformat.NotebookNode
) -> CellFault | None:
    """Write the executed notebook, its page, and the record of both."""
    from analysis.report.pages.bind import bind_chapter

    run, private = task.run, task.private
    executed_path, page_path = records.executed_path(private, run), records.page_path(private, run)
    record_path = records.record_path(private, run)
    write_whole(executed_path, nbformat.writes(executed))
    # Kept before the page is bound: prose that cannot be bound is mended without running the cells again.
    record = {**read_record(record_path), "executed": file_digest(executed_path)}
    write_record(record, record_path)
    prose = bound_on(run, source, {})
    try:
        translated = translate_notebook(executed, run.notebook, run.language)
        page = bind_chapter(translated, run.name, run.language, run.value)
    except ChapterError as error:
        return CellFault(0, "", f"cannot be bound: {error}")
    records.keep_page(page, page_path)
    modules = loaded_modules(engine_only=False) | read_files(private)[0]
    record["bound"] = {**prose, "modules": state_of(modules, task.digests)}
    record["page"] = file_digest(page_path)
    write_record(record, record_path)
    return None
