"""A notebook as a document: read it, and tell its cells apart by their tags."""

import sys
from functools import lru_cache
from pathlib import Path

from analysis.errors import InputError

# JupyterLab installs ``jsonschema[format-nongpl]``, whose ``rfc3987_syntax`` compiles 35 grammars at
# import, which takes a second. A notebook holds no URI to check: whoever needs nbformat takes it from here.
if "jsonschema" not in sys.modules:
    sys.modules.setdefault("rfc3987_syntax", None)

import nbformat
import nbformat.v4

SHOWN_LINES = 3
EXHIBIT = "application/vnd.workbench.exhibit+json"


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook file; what it returns is shared and must not be changed.

    Raises
    ------
    InputError
        The file is no notebook.
    """
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError):
        raise InputError(f"notebook {path.name}", ["must be a Jupyter notebook"]) from None


# A plan reads each notebook several times, and once more in each language.
@lru_cache(maxsize=64)
def _parsed(text: str) -> nbformat.NotebookNode:
    return nbformat.reads(text, as_version=4)


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """The tags of a cell; none where it has none."""
    return cell.metadata.get("tags", [])


def parameters_cell(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """The code cell tagged ``parameters``, if there is one."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" in tags(cell):
            return cell
    return None


def exhibits_of(cell: nbformat.NotebookNode) -> list[dict]:
    """What a run code cell shows its reader: the fields of each Exhibit, in order."""
    outputs = cell.get("outputs", []) if cell.cell_type == "code" else []
    return [output.data[EXHIBIT] for output in outputs if EXHIBIT in output.get("data", {})]


def with_outputs(
    source: nbformat.NotebookNode, executed: nbformat.NotebookNode
) -> nbformat.NotebookNode:
    """A notebook as it is written now, with what its code cells gave when they ran.

    The code cells of both must be the same; the prose may differ. The cell of injected parameters is kept.
    """
    executed_cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    cells = []
    for cell in source.cells:
        if cell.cell_type != "code" or not executed_cells:
            cells.append(cell)
            continue
        cells.append(executed_cells.pop(0))
        # Papermill puts the edition's values in a cell of their own behind that of the defaults.
        if executed_cells and "injected-parameters" in tags(executed_cells[0]):
            cells.append(executed_cells.pop(0))
    return nbformat.v4.new_notebook(cells=cells, metadata={**executed.metadata, **source.metadata})


def code_cell(
    notebook: nbformat.NotebookNode, number: int, injected: bool = True
) -> tuple[int, str]:
    """Place in the notebook and first lines of the code cell that runs as this one (both from 1); 0 and "" if none.

    Where parameters are ``injected`` their cell runs after that of the parameters, and counts as the same cell.
    """
    places = []
    for position, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            places += [position] * (2 if injected and "parameters" in tags(cell) else 1)
    if not 0 < number <= len(places):
        return 0, ""
    source = notebook.cells[places[number - 1] - 1].source
    return places[number - 1], "\n".join(source.strip().splitlines()[:SHOWN_LINES])


def printed_messages(notebook: nbformat.NotebookNode) -> list[str]:
    """What cells printed or showed beside their exhibits: it goes to the log, never to a page."""
    messages = []
    written = [cell for cell in notebook.cells if "injected-parameters" not in tags(cell)]
    for number, cell in enumerate(written, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                messages.append(f"cell {number}, {output.name}: {output.text.strip()}")
            elif EXHIBIT not in output.get("data", {}):
                fault = "shows something that display did not make; it is left out"
                messages.append(f"cell {number}: {fault}")
    return messages
