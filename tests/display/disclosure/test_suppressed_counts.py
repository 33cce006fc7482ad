"""Small numbers: worked examples. What must hold for every table is in tests/properties."""

import numpy as np
import pandas as pd
import pytest

from analysis.display.disclosure.suppressed_counts import suppress_counts
from analysis.errors import InputError, MissingStepError


def counts(**columns):
    return pd.DataFrame(columns)


def test_one_to_four_are_withheld_and_zero_is_shown():
    public = suppress_counts(counts(cases=[0, 1, 4, 5]))
    assert public.frame["suppressed"].tolist() == [False, True, True, False]
    assert public.frame["cases"].iloc[0] == 0


def test_what_would_reveal_the_count_goes_with_it():
    public = suppress_counts(counts(cases=[3, 30], rate=[1.5, 15.0]), also=["rate"])
    assert np.isnan(public.frame["rate"].iloc[0]) and public.frame["rate"].iloc[1] == 15.0


def test_a_single_small_cell_takes_another_with_it():
    public = suppress_counts(
        counts(sex=["male", "female", "other"], cases=[31, 12, 2]), totals=[[]]
    )
    assert public.frame["suppressed"].tolist() == [False, True, True]


def test_two_fours_that_add_to_eight_need_a_third():
    public = suppress_counts(counts(cases=[4, 4, 20]), totals=[[]])
    assert public.frame["suppressed"].all()


def test_a_protecting_five_has_no_room_to_hide_behind():
    public = suppress_counts(counts(cases=[1, 5, 50]), totals=[[]])
    assert public.frame["suppressed"].tolist() == [True, False, True]


def test_both_margins_need_a_rectangle():
    table = counts(
        country=["NO", "NO", "SE", "SE"], sex=["male", "female"] * 2, cases=[2, 20, 30, 40]
    )
    assert suppress_counts(table, totals=[["country"]]).frame["suppressed"].sum() == 2
    assert suppress_counts(table, totals=[["country"], ["sex"]]).frame["suppressed"].all()


def test_a_total_that_is_itself_the_secret_is_hidden():
    public = suppress_counts(
        counts(country=["IS", "IS", "NO"], sex=["a", "b", "a"], cases=[3, 0, 90]),
        totals=[["country"]],
    )
    assert public.hidden_totals["cases"] == ((("country",), ("IS",)),)
    assert public.frame["suppressed"].tolist() == [True, False, False]


def test_a_hidden_total_must_not_follow_from_the_grand_total():
    table = counts(country=["IS", "NO", "SE"], cases=[3, 90, 200])
    public = suppress_counts(table, totals=[["country"], []])
    hidden = [
        values for columns, values in public.hidden_totals["cases"] if columns == ("country",)
    ]
    assert ("IS",) in hidden and (len(hidden) >= 2 or ((), ()) in public.hidden_totals["cases"])


def test_a_missing_stratum_is_a_stratum():
    table = counts(region=["Nord", None, None], sex=["a", "a", "b"], cases=[20, 2, 30])
    assert suppress_counts(table, totals=[["region"]]).frame["suppressed"].tolist() == [
        False,
        True,
        True,
    ]


def test_no_rows_and_one_row():
    empty = suppress_counts(counts(cases=[]), totals=[[]])
    assert empty.frame["suppressed"].tolist() == []
    alone = suppress_counts(counts(cases=[2]), totals=[[]])
    assert alone.frame["suppressed"].tolist() == [True] and alone.hidden_totals["cases"] == (
        ((), ()),
    )


def test_a_limit_of_one_withholds_nothing():
    assert (
        not suppress_counts(counts(cases=[1, 2]), totals=[[]], minimum=1).frame["suppressed"].any()
    )


def test_whole_number_columns_of_pandas_are_taken():
    public = suppress_counts(counts(cases=pd.array([3, 40, None], dtype="Int64")))
    assert public.frame["suppressed"].tolist() == [True, False, False]


def test_faults_name_rows():
    with pytest.raises(InputError, match="2 rows \\(1, 2\\)"):
        suppress_counts(counts(cases=[-1, 2.5]))
    with pytest.raises(MissingStepError, match="cases"):
        suppress_counts(counts(n=[1]))


def test_a_suppressed_table_cannot_be_suppressed_harder():
    once = suppress_counts(counts(cases=[3, 4]), minimum=4)
    with pytest.raises(InputError, match="suppress from the counts"):
        suppress_counts(once.frame, minimum=5)
