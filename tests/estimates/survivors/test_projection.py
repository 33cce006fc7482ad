import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table, survivor_times
from analysis.errors import InputError, MissingStepError
from analysis.estimates import kaplan_meier, projected_survivors

CURVE = pd.DataFrame({"time_days": [100, 500, 900], "at_risk": [40, 30, 20], "events": [4, 3, 0]})


def survivors(from_days, to_days, cases, **columns):
    return pd.DataFrame({"from_days": from_days, "to_days": to_days, "cases": cases, **columns})


@pytest.fixture
def tumours(oracle):
    dates = ["birth_date", "diagnosis_date", "last_contact_date"]
    return oracle("survivors").assign(
        **{name: pd.to_datetime(oracle("survivors")[name]) for name in dates}
    )


def followed(tumours):
    first = tumours.sort_values("diagnosis_date", kind="stable").drop_duplicates("person_id")
    days = (first["last_contact_date"] - first["diagnosis_date"]).dt.days
    return first.assign(
        follow_up_days=days.clip(lower=0.5), event=(first["vital_status"] == "dead").astype(int)
    )


def test_survivors_carried_on_agree_with_survfit(tumours, oracle, agree):
    curve = kaplan_meier(event_table(followed(tumours), ["sex"]))
    times = survivor_times(tumours, "2024-12-31", ["sex"])
    ours = projected_survivors(times, curve, ["sex"]).sort_values("sex")
    agree(
        ours,
        oracle("answer_projected_survivors"),
        ["carried", "survivors", "standard_error"],
        0,
        1e-10,
    )
    whole = projected_survivors(times, curve)
    assert whole["survivors"].tolist() == [pytest.approx(ours["survivors"].sum(), rel=1e-12)]
    assert whole["standard_error"].tolist() == [
        pytest.approx(np.hypot(*ours["standard_error"]), rel=1e-12)
    ]


def test_by_hand():
    row = projected_survivors(survivors([200, 700], [600, 700], [10, 25]), CURVE).iloc[0]
    assert (row["known_alive"], row["carried"], row["survivors"]) == (25, 10, pytest.approx(34))
    assert row["standard_error"] == pytest.approx(np.sqrt(10 * 0.9 * 0.1 + 9**2 * 3 / (30 * 27)))


def test_new_cases_are_spread_over_their_year_and_counted_up_to_the_day():
    new = pd.DataFrame({"year": [2023, 2024, 2025], "cases": [365.0, 366, 365]})
    nobody = survivors([], [], [])
    row = projected_survivors(nobody, CURVE, new_cases=new, index_date="2024-12-31").iloc[0]
    # One a day: 366 + 365 of them, of whom nine in ten live past the hundredth day, and nine of those past the 500th.
    assert row["new_cases"] == pytest.approx(731)
    assert row["survivors"] == pytest.approx(100 + 400 * 0.9 + 231 * 0.81)
    assert row["standard_error"] > np.sqrt(row["survivors"])
    half = projected_survivors(nobody, CURVE, new_cases=new, index_date="2023-06-30").iloc[0]
    assert half["new_cases"] == pytest.approx(181)


def test_beyond_the_end_survival_stays_and_is_told():
    row = projected_survivors(survivors([800, 0], [2000, 50], [3, 4]), CURVE).iloc[0]
    assert (row["survivors"], row["carried_beyond"]) == (7, 3)
    assert (row["lower"], row["upper"]) == (7, 7)


def test_where_all_have_died_nobody_is_carried_past_it():
    curve = pd.DataFrame({"time_days": [100, 200], "at_risk": [2, 1], "events": [1, 1]})
    row = projected_survivors(survivors([50, 250], [300, 250], [5, 1]), curve).iloc[0]
    assert (row["survivors"], row["standard_error"]) == (pytest.approx(1), pytest.approx(0))


def test_the_interval_holds_the_number_as_often_as_said():
    random = np.random.default_rng(6)
    held = []
    for _ in range(100):
        life = random.exponential(4000, 400)
        followed = random.integers(100, 4500, 400)
        cases = pd.DataFrame(
            {"follow_up_days": np.minimum(life, followed), "event": (life <= followed).astype(int)}
        )
        alive = (life > followed) & (followed < 3000)
        carried = survivors(followed[alive], followed[alive] + 700, 1)
        row = projected_survivors(carried, kaplan_meier(event_table(cases))).iloc[0]
        held.append(row["lower"] <= (life[alive] > followed[alive] + 700).sum() <= row["upper"])
    assert 0.9 <= np.mean(held) <= 0.99


def test_empty_tables_are_nobody():
    row = projected_survivors(survivors([], [], []), CURVE).iloc[0]
    assert row.tolist() == [0] * 8
    no_curve = kaplan_meier(event_table(pd.DataFrame({"follow_up_days": [], "event": []})))
    assert projected_survivors(survivors([], [], []), no_curve)["survivors"].tolist() == [0]
    with pytest.raises(InputError, match="the curve does not have"):
        projected_survivors(survivors([0], [10], [2]), no_curve)


def test_faults_are_told():
    with pytest.raises(InputError, match="strata that the curve does not have"):
        projected_survivors(survivors([1], [2], [3], sex="male"), CURVE.assign(sex="female"))
    with pytest.raises(InputError, match="index_date: is needed"):
        projected_survivors(
            survivors([1], [2], [3]), CURVE, new_cases=pd.DataFrame({"year": [2024], "cases": [3]})
        )
    with pytest.raises(InputError, match="must be filled, 0 or more"):
        projected_survivors(survivors([1], [2], [-3]), CURVE)
    with pytest.raises(MissingStepError, match="sex"):
        projected_survivors(survivors([1], [2], [3]), CURVE.assign(sex="male"))
