"""Age panels overlap by design, and each holds just its own ages."""

import pandas as pd
import pytest

from analysis.counts import age_panels
from analysis.errors import MissingStepError

COUNTS = pd.DataFrame(
    {"age_group": ["0", "1-4", "10-14", "15-17", None], "cases": [1, 2, 4, 8, 16]}
)


def test_both_panels():
    sums = age_panels(COUNTS, 18).groupby("age_panel")["cases"].sum()
    assert sums.to_dict() == {"0–14": 7, "0–17": 15}


def test_panels_to_the_twentieth_birthday():
    adolescents = pd.DataFrame(
        {"age_group": ["10-14", "15-17", "18-19", "20-24"], "cases": [1, 2, 4, 8]}
    )
    sums = age_panels(adolescents, 20).groupby("age_panel")["cases"].sum()
    assert sums.to_dict() == {"0–14": 1, "0–19": 7}
    assert age_panels(adolescents, 18).groupby("age_panel")["cases"].sum().to_dict() == {
        "0–14": 1,
        "0–17": 3,
    }
    five_years = pd.DataFrame({"age_group": ["10-14", "15-19"], "cases": [1, 2]})
    assert age_panels(five_years, 20).groupby("age_panel")["cases"].sum().to_dict() == {
        "0–14": 1,
        "0–19": 3,
    }


def test_one_panel_where_the_report_ends_at_15():
    assert age_panels(COUNTS, 15)["age_panel"].unique().tolist() == ["0–14"]


def test_a_band_that_passes_the_limit_belongs_to_no_panel():
    wide = pd.DataFrame({"age_group": ["10-14", "15-19"], "cases": [4, 8]})
    assert age_panels(wide, 18)["cases"].tolist() == [4, 4]


def test_no_rows_and_no_age_groups():
    assert age_panels(COUNTS.iloc[:0], 18).empty
    with pytest.raises(MissingStepError, match="age_group"):
        age_panels(COUNTS[["cases"]], 18)
