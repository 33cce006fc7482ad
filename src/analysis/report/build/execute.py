"""Run a chapter: here, in a forked process, or in an ordinary kernel. The only file that knows papermill."""

import hashlib
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import papermill
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis import errors
from analysis.report.build.ipython_shell import new_shell, run_source
from analysis.report.edition.chapters import ChapterRun
from analysis.report.edition.results import CellFault
from analysis.report.files.notebooks import SHOWN_LINES, nbformat, read_notebook
from analysis.report.tasks.environment import BUILD_ENVIRONMENT

KERNEL = "workbench"
Tell = Callable[[tuple], object]
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# The debugger of a kernel says nothing of frozen modules.
KERNEL_ENVIRONMENT = BUILD_ENVIRONMENT | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}


class CellEngine(Engine):
    """Papermill's cells in this very process, which is forked for one chapter: no kernel, no sockets."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, tell: Tell | None = None, **_kwargs
    ) -> None:
        """Run cells in order up to the first that fails."""
        shell = new_shell()
        codes = [
            (index, cell) for index, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"
        ]
        for number, (index, cell) in enumerate(codes, start=1):
            tell(("cell", number, len(codes)))
            nb_man.cell_start(cell, index)
            cell.outputs, failed = run_source(shell, cell.source)
            cell.execution_count = number
            if failed:
                nb_man.cell_exception(cell, index)
            nb_man.cell_complete(cell, index)
            if failed:
                return


def prepare_forked(run: ChapterRun) -> None:
    """Random numbers of a forked process: the same in every build and language of a chapter, never a sibling's."""
    papermill_engines.register("cells", CellEngine)
    seed = int.from_bytes(hashlib.sha256(run.name.encode()).digest()[:4])
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


def prepare_worker(folder: str) -> None:
    """Give this process a kernel of its own interpreter and a short place for its connections.

    Parameters
    ----------
    folder
        A temporary folder; the caller removes it when all chapters have run.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    spec = Path(folder) / "kernels" / KERNEL / "kernel.json"
    if not spec.exists():
        spec.parent.mkdir(parents=True, exist_ok=True)
        argv = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
            "--log-level=40",
        ]
        part = spec.with_suffix(f".{os.getpid()}")
        part.write_text(
            json.dumps({"argv": argv, "display_name": "Workbench", "language": "python"})
        )
        os.replace(part, spec)
    search = [folder, os.environ.get("JUPYTER_PATH", "")]
    os.environ.update(KERNEL_ENVIRONMENT, JUPYTER_PATH=os.pathsep.join(filter(None, search)))
    os.environ["JUPYTER_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="r", dir=folder)
    # Without compiled modules every kernel would compile the whole import again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class ExecutedCells:
    """What came of a chapter's cells: the executed notebook or the fault, and lines for the log."""

    notebook: nbformat.NotebookNode | None
    fault: CellFault | None
    log: tuple[str, ...]


def execute_cells(run: ChapterRun, folder: Path, tell: Tell | None = None) -> ExecutedCells:
    """Run a notebook with its parameters in a working folder of its own; a failing cell does not raise.

    Parameters
    ----------
    run
        Notebook, language, name and parameters.
    folder
        Its working folder, empty.
    tell
        Is told ``("cell", number, of)`` as a forked process goes (after ``prepare_forked``); where it
        is None the cells run in an ordinary kernel (after ``prepare_worker``).
    """
    # What papermill would say of a chapter stands in its result and its log.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    engine = _in_a_kernel(folder) if tell is None else {"engine_name": "cells", "tell": tell}
    started = time.perf_counter()
    try:
        notebook = _execute(run, folder, engine)
    except PapermillExecutionError as error:
        fault = cell_fault(error, read_notebook(run.notebook))
        return ExecutedCells(None, fault, (_plain_traceback(error),))
    except Exception as error:  # a kernel that dies, a disk that is full: the other chapters go on
        fault = CellFault(0, "", f"{type(error).__name__}: the kernel stopped")
        return ExecutedCells(None, fault, (repr(error),))
    seconds = time.perf_counter() - started
    return ExecutedCells(notebook, None, (f"cells: {seconds:.2f} s", *_cell_times(notebook)))


def _cell_times(notebook: nbformat.NotebookNode) -> list[str]:
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    times = [cell.metadata.get("papermill", {}).get("duration") or 0.0 for cell in codes]
    return [f"code cell {number}: {seconds:.2f} s" for number, seconds in enumerate(times, start=1)]


def _in_a_kernel(folder: Path) -> dict:
    config = Config()
    config.KernelManager.connection_file = f"{folder}.json"
    if os.name != "nt":
        # No ports, hence no two kernels that reach for one.
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "k")
    return {
        "kernel_name": KERNEL,
        "autosave_cell_every": 0,
        "shutdown_kernel": "immediate",
        "config": config,
    }


def _execute(run: ChapterRun, folder: Path, engine: Mapping) -> nbformat.NotebookNode:
    return papermill.execute_notebook(
        read_notebook(run.notebook),
        None,
        parameters=dict(run.parameters),
        language="python",
        cwd=str(folder),
        progress_bar=False,
        request_save_on_cell_execute=False,
        **{"kernel_name": "python3", **engine},
    )


def cell_fault(error: PapermillExecutionError, notebook: nbformat.NotebookNode) -> CellFault:
    """Say where a chapter stopped without showing a person's data.

    The message of an error of this package is written for readers; any other may carry a value of a
    child, so that only its type and the line that raised it are shown.
    """
    kind = getattr(errors, error.ename, None)
    ours = isinstance(kind, type) and issubclass(kind, errors.AnalysisError)
    # Papermill has put a cell of parameters in: the number is that of the notebook as it was written.
    sources = [cell.source for cell in notebook.cells]
    index = sources.index(error.source) if error.source in sources else error.cell_index
    message = (
        f"{error.ename}: {error.evalue}" if ours else f"{error.ename} at: {_failing_line(error)}"
    )
    first_lines = "\n".join(error.source.strip().splitlines()[:SHOWN_LINES])
    return CellFault(index + 1, first_lines, message)


def _failing_line(error: PapermillExecutionError) -> str:
    lines = error.source.splitlines()
    numbers = re.findall(r"Cell In\[\d+\], line (\d+)", _plain_traceback(error))
    number = int(numbers[0]) if numbers else 1
    # A traceback may count lines of what IPython made of the cell.
    shown = lines[number - 1 : number] or lines[:1] or [""]
    return shown[0].strip()


def _plain_traceback(error: PapermillExecutionError) -> str:
    return _COLOURS.sub("", "\n".join(error.traceback) or f"{error.ename}: {error.evalue}")
