"""What each column is to a reader: a count, an estimate with its interval, a year, a name."""

from collections.abc import Hashable, Iterable
from numbers import Number

import pandas as pd

from analysis.terms import COUNTRIES, ICCC3_GROUPS, SEXES, has_label, label

# Counts that are summed in a line of totals; at_risk and entered are those of one time each.
ADDITIVE_COUNTS = (
    "cases",
    "events",
    "deaths",
    "censored",
    "eligible",
    "met",
    "children",
    "tumours",
    "persons_affected",
)
COUNTS = (*ADDITIVE_COUNTS, "at_risk", "entered")
RATES = ("rate", "crude_rate", "standardised_rate")
PROPORTIONS = ("survival", "net_survival", "expected_survival", "conditional_survival", "cumulative_incidence", "share")
CHANGES = ("annual_percent_change",)
TIMES = ("median_survival", "restricted_mean", "restricted_mean_survival", "median_years", "mean_years")
RATIOS = ("ratio", "rate_ratio", "hazard_ratio", "standardised_incidence_ratio")
ESTIMATES = (*RATES, *PROPORTIONS, *CHANGES, *TIMES, *RATIOS)
INTERVAL = ("lower", "upper")
# When a count is looked at: counts add up over strata at one time, never over times.
LOOKED_AT = ("years", "given_years", "further_years", "time_days")
SPREAD = ("standard_error", "excess_hazard", "variance", "dispersion", "expected", "percent")
TESTS = ("p_value", "test_statistic")
# What would give a withheld count away, or stands on it.
DERIVED = (*ESTIMATES, *INTERVAL, *SPREAD, *TESTS)
PLAIN = ("year", "first_year", "last_year", "age_at_diagnosis", "years", "age", "degrees_of_freedom")
MEASURES = (*COUNTS, *DERIVED, "person_years", "persons", "time_days", "degrees_of_freedom")

_FAMILY = {"iccc3_group": "iccc3", "iccc3_subgroup": "iccc3", "pooled_group": "iccc3", "diagnosis_group": "iccc3"}
_ORDER = {"country": COUNTRIES, "sex": SEXES, "iccc3": (*ICCC3_GROUPS, "IV–XII")}


def decimals_of(column: str) -> int:
    """Decimals that a column is printed with."""
    if column in (*RATIOS, "dispersion", "test_statistic"):
        return 2
    return 1 if column in (*ESTIMATES, "standard_error", "expected", "percent") else 0


def is_missing(value: object) -> bool:
    """Whether a single value is missing."""
    return value is None or bool(pd.isna(value))


def plain(value: object) -> str:
    """A code as text: ``2023.0`` and ``2023`` are the same year."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_provisional(value: object, provisional: object) -> bool:
    """Whether a year (or another value) is provisional: from the year given on, or the very value given.

    Examples
    --------
    >>> is_provisional(2023, 2022), is_provisional(2021, 2022), is_provisional("2020–2023", None)
    (True, False, False)
    """
    if is_missing(value) or is_missing(provisional) or provisional in (0, ""):
        return False
    numbers = isinstance(value, Number) and isinstance(provisional, Number)
    return bool(value >= provisional) if numbers else plain(value) == plain(provisional)


def value_label(column: str, value: object, language: str, short: bool = False) -> str:
    """The reader's word for a value of a column; the value itself where it is its own word.

    Examples
    --------
    >>> value_label("country", "NO", "nb")
    'Norge'
    """
    if is_missing(value):
        return label("unknown", language)
    if column == "years" and short:
        return label("one_year" if value == 1 else "n_years", language).replace("{n}", plain(value))
    family, code = _FAMILY.get(column, column), plain(value)
    key = f"{family}_short.{code}" if short and has_label(f"{family}_short.{code}") else f"{family}.{code}"
    if column == "column" and has_label(code):
        return label(code, language)  # a table about columns names them as its headings would
    if not has_label(key):
        return label(f"value.{code}", language) if has_label(f"value.{code}") else code
    return f"{code} {label(key, language)}" if family == "iccc3" else label(key, language)


def ordered_values(column: str, values: Iterable[Hashable]) -> list[Hashable]:
    """Distinct values in the house order of their column, else as they come; missing last."""
    distinct = list(dict.fromkeys(None if is_missing(value) else value for value in values))
    house = _ORDER.get(_FAMILY.get(column, column), ())
    rank = {value: position for position, value in enumerate(house)}
    known = sorted((value for value in distinct if value in rank), key=rank.__getitem__)
    others = [value for value in distinct if value not in rank and value is not None]
    return [*known, *others, *([None] if None in distinct else [])]


def times_looked_at(frame: pd.DataFrame) -> list[str]:
    """The columns that tell when the counts of a row were looked at, where that was more than once.

    Examples
    --------
    >>> times_looked_at(pd.DataFrame({"years": [1, 5], "at_risk": [60, 20]}))
    ['years']
    """
    return [column for column in LOOKED_AT if column in frame.columns and frame[column].nunique() > 1]


def estimate_of(frame: pd.DataFrame) -> str | None:
    """The estimate that a frame is about: the one in front of its interval, or its first."""
    columns = list(frame.columns)
    if "lower" in columns:
        before = [column for column in columns[: columns.index("lower")] if column in ESTIMATES]
        if before:
            return before[-1]
    return next((column for column in columns if column in ESTIMATES), None)


def per_label(frame: pd.DataFrame, language: str) -> str:
    """``"per million"``: the estimator notes in the frame's attributes what its rates are per."""
    return label(f"per.{int(frame.attrs.get('per', 1_000_000))}", language)


def survival_label(frame: pd.DataFrame, language: str) -> str:
    """``"Survival"``, or of what: the step that added follow-up notes its outcome in the frame's attributes."""
    key = f"survival_of.{frame.attrs.get('outcome')}"
    named = label(key if has_label(key) else "survival", language)
    return named[:1].upper() + named[1:]


def column_label(column: str, frame: pd.DataFrame, language: str) -> str:
    """A column's heading, with its unit, or with what survival is without."""
    if column == "survival":
        return survival_label(frame, language)
    return f"{label(column, language)} {per_label(frame, language)}" if column in RATES else label(column, language)
