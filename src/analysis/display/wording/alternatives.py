"""Text alternatives: what a table or figure shows, computed from what is published in it."""

from collections.abc import Hashable, Sequence

import pandas as pd

from analysis.display.columns import (
    MEASURES,
    column_label,
    estimate_of,
    is_missing,
    ordered_values,
    rows_of,
    series_values,
    value_label,
)
from analysis.display.language import say_limits, say_number, say_value
from analysis.display.wording.notes import overall_of
from analysis.quantities import note_columns
from analysis.strata import number_strata
from analysis.terms import DAYS_PER_YEAR, label

# Years by which a time since diagnosis may miss a whole year.
NEARLY = 1e-6


def _fill(key: str, language: str, **words: object) -> str:
    sentence = label(key, language)
    for name, word in words.items():
        sentence = sentence.replace("{" + name + "}", str(word))
    return sentence


def _measure_of(frame: pd.DataFrame) -> str | None:
    return estimate_of(frame) or next(
        (column for column in frame.columns if column in MEASURES), None
    )


def _lower_first(text: str) -> str:
    # An abbreviation keeps its capitals inside a sentence.
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def table_alternative(frame: pd.DataFrame, language: str) -> str:
    """Rows, columns, and the range of what the table is about."""
    names = ", ".join(
        _lower_first(column_label(c, frame, language))
        for c in frame.columns
        if c not in ("lower", "upper", "standard_error", *note_columns(frame))
    )
    sentence = _fill("alt.table", language, rows=len(frame), columns=names)
    span = _range_sentence(frame, _measure_of(frame), language)
    return f"{sentence} {span}".strip()


def flow_alternative(flow: pd.DataFrame, language: str) -> str:
    """How many came in and how many remain."""
    if flow["remaining"].tail(1).isna().all():
        return _fill("alt.table", language, rows=len(flow), columns=label("criterion", language))
    return _fill(
        "alt.flow", language, rows=len(flow), last=say_number(flow["remaining"].iloc[-1], language)
    )


def _range_sentence(frame: pd.DataFrame, measure: str | None, language: str) -> str:
    # A withheld number is in no range: the ends of it are told.
    values = frame[measure].dropna() if measure else pd.Series(dtype=float)
    if values.empty:
        return label("alt.nothing", language)
    low, high = (say_value(measure, value, language) for value in (values.min(), values.max()))
    name = column_label(measure, frame, language)
    return (
        _fill("alt.range", language, name=name, low=low, high=high)
        if low != high
        else f"{name}: {low}."
    )


def dots_alternative(
    frame: pd.DataFrame,
    category: str,
    series: str | None,
    language: str,
    measure: str | None = None,
) -> str:
    """Bars or dots: how many, the smallest and the largest and where they are, what is not shown."""
    measure = measure or _measure_of(frame)
    columns = [column for column in (category, series) if column]
    shown = frame.dropna(subset=[measure])
    sentence = _fill(
        "alt.dots",
        language,
        n=len(ordered_values(category, frame[category])),
        category=_lower_first(label(category, language)),
        name=column_label(measure, frame, language),
    )
    if shown.empty:
        return f"{sentence} {label('alt.nothing', language)}"
    parts = [sentence, _extremes(shown, columns, measure, language)]
    parts += _goal_sentence(frame, columns, language)
    return " ".join([*parts, *_missing_sentence(frame, shown, language)])


def _extremes(shown: pd.DataFrame, columns: list[str], measure: str, language: str) -> str:
    """The largest and the smallest, and where they are."""
    high, low = (
        _place(shown.loc[row], columns, measure, language)
        for row in (shown[measure].idxmax(), shown[measure].idxmin())
    )
    return _fill("alt.extremes", language, high=high, low=low) if len(shown) > 1 else f"{high}."


def _missing_sentence(frame: pd.DataFrame, shown: pd.DataFrame, language: str) -> list[str]:
    missing = len(frame) - len(shown)
    return [_fill("alt.missing", language, n=missing)] if missing else []


def _goal_sentence(frame: pd.DataFrame, columns: list[str], language: str) -> list[str]:
    """Which lines meet their goal, which do not, and of which it cannot be told."""
    if "goal_verdict" not in frame.columns:
        return []
    verdicts = frame["goal_verdict"].dropna()
    parts = []
    for verdict in ordered_values("goal_verdict", verdicts):
        rows = frame.loc[verdicts.index[verdicts == verdict]]
        names = [_names_of(row, columns, language) for _, row in rows.iterrows()]
        parts.append(f"{value_label('goal_verdict', verdict, language)}: {'; '.join(names)}")
    return [_fill("alt.goals", language, said=". ".join(parts))] if parts else []


def _names_of(row: pd.Series, columns: list[str], language: str) -> str:
    return ", ".join(value_label(column, row[column], language, short=True) for column in columns)


def _place(row: pd.Series, columns: list[str], measure: str, language: str) -> str:
    return f"{say_value(measure, row[measure], language)} ({_names_of(row, columns, language)})"


def lines_alternative(frame: pd.DataFrame, x: str, series: str | None, language: str) -> str:
    """Lines: the span of x, and for each line its first, last, smallest and largest value."""
    measure = _measure_of(frame)
    name = column_label(measure, frame, language)
    span = (value_label(x, frame[x].iloc[0], language), value_label(x, frame[x].iloc[-1], language))
    sentence = _fill(
        "alt.lines",
        language,
        name=name,
        x=_lower_first(label(x, language)),
        first=span[0],
        last=span[1],
    )
    groups = series_values(frame, series)
    parts = [
        _line_words(rows_of(frame, series, value), x, series, measure, language) for value in groups
    ]
    missing = frame[measure].isna().sum()
    told = [_fill("alt.missing", language, n=missing)] if 0 < missing < len(frame) else []
    return " ".join([sentence, *parts, *told])


def _line_words(rows: pd.DataFrame, x: str, series: str | None, measure: str, language: str) -> str:
    values = rows[measure].dropna()
    who = value_label(series, rows[series].iloc[0], language, short=True) + ": " if series else ""
    if values.empty:
        return f"{who}{label('alt.neither', language)}."
    ends = {
        "first": values.iloc[0],
        "last": values.iloc[-1],
        "low": values.min(),
        "high": values.max(),
    }
    spoken = {name: say_value(measure, value, language) for name, value in ends.items()}
    words = _fill("alt.line", language, **spoken) + _trend_words(rows, measure, language)
    return who + words if who else words[:1].upper() + words[1:]


def _trend_words(rows: pd.DataFrame, measure: str, language: str) -> str:
    """From where to where a trend goes."""
    fitted = rows["fitted"].dropna() if "fitted" in rows.columns else pd.Series(dtype=float)
    if fitted.empty:
        return ""
    ends = [say_value(measure, value, language) for value in (fitted.iloc[0], fitted.iloc[-1])]
    return " " + _fill("alt.trend", language, first=ends[0], last=ends[1])


def curves_alternative(
    curve: pd.DataFrame, strata: list[str], language: str, years: Sequence[float] = (1, 5, 10)
) -> str:
    """Survival curves: what they have reached at the usual years, or where the curve ends."""
    measure = _measure_of(curve)
    sentence = _fill("alt.curves_of", language, name=column_label(measure, curve, language))
    parts = []
    numbers, values = number_strata(curve, strata)
    for number, named in enumerate(values[list(strata)].itertuples(index=False)):
        pairs = zip(strata, named, strict=True)
        who = ", ".join(value_label(*pair, language, short=True) for pair in pairs)
        words = _curve_words(curve[numbers == number], measure, language, years)
        parts.append(f"{who}: {words}" if who else words)
    return " ".join([sentence, *parts])


def _curve_words(rows: pd.DataFrame, measure: str, language: str, years: Sequence[float]) -> str:
    from_start = rows["time_days"] / DAYS_PER_YEAR
    parts = []
    for year in (year for year in years if from_start.max() >= year - NEARLY):
        value = rows.loc[from_start <= year + NEARLY, measure].iloc[-1]
        key = "alt.at_one_year" if year == 1 else "alt.at_year"
        parts.append(_fill(key, language, value=say_value(measure, value, language), n=year))
    if parts:
        return ", ".join(parts) + "."
    end = say_value(measure, rows[measure].iloc[-1], language)
    years_seen = say_number(from_start.iloc[-1], language, 1)
    return _fill("alt.curve_end", language, value=end, n=years_seen)


def funnel_alternative(
    frame: pd.DataFrame, unit: str, size: str, outside: Sequence[Sequence[Hashable]], language: str
) -> str:
    """A funnel: how many units, what all have together, and which lie outside the limits of chance.

    Parameters
    ----------
    outside
        The units outside the limits of 95 % and, of these, those outside the limits of 99.8 %.
    """
    measure = _measure_of(frame)
    sentence = _fill(
        "alt.funnel",
        language,
        name=column_label(measure, frame, language),
        n=len(frame),
        unit=_lower_first(label(unit, language)),
        size=_lower_first(label(size, language)),
    )
    parts = [sentence]
    if (overall := overall_of(frame)) is not None:
        parts.append(_fill("alt.overall", language, value=say_value(measure, overall, language)))
    for key, units in zip(("alt.outside_95", "alt.outside_998"), outside, strict=True):
        names = ", ".join(value_label(unit, value, language, short=True) for value in units)
        parts.append(_fill(key, language, names=names or label("none", language)))
    return " ".join([*parts, *_missing_sentence(frame, frame.dropna(subset=[measure]), language)])


def comparison_alternative(frame: pd.DataFrame, category: str, language: str) -> str:
    """Ratios or differences: each with its interval, or that there is none."""
    measure = _measure_of(frame)
    sentence = _fill(
        "alt.dots",
        language,
        n=len(frame),
        category=_lower_first(label(category, language)),
        name=column_label(measure, frame, language),
    )
    parts = [sentence]
    for _, row in frame.iterrows():
        who = value_label(category, row[category], language, short=True)
        parts.append(f"{who}: {_with_limits(row, measure, language)}.")
    return " ".join(parts)


def _with_limits(row: pd.Series, measure: str, language: str) -> str:
    value = say_value(measure, row[measure], language)
    if any(is_missing(row.get(column)) for column in (measure, "lower", "upper")):
        return value
    return f"{value} ({say_limits(measure, row['lower'], row['upper'], language)})"


def expected_alternative(frame: pd.DataFrame, category: str, language: str) -> str:
    """Observed against expected: for each group both numbers, and whether that is unusual."""
    shown = frame.dropna(subset=["cases", "expected"])
    parts = [
        _fill(
            "alt.expected", language, n=len(frame), category=_lower_first(label(category, language))
        )
    ]
    for _, row in shown.iterrows():
        numbers = {
            "who": value_label(category, row[category], language, short=True),
            "observed": say_number(row["cases"], language),
            "expected": say_number(row["expected"], language, 1),
            "limits": _said_counts(row["lower"], row["upper"], language),
        }
        parts.append(_fill("alt.expected_of", language, **numbers))
    return " ".join([*parts, *_missing_sentence(frame, shown, language)])


def _said_counts(lower: float, upper: float, language: str) -> str:
    """Limits of a count: whole numbers as such."""
    # Limits in cases are whole where they come from a distribution of counts.
    whole = all(not is_missing(limit) and float(limit).is_integer() for limit in (lower, upper))
    return say_limits("expected", lower, upper, language, 0 if whole else 1)
