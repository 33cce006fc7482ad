"""Windows that tell most of the newest years."""

import numpy as np
import pandas as pd
import pytest

from analysis.cases import select_newest_windows, select_window
from analysis.errors import InputError, MissingStepError

ALL = ["cohort", "complete", "period", "hybrid"]


@pytest.fixture
def children():
    days = pd.date_range("2005-01-01", "2023-12-31", freq="37D")
    followed = (
        np.minimum((pd.Timestamp("2023-12-31") - days).days, 2000).astype(float).to_numpy() + 0.5
    )
    return pd.DataFrame(
        {"diagnosis_date": days, "follow_up_days": followed, "event": [1, 0] * (len(days) // 2)}
    )


def windows_of(found):
    return dict(found[["approach", "window"]].drop_duplicates().itertuples(index=False))


def test_each_window_is_that_of_select_window(children):
    found = select_newest_windows(children, ALL, closing_date="2023-12-31", registered_to=2021)
    by_hand = {
        "cohort": select_window(children, "cohort", 2014, 2018)[0],
        "complete": select_window(children, "complete", 2014, 2023)[0],
        "period": select_window(children, "period", 2019, 2023)[0],
        "hybrid": select_window(
            children[children["diagnosis_date"] < "2022"], "hybrid", 2019, 2023, 2017
        )[0],
    }
    assert list(found["approach"].unique()) == ALL
    assert windows_of(found) == {
        "cohort": "2014–2018", "complete": "2014–2023", "period": "2019–2023", "hybrid": "2019–2023",
    }  # fmt: skip
    for approach, expected in by_hand.items():
        rows = (
            found[found["approach"] == approach]
            .drop(columns=["approach", "window"])
            .reset_index(drop=True)
        )
        pd.testing.assert_frame_equal(rows, expected.reset_index(drop=True), check_dtype=False)


def test_a_cohort_is_followed_for_so_long_as_is_asked(children):
    found = select_newest_windows(
        children, ["cohort"], years=3, closing_date="2023-12-31", horizon=10
    )
    assert windows_of(found) == {"cohort": "2011–2013"}
    # Where follow-up closes within a year, those diagnosed late in the fifth year before it were not followed for five.
    assert windows_of(select_newest_windows(children, ["cohort"], closing_date="2023-06-30")) == {
        "cohort": "2013–2017"
    }


def test_without_a_closing_date_the_last_day_of_follow_up_closes(children):
    assert windows_of(select_newest_windows(children)) == {"period": "2019–2023"}
    late = select_newest_windows(children, closing_date="2023-06-30")
    assert (
        late["follow_up_days"] <= (pd.Timestamp("2023-06-30") - late["diagnosis_date"]).dt.days
    ).all()


def test_a_fully_registered_hybrid_is_the_period_analysis(children):
    found = select_newest_windows(children, ["period", "hybrid"], closing_date="2023-12-31")
    period, hybrid = (
        found[found["approach"] == name].drop(columns="approach") for name in ("period", "hybrid")
    )
    pd.testing.assert_frame_equal(
        period.reset_index(drop=True), hybrid.reset_index(drop=True), check_dtype=False
    )


@pytest.mark.parametrize("unknown", [{}, {"year": None}])
def test_nobody_where_no_diagnosis_is_dated(unknown):
    cases = pd.DataFrame({"follow_up_days": [10.0, 20.0], "event": [1, 0]}).assign(**unknown)
    found = select_newest_windows(cases, ALL, closing_date="2023-12-31")
    assert len(found) == 0
    assert {"approach", "window", "entry_days"} <= set(found.columns)


def test_the_outcome_is_handed_on_and_faults_are_told(children):
    noted = children.assign(outcome="relapse")
    assert set(select_newest_windows(noted)["outcome"]) == {"relapse"}
    with pytest.raises(InputError, match="approach"):
        select_newest_windows(children, ["newest"])
    with pytest.raises(MissingStepError):
        select_newest_windows(children.drop(columns="event"))
