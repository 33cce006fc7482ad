"""A notebook as a document: read it, and tell its cells apart by their tags."""

from functools import lru_cache
from pathlib import Path

from analysis.errors import InputError
from analysis.report.quick_imports import nbformat

EXHIBIT = "application/vnd.workbench.exhibit+json"


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook file; what it returns is shared and must not be changed.

    Raises
    ------
    InputError
        The file is no notebook.
    """
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> nbformat.NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError):
        raise InputError(f"notebook {path.name}", ["must be a Jupyter notebook"]) from None


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """The tags of a cell; none where it has none."""
    return cell.metadata.get("tags", [])


def parameters_cell(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """The code cell tagged ``parameters``, if there is one."""
    found = (cell for cell in notebook.cells if cell.cell_type == "code" and "parameters" in tags(cell))
    return next(found, None)


def exhibits_of(cell: nbformat.NotebookNode) -> list[dict]:
    """What a run code cell shows its reader: the fields of each Exhibit, in order."""
    outputs = cell.get("outputs", []) if cell.cell_type == "code" else []
    return [output.data[EXHIBIT] for output in outputs if EXHIBIT in output.get("data", {})]
