"""Faults gathered from pieces: one a sentence, all rows counted, the first of them named."""

import numpy as np
import pandas as pd

from analysis.register.contract.faults import Fault, broken_rules, fault_in, merge_faults
from analysis.register.contract.fields import either, ordered, rule


def test_a_row_is_counted_once_and_the_first_five_are_kept():
    assert fault_in("odd in", np.array([9, 2, 2])) == [Fault("odd in", 2, (2, 9))]
    assert fault_in("odd in", np.arange(1, 8)) == [Fault("odd in", 7, (1, 2, 3, 4, 5))]
    assert fault_in("odd in", np.array([], dtype=int)) == []


def test_pieces_are_added_up_in_the_order_of_their_rows():
    pieces = [
        [Fault("odd in", 5, (11, 12, 13, 14, 15))],
        [Fault("empty")],
        [Fault("odd in", 2, (1, 99))],
    ]
    assert merge_faults(pieces) == [Fault("odd in", 7, (1, 11, 12, 13, 14)), Fault("empty")]
    assert merge_faults([]) == []


def test_a_fault_without_rows_is_its_sentence():
    assert Fault("has no rows").told() == "has no rows"
    assert Fault("odd in", 1, (4,)).told() == "odd in 1 row (4)"


def test_rules_over_rows_speak_only_where_all_is_filled():
    frame = pd.DataFrame({"first": [1, 2, None, 4], "last": [1, 1, 1, None]})
    rules = [
        ordered("first", "last"),
        either("first or last must be filled", "first", "last"),
        rule("must be even", "absent", holds=lambda rows: rows["absent"] % 2 == 0),
    ]
    rows = np.array([11, 12, 13, 14])
    assert broken_rules(frame, rules, rows) == [
        Fault("last must not be before first; does not hold in", 1, (12,))
    ]
    neither = pd.DataFrame({"first": [None, 1.0], "last": [None, None]})
    assert broken_rules(neither, rules[1:2], rows[:2])[0].first == (11,)
    assert broken_rules(pd.DataFrame({"other": [1, 2]}), rules[1:2], rows[:2])[0].rows == 2
