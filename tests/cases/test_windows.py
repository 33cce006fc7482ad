"""Windows of analysis: cohort, complete, period and hybrid, through delayed entry."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.cases import select_window
from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import kaplan_meier

ORACLE = Path(__file__).resolve().parents[1] / "oracle"
COLUMNS = ["entry_days", "follow_up_days", "event"]


@pytest.fixture
def children():
    return pd.read_csv(ORACLE / "window_cases.csv", parse_dates=["diagnosis_date"])


def dated(diagnosis_dates, days, events):
    return pd.DataFrame(
        {"diagnosis_date": pd.to_datetime(diagnosis_dates), "follow_up_days": days, "event": events}
    )  # fmt: skip


@pytest.mark.parametrize("approach", ["cohort", "complete", "period", "hybrid"])
def test_curves_of_windows_agree_with_survfit(approach, children):
    whole_from = 2007 if approach == "hybrid" else None
    window, flow = select_window(children, approach, 2010, 2014, whole_from)
    answer = pd.read_csv(ORACLE / "answer_windows.csv")
    answer = answer[answer["approach"] == approach].reset_index(drop=True)
    curve = kaplan_meier(event_table(window))
    assert len(curve) == len(answer)
    for column in ("time_days", "at_risk", "events", "censored", "survival", "standard_error"):
        np.testing.assert_allclose(
            curve[column].astype(float), answer[column], atol=1e-13, err_msg=column
        )
    after_a_death = answer["survival"] < 1
    for column in ("lower", "upper"):
        np.testing.assert_allclose(
            curve.loc[after_a_death, column], answer.loc[after_a_death, column], atol=1e-12
        )
    assert flow["remaining"].iloc[-1] == len(window)
    assert flow["left_out"].sum() + len(window) == len(children)


def test_a_period_by_hand():
    cases = dated(
        [
            "2005-01-01",
            "2012-06-01",
            "2012-06-01",
            "2009-12-31",
            "2016-01-01",
            "2014-12-31",
            "2012-01-01",
        ],
        [900.0, 100.0, 5000.0, 1.0, 10.0, 0.5, 0.5],
        [1, 1, 1, 1, 0, 1, 0],
    )
    window, flow = select_window(cases, "period", 2010, 2014)
    # The first has died before; the fourth dies on the first day; the fifth comes after the last.
    assert window[COLUMNS].to_numpy().tolist() == [
        [0, 100, 1], [0, 943, 0], [0.5, 1, 1], [0, 0.5, 1], [0, 0.5, 0],
    ]  # fmt: skip
    assert flow.to_numpy().tolist() == [
        ["registered", 0, 7], ["diagnosed_before_window_end", 1, 6], ["followed_into_window", 1, 5],
    ]  # fmt: skip


def test_one_who_enters_is_at_risk_on_the_first_day_of_the_window():
    window = select_window(
        dated(["2009-12-22", "2005-01-01"], [10.0, 3000.0], [1, 0]), "period", 2010, 2014
    )[0]
    assert window["entry_days"].tolist() == [9.5, 1825.5]
    assert (window["entry_days"] < window["follow_up_days"]).all()


def test_windows_that_follow_one_another_add_up_to_all_follow_up(children):
    whole = event_table(children)
    days = whole["time_days"].to_numpy()

    def at_risk(rows):
        left, entered = np.sort(rows["follow_up_days"]), np.sort(rows["entry_days"])
        return np.searchsorted(entered, days, side="left") - np.searchsorted(
            left, days, side="left"
        )

    windows = [
        select_window(children, "period", first, first + 4)[0] for first in (1996, 2001, 2006, 2011)
    ]
    assert sum(at_risk(window) for window in windows).tolist() == whole["at_risk"].tolist()
    assert sum(window["event"].sum() for window in windows) == children["event"].sum()


def test_hybrid_lies_between_period_and_complete(children):
    period = select_window(children, "period", 2010, 2014)[0]
    assert select_window(children, "hybrid", 2010, 2014, 2010)[0][COLUMNS].equals(period[COLUMNS])
    hybrid = select_window(children, "hybrid", 2010, 2014, "1996-01-01")[0]
    complete = select_window(children, "complete", 1996, 2014)[0]
    assert hybrid[COLUMNS].equals(complete[COLUMNS])


def test_a_year_alone_is_its_first_of_july():
    """As in ages, person-time and prevalence: entry once differed by a day between them."""
    cases = pd.DataFrame(
        {"year": [2009, 2012, None], "follow_up_days": [400.0, 400.0, 400.0], "event": [1, 1, 1]}
    )
    window, flow = select_window(cases.astype({"year": "Int64"}), "period", 2010, 2014)
    assert window["entry_days"].tolist() == [183.5, 0]
    assert flow["left_out"].tolist() == [0, 1, 0]
    with pytest.raises(MissingStepError, match="year"):
        select_window(cases.drop(columns="year"), "period", 2010, 2014)


def test_delayed_entry_that_is_there_already_is_kept():
    cases = dated(["2009-12-22", "2012-01-01"], [100.0, 300.0], [1, 0]).assign(entry_days=[50, 20])
    assert select_window(cases, "period", 2010, 2014)[0]["entry_days"].tolist() == [50, 20]


@pytest.mark.parametrize(
    ("event", "after"),
    [
        (
            pd.Categorical(["cancer", "other"], categories=["censored", "cancer", "other"]),
            ["censored", "other"],
        ),
        (pd.array([1, 0], dtype="Int64"), [0, 0]),
        ([True, False], [0, 0]),
    ],
    ids=["causes", "nullable", "boolean"],
)
def test_what_happens_after_the_window_is_not_known_in_it(event, after):
    cases = dated(["2012-01-01", "2014-12-01"], [5000.0, 10.0], event).set_axis([4, 4])
    window = select_window(cases, "complete", 2010, 2014)[0]
    assert window["event"].tolist() == after
    assert window["follow_up_days"].tolist() == [1095, 10]
    assert len(event_table(window)) == 2


def test_nobody_in_the_window_is_an_empty_table_with_its_flow():
    cases = dated(["2001-01-01"], [10.0], [1])
    for approach in ("cohort", "complete", "period"):
        window, flow = select_window(cases, approach, 2010, 2014)
        assert window.empty
        assert flow["remaining"].iloc[-1] == 0
        assert event_table(window).empty
    assert select_window(cases.iloc[:0], "period", 2010, 2014)[0].empty


def test_the_noted_outcome_is_handed_on():
    cases = dated(["2011-01-01"], [10.0], [1])
    noted = cases.assign(outcome="relapse")
    assert set(select_window(noted, "period", 2010, 2014)[0]["outcome"]) == {"relapse"}


def test_a_window_that_cannot_be_is_refused_all_at_once():
    cases = dated(["2011-01-01"], [10.0], [1])
    with pytest.raises(InputError, match="2 faults"):
        select_window(cases, "periodic", 2014, 2010)
    with pytest.raises(InputError, match="hybrid analysis, and must be given"):
        select_window(cases, "hybrid", 2010, 2014)
    with pytest.raises(InputError, match="hybrid analysis, and must be given"):
        select_window(cases, "period", 2010, 2014, 2008)
    with pytest.raises(InputError, match="not be after first"):
        select_window(cases, "hybrid", 2010, 2014, 2012)
    with pytest.raises(InputError, match="years or ISO dates"):
        select_window(cases, "period", "spring", 2014)
    with pytest.raises(MissingStepError, match="add_follow_up"):
        select_window(cases.drop(columns="event"), "period", 2010, 2014)
