"""Life lines through the Lexis diagram: the mortality that each child would meet at its age in each calendar year.

Follow-up is cut into blocks of 365 days. No block holds two birthdays of a child, nor two new years, so that within
one a child's hazard has three values at most, and its sum is known at every moment without stepping through days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from analysis.estimates.relative_survival.life_lines import LifeLines, longest_first
from analysis.estimates.relative_survival.life_tables import Mortality

BLOCK = 365
TOGETHER = 16_384  # children at a time, so that their arrays stay near the processor


@dataclass(frozen=True)
class Leg:
    """Some children's way through one block of follow-up.

    ``start`` counts days from diagnosis, ``hazard`` is what each has met until then; ``cuts`` are the days from the
    start to the birthday and the new year, in the order in which they come, ``rates`` the hazards per day around them.
    """

    children: slice
    start: int
    hazard: np.ndarray
    cuts: tuple[np.ndarray, np.ndarray]
    rates: tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Calendar:
    """Days, years and life tables as far as these children go: looked up by day, year and age."""

    year_of_day: np.ndarray
    new_year: np.ndarray
    leap: np.ndarray
    first_year: int
    rates: np.ndarray
    ages: int
    age_cell: float | None


def legs(lines: LifeLines, mortality: Mortality, hazard: np.ndarray) -> Iterator[Leg]:
    """Each block of follow-up, for those still followed; the lines must come longest first.

    ``hazard``, noughts at first, holds what each child has met so far, and in the end what it has met by its exit.
    """
    calendar = _calendar(lines, mortality)
    birthdays = _birthdays(lines.birth)
    for start in range(0, ceil(lines.exit.max(initial=-1)) or 1, BLOCK):
        followed = len(lines) if start == 0 else np.searchsorted(-lines.exit, -start, side="left")
        for first in range(0, followed, TOGETHER):
            children = slice(first, min(first + TOGETHER, followed))
            leg = _leg(lines, children, start, hazard[children], (calendar, birthdays))
            yield leg
            hazard[children] = hazard_after(leg, np.minimum(lines.exit[children] - start, BLOCK))


def hazard_after(leg: Leg, days: np.ndarray) -> np.ndarray:
    """The hazard that each child of a leg has met by some days after its start."""
    first, second = (np.minimum(cut, days) for cut in leg.cuts)
    return (
        leg.hazard
        + leg.rates[0] * first
        + leg.rates[1] * (second - first)
        + leg.rates[2] * (days - second)
    )


def hazards_at(lines: LifeLines, mortality: Mortality, days: np.ndarray) -> np.ndarray:
    """The hazard that each child has met by a time of its own, which is not after its exit."""
    reached = np.zeros(len(lines))
    lines, order = longest_first(lines)
    days = days[order]
    for leg in legs(lines, mortality, np.zeros(len(lines))):
        after = days[leg.children] - leg.start
        here = (after > 0) & (after <= BLOCK)
        if here.any():
            reached[order[leg.children][here]] = hazard_after(leg, after)[here]
    return reached


def beyond_the_table(lines: LifeLines, mortality: Mortality) -> dict[str, tuple[int, int]]:
    """Where the life table ends before the children do: the year or age whose rates stand in, and for how many.

    Where the tables of several countries end in different years, the shortest of those that are looked up is named.
    """
    last_day = lines.diagnosis + lines.exit
    year_from, year_to = _years(lines.diagnosis), _years(last_day)
    # Only near the edge does the day within the year matter.
    oldest, youngest = (last_day - lines.birth) / 365.25, (lines.diagnosis - lines.birth) / 365.25
    first_year, last_year = mortality.ends[lines.place].T
    ends = {
        "before_year": (first_year.max(initial=0), year_from < first_year),
        "after_year": (last_year.min(initial=9999), year_to > last_year),
        "before_age": (mortality.first_age, youngest < mortality.first_age),
        "after_age": (mortality.last_age, oldest >= mortality.last_age + 1),
    }
    return {
        name: (int(limit), int(beyond.sum()))
        for name, (limit, beyond) in ends.items()
        if beyond.any()
    }


def _years(days: np.ndarray) -> np.ndarray:
    return (
        np.floor(days)
        .astype(np.int64)
        .astype("datetime64[D]")
        .astype("datetime64[Y]")
        .astype(np.int64)
        + 1970
    )


def _calendar(lines: LifeLines, mortality: Mortality) -> Calendar:
    """The calendar from the first diagnosis to two years after the last exit, and the life table laid out over it."""
    first_year = int(_years(lines.diagnosis).min(initial=2000))
    last = (lines.diagnosis + lines.exit).max(initial=0)
    years = np.arange(first_year, int(_years(np.array([last]))[0]) + 5)
    new_year = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    lengths = np.diff(new_year)
    ages = np.arange(int((last - lines.birth.min(initial=0)) // 365) + 5)
    rates = mortality.per_day[
        :, np.clip(years - mortality.first_year, 0, mortality.per_day.shape[1] - 1)
    ]
    rates = rates[:, :, np.clip(ages - mortality.first_age, 0, mortality.per_day.shape[2] - 1)]
    year_of_day = np.repeat(np.arange(len(lengths)), lengths)
    return Calendar(
        year_of_day, new_year, lengths == 366, first_year, rates, len(ages), mortality.age_cell
    )


def _birthdays(birth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year of birth; the birthday's days after 1 January of a common year; whether a leap year puts it a day later.

    Someone born on 29 February has a birthday on 1 March in common years.
    """
    year = birth.astype("datetime64[D]").astype("datetime64[Y]")
    new_year = year.astype("datetime64[D]").astype(np.int64)
    leap = (year + 1).astype("datetime64[D]").astype(np.int64) - new_year == 366
    day = birth - new_year
    after_leap_day = np.where(leap, day > 59, day >= 59)
    return year.astype(np.int64) + 1970, day - (leap & after_leap_day), after_leap_day


def _leg(lines: LifeLines, children: slice, start: int, hazard: np.ndarray, known: tuple) -> Leg:
    calendar, birthdays = known
    today = lines.diagnosis[children] + start
    year = calendar.year_of_day[today - calendar.new_year[0]]
    to_new_year = calendar.new_year[year + 1] - today
    if calendar.age_cell is None:
        age, to_birthday = _by_birthdays(
            calendar, [each[children] for each in birthdays], today, year
        )
    else:
        age, to_birthday = _by_age_cells(calendar.age_cell, today - lines.birth[children])
    rates = calendar.rates.ravel()
    cell = (lines.place[children] * calendar.rates.shape[1] + year) * calendar.ages + age
    between = cell + np.where(to_new_year < to_birthday, calendar.ages, 1)
    cuts = np.minimum(to_new_year, to_birthday), np.maximum(to_new_year, to_birthday)
    return Leg(
        children,
        start,
        hazard,
        cuts,
        (rates[cell], rates[between], rates[cell + calendar.ages + 1]),
    )


def _by_birthdays(
    calendar: Calendar, birthdays: list[np.ndarray], today: np.ndarray, year: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    born, day, after_leap_day = birthdays
    this_year = calendar.new_year[year] + day + (after_leap_day & calendar.leap[year])
    next_year = calendar.new_year[year + 1] + day + (after_leap_day & calendar.leap[year + 1])
    had = this_year <= today
    return year + calendar.first_year - born - 1 + had, np.where(had, next_year, this_year) - today


def _by_age_cells(length: float, days_old: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    age = np.floor(days_old / length).astype(np.int64)
    return age, (age + 1) * length - days_old
