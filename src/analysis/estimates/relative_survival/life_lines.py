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
    of_table, faults = _places(cases, mortality)
    entry, exit_days = _numbers(cases, "entry_days", 0.0), _numbers(cases, until)
    weight, event = _numbers(cases, "standard_weight", 1.0), _events(cases["event"])
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
    days = birth.astype(int), diagnosis.astype(int)
    return LifeLines(of_table, *days, entry, exit_days, event > 0, weight)


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
    one_country = "country" in keys and mortality.places["country"].nunique() == 1
    if one_country and "country" not in cases.columns:
        keys.remove("country")
    require_columns(cases, keys)
    levels = {key: pd.Index(mortality.places[key].unique()) for key in keys}
    codes = {key: _codes_in(cases[key], index) for key, index in levels.items()}
    faults = [_unknown(cases[key], codes[key], index) for key, index in levels.items()]
    if any(faults):
        return np.zeros(len(cases), dtype=int), [fault for fault in faults if fault]
    places = _place_of_cells(mortality.places, levels)[tuple(codes.values())]
    together = f"{', '.join(keys)}: not together in the life table"
    return places, faults_in_rows({together: places < 0})


def _place_of_cells(places: pd.DataFrame, levels: dict[str, pd.Index]) -> np.ndarray:
    """The place of each combination of levels; -1 for one that the life table has not."""
    of_cell = np.full([len(index) for index in levels.values()], -1)
    cells = tuple(_codes_in(places[key], index) for key, index in levels.items())
    of_cell[cells] = np.arange(len(places))
    return of_cell


def _unknown(column: pd.Series, codes: np.ndarray, levels: pd.Index) -> str:
    """What is wrong with a column of children whose values the life table has not all; nothing otherwise."""
    is_unknown = codes < 0
    if not is_unknown.any():
        return ""
    rows = rows_phrase(np.flatnonzero(is_unknown) + 1)
    values = column.astype(object)[is_unknown].dropna().unique()
    # A country may be named, since a table of it can then be added; a sex is of one child.
    if column.name == "country" and len(values):
        return f"country: {', '.join(sorted(map(str, values)))} not in the life table; {rows}"
    choices = ", ".join(map(str, levels))
    return f"{column.name}: must be one of the life table's, {choices}; {rows}"


def _codes_in(column: pd.Series, levels: pd.Index) -> np.ndarray:
    """Each value's place among the levels, found once a distinct value; -1 where it is none of them."""
    codes, values = pd.factorize(column)
    return np.append(levels.get_indexer(pd.Index(values, dtype=object)), -1)[codes]


def _days_of_life(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Day of diagnosis and of birth, each from the best that the row has; missing where it has nothing."""
    if not {"diagnosis_date", "year"} & set(cases.columns):
        require_columns(cases, ["diagnosis_date"])
    ages = {"birth_date", "age_at_diagnosis_days", "age_at_diagnosis"}
    if not ages & set(cases.columns):
        require_columns(cases, ["birth_date"])
    diagnosis = _dates(cases, "diagnosis_date")
    year = pd.Series(_numbers(cases, "year"))
    diagnosis = np.where(np.isnan(diagnosis), day_numbers(middle_of_year(year)), diagnosis)
    by_days = diagnosis - _numbers(cases, "age_at_diagnosis_days")
    by_years = _years_before(diagnosis, _numbers(cases, "age_at_diagnosis")) - HALF_A_YEAR
    birth = _dates(cases, "birth_date")
    birth = np.where(np.isnan(birth), by_days, birth)
    return diagnosis, np.floor(np.where(np.isnan(birth), by_years, birth))


def _dates(cases: pd.DataFrame, column: str) -> np.ndarray:
    if column not in cases.columns:
        return np.full(len(cases), np.nan)
    return day_numbers(pd.to_datetime(cases[column], errors="coerce", cache=False))


def _years_before(day: np.ndarray, years: np.ndarray) -> np.ndarray:
    """The same day of the calendar some completed years earlier; missing where either is."""
    filled = ~(np.isnan(day) | np.isnan(years))
    date = np.where(filled, day, 0).astype(np.int64).astype("datetime64[D]")
    year = date.astype("datetime64[Y]")
    into_year = date - year.astype("datetime64[D]")
    earlier = year - np.where(filled, years, 0).astype(np.int64)
    days = (earlier.astype("datetime64[D]") + into_year).astype(np.int64)
    return np.where(filled, days, np.nan)
