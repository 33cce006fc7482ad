"""Person-time by age and calendar year, against R's pyears and against the calendar day by day."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table, person_time
from analysis.errors import InputError, MissingStepError

ORACLE = Path(__file__).resolve().parents[1] / "oracle"


@pytest.fixture
def children():
    return pd.read_csv(ORACLE / "person_time.csv", parse_dates=["birth_date", "diagnosis_date"])


def answer(name, cells):
    return (
        pd.read_csv(ORACLE / f"answer_person_time_{name}.csv")
        .sort_values(cells)
        .reset_index(drop=True)
    )


def test_calendar_years_are_those_of_pyears(children):
    ours = (
        person_time(children, ["sex"])
        .groupby(["sex", "year"], as_index=False)[["person_years", "events"]]
        .sum()
    )
    theirs = answer("by_year", ["sex", "year"])
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, rtol=1e-12)


def test_ages_turn_on_birthdays(children):
    theirs = answer("by_birthday", ["age", "year"])[["age", "year", "person_years", "events"]]
    pd.testing.assert_frame_equal(person_time(children), theirs, check_dtype=False, rtol=1e-12)


def test_ages_cut_in_days_are_a_day_or_so_a_child_apart(children):
    ours = person_time(children).groupby("age")["person_years"].sum()
    theirs = answer("by_days_of_age", ["age"]).set_index("age")["person_years"]
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-12)
    assert (ours - theirs).abs().max() * 365.25 <= len(children)
    assert (ours - theirs).abs().max() > 0


def test_all_follow_up_and_all_events_are_in_some_cell(children):
    children["event"] = pd.Categorical.from_codes(
        children["event"] * (1 + children.index % 2), ["alive", "a", "b"]
    )
    cells = person_time(children, ["sex"])
    days = children["follow_up_days"] - children["entry_days"]
    assert cells["person_years"].sum() * 365.25 == pytest.approx(days.sum(), rel=1e-12)
    table = event_table(children)
    assert (
        cells[["events", "events_a", "events_b"]]
        .sum()
        .equals(table[["events", "events_a", "events_b"]].sum())
    )


def test_an_event_at_the_start_of_a_year_ends_the_year_before():
    child = pd.DataFrame({"birth_date": ["2000-05-05"], "diagnosis_date": ["2010-12-01"]}).apply(
        pd.to_datetime
    )
    cells = person_time(child.assign(follow_up_days=31, event=1))
    assert cells.to_dict("list") == {
        "age": [10],
        "year": [2010],
        "person_years": [31 / 365.25],
        "events": [1],
    }


def test_rows_of_any_kind(children):
    whole = person_time(children, ["sex"])
    shuffled = (
        children.sample(frac=1, random_state=1)
        .convert_dtypes()
        .set_index("follow_up_days", drop=False)
    )
    pd.testing.assert_frame_equal(person_time(shuffled, ["sex"]), whole, check_dtype=False)
    nobody = person_time(children.iloc[:0], ["sex"])
    assert nobody.columns.tolist() == ["sex", "age", "year", "person_years", "events"]
    assert person_time(children.iloc[:0]).empty
    day = person_time(children.assign(follow_up_days=0, event=1).drop(columns="entry_days"))
    assert (day["person_years"].sum(), day["events"].sum()) == (0, len(children))


def test_what_cannot_be_is_refused(children):
    with pytest.raises(MissingStepError, match="birth_date"):
        person_time(children.drop(columns="birth_date"))
    children.loc[1, "birth_date"] = pd.NaT
    children.loc[2, "birth_date"] = pd.Timestamp("2030-01-01")
    with pytest.raises(InputError) as refused:
        person_time(children)
    assert refused.value.faults == (
        "birth_date: must be filled in 1 row (2)",
        "birth_date: must not be after diagnosis_date in 1 row (3)",
    )
    with pytest.raises(InputError, match="event: must be 0 or 1"):
        person_time(children.assign(event=np.nan))
