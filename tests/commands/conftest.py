"""A small edition, and cases that are valid, for the commands."""

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CASES = """case_id,person_id,country,diagnosis_date,sex,topography,morphology,behaviour
1,a,NO,2010-03-01,female,C42.1,9836,3
2,b,NO,2012-05-01,male,C71.6,9470,3
"""


@pytest.fixture
def cases_text():
    """Two valid cases, as a file holds them."""
    return CASES


@pytest.fixture
def edition(tmp_path):
    """An edition of one notebook that reads nothing, on the demonstration."""

    def write(code="1", **changes):
        content = {
            "title": {"en": "Report"},
            "languages": ["en"],
            "country": "NO",
            "countries": ["NO"],
            "sources": {"cases": {"file": "cases.csv"}},
            "chapters": ["01_a"],
        } | changes
        cells = [
            new_markdown_cell("# One", metadata={"tags": ["en"]}),
            new_code_cell('language = "en"', metadata={"tags": ["parameters"]}),
            new_code_cell(code),
        ]
        for folder in ("params", "notebooks"):
            (tmp_path / folder).mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_a.ipynb")
        (tmp_path / "params" / "cases.csv").write_text(CASES)
        path = tmp_path / "params" / "small.yml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write
