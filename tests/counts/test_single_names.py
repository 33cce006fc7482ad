"""A single name where a list of columns is asked for is refused by every step that counts, in one sentence."""

import pandas as pd
import pytest

from analysis.counts import (
    case_counts,
    event_table,
    person_time,
    person_years,
    prevalent_cases,
    rate_table,
    survivor_times,
)
from analysis.errors import InputError

NOBODY = pd.DataFrame()


@pytest.mark.parametrize(
    "count",
    [
        lambda by: case_counts(NOBODY, by),
        lambda by: event_table(NOBODY, by),
        lambda by: person_time(NOBODY, by),
        lambda by: person_years(NOBODY, by),
        lambda by: rate_table(NOBODY, None, by),
        lambda by: prevalent_cases(NOBODY, "2023-12-31", by=by),
        lambda by: survivor_times(NOBODY, "2023-12-31", by=by),
    ],
)
def test_a_single_stratum_must_be_in_a_list(count):
    with pytest.raises(InputError, match=r'by: must be a list of columns; write by=\["sex"\]$'):
        count("sex")


def test_the_outcomes_of_an_event_must_be_a_list():
    with pytest.raises(InputError, match=r"outcomes: must be a list"):
        event_table(NOBODY, outcomes="alive")
