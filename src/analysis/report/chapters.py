"""Run a chapter. The only file that knows papermill."""

import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis import errors
from analysis.report.notebooks import EXHIBIT, read_notebook, tags
from analysis.report.planning import ChapterRun
from analysis.report.quick_imports import nbformat

KERNEL = "workbench"
SHOWN_LINES = 3
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Hash order, drawing and debugger are the same in every run of a chapter.
KERNEL_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


@dataclass(frozen=True)
class CellFault:
    """Where a chapter stopped: the cell (counted from 1 in its notebook), its first lines, the error."""

    cell: int
    source: str
    message: str


@dataclass(frozen=True)
class ChapterResult:
    """What became of one run.

    ``warnings`` are messages that the cells printed and the page leaves out; ``log`` is the private
    file that holds them, and the full traceback of a failure.
    """

    name: str
    language: str
    status: str
    seconds: float
    executed: Path
    fault: CellFault | None = None
    warnings: int = 0
    log: Path | None = None


def prepare_worker(folder: str) -> None:
    """Give this process a kernel of its own interpreter and a short place for its connections.

    Parameters
    ----------
    folder
        A temporary folder; the caller removes it when all chapters have run.
    """
    spec = Path(folder) / "kernels" / KERNEL / "kernel.json"
    if not spec.exists():
        spec.parent.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=40"]
        part = spec.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({"argv": argv, "display_name": "Workbench", "language": "python"}))
        os.replace(part, spec)
    search = [folder, os.environ.get("JUPYTER_PATH", "")]
    os.environ.update(KERNEL_ENVIRONMENT, JUPYTER_PATH=os.pathsep.join(filter(None, search)))
    os.environ["JUPYTER_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="r", dir=folder)
    # What they would say of a chapter stands in its result and its log.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    # Without compiled modules every kernel would compile the whole import again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def run_chapter(run: ChapterRun, private: Path, stamp: str) -> ChapterResult:
    """Run a notebook with its parameters in a working folder of its own (after ``prepare_worker``).

    Parameters
    ----------
    run
        Notebook, language, name and parameters.
    private
        The private folder of the edition: ``executed/<language>/<name>.ipynb`` is written when the
        chapter succeeds, ``logs/`` when it does not or has something to say.
    stamp
        What the run was made from; it is kept in the executed notebook.

    Returns
    -------
    ChapterResult
        ``status`` is ``"done"`` or ``"failed"``. A failing cell does not raise.
    """
    executed = private / "executed" / run.language / f"{run.name}.ipynb"
    log = private / "logs" / f"{run.language}-{run.name}.log"
    log.unlink(missing_ok=True)
    started = time.perf_counter()
    work = Path(tempfile.mkdtemp(prefix="chapter-", dir=os.environ["JUPYTER_RUNTIME_DIR"]))
    try:
        notebook = _execute(run, work)
        printed = printed_messages(notebook)
        _keep(notebook, executed, stamp)
        fault = None
    except PapermillExecutionError as error:
        fault, printed = cell_fault(error, read_notebook(run.notebook)), [_plain_traceback(error)]
    except Exception as error:  # a kernel that dies, a disk that is full: the other chapters go on
        fault, printed = CellFault(0, "", f"{type(error).__name__}: the kernel stopped"), [repr(error)]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if printed:
        _write(log, "\n\n".join(printed) + "\n")
    seconds = time.perf_counter() - started
    status = "failed" if fault else "done"
    return ChapterResult(
        run.name, run.language, status, seconds, executed, fault, 0 if fault else len(printed), log if printed else None
    )


def _execute(run: ChapterRun, work: Path) -> nbformat.NotebookNode:
    config = Config()
    config.KernelManager.connection_file = f"{work}.json"
    if os.name != "nt":
        # No ports, hence no two kernels that reach for one.
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "k")
    return papermill.execute_notebook(
        read_notebook(run.notebook),
        None,
        parameters=dict(run.parameters),
        kernel_name=KERNEL,
        language="python",
        cwd=str(work),
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        shutdown_kernel="immediate",
        config=config,
    )


def cell_fault(error: PapermillExecutionError, notebook: nbformat.NotebookNode) -> CellFault:
    """Say where a chapter stopped without showing a person's data.

    The message of an error of the house is written for readers; any other may carry a value of a
    child, so that only its type and the line that raised it are shown.
    """
    kind = getattr(errors, error.ename, None)
    ours = isinstance(kind, type) and issubclass(kind, errors.AnalysisError)
    index = next((i for i, cell in enumerate(notebook.cells) if cell.source == error.source), error.cell_index)
    message = f"{error.ename}: {error.evalue}" if ours else f"{error.ename} at: {_failing_line(error)}"
    first_lines = "\n".join(error.source.strip().splitlines()[:SHOWN_LINES])
    return CellFault(index + 1, first_lines, message)


def _failing_line(error: PapermillExecutionError) -> str:
    lines = error.source.splitlines()
    found = re.findall(r"Cell In\[\d+\], line (\d+)", _plain_traceback(error))
    number = int(found[0]) if found else 1
    return lines[number - 1].strip() if number <= len(lines) else lines[0].strip() if lines else ""


def _plain_traceback(error: PapermillExecutionError) -> str:
    return _COLOURS.sub("", "\n".join(error.traceback) or f"{error.ename}: {error.evalue}")


def printed_messages(notebook: nbformat.NotebookNode) -> list[str]:
    """What cells printed or showed beside their exhibits: it goes to the log, never to a page."""
    found = []
    written = [cell for cell in notebook.cells if "injected-parameters" not in tags(cell)]
    for number, cell in enumerate(written, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                found.append(f"cell {number}, {output.name}: {output.text.strip()}")
            elif EXHIBIT not in output.get("data", {}):
                found.append(f"cell {number}: shows something that display did not make; it is left out")
    return found


def _keep(notebook: nbformat.NotebookNode, path: Path, stamp: str) -> None:
    notebook.metadata.setdefault("workbench", {})["stamp"] = stamp
    _write(path, nbformat.writes(notebook))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
