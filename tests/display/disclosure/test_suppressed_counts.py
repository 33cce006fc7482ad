"""Small numbers: worked examples. What must hold for every table is in tests/properties."""

import numpy as np
import pandas as pd
import pytest

from analysis.display.disclosure.suppressed_counts import (
    checked_counts,
    suppress_counts,
    suppression_marks,
)
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


@pytest.mark.parametrize("minimum", [3, 5])
def test_the_limit_itself_is_told_and_one_less_is_not(minimum):
    cells = counts(cases=[0, 1, minimum - 1, minimum, minimum + 1])
    public = suppress_counts(cells, minimum=minimum)
    assert public.frame["suppressed"].tolist() == [False, True, True, False, False]
    assert public.frame["cases"].isna().tolist() == [False, True, True, False, False]
    assert public.marks["cases"].tolist() == ["", "small", "small", "", ""]
    assert public.withheld.tolist() == [False, True, True, False, False]


def test_without_a_limit_given_it_is_five():
    assert suppress_counts(counts(cases=[4, 5])).frame["suppressed"].tolist() == [True, False]
    assert suppression_marks(counts(cases=[4, 5]))[0].tolist() == ["small", ""]


def test_no_total_is_known_unless_it_is_named():
    table = counts(cases=[31, 12, 2])
    assert suppression_marks(table)[0].tolist() == ["", "", "small"]
    assert suppression_marks(table, totals=[[]])[0].tolist() == ["", "protecting", "small"]


def test_the_frame_that_came_in_is_left_alone_and_nothing_else_is_touched():
    table = counts(region=["a", "b"], cases=[31, 2], rate=[1, 2], other=[7, 8])
    before = table.copy()
    public = suppress_counts(table, also=["rate"]).frame
    pd.testing.assert_frame_equal(table, before)
    assert public["other"].tolist() == [7, 8] and public["region"].tolist() == ["a", "b"]
    assert public["rate"].isna().tolist() == [False, True]


def test_where_nothing_is_withheld_whole_numbers_stay_whole():
    public = suppress_counts(counts(cases=[31, 12]), totals=[[]]).frame
    assert public["cases"].dtype == "int64" and not public["suppressed"].any()


def test_of_two_cells_alike_the_same_goes_whatever_their_order():
    table = counts(region=["c", "b", "a"], cases=[9, 2, 9])
    shuffled = table.iloc[[2, 1, 0]]
    for frame in (table, shuffled):
        public = suppress_counts(frame, totals=[[]]).frame.set_index("region")["suppressed"]
        assert public.to_dict() == {"a": True, "b": True, "c": False}


def test_each_named_total_is_a_total_of_its_own():
    table = counts(
        country=["NO", "NO", "SE", "SE"], sex=["male", "female"] * 2, cases=[2, 20, 3, 40]
    )
    marks, hidden = suppression_marks(table, totals=[["country"]])
    assert marks.tolist() == ["small", "protecting", "small", "protecting"] and hidden == ()
    marks, hidden = suppression_marks(table.iloc[[0, 2]], totals=[["country"]])
    assert hidden == ((("country",), ("NO",)), (("country",), ("SE",)))


def test_counts_are_checked_row_by_row():
    assert checked_counts(counts(cases=[3, None, 0]), "cases").tolist() == [3, 0, 0]
    with pytest.raises(InputError, match=r"cases must be whole and not negative: 1 row \(2\)"):
        checked_counts(counts(cases=[0, -1, 2]), "cases")
    with pytest.raises(InputError, match=r"2 rows \(1, 3\)"):
        checked_counts(counts(cases=[0.5, 1, 2.5]), "cases")


@pytest.mark.parametrize("totals", ["country", ["country"]])
def test_a_word_is_no_list_of_columns(totals):
    with pytest.raises(InputError, match=r"must be lists of columns, as in \[\[.country"):
        suppress_counts(counts(country=["NO"], cases=[9]), totals=totals)


def test_a_total_over_cells_that_are_gone_is_hidden():
    table = counts(country=["NO", "NO", "SE"], sex=["a", "b", "a"], cases=[2, 20, 30])
    once = suppress_counts(table, totals=[["country"]])
    marks, hidden = suppression_marks(once.frame, totals=[["country"], []])
    assert marks.tolist() == ["protecting", "protecting", ""]
    assert hidden == ((("country",), ("NO",)), ((), ()))


@pytest.mark.parametrize(("count", "refused"), [(1, True), (4, True), (5, False), (0, False)])
def test_a_small_count_in_a_suppressed_table_is_refused(count, refused):
    table = counts(cases=[count, 30], suppressed=[False, False])
    if refused:
        with pytest.raises(InputError, match=r"suppressed table: 1 row \(1\); suppress from"):
            suppression_marks(table)
    else:
        assert suppression_marks(table)[0].tolist() == ["", ""]
