"""Counts add up: the table of all children is the sum of the tables of any partition of them."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.counts import add_event_tables, event_table

HALVES = st.one_of(st.just(0.5), st.integers(1, 12).map(float), st.floats(0.1, 9))
CHILD = st.tuples(
    HALVES,
    st.sampled_from(["alive", "cancer", "other"]),
    st.sampled_from(["male", "female", None]),
    st.floats(0, 0.99),
    st.integers(0, 3),
    st.floats(0.125, 5),
    st.integers(0, 3),
)
CHILDREN = st.lists(CHILD, max_size=40)
COLUMNS = ["follow_up_days", "event", "sex", "share_before_entry", "cases", "weight", "piece"]


def follow_up(children, delayed, counted, causes):
    cases = pd.DataFrame(children, columns=COLUMNS).astype(
        {"follow_up_days": float, "sex": object, "cases": int}
    )
    cases["event"] = pd.Categorical(cases["event"], ["alive", "cancer", "other"])
    if not causes:
        cases["event"] = (cases["event"] != "alive").astype(int)
    if delayed:
        cases["entry_days"] = np.floor(
            cases["follow_up_days"] * cases["share_before_entry"].astype(float)
        )
        cases["entry_days"] = cases["entry_days"].where(
            cases["entry_days"] < cases["follow_up_days"], 0.0
        )
    return cases if counted else cases.drop(columns="cases")


@given(CHILDREN, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([[], ["sex"]]))
def test_event_tables_of_any_partition_add_up(children, delayed, counted, causes, by):
    cases = follow_up(children, delayed, counted, causes)
    pieces = [piece for _, piece in cases.groupby("piece")] or [cases]
    added = add_event_tables([event_table(piece, by, entry_rows=True) for piece in pieces])
    pd.testing.assert_frame_equal(added, event_table(cases, by), check_dtype=bool(len(cases)))


@given(CHILDREN, st.booleans())
def test_weighted_event_tables_add_up(children, delayed):
    cases = follow_up(children, delayed, False, False).astype({"weight": float})
    pieces = [piece for _, piece in cases.groupby("piece")] or [cases]
    added = add_event_tables(
        [event_table(piece, ["sex"], "weight", entry_rows=True) for piece in pieces]
    )
    whole = event_table(cases, ["sex"], "weight")
    pd.testing.assert_frame_equal(added, whole, check_dtype=bool(len(cases)), rtol=1e-9, atol=1e-9)


@given(CHILDREN, st.booleans())
def test_a_count_is_so_many_children_and_a_weight_of_one_is_none(children, delayed):
    cases = follow_up(children, delayed, True, True)
    each = cases.loc[cases.index.repeat(cases["cases"])].drop(columns="cases")
    pd.testing.assert_frame_equal(event_table(cases, ["sex"]), event_table(each, ["sex"]))
    ones = event_table(cases.drop(columns="cases").assign(one=1), ["sex"], weights="one")
    pd.testing.assert_frame_equal(ones, event_table(cases.drop(columns="cases"), ["sex"]))


@given(CHILDREN)
def test_at_risk_is_what_counting_by_hand_gives(children):
    cases = follow_up(children, True, False, False)
    for row in event_table(cases).itertuples():
        under_observation = (cases["entry_days"] < row.time_days) & (
            cases["follow_up_days"] >= row.time_days
        )
        assert row.at_risk == under_observation.sum()
