"""Numbers, dates and findings said in the reader's language."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from babel.dates import format_date
from babel.numbers import get_decimal_symbol

from analysis.display.columns import (
    COUNTS,
    DIFFERENCES,
    ESTIMATES,
    is_missing,
    scale_of,
    value_label,
)
from analysis.errors import InputError
from analysis.quantities import decimals_of
from analysis.terms import LANGUAGES, label, locale_of

THIN = "\N{NARROW NO-BREAK SPACE}"
HARD = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
# The measure that is no column: a risk said as one in so many.
ONE_IN = "one_in"


def say_number(value: object, language: str, decimals: int = 0) -> str:
    """A number with the language's decimal sign and thin spaces between thousands.

    Missing and infinite values are ``"not estimated"``.

    Examples
    --------
    >>> say_number(3.14159, "nb", 2)
    '3,14'
    """
    if language not in LANGUAGES:
        raise InputError("language", [f"must be one of {', '.join(LANGUAGES)}"])
    if is_missing(value) or not np.isfinite(value):
        return label("not_estimated", language)
    # Adding zero turns a rounded −0.0 into 0.0.
    digits = f"{round(float(value), decimals) + 0.0:,.{decimals}f}"
    swapped = digits.replace(",", THIN).replace(".", get_decimal_symbol(language))
    return swapped.replace("-", MINUS)


def say_count(n: object, language: str, minimum: int = 5) -> str:
    """A count, or ``"fewer than 5"`` where it is 1 to ``minimum`` − 1.

    Examples
    --------
    >>> say_count(3, "en", 5), say_count(0, "en", 5), say_count(12, "nb", 5)
    ('fewer than 5', '0', '12')
    """
    if not is_missing(n) and 0 < n < minimum:
        return label("fewer_than", language).replace("{n}", str(minimum))
    return say_number(n, language)


def say_percent(proportion: object, language: str, decimals: int = 1) -> str:
    """A proportion 0–1 in per cent: ``"89.6 %"``.

    Examples
    --------
    >>> say_percent(0.8964, "nb").replace(HARD, " ")
    '89,6 %'
    """
    if is_missing(proportion):
        return label("not_estimated", language)
    return f"{say_number(100 * proportion, language, decimals)}{HARD}%"


def say_value(kind: str, value: object, language: str, decimals: int | None = None) -> str:
    """A value as its column is read: a proportion with its per cent sign, a ratio with two decimals.

    Examples
    --------
    >>> say_value("hazard_ratio", 1.2345, "nb"), say_value("survival_difference", -0.0321, "en")
    ('1,23', '−3.2')
    """
    places = decimals_of(kind) if decimals is None else decimals
    # Percentage points have no sign of per cent: it would be read as a relative change.
    if scale_of(kind) == 100 and kind not in DIFFERENCES:
        return say_percent(value, language, places)
    return say_number(None if is_missing(value) else scale_of(kind) * value, language, places)


def say_limits(
    kind: str, lower: object, upper: object, language: str, decimals: int | None = None
) -> str:
    """Two limits in the unit of their estimate, without its sign; an infinite upper limit as ``∞``.

    Examples
    --------
    >>> say_limits("survival", 0.881, 0.909, "nb"), say_limits("rate_ratio", 0.4, np.inf, "en")
    ('88,1–90,9', '0.40–∞')
    """
    places = decimals_of(kind) if decimals is None else decimals
    if not is_missing(upper) and np.isposinf(upper) and not is_missing(lower):
        return f"{say_number(scale_of(kind) * lower, language, places)}–∞"
    if is_missing(lower) or is_missing(upper):
        return label("not_estimated", language)
    return say_interval(scale_of(kind) * lower, scale_of(kind) * upper, language, places)


def say_interval(lower: object, upper: object, language: str, decimals: int = 1) -> str:
    """Two limits: ``"165.2–179.6"``; with a word between where one is negative (``"−0.2 to 1.4"``).

    Examples
    --------
    >>> say_interval(165.24, 179.61, "en")
    '165.2–179.6'
    """
    if is_missing(lower) or is_missing(upper):
        return label("not_estimated", language)
    # A dash beside a minus sign cannot be read.
    between = f" {label('to', language)} " if lower < 0 or upper < 0 else "–"
    return between.join(say_number(limit, language, decimals) for limit in (lower, upper))


def say_estimate(
    row: object,
    language: str,
    measure: str | None = None,
    minimum: int = 5,
    *,
    decimals: int | None = None,
) -> str:
    """Any estimate with its interval: ``"172.3 (95 % CI 165.2–179.6)"``, ``"89.6 % (95 % CI 88.1–90.9)"``.

    Columns read: ``measure``, ``lower``, ``upper``, and the counts it stands on; nothing is said where one of them is
    1 to ``minimum`` − 1, since with a published population the estimate gives the count away.

    Parameters
    ----------
    row
        One row of a table of estimates: a Series, a mapping, or a frame of one row.
    measure
        The estimate; the first that the row holds where it is not given. ``"one_in"`` says a risk as one in so many,
        from ``cumulative_risk``, ``risk_lower`` and ``risk_upper`` (0–1).
    minimum
        Smallest publishable count.
    decimals
        Decimals, where the usual ones of the measure do not do.

    Examples
    --------
    >>> row = {"cases": 1200, "rate": 172.31, "lower": 165.2, "upper": 179.6}
    >>> say_estimate(row, "en").replace(HARD, " ")
    '172.3 (95 % CI 165.2–179.6)'
    >>> say_estimate(row | {"cases": 2}, "en")
    'not shown'
    >>> row = {"events": 40, "hazard_ratio": 1.23, "lower": 1.1, "upper": 1.37}
    >>> say_estimate(row, "nb", "hazard_ratio").replace(HARD, " ")
    '1,23 (95 % KI 1,10–1,37)'
    >>> risk = {"cases": 5828, "cumulative_risk": 1 / 400, "risk_lower": 1 / 420, "risk_upper": 1 / 380}
    >>> say_estimate(risk, "nb", "one_in").replace(HARD, " ")
    '1 av 400 (95 % KI 1 av 380 til 1 av 420)'
    """
    if measure not in (None, ONE_IN, *ESTIMATES):
        choices = ", ".join((ONE_IN, *ESTIMATES))
        raise InputError("measure", [f"must be one of {choices}"])
    row = _one_row(row)
    if _is_small(row, minimum):
        return label("not_shown", language)
    if measure == ONE_IN:
        return _say_one_in(row, language)
    kind = measure or next((column for column in row if column in ESTIMATES), "ratio")
    value, lower, upper = (row.get(column) for column in (kind, "lower", "upper"))
    words = say_value(kind, value, language, decimals)
    if is_missing(value) or is_missing(lower) or is_missing(upper):
        return words
    return _beside_interval(words, say_limits(kind, lower, upper, language, decimals), language)


def _say_one_in(row: Mapping, language: str) -> str:
    """A risk as one in so many; its limits change places, for one in few is the larger risk."""
    risk, *limits = (row.get(column) for column in ("cumulative_risk", "risk_upper", "risk_lower"))
    if is_missing(risk) or risk <= 0:
        return label("not_estimated", language)
    words = _one_in(risk, language)
    if any(is_missing(limit) or limit <= 0 for limit in limits):
        return words
    between = f" {label('to', language)} "
    return _beside_interval(
        words, between.join(_one_in(limit, language) for limit in limits), language
    )


def _one_in(risk: float, language: str) -> str:
    return label("one_in", language).replace("{n}", say_number(1 / risk, language))


def _beside_interval(words: str, limits: str, language: str) -> str:
    return f"{words} ({label('interval_95', language)} {limits})"


def say_date(iso: object, language: str) -> str:
    """A date in words: ``"31 December 2023"``, ``"31. desember 2023"``.

    Examples
    --------
    >>> say_date("2023-12-31", "nb")
    '31. desember 2023'
    """
    if is_missing(iso) or iso == "":
        return label("unknown", language)
    day = date.fromisoformat(str(iso)[:10])
    return format_date(day, "long", locale=locale_of(language))


def say_p(p: object, language: str) -> str:
    """A p value with its sign: ``"p = 0.032"``, ``"p < 0.001"``.

    Examples
    --------
    >>> say_p(0.0321, "en").replace(HARD, " ")
    'p = 0.032'
    """
    if is_missing(p):
        return label("not_estimated", language)
    # No test of a few hundred children is exact beyond a thousandth.
    sign, value = ("<", 0.001) if p < 0.001 else ("=", p)
    decimals = 3 if value < 0.1 else 2
    return f"p{HARD}{sign}{HARD}{say_number(value, language, decimals)}"


def _one_row(row: object) -> dict:
    if isinstance(row, pd.DataFrame):
        if len(row) > 1:
            raise InputError("a finding to say", ["must be one row"])
        return row.iloc[0].to_dict() if len(row) else {}
    return dict(row)


def _is_small(row: Mapping, minimum: int) -> bool:
    small = [not is_missing(row.get(column)) and 0 < row[column] < minimum for column in COUNTS]
    rest = _complement(row)
    return bool(row.get("suppressed", False)) or any(small) or 0 < rest < minimum


def _complement(row: Mapping) -> float:
    """How many eligible did not meet an indicator: as telling as how many did."""
    if is_missing(row.get("eligible")) or is_missing(row.get("met")):
        return 0
    # Two who did not get a treatment are as few as two who did.
    return row["eligible"] - row["met"]


def say_term(key: str, language: str) -> str:
    """The reader's word for a column, or for a code written ``column.code``; the code itself where there is none.

    Examples
    --------
    >>> say_term("sex.female", "nb"), say_term("site.Bone", "nb")
    ('jenter', 'Bone')
    """
    column, _, value = key.partition(".")
    return value_label(column, value, language) if value else label(column, language)
