"""Time at risk and outcome: closing date, coarse follow-up, relapse."""

import pandas as pd
import pytest

from analysis.cases import add_follow_up
from analysis.errors import InputError, MissingStepError


def children(**columns):
    return pd.DataFrame(
        {
            name: pd.to_datetime(cells) if name.endswith("_date") else cells
            for name, cells in columns.items()
        }
    )


DATED = children(
    diagnosis_date=["2020-01-01"] * 5,
    last_contact_date=["2020-01-01", "2021-06-01", "2020-12-31", "2020-03-01", "2024-01-01"],
    vital_status=["dead", "dead", "dead", "lost", "alive"],
)


def test_closing_date():
    followed = add_follow_up(DATED, "2020-12-31")
    assert followed["follow_up_days"].tolist() == [0.5, 365.0, 365.0, 60.0, 365.0]
    assert followed["event"].tolist() == [
        1,
        0,
        1,
        0,
        0,
    ]  # a death after the closing date is not known then


def test_without_a_closing_date():
    assert add_follow_up(DATED)["event"].tolist() == [1, 1, 1, 0, 0]


def test_days_as_sent():
    sent = children(follow_up_days=[0, 400], vital_status=["dead", "alive"])
    assert add_follow_up(sent)["follow_up_days"].tolist() == [0.5, 400.0]


def test_relapse_by_date_by_days_and_as_sent():
    dated = DATED.assign(
        relapse=["no", "yes", "no", "no", "yes"],
        relapse_date=pd.to_datetime([None, "2020-05-01", None, None, "2023-01-01"]),
    )
    followed = add_follow_up(dated, "2020-12-31", outcome="relapse")
    assert followed["follow_up_days"].tolist() == [0.5, 121.0, 365.0, 60.0, 365.0]
    assert followed["event"].tolist() == [0, 1, 0, 0, 0]
    sent = children(follow_up_days=[700, 400], relapse=["yes", "no"])
    assert add_follow_up(sent, outcome="relapse")["follow_up_days"].tolist() == [700.0, 400.0]
    assert add_follow_up(sent.assign(relapse_days=[90, None]), outcome="relapse")[
        "follow_up_days"
    ].tolist() == [
        90.0,
        400.0,
    ]


def test_negative_or_missing_follow_up_is_refused_by_row():
    with pytest.raises(InputError, match=r"not in 2 rows \(2, 3\)"):
        add_follow_up(
            children(
                diagnosis_date=["2020-01-01", "2021-01-02", "2020-01-01"],
                last_contact_date=["2020-02-01", "2020-02-01", None],
                vital_status=["alive"] * 3,
            )
        )


def test_absent_columns_are_named():
    with pytest.raises(MissingStepError, match="follow_up_days"):
        add_follow_up(children(vital_status=["alive"]))
    with pytest.raises(InputError, match="death, relapse"):
        add_follow_up(DATED, outcome="cure")


@pytest.mark.parametrize("outcome", ["death", "relapse"])
def test_the_outcome_is_noted(outcome):
    sent = children(follow_up_days=[20, 300], vital_status=["dead", "alive"], relapse=["no", "yes"])
    assert add_follow_up(sent, outcome=outcome)["outcome"].tolist() == [outcome, outcome]
    assert "outcome" not in sent.columns
