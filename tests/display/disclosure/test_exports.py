"""What leaves as CSV: numbers as they are, and nothing that a spreadsheet would run."""

import pandas as pd
import pytest

from analysis.display.disclosure.exports import machine_csv
from analysis.display.disclosure.public_table import Published


def written(**columns):
    frame = pd.DataFrame(columns)
    marks = pd.DataFrame({"cases": ["", "small"][: len(frame)]})
    return machine_csv(Published(frame, marks, {})).splitlines()


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "  =1",
        "＝HYPERLINK(A1)",
        "＋1",
        "－A1",
        "＠SUM(A1)",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_quoted(formula):
    assert written(region=[formula])[1] == f"'{formula},false"


def test_ordinary_text_stays():
    assert written(region=["Sør-Øst", "a=b"])[1:] == ["Sør-Øst,false", "a=b,true"]


def test_six_digits_of_an_estimate_and_whole_numbers_whole():
    assert written(rate=[1.23456789, 1200.0])[1:] == ["1.23457,false", "1200,true"]
    assert written(rate=[float("nan"), -0.00001234567])[1:] == [",false", "-1.23457e-05,true"]
    assert written(cases=[31, 0])[1:] == ["31,false", "0,true"]
