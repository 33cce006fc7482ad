"""Life lines through the Lexis diagram: the mortality that each child would meet at its age in each calendar year.

Follow-up is cut into blocks of 365 days. No block holds two birthdays of a child, nor two new years, so that within
one a child's hazard has three values at most, and its sum is known at every moment without stepping through days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from analysis.calendar import Birthdays, birthdays
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
    cuts: list[np.ndarray]
    rates: list[np.ndarray]


@dataclass(frozen=True)
class LexisDiagram:
    """Days, years and ages as far as these children go, and the hazard per day in each cell of them.

    ``new_year`` is the day of 1 January of each year, ``year_of_day`` the year, as a place in it, of each day since the
    first of them. ``rates`` are places × years × ages; ``age_cell`` is the length in days of a year of age, missing
    where ages change on birthdays.
    """

    lines: LifeLines
    birthdays: Birthdays
    year_of_day: np.ndarray
    new_year: np.ndarray
    first_year: int
    rates: np.ndarray
    age_cell: float | None

    def leg(self, children: slice, start: int, hazard: np.ndarray) -> Leg:
        """The way of some children through the block that begins ``start`` days after diagnosis."""
        today = self.lines.diagnosis[children] + start
        year = self.year_of_day[today - self.new_year[0]]
        if self.age_cell is None:
            age, to_birthday = self._by_birthdays(children, today, year)
        else:
            age, to_birthday = self._by_age_cells(children, today)
        to_new_year = self.new_year[year + 1] - today
        cuts = [np.minimum(to_new_year, to_birthday), np.maximum(to_new_year, to_birthday)]
        ages = self.rates.shape[2]
        cell = (self.lines.place[children] * self.rates.shape[1] + year) * ages + age
        # Whichever comes first: a year on the calendar is a row of cells further, a year of age one cell.
        between = cell + np.where(to_new_year < to_birthday, ages, 1)
        rates = self.rates.ravel()
        return Leg(
            children, start, hazard, cuts, [rates[cell], rates[between], rates[cell + ages + 1]]
        )

    def _by_birthdays(
        self, children: slice, today: np.ndarray, year: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Completed years, and days to the next birthday."""
        this_year = self._birthday(children, year)
        had = this_year <= today
        upcoming = np.where(had, self._birthday(children, year + 1), this_year)
        age = year + self.first_year - self.birthdays.year[children] - 1 + had
        return age, upcoming - today

    def _birthday(self, children: slice, year: np.ndarray) -> np.ndarray:
        is_leap = self.new_year[year + 1] - self.new_year[year] == 366
        moved = self.birthdays.after_leap_day[children] & is_leap
        return self.new_year[year] + self.birthdays.day[children] + moved

    def _by_age_cells(self, children: slice, today: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        days_old = today - self.lines.birth[children]
        age = np.floor(days_old / self.age_cell).astype(np.int64)
        return age, (age + 1) * self.age_cell - days_old


def lexis_diagram(lines: LifeLines, mortality: Mortality) -> LexisDiagram:
    """The diagram from the first diagnosis to some years after the last exit, with a life table laid out over it."""
    first_year = int(_years(lines.diagnosis).min(initial=2000))
    last_day = (lines.diagnosis + lines.exit).max(initial=0)
    # Some years and ages more than are reached: a leg looks ahead to its next new year and birthday.
    years = np.arange(first_year, int(_years(np.array([last_day]))[0]) + 5)
    ages = np.arange(int((last_day - lines.birth.min(initial=0)) // 365) + 5)
    new_year = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    lengths = np.diff(new_year)
    return LexisDiagram(
        lines=lines,
        birthdays=birthdays(lines.birth),
        year_of_day=np.repeat(np.arange(len(lengths)), lengths),
        new_year=new_year,
        first_year=first_year,
        rates=mortality.laid_out(years, ages),
        age_cell=mortality.age_cell,
    )


def legs(lines: LifeLines, mortality: Mortality, hazard: np.ndarray) -> Iterator[Leg]:
    """Each block of follow-up, for those still followed; the lines must come longest first.

    ``hazard``, noughts at first, holds what each child has met so far, and in the end what it has met by its exit.
    """
    diagram = lexis_diagram(lines, mortality)
    for start in range(0, ceil(lines.exit.max(initial=-1)) or 1, BLOCK):
        followed = np.searchsorted(-lines.exit, -start, side="left") if start else len(lines)
        for first in range(0, followed, TOGETHER):
            children = slice(first, min(first + TOGETHER, followed))
            leg = diagram.leg(children, start, hazard[children])
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
        within = (after > 0) & (after <= BLOCK)
        if within.any():
            reached[order[leg.children][within]] = hazard_after(leg, after)[within]
    return reached


def beyond_the_table(lines: LifeLines, mortality: Mortality) -> dict[str, int]:
    """Where the life table ends before the children do: the year or age whose rates stand in, as notes of a curve.

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
    return {f"life_table_{end}": int(limit) for end, (limit, rows) in ends.items() if rows.any()}


def _years(days: np.ndarray) -> np.ndarray:
    dates = np.floor(days).astype(np.int64).astype("datetime64[D]")
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970
