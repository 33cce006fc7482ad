"""The work of one task: run a chapter and bind its page, or bind it anew from what an earlier run gave."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from analysis.errors import ChapterError
from analysis.report.build import records
from analysis.report.build.chapter_task import Work
from analysis.report.build.dependencies import (
    bound_on,
    code_digest,
    distributions_by_module,
    given_parameters,
    loaded_modules,
    loaded_packages,
    opened_files,
    read_files,
    state_of,
)
from analysis.report.build.execute import (
    execute_cells,
    prepare_forked,
    prepare_worker,
    printed_messages,
)
from analysis.report.build.kept_pages import keep_page
from analysis.report.edition.results import CellFault, ChapterResult
from analysis.report.files.digests import file_digest, installed_versions
from analysis.report.files.notebooks import nbformat, read_notebook, with_outputs
from analysis.report.files.writing import read_record, write_record, write_whole
from analysis.report.pages.bind import bind_chapter
from analysis.report.pages.translations import translate_notebook

Tell = Callable[[tuple], object]


def get_ready() -> None:
    """What every chapter's process needs: do it once, before they are forked."""
    opened_files()
    distributions_by_module()
    blank = [nbformat.v4.new_markdown_cell("# 1\n\n$x$"), nbformat.v4.new_code_cell("1")]
    bind_chapter(nbformat.v4.new_notebook(cells=blank), "00_blank", "en")


def make_chapter(work: Work, tell: Tell | None = None) -> ChapterResult:
    """Run a chapter, bind its page, and keep both with a record of what they rest on, written last.

    Returns
    -------
    ChapterResult
        ``status`` is ``"done"``, ``"bound"`` or ``"failed"``. Nothing is raised for a chapter's own fault.
    """
    opened_files()
    started = time.perf_counter()
    run, private, source = work.run, work.private, read_notebook(work.run.notebook)
    ran = (_bind_only if work.bind_only else _run_cells)(work, source, tell)
    executed, fault, lines = ran
    if executed:
        fault = _bind(work, source, executed, time.perf_counter() - started)
    printed = printed_messages(executed) if executed else []
    log = records.log_path(private, run)
    write_whole(log, "\n\n".join(["\n".join(lines), *printed]) + "\n")
    seconds, status = (
        time.perf_counter() - started,
        "failed" if fault else "bound" if work.bind_only else "done",
    )
    path = records.executed_path(private, run)
    return ChapterResult(
        run.name, run.language, status, seconds, path, fault, 0 if fault else len(printed), log
    )


def _bind_only(work: Work, source, _tell) -> tuple:
    executed = read_notebook(records.executed_path(work.private, work.run))
    return with_outputs(source, executed), None, ["the cells had run; the page is bound anew"]


def _run_cells(work: Work, source, tell: Tell | None) -> tuple:
    """The executed notebook, the fault if there is one, and lines for the log; what was kept before is gone."""
    record = records.record_path(work.private, work.run)
    record.unlink(missing_ok=True)
    if work.forked:
        prepare_forked(work.run)
    else:
        prepare_worker(os.environ["WORKBENCH_KERNELS"])
    folder = Path(tempfile.mkdtemp(prefix="chapter-"))
    started = time.perf_counter()
    try:
        executed, fault, lines = execute_cells(work.run, folder, tell if work.forked else None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if executed:
        write_record(
            {"rests": _rests_on(work, source), "seconds": time.perf_counter() - started}, record
        )
    return executed, fault, lines


def _rests_on(work: Work, source) -> dict[str, dict[str, str]]:
    """What this process has used up to now; all of the package where an ordinary kernel ran the cells."""
    digests, versions = work.digests, installed_versions()
    if not work.forked:
        mine, others, packages = (
            {name for name in digests if not name.startswith("report")},
            set(),
            set(versions),
        )
    else:
        mine, others = read_files(work.private)
        mine = {path for path in mine if not path.startswith("report")} | loaded_modules()
        packages = loaded_packages()
    tables = [str(value) for key, value in work.run.parameters.items() if key.endswith("_source")]
    others -= {str(work.run.notebook), *tables}
    return {
        "cells": {"": code_digest(source)},
        "parameters": given_parameters(work.run),
        "tables": dict(work.tables),
        "modules": state_of(mine, digests),
        "files": {path: file_digest(path) for path in sorted(others)},
        "packages": state_of(packages, versions),
    }


def _bind(work: Work, source, executed, seconds: float) -> CellFault | None:
    """Write the executed notebook, its page, and the record of both."""
    run, private = work.run, work.private
    path, page = records.executed_path(private, run), records.page_path(private, run)
    record = dict(read_record(records.record_path(private, run)))
    write_whole(path, nbformat.writes(executed))
    record["executed"] = file_digest(path)
    write_record(record, records.record_path(private, run))
    bound_as = bound_on(run, source, {})
    try:
        written = translate_notebook(executed, run.notebook, run.language)
        bound = bind_chapter(written, run.name, run.language, run.value)
    except ChapterError as error:
        return CellFault(0, "", f"cannot be bound: {error}")
    keep_page(bound, page)
    used = loaded_modules(engine_only=False) | read_files(private)[0]
    record |= {
        "bound": {**bound_as, "modules": state_of(used, work.digests)},
        "page": file_digest(page),
    }
    write_record(record, records.record_path(private, run))
    return None
