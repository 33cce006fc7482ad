import pandas as pd
import pytest

from analysis.counts import add_event_tables, event_table
from analysis.errors import InputError, MissingStepError


def follow_up(days, events, **columns):
    return pd.DataFrame({"follow_up_days": days, "event": events, **columns})


def test_at_risk_is_counted_anew_where_a_table_has_no_row():
    ours = event_table(follow_up([10, 30], [1, 0]))
    theirs = event_table(follow_up([20, 20, 20], [1, 1, 0]))
    assert add_event_tables([ours, theirs]).to_dict("list") == {
        "time_days": [10, 20, 30],
        "at_risk": [5, 4, 1],
        "events": [1, 2, 0],
        "censored": [0, 1, 1],
    }


def test_delayed_entry_needs_the_times_of_entry():
    first = follow_up([9, 12], [1, 1], entry_days=[2, 5])
    second = follow_up([4, 7], [1, 0], entry_days=[0, 3])
    pieces = [event_table(piece, entry_rows=True) for piece in (first, second)]
    assert pieces[0]["time_days"].tolist() == [2, 5, 9, 12]
    assert pieces[0]["entered"].tolist() == [0, 1, 1, 0]
    whole = pd.concat([first, second])
    pd.testing.assert_frame_equal(add_event_tables(pieces), event_table(whole))
    pd.testing.assert_frame_equal(
        add_event_tables(pieces, entry_rows=True), event_table(whole, entry_rows=True)
    )
    with pytest.raises(
        InputError, match="event table 2: 1 fault\n  - entered: must stand at each time of entry"
    ):
        add_event_tables([pieces[0], event_table(second)])
    with pytest.raises(InputError, match="entered: must be in all tables, or in none"):
        add_event_tables([pieces[0], event_table(second.drop(columns="entry_days"))])


def test_many_small_pieces_are_added_as_they_come(monkeypatch):
    monkeypatch.setattr("analysis.counts.addition.GATHERED_ROWS", 5)
    cases = follow_up(
        [*range(1, 31), *range(5, 35)], [1, 0] * 30, sex=["male", None, "female"] * 20
    )
    pieces = (event_table(cases.iloc[start : start + 4], ["sex"]) for start in range(0, 60, 4))
    pd.testing.assert_frame_equal(add_event_tables(pieces), event_table(cases, ["sex"]))


def test_a_cause_that_a_table_lacks_is_none_of_it():
    both, one = (
        event_table(follow_up([5, 8], pd.Categorical(codes, categories=categories)))
        for codes, categories in ((["a", "b"], ["alive", "a", "b"]), (["a", "a"], ["alive", "a"]))
    )
    added = add_event_tables([both, one])
    assert added[["events", "events_a", "events_b"]].to_numpy().tolist() == [[2, 2, 0], [2, 1, 1]]
    with pytest.raises(InputError, match="must tell events by cause"):
        add_event_tables([both, event_table(follow_up([5], [1]))])
    with pytest.raises(InputError, match="events: must be the sum of their causes"):
        add_event_tables([both.assign(events=9)])


def test_what_does_not_add_up_is_refused():
    table = event_table(follow_up([5], [1], sex=["male"]), ["sex"])
    with pytest.raises(InputError, match="at least one"):
        add_event_tables([])
    with pytest.raises(InputError, match="stratum columns"):
        add_event_tables([table, table.drop(columns="sex")])
    with pytest.raises(
        InputError, match=r"event table 1: 1 fault\n  - events: must be 0 or more in 1 row \(1\)"
    ):
        add_event_tables([table.assign(events=-1)])
    with pytest.raises(MissingStepError, match="event_table"):
        add_event_tables([table.drop(columns="censored")])


def test_the_outcome_goes_along_and_two_of_them_do_not_add_up():
    table = event_table(follow_up([5, 9], [1, 0], sex=["male", "female"]), ["sex"])
    relapse, death = table.assign(outcome="relapse"), table.assign(outcome="death")
    with pytest.raises(InputError, match="outcome of the first"):
        add_event_tables([death, relapse])
    for tables in ([relapse, relapse.iloc[:0]], [table, relapse], [relapse, table]):
        added = add_event_tables(tables)
        assert added["outcome"].tolist() == ["relapse"] * 2
        assert added["events"].tolist() == [len(tables[1]) // 2 + 1, 0]


def test_nobody_and_somebody():
    nobody = event_table(follow_up([], [], sex=[]), ["sex"])
    somebody = event_table(follow_up([5], [1], sex=["male"]), ["sex"])
    pd.testing.assert_frame_equal(add_event_tables([nobody, somebody]), somebody)
    assert add_event_tables([nobody, nobody]).empty
    assert add_event_tables([nobody]).columns.tolist() == [
        "sex",
        "time_days",
        "at_risk",
        "events",
        "censored",
    ]
