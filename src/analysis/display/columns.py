"""What each column is to a reader: a count, an estimate with its interval, a year, a name."""

from collections.abc import Hashable, Iterable
from numbers import Number

import pandas as pd

from analysis.errors import InputError
from analysis.quantities import note_columns, notes_of, of_kind, quantity, with_trait
from analysis.terms import COUNTRIES, ICCC3_GROUPS, SEXES, has_label, label

# Counts that are summed in a line of totals; at_risk and entered are those of one time each.
ADDITIVE_COUNTS = with_trait("additive")
COUNTS = of_kind("count")
RATES = of_kind("rate")
SURVIVALS = of_kind("survival")
RISKS = of_kind("risk", "cumulative_risk")
PROPORTIONS = of_kind("survival", "risk", "cumulative_risk", "share")
CHANGES = of_kind("change")
RATIOS = of_kind("ratio")
DIFFERENCES = of_kind("difference")
HAZARDS = of_kind("hazard")
_ESTIMATED = (
    *("rate", "survival", "risk", "cumulative_risk", "share", "change", "deviation", "duration"),
    *("ratio", "difference", "hazard"),
)
ESTIMATES = of_kind(*_ESTIMATED)
INTERVAL = of_kind("interval")
FITTED = ("fitted", *of_kind("fitted_limit"))
LIMITS = of_kind("limit")
P_VALUES = of_kind("p_value")
# Words that are read off numbers: withheld with them.
JUDGEMENTS = of_kind("judgement")
_DERIVED_NUMBERS = (
    *_ESTIMATED,
    *("interval", "fitted_limit", "limit", "overall", "spread", "expectation", "percent"),
    *("completeness", "year_of_change", "p_value", "test", "rank"),
)
# What would give a withheld count away, or stands on it.
DERIVED = (*of_kind(*_DERIVED_NUMBERS), *JUDGEMENTS)
PLAIN = with_trait("plain")
MEASURES = (
    *of_kind("count", "person_time", "contribution", "degrees", *_DERIVED_NUMBERS),
    "time_days",
)
# When a count is looked at: counts add up over strata at one time, never over times.
LOOKED_AT = of_kind("time")
# What divides children or tumours; a column that the table of quantities does not know is the source's own.
_DIVIDING = ("stratum", "child", "time", "note")

_FAMILY = {
    "iccc3_group": "iccc3",
    "iccc3_subgroup": "iccc3",
    "pooled_group": "iccc3",
    "diagnosis_group": "iccc3",
    "cause": "cause_of_death",
}
_ORDER = {"country": COUNTRIES, "sex": SEXES, "iccc3": (*ICCC3_GROUPS, "IV–XII")}


def kind_of(column: str, frame: pd.DataFrame) -> str:
    """The estimate in whose unit a column is read: its own, or that of the estimate it stands beside.

    Examples
    --------
    >>> kind_of("upper_95", pd.DataFrame(columns=["share", "upper_95"]))
    'share'
    """
    known = quantity(column)
    beside = known is not None and known.unit == "estimate"
    return (estimate_of(frame) or column) if beside else column


def scale_of(kind: str) -> int:
    """What a value is multiplied by before it is read: proportions 0–1 are read in per cent."""
    known = quantity(kind)
    return 100 if known is not None and known.unit == "proportion" else 1


def is_missing(value: object) -> bool:
    """Whether a single value is missing."""
    return value is None or bool(pd.isna(value))


def plain(value: object) -> str:
    """A code as text: ``2023.0`` and ``2023`` are the same year."""
    # A whole-number column with a missing value is one of floats in pandas.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_provisional(value: object, provisional: object) -> bool:
    """Whether a year (or another value) is provisional: from the year given on, or the very value given.

    Examples
    --------
    >>> is_provisional(2023, 2022), is_provisional(2021, 2022), is_provisional("2020–2023", None)
    (True, False, False)
    """
    # A parameter of a chapter says "none" as 0 or as an empty word.
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
    family, code = _FAMILY.get(column, column), plain(value)
    if column == "years" and short:
        return label("one_year" if value == 1 else "n_years", language).replace("{n}", code)
    if column == "column" and has_label(code):
        # A table about columns names them as its headings would.
        return label(code, language)
    key = _label_key(family, code, short)
    if key is None:
        return code
    # Groups of diagnoses go by their numerals, which are the same in every language.
    numbered = family == "iccc3" or (family == "basis_of_diagnosis" and code.isdigit())
    with_code = numbered and not key.startswith("value.")
    return f"{code} {label(key, language)}" if with_code else label(key, language)


def _label_key(family: str, code: str, short: bool) -> str | None:
    """Where the word for a code stands: in short, under its column, or for whatever column it is in."""
    shortened = [f"{family}_short.{code}"] if short else []
    keys = (*shortened, f"{family}.{code}", f"value.{code}")
    return next((key for key in keys if has_label(key)), None)


def ordered_values(column: str, values: Iterable[Hashable]) -> list[Hashable]:
    """Distinct values in the reading order of their column, else as they come; missing last."""
    # NaN is not NaN: missing values of any kind become one.
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
    return [
        column for column in LOOKED_AT if column in frame.columns and frame[column].nunique() > 1
    ]


def rows_of(frame: pd.DataFrame, column: str | None, value: Hashable) -> pd.DataFrame:
    """The rows of one series; all where there is none."""
    if column is None:
        return frame
    return frame[frame[column].isna() if is_missing(value) else frame[column] == value]


def series_values(frame: pd.DataFrame, column: str | None) -> list[Hashable]:
    """The series of a figure in house order; one without a name where there is no column."""
    return ordered_values(column, frame[column]) if column else [None]


def stratum_columns(frame: pd.DataFrame) -> list[str]:
    """The columns by which a table is divided: what stands on its counts, or beside them, divides nothing.

    Examples
    --------
    >>> stratum_columns(pd.DataFrame(columns=["ward", "year", "cases", "person_years", "rate"]))
    ['ward', 'year']
    """
    notes = note_columns(frame)
    known = {name: quantity(name) for name in frame.columns if name not in notes}
    return [name for name in known if known[name] is None or known[name].kind in _DIVIDING]


def estimate_of(frame: pd.DataFrame) -> str | None:
    """The estimate that a frame is about: the one in front of its interval, or its first."""
    columns = list(frame.columns)
    if "lower" in columns:
        # A table may hold several estimates; the interval is that of the one it follows.
        before = [column for column in columns[: columns.index("lower")] if column in ESTIMATES]
        if before:
            return before[-1]
    return next((column for column in columns if column in ESTIMATES), None)


def measure_of(frame: pd.DataFrame) -> str:
    """The estimate that a figure is about; refused where there is none."""
    measure = estimate_of(frame)
    if measure is None:
        raise InputError(
            "figure", ["must have an estimate: rate, survival, share or annual_percent_change"]
        )
    return measure


def per_label(frame: pd.DataFrame, language: str) -> str:
    """``"per million"``: the frame's column ``per`` notes what its rates are per."""
    return label(f"per.{int(notes_of(frame).get('per', 1_000_000))}", language)


def survival_label(frame: pd.DataFrame, language: str) -> str:
    """``"Survival"``, or of what: the step that added follow-up notes its ``outcome`` in each row."""
    key = f"survival_of.{notes_of(frame).get('outcome')}"
    named = label(key if has_label(key) else "survival", language)
    return named[:1].upper() + named[1:]


def column_label(column: str, frame: pd.DataFrame, language: str) -> str:
    """A column's heading, with its unit, or with what survival is without."""
    if column == "survival":
        return survival_label(frame, language)
    per = f" {per_label(frame, language)}" if column in (*RATES, "rate_difference") else ""
    return label(column, language) + per
