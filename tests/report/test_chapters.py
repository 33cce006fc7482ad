"""A chapter runs in a folder of its own, with this interpreter, and tells where it stopped."""

import os
import sys

import pytest
from nbformat.v4 import new_code_cell

from analysis.report import ChapterRun, prepare_worker, read_notebook, result_line, run_chapter


@pytest.fixture
def run_cells(tmp_path, small, monkeypatch, tmp_path_factory):
    """Run code cells as a chapter in this process."""
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "PYTHONHASHSEED", "MPLBACKEND", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    prepare_worker(str(tmp_path_factory.mktemp("w")))

    def run(*sources):
        path = tmp_path / "note{books}" / "03_incidence.ipynb"
        small.write_notebook(path, [*small.chapter_cells()[:3], *map(new_code_cell, sources)])
        chapter = ChapterRun(path, "nb", "03_incidence", "", {"language": "nb", "age_limit": 15})
        return run_chapter(chapter, tmp_path / "private", "stamp")

    return run


def outputs(result):
    return "".join(o.get("text", "") for cell in read_notebook(result.executed).cells for o in cell.get("outputs", []))


def test_parameters_interpreter_and_folder(run_cells, tmp_path):
    result = run_cells("import os, sys\nprint(language, age_limit, sys.executable, os.listdir(), hash('a'))")
    assert result.status == "done"
    assert f"nb 15 {sys.executable} []" in outputs(result)
    assert read_notebook(result.executed).metadata["workbench"]["stamp"] == "stamp"
    assert result.executed == tmp_path / "private" / "executed" / "nb" / "03_incidence.ipynb"
    assert run_cells("print(hash('a'))").status == "done"


def test_what_a_cell_prints_goes_to_the_log(run_cells):
    result = run_cells("import warnings\nwarnings.warn('careful')")
    assert result.warnings == 1
    assert "careful" in result.log.read_text()
    assert "messages beside the exhibits: 1" in result_line(result)
    assert run_cells("1 + 1; None").log is None


def test_a_failing_cell_is_told_without_what_it_holds(run_cells):
    result = run_cells("born = '2011-03-04'", "x = 1\nraise ValueError(f'no {born}')\ny = 2\nz = 3")
    line = result_line(result)
    assert result.status == "failed"
    assert result.fault.cell == 5
    assert "cell 5: ValueError at: raise ValueError(f'no {born}')" in line
    assert "2011" not in line
    assert "z = 3" not in line
    assert "2011-03-04" in result.log.read_text()
    assert not result.executed.exists()


def test_an_error_of_the_house_is_told_in_full(run_cells):
    result = run_cells("from analysis.errors import MissingStepError\nraise MissingStepError('event: added by a step')")
    assert "MissingStepError: event: added by a step" in result_line(result)


def test_a_kernel_that_dies_is_a_failed_chapter(run_cells):
    result = run_cells("import os\nos._exit(9)")
    assert "the kernel stopped" in result_line(result)
