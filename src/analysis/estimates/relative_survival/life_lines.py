"""Children as life lines: where and when each was born and diagnosed, came under observation and left it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.calendar import day_numbers, middle_of_year
from analysis.errors import faults_in_rows, raise_faults, rows_phrase
from analysis.estimates.relative_survival.life_tables import Mortality
from analysis.strata import require_columns

POTENTIAL = "potential_follow_up_days"
HALF_A_YEAR = 182


@dataclass(frozen=True)
class LifeLines:
    """Children in the order of their rows; days count from 1 January 1970, times from diagnosis."""

    place: np.ndarray
    birth: np.ndarray
    diagnosis: np.ndarray
    entry: np.ndarray
    exit: np.ndarray
    event: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.exit)


def read_life_lines(
    cases: pd.DataFrame, mortality: Mortality, until: str = "follow_up_days"
) -> LifeLines:
    """Read the children that a life table is to be held against; every fault is listed at once.

    Reads ``sex``, ``country`` where the table has several, ``birth_date`` and ``diagnosis_date`` (dates), or where
    these are missing ``age_at_diagnosis_days`` (days) or ``age_at_diagnosis`` (completed years) and ``year``; ``until``
    (days), ``event`` (0/1, or a categorical of causes), and where they are there ``entry_days`` (days) and
    ``standard_weight``.

    A child of whom only completed years are known is taken to be half a year past the birthday, and one of whom only
    the year is known to be diagnosed on 1 July.
    """
    require_columns(cases, ["sex", until, "event"])
    diagnosis, birth = _days_of_life(cases)
    place, faults = _places(cases, mortality)
    exit_days, event = _numbers(cases, until), _events(cases["event"])
    entry = _numbers(cases, "entry_days", 0.0)
    weight = _numbers(cases, "standard_weight", 1.0)
    rules = {
        "diagnosis_date or year: must be filled": np.isnan(diagnosis),
        "birth_date or age at diagnosis: must be filled": np.isnan(birth) & ~np.isnan(diagnosis),
        "diagnosis_date: must not be before birth_date": diagnosis < birth,
        f"{until}: must be filled": ~np.isfinite(exit_days),
        f"{until}: must not be negative": exit_days < 0,
        "event: must be 0 or 1, or a categorical, and filled": event < 0,
        "entry_days: must be filled": np.isnan(entry),
        "entry_days: must not be negative": entry < 0,
        f"entry_days: must be before {until}": (entry >= exit_days) & (entry > 0),
        "standard_weight: must be more than 0": weight <= 0,
    }
    raise_faults("children and life table", rules, faults)
    return LifeLines(
        place, birth.astype(int), diagnosis.astype(int), entry, exit_days, event > 0, weight
    )


def potential_follow_up(cases: pd.DataFrame, lines: LifeLines) -> np.ndarray:
    """How long each child could have been followed: ``potential_follow_up_days``, or as it seems from the exits.

    Without the column a death is taken to leave follow-up open until the latest exit of all; a censored child's own
    follow-up was all there could be. What lies beyond the last exit is left out: nothing is estimated there.
    """
    latest_exit = lines.exit.max(initial=0)
    if POTENTIAL not in cases.columns:
        closing = (lines.diagnosis + lines.exit).max(initial=0)
        return np.minimum(np.where(lines.event, closing - lines.diagnosis, lines.exit), latest_exit)
    potential = _numbers(cases, POTENTIAL)
    long_enough = f"{POTENTIAL}: must not be less than follow_up_days; is"
    raise_faults("potential follow-up", {long_enough: ~(potential >= lines.exit)})
    return np.minimum(potential, latest_exit)


def longest_first(lines: LifeLines) -> tuple[LifeLines, np.ndarray]:
    """The life lines by falling time of exit, so that those still followed come first; their order."""
    order = np.argsort(-lines.exit, kind="stable")
    return replace(lines, **{name: values[order] for name, values in vars(lines).items()}), order


def _numbers(cases: pd.DataFrame, column: str, otherwise: float = np.nan) -> np.ndarray:
    if column not in cases.columns:
        return np.full(len(cases), otherwise)
    return pd.to_numeric(cases[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _events(event: pd.Series) -> np.ndarray:
    if isinstance(event.dtype, pd.CategoricalDtype) and not set(event.cat.categories) <= {0, 1}:
        return event.cat.codes.to_numpy().astype(np.int64)
    values = pd.to_numeric(event.astype(object), errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )
    return np.where(values == 1, 1, np.where(values == 0, 0, -1))


def _places(cases: pd.DataFrame, mortality: Mortality) -> tuple[np.ndarray, list[str]]:
    """The place of each child in the life table; what is wrong, countries by name and sexes by row."""
    keys = list(mortality.places.columns)
    if (
        "country" in keys
        and "country" not in cases.columns
        and mortality.places["country"].nunique() == 1
    ):
        keys.remove("country")
    require_columns(cases, keys)
    known = [pd.Index(mortality.places[column].unique()) for column in keys]
    codes = [_codes_in(cases[column], levels) for column, levels in zip(keys, known, strict=True)]
    faults = []
    for column, levels, found in zip(keys, known, codes, strict=True):
        rows = rows_phrase(np.flatnonzero(found < 0) + 1) if (found < 0).any() else ""
        absent = (
            cases[column].astype(object)[found < 0].dropna().unique() if column == "country" else []
        )
        named = ", ".join(sorted(map(str, absent)))
        if rows:
            allowed = f"must be one of the life table's, {', '.join(map(str, levels))}"
            faults.append(
                f"{column}: {f'{named} not in the life table' if named else allowed}; {rows}"
            )
    shape = tuple(len(levels) for levels in known)
    of_cell = np.full(shape, -1)
    of_cell[
        tuple(
            levels.get_indexer(mortality.places[column])
            for column, levels in zip(keys, known, strict=True)
        )
    ] = np.arange(len(mortality.places))
    place = of_cell[tuple(codes)] if not faults else np.zeros(len(cases), dtype=int)
    together = f"{', '.join(keys)}: not together in the life table"
    return place, [*faults, *faults_in_rows({together: place < 0})]


def _codes_in(column: pd.Series, levels: pd.Index) -> np.ndarray:
    """Each value's place among the levels, found once a distinct value; -1 where it is none of them."""
    codes, found = pd.factorize(column)
    return np.append(levels.get_indexer(pd.Index(found, dtype=object)), -1)[codes]


def _days_of_life(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Day of diagnosis and of birth, each from the best that the row has; missing where it has nothing."""
    if not {"diagnosis_date", "year"} & set(cases.columns):
        require_columns(cases, ["diagnosis_date"])
    ages = {"birth_date", "age_at_diagnosis_days", "age_at_diagnosis"}
    if not ages & set(cases.columns):
        require_columns(cases, ["birth_date"])
    diagnosis, year = _day_numbers(cases, "diagnosis_date"), _numbers(cases, "year")
    midyear = day_numbers(middle_of_year(pd.Series(year)))
    diagnosis = np.where(np.isnan(diagnosis), midyear, diagnosis)
    birth, age = _day_numbers(cases, "birth_date"), _numbers(cases, "age_at_diagnosis")
    for known in (
        diagnosis - _numbers(cases, "age_at_diagnosis_days"),
        _years_before(diagnosis, age) - HALF_A_YEAR,
    ):
        birth = np.where(np.isnan(birth), known, birth)
    return diagnosis, np.floor(birth)


def _day_numbers(cases: pd.DataFrame, column: str) -> np.ndarray:
    if column not in cases.columns:
        return np.full(len(cases), np.nan)
    days = pd.to_datetime(cases[column], errors="coerce", cache=False).to_numpy(
        dtype="datetime64[D]"
    )
    return np.where(np.isnat(days), np.nan, days.astype(np.int64))


def _new_year(year: np.ndarray) -> np.ndarray:
    filled = np.where(np.isnan(year), 1970, year).astype(np.int64) - 1970
    return np.where(
        np.isnan(year),
        np.nan,
        filled.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64),
    )


def _years_before(day: np.ndarray, years: np.ndarray) -> np.ndarray:
    """The same day of the calendar some completed years earlier."""
    known = ~(np.isnan(day) | np.isnan(years))
    date = np.where(known, day, 0).astype(np.int64).astype("datetime64[D]")
    year = date.astype("datetime64[Y]")
    into_year = (date - year.astype("datetime64[D]")).astype(np.int64)
    earlier = year.astype(np.int64) + 1970 - np.where(known, years, 0)
    return np.where(known, _new_year(earlier) + into_year, np.nan)
