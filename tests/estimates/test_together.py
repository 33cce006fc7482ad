"""Counts beside estimates: rows, order, and what the estimates note of themselves."""

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import beside_counts

COUNTS = pd.DataFrame({"sex": ["male", "female", None], "children": [60, 50, 9]})
SURVIVAL = pd.DataFrame(
    {"sex": ["male"] * 2 + ["female"] * 2 + [None], "years": [1, 5, 1, 5, 1], "survival": 0.9}
)


def test_every_time_of_a_stratum_has_its_counts():
    together = beside_counts(COUNTS, SURVIVAL)
    assert list(together.columns) == ["sex", "children", "years", "survival"]
    assert together["children"].tolist() == [60, 60, 50, 50, 9]


@pytest.mark.parametrize("years", [[1], [1, 5]])
def test_what_the_estimates_note_goes_along(years):
    noted = SURVIVAL[SURVIVAL["years"].isin(years)].copy()
    noted.attrs["outcome"] = "relapse"
    assert beside_counts(COUNTS, noted).attrs["outcome"] == "relapse"


def test_counts_of_other_strata_are_refused():
    for counts in (COUNTS[["children"]], pd.concat([COUNTS, COUNTS])):
        with pytest.raises(InputError, match="one row for each stratum"):
            beside_counts(counts, SURVIVAL)
