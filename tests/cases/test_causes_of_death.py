"""Deaths by their cause."""

import pandas as pd
import pytest

from analysis.cases import tell_causes_apart
from analysis.counts import event_table
from analysis.errors import MissingStepError
from analysis.estimates import cumulative_incidence_by_cause


def test_a_cause_that_is_not_known_stands_apart():
    cases = pd.DataFrame(
        {
            "event": [1, 1, 1, 1, 0],
            "cause_of_death": ["cancer", "other", "unknown", "heart", "cancer"],
        }
    )
    told = tell_causes_apart(cases)
    assert told["event"].tolist() == ["cancer", "other", "unknown", "unknown", "censored"]
    assert told["event"].cat.categories.tolist() == ["censored", "cancer", "other", "unknown"]


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_what_is_known_needs_no_unknown(dtype):
    cases = pd.DataFrame(
        {"event": pd.array([1, 0], dtype="Int64"), "cause_of_death": ["cancer", None]}, index=[7, 3]
    )
    told = tell_causes_apart(cases.astype({"cause_of_death": dtype}))
    assert told["event"].cat.categories.tolist() == ["censored", "cancer", "other"]
    assert told.index.tolist() == [7, 3]


def test_causes_add_up_to_deaths_and_nobody_is_no_fault():
    cases = pd.DataFrame({"follow_up_days": [1, 2, 3, 4], "event": [1, 1, 0, 1]})
    events = event_table(tell_causes_apart(cases.assign(outcome="death")))
    assert set(events["outcome"]) == {"death"}
    assert (
        events[[c for c in events if c.startswith("events_")]].sum(axis=1).tolist()
        == events["events"].tolist()
    )
    assert len(cumulative_incidence_by_cause(event_table(tell_causes_apart(cases.head(0))))) == 0
    with pytest.raises(MissingStepError):
        tell_causes_apart(cases.drop(columns="event"))
