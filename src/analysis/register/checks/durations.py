"""Ages and times between the dates of one row."""

from functools import reduce

import pandas as pd

from analysis.calendar import completed_years, middle_of_year

DAYS_IN_FOUR_YEARS = 1461


def age_by_dates(cases: pd.DataFrame) -> pd.Series | None:
    """Completed years from ``birth_date`` to ``diagnosis_date`` (Int64); None without these columns."""
    if not {"birth_date", "diagnosis_date"} <= set(cases.columns):
        return None
    return completed_years(cases["birth_date"], cases["diagnosis_date"])


def age_in_years(cases: pd.DataFrame) -> pd.Series | None:
    """Age at diagnosis in completed years (float64): by dates, else as stated, else from stated days.

    Reads ``birth_date`` and ``diagnosis_date``, ``age_at_diagnosis``, and ``age_at_diagnosis_days``
    with ``diagnosis_date`` or ``year``, each where it is there. Missing where days alone leave the
    age uncertain; None where no column tells an age.
    """
    ages = [age_by_dates(cases), cases.get("age_at_diagnosis"), _age_by_days(cases)]
    ages = [age.astype("float64") for age in ages if age is not None]
    return reduce(pd.Series.fillna, ages) if ages else None


def days_between(cases: pd.DataFrame, earlier: str, later: str) -> pd.Series | None:
    """Days from one date column to another; None where one of them is not there."""
    if not {earlier, later} <= set(cases.columns):
        return None
    return (cases[later] - cases[earlier]).dt.days


def _age_by_days(cases: pd.DataFrame) -> pd.Series | None:
    """Completed years from days of age, counted back from the day of diagnosis on the calendar."""
    if "age_at_diagnosis_days" not in cases:
        return None
    days = cases["age_at_diagnosis_days"].astype("float64")
    certain = _certain_age(days)
    diagnosis = _day_of_diagnosis(cases)
    if diagnosis is None:
        return certain
    birth = diagnosis - pd.to_timedelta(days, unit="D")
    return completed_years(birth, diagnosis).astype("float64").fillna(certain)


def _day_of_diagnosis(cases: pd.DataFrame) -> pd.Series | None:
    """The date of diagnosis, or 1 July of its year; None where neither is sent."""
    # 1 July is the day that `cases.add_age` counts from: a check asks about the age in the report.
    days = [cases["diagnosis_date"]] if "diagnosis_date" in cases else []
    days += [middle_of_year(cases["year"])] if "year" in cases else []
    return reduce(pd.Series.fillna, days) if days else None


def _certain_age(days: pd.Series) -> pd.Series:
    """Completed years where every date of birth gives the same number of them; missing elsewhere.

    Between 1901 and 2099 the time from birth to the n-th birthday has n/4 leap days, rounded down or
    up by the date of birth. Fifteen years are 5,478 days for some children and 5,479 for others: a
    child of 5,478 days is 15 or 14, and nobody is to be asked about an age that may not be hers.
    """
    youngest = 4 * days // DAYS_IN_FOUR_YEARS
    oldest = (4 * days + 3) // DAYS_IN_FOUR_YEARS
    return youngest.where(youngest == oldest)
