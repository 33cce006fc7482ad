"""Ages and times between the dates of one row."""

import pandas as pd

from analysis.terms import DAYS_PER_YEAR


def age_by_dates(cases: pd.DataFrame) -> pd.Series | None:
    """Completed years between ``birth_date`` and ``diagnosis_date``; None where there are no such columns."""
    if not {"birth_date", "diagnosis_date"} <= set(cases.columns):
        return None
    birth, diagnosis = cases["birth_date"].dt, cases["diagnosis_date"].dt
    birthday_to_come = diagnosis.month * 100 + diagnosis.day < birth.month * 100 + birth.day
    return diagnosis.year - birth.year - birthday_to_come.astype(float)


def age_in_years(cases: pd.DataFrame) -> pd.Series | None:
    """Age at diagnosis in completed years: by dates, else as stated, else from the stated days."""
    found = [age_by_dates(cases)]
    if "age_at_diagnosis" in cases:
        found.append(cases["age_at_diagnosis"].astype("float64"))
    if "age_at_diagnosis_days" in cases:
        found.append(cases["age_at_diagnosis_days"].astype("float64") // DAYS_PER_YEAR)
    ages = [age for age in found if age is not None]
    if not ages:
        return None
    first = ages[0]
    for age in ages[1:]:
        first = first.fillna(age)
    return first


def days_between(cases: pd.DataFrame, earlier: str, later: str) -> pd.Series | None:
    """Days from one date column to another; None where one of them is not there."""
    if not {earlier, later} <= set(cases.columns):
        return None
    return (cases[later] - cases[earlier]).dt.days
