"""Age in completed years, and the year and period of diagnosis."""

from functools import reduce

import pandas as pd

from analysis.calendar import completed_years, middle_of_year
from analysis.cases.step_cache import cached_step
from analysis.strata import require_columns
from analysis.terms import AGE_GROUPS, is_count_table


@cached_step("birth_date", "diagnosis_date", "age_at_diagnosis", "age_at_diagnosis_days", "year")
def add_age(cases: pd.DataFrame) -> pd.DataFrame:
    """Add age at diagnosis in completed years, its age group, and the year of diagnosis.

    Reads ``birth_date`` and ``diagnosis_date``; where they are not sent, ``age_at_diagnosis`` as it
    is, or ``age_at_diagnosis_days`` with ``year``. Adds ``age_at_diagnosis`` (Int64, years),
    ``age_group`` (0, 1–4, 5–9, 10–14, 15–17, 18–19; missing above) and ``year`` (Int64), each where the
    source allows it.

    Notes
    -----
    A birthday is counted on the calendar. Days divided by 365.25 call one fifteenth birthday in four
    14; an age that comes in days is therefore counted back from 1 July of the year of diagnosis,
    which is right for every child but those within a day of a birthday near a leap day.
    Someone born on 29 February has a birthday on 1 March in common years.

    Examples
    --------
    >>> child = pd.DataFrame({"birth_date": ["2000-03-02"], "diagnosis_date": ["2015-03-01"]}).apply(pd.to_datetime)
    >>> add_age(child)[["age_at_diagnosis", "age_group", "year"]].values.tolist()
    [[14, '10-14', 2015]]
    """
    if is_count_table(cases):
        return cases
    added = {"year": _year(cases), "age_at_diagnosis": _completed_years(cases)}
    added = {name: column for name, column in added.items() if column is not None}
    if "age_at_diagnosis" in added:
        added["age_group"] = _age_group(added["age_at_diagnosis"])
    return cases.assign(**added)


def add_period(
    cases: pd.DataFrame, first_year: int, width: int = 5, last_year: int | None = None
) -> pd.DataFrame:
    """Add the calendar period of diagnosis, ``width`` years from ``first_year``: "1985–1989".

    Reads ``year``; adds ``period``. The last period ends with ``last_year``, or with the last year of
    the frame where that is None. Works on cases, counts and populations alike: give both the same
    ``last_year``. A table that has periods and no years keeps its own.

    Examples
    --------
    >>> add_period(pd.DataFrame({"year": [1985, 1991, 1992]}), first_year=1985)["period"].tolist()
    ['1985–1989', '1990–1992', '1990–1992']
    """
    if "year" not in cases.columns and "period" in cases.columns:
        return cases
    require_columns(cases, ["year"])
    year = cases["year"].astype("Int64")
    start = (year - first_year) // width * width + first_year
    end = (start + width - 1).clip(upper=year.max() if last_year is None else last_year)
    return cases.assign(period=(start.astype("string") + "–" + end.astype("string")).astype(object))


def _year(cases: pd.DataFrame) -> pd.Series | None:
    sent = cases["year"].astype("Int64") if "year" in cases else None
    if "diagnosis_date" not in cases:
        return sent
    dated = cases["diagnosis_date"].dt.year.astype("Int64")
    return dated if sent is None else dated.fillna(sent)


def _completed_years(cases: pd.DataFrame) -> pd.Series | None:
    # The best evidence first: dates, then an age that was sent, then days of age.
    ages = []
    if {"birth_date", "diagnosis_date"} <= set(cases.columns):
        ages.append(completed_years(cases["birth_date"], cases["diagnosis_date"]))
    if "age_at_diagnosis" in cases:
        ages.append(cases["age_at_diagnosis"].astype("Int64"))
    if "age_at_diagnosis_days" in cases:
        ages.append(_years_from_days(cases))
    if not ages:
        return None
    return reduce(pd.Series.fillna, ages)


def _years_from_days(cases: pd.DataFrame) -> pd.Series:
    require_columns(cases, ["year"])
    diagnosis = middle_of_year(cases["year"])
    birth = diagnosis - pd.to_timedelta(cases["age_at_diagnosis_days"].astype("Float64"), unit="D")
    return completed_years(birth, diagnosis)


def _age_group(age: pd.Series) -> pd.Series:
    group = pd.Series(None, index=age.index, dtype=object)
    for name, (first, last) in AGE_GROUPS.items():
        group[age.between(first, last).fillna(False).astype(bool)] = name
    return group
