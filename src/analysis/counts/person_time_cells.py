"""Time at risk by age and calendar year: follow-up laid out in the Lexis diagram."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.counts.follow_up_times import FollowUp, checked_follow_up
from analysis.counts.tallies import tally
from analysis.errors import raise_faults
from analysis.quantities import OF_CAUSE
from analysis.strata import (
    number_densely,
    number_strata,
    repeat_strata,
    require_columns,
    require_list,
)
from analysis.terms import DAYS_PER_YEAR

# 1 March in a common year, counted from 1 January as 0.
FIRST_OF_MARCH = 59
DATES = ("birth_date", "diagnosis_date")


def person_time(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Time at risk and events in each cell of completed age and calendar year.

    .. math:: Y_{ap} = \\sum_i |(entry_i, exit_i] \\cap \\{t : age_i(t) = a, year(t) = p\\}|

    Reads ``birth_date``, ``diagnosis_date``, ``follow_up_days`` (days), ``event``, optionally ``entry_days`` (days;
    delayed entry), and the columns of ``by``. Adds ``age`` (completed years), ``year`` (calendar year),
    ``person_years`` (years of 365.25 days) and ``events`` (a count).

    Parameters
    ----------
    cases
        One row a child, with follow-up (``event`` as ``event_table`` reads it).
    by
        Stratum columns; empty for the whole. A missing value is a stratum of its own.

    Returns
    -------
    pandas.DataFrame
        ``by… age year person_years events``, a row for every cell in which somebody was at risk or had the event,
        strata in reading order, ages and years rising; with a categorical ``event`` also ``events_<cause>``.

    Raises
    ------
    MissingStepError
        Follow-up has not been added, or a column is not there.
    InputError
        A date missing, a birth after the diagnosis, or follow-up that ``event_table`` refuses.

    Notes
    -----
    Ages turn on birthdays and years on 1 January, by the day; someone born on 29 February has a birthday on 1 March in
    common years. R's ``pyears`` cuts ages at multiples of 365.25 days and calls up to a day on either side of a
    birthday by the other age; by calendar year both are the same. Days are divided by 365.25 at the end, as there, so
    that all person-years together are all days of follow-up together. As in an event table, a child is at risk after
    entry and up to exit, the exit included: an event at the very start of a cell belongs to the cell that ends there.

    References
    ----------
    Carstensen. Stat Med 2007;26:3018–3045 (follow-up in the Lexis diagram). Breslow, Day. Statistical Methods in Cancer
    Research II, 1987, section 2.1.

    Examples
    --------
    >>> child = pd.DataFrame({"birth_date": ["2000-07-01"], "diagnosis_date": ["2004-12-31"]}).apply(pd.to_datetime)
    >>> person_time(child.assign(follow_up_days=200, event=1)).round(4)
       age  year  person_years  events
    0    4  2004        0.0027       0
    1    4  2005        0.4956       0
    2    5  2005        0.0493       1
    """
    require_list("by", by)
    require_columns(cases, [*DATES, "follow_up_days", "event", *by])
    follow_up = checked_follow_up(cases, None, None)
    birth, diagnosis = _checked_dates(cases)
    numbers, strata = number_strata(cases, by)
    leaving, entering = _ends_of_follow_up(diagnosis, follow_up)
    first_day = min(birth.min(initial=0), entering.day.min(initial=0))
    calendar = _calendar(first_day, leaving.day.max(initial=0))
    cohort, cohorts = _birth_cohorts(numbers, birth, calendar)
    birthday = _birthdays(birth, calendar)
    ends = [_place_in_diagram(end, birthday, calendar) for end in (leaving, entering)]
    days = _days_in_cells(cohort, len(cohorts), birthday, ends, calendar)
    events = _events_in_cells(cohort, days.shape, ends[0][0], follow_up)
    return _table(strata, cohorts, {"person_years": days} | events, calendar)


@dataclass(frozen=True)
class FollowUpEnd:
    """Where observation of each child begins or ends: the time, and the day in which it lies (days since 1970)."""

    time: np.ndarray
    day: np.ndarray


def _ends_of_follow_up(
    diagnosis: np.ndarray, follow_up: FollowUp
) -> tuple[FollowUpEnd, FollowUpEnd]:
    """Exits and entries. An exit at midnight lies in the day before: a child is at risk up to it."""
    entry = diagnosis if follow_up.entry_days is None else diagnosis + follow_up.entry_days
    exit_time = diagnosis + follow_up.exit_days
    entry_day = np.floor(entry).astype(np.int64)
    exit_day = np.maximum(np.ceil(exit_time).astype(np.int64) - 1, entry_day)
    return FollowUpEnd(exit_time, exit_day), FollowUpEnd(entry, entry_day)


def _checked_dates(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Birth and diagnosis as days since 1970."""
    dates = {name: pd.to_datetime(cases[name]).to_numpy(dtype="datetime64[D]") for name in DATES}
    rules = {f"{name}: must be filled": np.isnat(column) for name, column in dates.items()}
    rules["birth_date: must not be after diagnosis_date"] = (
        dates["birth_date"] > dates["diagnosis_date"]
    )
    raise_faults("person-time", rules)
    birth, diagnosis = (column.astype(np.int64) for column in dates.values())
    return birth, diagnosis


def _calendar(first: int, last: int) -> pd.DataFrame:
    """Of each day from the first to the last: its number, year, place in the year, and whether the year is a leap year.

    Ends with whole years, so that every cell of the diagram has its length here.
    """
    years = np.array([first, last], dtype="datetime64[D]").astype("datetime64[Y]")
    day = np.arange(years[0], years[1] + 1, dtype="datetime64[D]")
    year = day.astype("datetime64[Y]")
    length = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(np.int64)
    return pd.DataFrame(
        {
            "day": day.astype(np.int64),
            "year": year.astype(np.int64) + 1970,
            "place": (day - year.astype("datetime64[D]")).astype(np.int64),
            "leap": length == 366,
        }
    )


def _birth_cohorts(
    numbers: np.ndarray, birth: np.ndarray, calendar: pd.DataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the children by stratum and year of birth; the stratum and year of each number."""
    years = calendar["year"].to_numpy() - calendar["year"].iloc[0]
    keys, width = numbers * (years[-1] + 1) + years[birth - calendar["day"].iloc[0]], years[-1] + 1
    cohort, size = number_densely(keys, int(keys.max(initial=-1)) + 1)
    occurring = np.zeros(size, dtype=np.int64)
    occurring[cohort] = keys
    stratum, year = np.divmod(occurring, width)
    return cohort, pd.DataFrame({"stratum": stratum, "birth_year": year + calendar["year"].iloc[0]})


def _birthdays(birth: np.ndarray, calendar: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The place of the birthday in a common year, and whether a leap year puts it a day later."""
    place, leap = calendar["place"].to_numpy(), calendar["leap"].to_numpy()
    later = place >= FIRST_OF_MARCH + leap
    row = birth - calendar["day"].iloc[0]
    return (place - (later & leap))[row], later[row]


def _place_in_diagram(
    end: FollowUpEnd, birthday: tuple[np.ndarray, np.ndarray], calendar: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """The half-year cell (up to the birthday, from it) that a time lies in, and the days since that cell began."""
    row = end.day - calendar["day"].iloc[0]
    day_of_year, leap, year = (calendar[name].to_numpy()[row] for name in ("place", "leap", "year"))
    turns = birthday[0] + (birthday[1] & leap)
    grown = day_of_year >= turns
    begin = end.day - day_of_year + np.where(grown, turns, 0)
    return 2 * (year - calendar["year"].iloc[0]) + grown, end.time - begin


def _days_in_cells(
    cohort: np.ndarray,
    cohorts: int,
    birthday: tuple[np.ndarray, np.ndarray],
    ends: list[tuple[np.ndarray, np.ndarray]],
    calendar: pd.DataFrame,
) -> np.ndarray:
    """Days at risk, cohort × half-year cell: up to exit, less those up to entry.

    A cell that a child has passed counts whole. Its length depends on the birthday alone, so that sums of birthdays
    over the children who have passed say all that is needed, and nobody's follow-up is cut into pieces.
    """
    size, leap = _half_years(calendar)
    shape = (cohorts, len(size))
    exits, entries = (cohort * len(size) + cell for cell, _ in ends)
    children, birthdays, later_birthdays = (
        _passed(_summed(exits, amount, shape) - _summed(entries, amount, shape))
        for amount in (None, *birthday)
    )
    before_birthday = birthdays + leap * later_birthdays
    is_grown = np.arange(len(size)) % 2 == 1
    days = np.where(is_grown, size * children - before_birthday, before_birthday)
    # Of the cell that an end lies in, the days up to it.
    return days + (_summed(exits, ends[0][1], shape) - _summed(entries, ends[1][1], shape))


def _half_years(calendar: pd.DataFrame) -> np.ndarray:
    """Of each half-year cell: the days of its year, and whether that is a leap year."""
    years = calendar.groupby("year")["leap"].agg(["size", "first"])
    return np.repeat(years.to_numpy(dtype=np.int64), 2, axis=0).T


def _summed(key: np.ndarray, amount: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    return np.bincount(key, amount, shape[0] * shape[1]).reshape(shape)


def _passed(ending: np.ndarray) -> np.ndarray:
    """The sums of those who end in a later cell than each."""
    return np.cumsum(ending[:, ::-1], axis=1)[:, ::-1] - ending


def _events_in_cells(
    cohort: np.ndarray, shape: tuple[int, int], cell: np.ndarray, follow_up: FollowUp
) -> dict[str, np.ndarray]:
    key = cohort * shape[1] + cell
    happened = {"events": follow_up.event > 0}
    for code, cause in enumerate(follow_up.causes, start=1):
        happened[f"{OF_CAUSE}{cause}"] = follow_up.event == code
    return {name: _summed(key[rows], None, shape) for name, rows in happened.items()}


def _table(
    strata: pd.DataFrame,
    cohorts: pd.DataFrame,
    amounts: dict[str, np.ndarray],
    calendar: pd.DataFrame,
) -> pd.DataFrame:
    cohort, cell = np.nonzero(_is_observed(amounts))
    observed = {name: amount[cohort, cell] for name, amount in amounts.items()}
    stratum, born = cohorts.iloc[cohort].to_numpy().T
    first_year = calendar["year"].iloc[0]
    age, year = _age_and_year(cell, born - first_year)
    # Children born in two years share a cell of age and year.
    years = calendar["year"].nunique()
    shape = (len(strata), years + 1, years)
    rows, sums = tally(
        np.ravel_multi_index((stratum, age, year), shape), math.prod(shape), observed
    )
    stratum, age, year = np.unravel_index(rows, shape)
    sums["person_years"] = sums["person_years"] / DAYS_PER_YEAR
    return pd.DataFrame(
        repeat_strata(strata, stratum) | {"age": age, "year": year + first_year} | sums
    )


def _is_observed(amounts: dict[str, np.ndarray]) -> np.ndarray:
    # A cell in which somebody died on its first day has an event and no person-time.
    return (amounts["person_years"] > 0) | (amounts["events"] > 0)


def _age_and_year(cell: np.ndarray, birth_year: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The age in a half-year cell, and its calendar year, counted from the first as a birth year is."""
    year, grown = np.divmod(cell, 2)
    return year - birth_year - 1 + grown, year
