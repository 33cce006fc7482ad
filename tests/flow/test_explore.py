"""The notebooks for interactive work run as they are stored."""

from pathlib import Path

import papermill
import pytest

EXPLORE = sorted((Path(__file__).resolve().parents[2] / "notebooks" / "explore").glob("*.ipynb"))


def test_there_are_notebooks_to_explore():
    assert EXPLORE


@pytest.mark.parametrize("path", EXPLORE, ids=lambda path: path.stem)
def test_each_runs(path, tmp_path):
    papermill.execute_notebook(
        path, tmp_path / path.name, kernel_name="python3", progress_bar=False
    )
