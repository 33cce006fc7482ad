"""What every error says: all faults at once, with the first rows and never a value."""

import pickle

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, faults_in_rows, raise_faults, rows_phrase


def test_all_broken_rules_are_told_at_once_after_what_lies_in_no_row():
    rules = {
        "age: must be filled": np.array([False, True, True]),
        "sex: must be filled": np.array([False, False, False]),
        "year: must be filled": pd.Series([True, False, False], index=["a", "b", "c"]),
    }
    with pytest.raises(InputError) as failure:
        raise_faults("life table", rules, ["has no country"])
    assert failure.value.what == "life table"
    assert failure.value.faults == (
        "has no country",
        "age: must be filled in 2 rows (2, 3)",
        "year: must be filled in 1 row (1)",
    )


def test_nothing_is_refused_where_every_rule_holds():
    raise_faults("life table", {"age: must be filled": np.array([False, False])})
    assert faults_in_rows({"age: must be filled": np.array([], dtype=bool)}) == []


def test_a_fault_in_no_row_is_enough_to_refuse():
    with pytest.raises(InputError, match="has no rows"):
        raise_faults("life table", {}, ["has no rows"])


@pytest.mark.parametrize(
    ("rows", "phrase"),
    [
        (5, "5 rows (1, 2, 3, 4, 5)"),
        (6, "6 rows (1, 2, 3, 4, 5, …)"),
    ],
)
def test_five_rows_are_named_and_all_are_counted(rows, phrase):
    assert faults_in_rows({"age: must be filled": np.ones(rows, dtype=bool)}) == [
        f"age: must be filled in {phrase}"
    ]
    assert rows_phrase(range(rows, 0, -1)) == phrase


def test_the_number_of_faults_stands_in_the_first_line():
    assert str(InputError("extract", ["one"])).splitlines()[0] == "extract: 1 fault"
    assert str(InputError("extract", ["one", "two"])).splitlines()[0] == "extract: 2 faults"


def test_an_error_keeps_its_faults_when_it_crosses_to_another_process():
    copy = pickle.loads(pickle.dumps(InputError("extract", ["sex: must be filled"])))
    assert (copy.what, copy.faults) == ("extract", ("sex: must be filled",))
