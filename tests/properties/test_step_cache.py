"""A step that is remembered gives what the step gives, and only for the very values that it was taken for."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cases import add_age, classify_iccc3, mark_multiple_primaries, remember_steps

TOPOGRAPHIES, MORPHOLOGIES = (
    ("C71.6", "C42.1", "C64.9", None),
    ("9470", "9811", "8960", "8000", None),
)


def tumours(rows, index=None):
    frame = pd.DataFrame(
        rows, columns=["person_id", "topography", "morphology", "behaviour", "days"]
    )
    frame["behaviour"] = frame["behaviour"].astype("Int64")
    frame["birth_date"] = pd.Timestamp("2000-03-01")
    frame["diagnosis_date"] = frame["birth_date"] + pd.to_timedelta(frame.pop("days"), unit="D")
    return frame.set_axis(index) if index is not None else frame


def steps(cases, version="2017"):
    return mark_multiple_primaries(add_age(classify_iccc3(cases, version)))


row = st.tuples(
    st.sampled_from("abc"), st.sampled_from(TOPOGRAPHIES), st.sampled_from(MORPHOLOGIES),
    st.sampled_from([0, 1, 3, None]), st.integers(0, 6000),
)  # fmt: skip
rows = st.lists(row, min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(rows, rows, st.sampled_from(["2005", "2017"]))
def test_remembered_steps_give_what_the_steps_give(taken, asked, version):
    fresh = steps(tumours(asked), version)
    with remember_steps():
        steps(tumours(taken))
        steps(tumours(asked), version)
    for index in (None, [f"row {number}" for number in range(len(asked))]):
        found = steps(tumours(asked, index), version)
        pd.testing.assert_frame_equal(found, fresh if index is None else fresh.set_axis(index))
    pd.testing.assert_frame_equal(steps(tumours(taken)[::-1])[::-1], steps(tumours(taken[::-1])).set_axis(
        range(len(taken) - 1, -1, -1))[::-1])  # fmt: skip


def test_what_is_changed_after_a_step_was_remembered_is_not_found_in_it():
    cases = tumours([("a", "C71.6", "9470", 3, 10), ("a", "C42.1", "9811", 3, 20)])
    with remember_steps():
        first = steps(cases)
    cases.loc[0, "topography"] = "C64.9"
    cases.loc[0, "morphology"] = "8960"
    assert steps(cases)["iccc3_group"].tolist() == ["VI", "I"]
    first.loc[0, "iccc3_group"] = "X"
    assert steps(tumours([("a", "C71.6", "9470", 3, 10), ("a", "C42.1", "9811", 3, 20)]))[
        "iccc3_group"
    ].tolist() == [
        "III",
        "I",
    ]


def test_a_table_of_counts_comes_back_as_it_is():
    counts = pd.DataFrame(
        {"topography": ["C71.6"], "morphology": ["9470"], "behaviour": [3], "cases": [4]}
    )
    with remember_steps():
        classify_iccc3(counts.drop(columns="cases"))
    assert classify_iccc3(counts) is counts


def test_a_missing_step_is_still_told():
    with remember_steps(), pytest.raises(Exception, match="topography"):
        classify_iccc3(pd.DataFrame({"behaviour": [3]}))
