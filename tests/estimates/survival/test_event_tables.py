"""An event table as it is read."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates.survival.event_tables import (
    bounds,
    counts_of,
    event_rows,
    in_strata,
    strata_with,
)

TABLE = pd.DataFrame(
    {
        "sex": ["male", "male", "female", "female"],
        "time_days": [5, 9, 5, 7],
        "at_risk": [3, 1, 2, 1],
        "events": [1, 1, 0, 1],
        "censored": [1, 0, 1, 0],
    }
)


def test_strata_come_in_reading_order_and_times_rise():
    shuffled = TABLE.iloc[[3, 1, 2, 0]]
    table, stratum, strata = in_strata(shuffled)
    assert table["time_days"].tolist() == [5, 9, 5, 7]
    assert stratum.tolist() == [0, 0, 1, 1]
    assert strata["sex"].tolist() == ["male", "female"]
    assert bounds(stratum, strata) == [(0, 2), (2, 4)]


@pytest.mark.parametrize(
    "rows", [[0, 1, 2, 3], [2, 3, 0, 1], [0, 2, 1, 3], [1, 0, 2, 3], [3, 2, 1, 0]]
)
def test_any_order_is_read_alike(rows):
    pd.testing.assert_frame_equal(in_strata(TABLE.iloc[rows])[0], in_strata(TABLE)[0])


@pytest.mark.parametrize(
    "dtype", [object, "string", "category", pd.CategoricalDtype(["male", "female"])]
)
def test_missing_strata_are_a_stratum_of_any_type(dtype):
    sex = pd.Series(["male", None, "female", None], dtype=object).astype(dtype)
    table, stratum, _ = in_strata(TABLE.assign(sex=sex, time_days=[5, 5, 5, 6]))
    assert stratum.max() == 2
    assert table["sex"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("events", -1, "events: must be filled and not negative in 1 row"),
        ("events", 4, "events: must not exceed at_risk in 1 row"),
        ("events", None, "events: must be filled and not negative in 1 row"),
        ("at_risk", -3, "at_risk: must be filled and not negative in 1 row"),
        ("at_risk", None, "at_risk: must be filled"),
        ("time_days", -5, "time_days: must be filled and not negative in 1 row"),
        ("time_days", 9, "time_days: must not be there twice in a stratum"),
    ],
)
def test_counts_that_cannot_be_are_refused(column, value, sentence):
    broken = TABLE.astype({column: "Int64"})
    broken.loc[0, column] = value
    with pytest.raises(InputError, match=sentence):
        event_rows(broken, ["events"])


def test_nought_and_the_rounding_of_weights_are_sound():
    nought = TABLE.assign(time_days=[0, 9, 0, 7], events=[0, 1, 0, 1], at_risk=[3, 1, 0, 1])
    assert event_rows(nought, ["events"])[2][0].tolist() == [3, 1, 0, 1]
    rounded = TABLE.assign(at_risk=[3, 1, 2, 1.0], events=[1, 1 + 5e-10, 0, 1])
    assert len(event_rows(rounded, ["events"])[0]) == 4
    with pytest.raises(InputError, match="must not exceed at_risk"):
        event_rows(rounded.assign(events=[1, 1 + 5e-9, 0, 1]), ["events"])


def test_columns_of_other_types_become_floats():
    counts = counts_of(pd.DataFrame({"events": pd.array([1, None], dtype="Int64")}), "events")
    assert np.isnan(counts[1])
    assert counts[0] == 1
    assert counts_of(TABLE, "events").dtype.kind == "i"


def test_what_is_sorted_is_not_copied_and_not_changed():
    before = TABLE.copy()
    table = in_strata(TABLE.set_axis([7, 8, 9, 10]))[0]
    assert table.index.tolist() == [0, 1, 2, 3]
    pd.testing.assert_frame_equal(TABLE, before)


def test_strata_with_no_strata_is_empty():
    strata = pd.DataFrame({"sex": pd.Series([], dtype=object)})
    assert strata_with(strata, years=np.array([1, 5])).empty
