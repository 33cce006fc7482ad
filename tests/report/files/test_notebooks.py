"""A notebook as a document: its cells by their tags, and what they gave when they ran."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.errors import InputError
from analysis.report.files.notebooks import (
    EXHIBIT,
    code_cell,
    exhibits_of,
    parameters_cell,
    read_notebook,
    with_outputs,
)

PARAMETERS = {"tags": ["parameters"]}


def code(source, *tags, outputs=()):
    return new_code_cell(source, metadata={"tags": list(tags)}, outputs=list(outputs))


def test_what_is_no_notebook_is_told(tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    with pytest.raises(InputError, match=r"notebook a\.ipynb.*\n.*must be a Jupyter notebook"):
        read_notebook(tmp_path / "a.ipynb")


def test_parameters_stand_in_a_code_cell():
    text = new_markdown_cell("x", metadata=PARAMETERS)
    assert parameters_cell(new_notebook(cells=[text])) is None
    assert (
        parameters_cell(new_notebook(cells=[text, code("a = 1", "parameters")])).source == "a = 1"
    )


def test_exhibits_are_what_code_cells_show_of_their_kind():
    shown = new_output("display_data", data={EXHIBIT: {"kind": "table"}, "text/plain": "x"})
    other = new_output("display_data", data={"text/plain": "x"})
    cell = code("a", outputs=[new_output("stream", text="x"), other, shown])
    assert exhibits_of(cell) == [{"kind": "table"}]
    assert exhibits_of(new_markdown_cell("a")) == []


def test_new_prose_is_joined_with_what_the_code_gave():
    source = new_notebook(
        cells=[new_markdown_cell("new"), code("a = 1", "parameters"), code("b")],
        metadata={"own": 1, "both": "source"},
    )
    injected = code("a = 2", "injected-parameters")
    executed = new_notebook(
        cells=[new_markdown_cell("old"), code("a = 1", "parameters"), injected, code("b")],
        metadata={"run": 2, "both": "run"},
    )
    executed.cells[3].execution_count = 7
    joined = with_outputs(source, executed)
    assert [cell.source for cell in joined.cells] == ["new", "a = 1", "a = 2", "b"]
    assert joined.cells[3].execution_count == 7
    assert dict(joined.metadata) == {"own": 1, "run": 2, "both": "source"}


@pytest.mark.parametrize(
    ("number", "injected", "place"),
    [
        (0, True, (0, "")),
        (1, True, (2, "p = 1")),
        (2, True, (2, "p = 1")),
        (3, True, (4, "a\nb\nc")),
        (4, True, (0, "")),
        (2, False, (4, "a\nb\nc")),
        (3, False, (0, "")),
    ],
)
def test_a_code_cell_that_failed_is_found_in_the_notebook(number, injected, place):
    cells = [new_markdown_cell("x"), code("p = 1", "parameters")]
    cells += [new_markdown_cell("y"), code("\na\nb\nc\nd")]
    notebook = new_notebook(cells=cells)
    assert code_cell(notebook, number, injected) == place
