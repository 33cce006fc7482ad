from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.counts import prevalent_cases, survivor_times
from analysis.errors import InputError, MissingStepError

ORACLE = Path(__file__).resolve().parents[1] / "oracle"
DAY = "2020-06-30"


@pytest.fixture
def tumours():
    dates = ["birth_date", "diagnosis_date", "last_contact_date"]
    return pd.read_csv(ORACLE / "survivors.csv", parse_dates=dates)


def person(diagnosed="2015-01-01", last="2022-01-01", status="alive", born="2010-03-03", **columns):
    dates = {"birth_date": born, "diagnosis_date": diagnosed, "last_contact_date": last}
    row = (
        {"person_id": "a", "vital_status": status}
        | {name: pd.Timestamp(day) for name, day in dates.items()}
        | columns
    )
    return pd.DataFrame([row])


def counted(*rows, **settings):
    numbered = [row.assign(person_id=str(number)) for number, row in enumerate(rows)]
    [row] = prevalent_cases(pd.concat(numbered), DAY, **settings).to_dict("records")
    return row


def test_survivors_agree_with_persons_looked_at_in_turn_in_r(tumours):
    answer = pd.read_csv(ORACLE / "answer_prevalent_cases.csv")
    for (day, within), theirs in answer.groupby(["day", "within"]):
        ours = prevalent_cases(tumours, day, within or None, ["sex", "attained_age"])
        columns = ["sex", "attained_age", "cases", "status_unknown"]
        in_order = ours[columns].sort_values(["sex", "attained_age"])
        assert in_order.values.tolist() == theirs[columns].values.tolist()


@pytest.mark.parametrize(
    ("last", "status", "found"),
    [
        ("2020-07-01", "dead", (1, 0)),
        ("2020-06-30", "dead", None),
        ("2020-06-30", "lost", (0, 1)),
        ("2020-06-30", "alive", (1, 0)),
        ("2020-06-29", "alive", (0, 1)),
        ("2021-01-01", "lost", (1, 0)),
        ("2021-01-01", "unknown", (1, 0)),
        ("2020-06-30", "unknown", (0, 1)),
        (None, "alive", (0, 1)),
        (None, "dead", (0, 1)),
        ("2021-01-01", None, (1, 0)),
    ],
)
def test_who_is_known_to_be_alive(last, status, found):
    row = counted(person(last=last, status=status))
    assert (row["cases"], row["status_unknown"]) == (found or (0, 0))


def test_diagnosed_on_the_day_counts_and_after_it_does_not():
    assert counted(person(DAY), person("2020-07-01"))["cases"] == 1


def test_limited_duration_reaches_back_whole_years():
    rows = person("2015-06-30"), person("2015-07-01"), person(DAY)
    assert counted(*rows, within_years=5)["cases"] == 2
    assert counted(*rows)["cases"] == 3


def test_a_person_counts_once_by_the_first_tumour():
    tumours = pd.concat([person("2018-01-01", group="II"), person("2011-01-01", group="I")])
    assert prevalent_cases(tumours, DAY, by=["group"]).values.tolist() == [["I", 1, 0]]
    assert prevalent_cases(tumours, "2016-01-01", by=["group"]).values.tolist() == [["I", 1, 0]]
    assert prevalent_cases(tumours, DAY, within_years=5)["cases"].tolist() == [0]


def test_the_latest_contact_of_a_person_tells():
    tumours = pd.concat(
        [person(last="2019-01-01", status="dead"), person(last="2016-01-01", status="alive")]
    )
    assert prevalent_cases(tumours, DAY)[["cases", "status_unknown"]].values.tolist() == [[0, 0]]


def test_ages_are_birthdays_on_the_calendar():
    tumours = pd.concat(
        [
            person(born=born).assign(person_id=born)
            for born in ("2002-06-30", "2002-07-01", "1990-06-30", "1980-02-29")
        ]
    )
    table = prevalent_cases(
        tumours, DAY, by=["attained_age", "attained_age_group", "years_since_diagnosis"]
    )
    assert table["attained_age"].tolist() == [17, 18, 30, 40]
    assert table["attained_age_group"].tolist() == ["10-17", "18-29", "30-39", "40-49"]
    assert set(table["years_since_diagnosis"]) == {5}
    leap = person(born="2000-02-29")
    assert prevalent_cases(leap, "2019-02-28", by=["attained_age"])["attained_age"].tolist() == [18]
    assert prevalent_cases(leap, "2019-03-01", by=["attained_age"])["attained_age"].tolist() == [19]


def test_an_unknown_birth_is_a_stratum_of_its_own():
    table = prevalent_cases(
        pd.concat([person(born=None), person().assign(person_id="b")]), DAY, by=["attained_age"]
    )
    assert table["cases"].tolist() == [1, 1]
    assert table["attained_age"].isna().tolist() == [False, True]


def test_years_and_days_where_no_dates_are_sent():
    sent = pd.DataFrame(
        {
            "person_id": ["a", "b", "c", "d"],
            "year": pd.array([2010] * 4, dtype="Int64"),
            "follow_up_days": [3700, 2000, 2000, 3500],
            "age_at_diagnosis": [5, 5, 5, 5],
            "vital_status": ["alive", "dead", "lost", "alive"],
        }
    )
    table = prevalent_cases(sent, DAY, by=["attained_age"])
    # Follow-up that comes within half a year of the day is followed to it, as far as years can tell.
    assert table.values.tolist() == [[15, 2, 1]]
    days = sent.drop(columns="age_at_diagnosis").assign(age_at_diagnosis_days=2000)
    assert prevalent_cases(days, DAY, by=["attained_age"])["attained_age"].tolist() == [15]


def test_frames_as_they_come(tumours):
    by = ["sex", "attained_age_group"]
    plain = prevalent_cases(tumours, "2022-12-31", by=by)
    odd = tumours.astype({"sex": "category", "vital_status": "category", "person_id": "string"})
    odd["birth_date"] = odd["birth_date"].dt.strftime("%Y-%m-%d")
    odd = odd.sample(frac=1, random_state=1).set_index(pd.Index([3] * len(odd)))
    found = prevalent_cases(odd, "2022-12-31", by=by)
    # A categorical keeps the order of its own categories.
    assert (
        found.astype({"sex": object}).values.tolist()
        == plain.sort_values("sex", kind="stable").values.tolist()
    )


def test_nobody_and_no_rows():
    assert prevalent_cases(person(), "1990-01-01")[["cases", "status_unknown"]].values.tolist() == [
        [0, 0]
    ]
    assert prevalent_cases(person().iloc[:0], DAY, by=["attained_age"]).empty
    assert survivor_times(person().iloc[:0], DAY).empty


def test_times_to_carry_survivors_on():
    tumours = pd.concat(
        [
            person("2020-01-01", "2020-01-11", "lost").assign(person_id="a"),
            person("2020-01-01", "2020-01-11", "lost").assign(person_id="b"),
            person("2020-01-01", "2021-01-01", "dead").assign(person_id="c"),
            person("2020-01-01", "2020-02-01", "dead").assign(person_id="d"),
            person("2020-01-01", None, "alive").assign(person_id="e"),
        ]
    )
    table = survivor_times(tumours, "2020-12-31")
    assert table.values.tolist() == [[0, 365, 1], [10, 365, 2], [365, 365, 1]]
    assert table["from_days"].dtype == np.int64


def test_faults_are_told():
    with pytest.raises(InputError, match="a count table does not say who is alive"):
        prevalent_cases(pd.DataFrame({"cases": [3]}), DAY)
    with pytest.raises(InputError, match=r"person_id: must be filled in 1 row \(1\)"):
        prevalent_cases(person(person_id=None), DAY)
    with pytest.raises(InputError, match=r"diagnosis_date or year: must be filled in 1 row \(1\)"):
        prevalent_cases(person(diagnosed=None), DAY)
    with pytest.raises(InputError, match="within_years: must be above 0"):
        prevalent_cases(person(), DAY, within_years=0)
    with pytest.raises(MissingStepError, match="last_contact_date"):
        prevalent_cases(person().drop(columns="last_contact_date"), DAY)
