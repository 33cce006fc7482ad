"""Ages and times between dates: whole birthdays on the calendar, never a share of 365.25 days."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.register import registry_checks
from analysis.register.checks.durations import age_by_dates, age_in_years, days_between

MEDULLOBLASTOMA = {"topography": "C71.6", "morphology": "9470", "behaviour": 3}
MYELOMA = {"topography": "C42.1", "morphology": "9732", "behaviour": 3}


def dated(**columns):
    return pd.DataFrame(
        {name: pd.to_datetime(days) if "date" in name else days for name, days in columns.items()}
    )


def birthday_of(birth, years):
    """The day on which somebody completes these years; 1 March for 29 February in common years."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def asked(tumour, **columns):
    rows = pd.DataFrame([tumour | columns])
    return {check for check in registry_checks(rows)["check"] if check.startswith("age_morphology")}


def test_a_child_known_by_days_is_fifteen_on_the_fifteenth_birthday():
    # Born on 2 March 2000: 5,478 days to 2 March 2015, which is less than 15 times 365.25.
    on_birthday = {"age_at_diagnosis_days": 5478, "year": 2015}
    assert asked(MEDULLOBLASTOMA, **on_birthday) == {"age_morphology_older"}
    assert asked(MYELOMA, **on_birthday) == set()
    day_before = {"age_at_diagnosis_days": 5477, "year": 2015}
    assert asked(MEDULLOBLASTOMA, **day_before) == set()
    assert asked(MYELOMA, **day_before) == {"age_morphology_younger"}


def test_nobody_is_asked_about_an_age_that_days_alone_leave_uncertain():
    for tumour in (MEDULLOBLASTOMA, MYELOMA):
        assert asked(tumour, age_at_diagnosis_days=5478) == set()
    assert asked(MEDULLOBLASTOMA, age_at_diagnosis_days=5479) == {"age_morphology_older"}
    assert asked(MYELOMA, age_at_diagnosis_days=5477) == {"age_morphology_younger"}


@pytest.mark.parametrize("years", range(1, 20))
def test_an_age_from_days_alone_is_right_for_every_date_of_birth_or_missing(years):
    births = [date(year, month, day) for year in range(2000, 2005) for month, day in
              [(1, 1), (2, 28), (3, 1), (7, 1), (12, 31)]] + [date(2000, 2, 29)]  # fmt: skip
    spans = {(birthday_of(birth, years) - birth).days for birth in births}
    days = pd.DataFrame({"age_at_diagnosis_days": range(min(spans) - 1, max(spans) + 1)})
    ages = age_in_years(days).to_numpy()
    certain = [float(years - 1)] + [np.nan] * (len(days) - 2) + [float(years)]
    np.testing.assert_array_equal(ages, certain)
    assert len(spans) == (1 if years % 4 == 0 else 2)


def test_a_date_of_diagnosis_makes_an_age_in_days_certain():
    days = [5478, 5478, 5477]
    cases = dated(
        diagnosis_date=["2015-03-02", "2015-01-02", "2015-03-02"], age_at_diagnosis_days=days
    )
    assert age_in_years(cases).tolist() == [15, 14, 14]
    # A row without a date takes its year, one without either the certain age alone.
    cases = dated(
        diagnosis_date=["2015-01-02", None, None],
        year=[2015, 2015, None],
        age_at_diagnosis_days=[5478, 5478, 5478],
    )
    np.testing.assert_array_equal(age_in_years(cases), [14, 15, np.nan])


def test_dates_come_before_a_stated_age_and_that_before_days():
    cases = dated(
        birth_date=["2000-03-02", None, None],
        diagnosis_date=["2015-03-01", "2015-03-01", "2015-03-01"],
        age_at_diagnosis=pd.array([9, 9, None], dtype="Int64"),
        age_at_diagnosis_days=pd.array([400, 400, 400], dtype="Int64"),
    )
    assert age_in_years(cases).tolist() == [14, 9, 1]


def test_an_age_by_dates_counts_birthdays():
    cases = dated(
        birth_date=["2000-02-29", "2000-02-29", "2000-02-29", None],
        diagnosis_date=["2015-02-28", "2015-03-01", "2016-02-29", "2015-03-01"],
    )
    assert age_by_dates(cases).fillna(-1).tolist() == [14, 15, 16, -1]


def test_what_is_not_sent_is_none():
    assert age_in_years(pd.DataFrame({"sex": ["male"]})) is None
    assert age_by_dates(dated(birth_date=["2000-02-29"])) is None
    assert days_between(dated(birth_date=["2000-02-29"]), "birth_date", "diagnosis_date") is None


def test_days_between_two_dates():
    cases = dated(birth_date=["2000-02-28", "2000-02-28"], diagnosis_date=["2000-03-01", None])
    np.testing.assert_array_equal(
        days_between(cases, "birth_date", "diagnosis_date"), [2.0, np.nan]
    )
