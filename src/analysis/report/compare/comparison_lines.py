"""What changed, said for a reader: each change as a line of words and numbers in one language."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby, zip_longest

from babel.numbers import get_decimal_symbol

from analysis.quantities import quantity
from analysis.report.compare.backtest import Backtest
from analysis.report.compare.causes import FACTS, Causes, Differences
from analysis.report.compare.changed_numbers import CHANGED, Change
from analysis.report.files.page_words import word
from analysis.terms import has_label, label

_P = re.compile(r"^p\s*=?\s*")
# People and time are told whole, also where they are weighted or in parts of days.
_WHOLE_KINDS = ("count", "person_time", "expectation")
_YEAR = "year"


@dataclass(frozen=True)
class NumberWords:
    """How numbers and names are said: functions of ``display``, handed in by the command line.

    ``value(kind, value, language)``, ``limits(kind, lower, upper, language)``, ``name(column, value, language)`` and
    ``p_value(value, language)``.
    """

    value: Callable[..., str]
    limits: Callable[..., str]
    name: Callable[..., str]
    p_value: Callable[..., str]


@dataclass(frozen=True)
class Line:
    """A change as it is printed; empty where there is nothing to say."""

    where: str
    what: str
    was: str
    now: str
    difference: str
    relative: str
    overlap: str
    p_value: str
    why: str


@dataclass(frozen=True)
class Sheet:
    """Lines as a table: those of one stratum or sentence stand together, and no column is empty throughout.

    ``places`` holds anchor and name of the place of each line, where the table is of several places.
    """

    lines: tuple[Line, ...]
    places: tuple[tuple[str, str], ...] = ()

    @property
    def groups(self) -> list[tuple[str, list[tuple[Line, tuple[str, str] | None]]]]:
        """The lines with their places, by what they are about."""
        placed = zip_longest(self.lines, self.places)
        by_subject = groupby(placed, key=lambda pair: pair[0].where)
        return [(subject, list(pairs)) for subject, pairs in by_subject]

    def has(self, column: str) -> bool:
        """Whether any line says something in a column."""
        return any(getattr(line, column) for line in self.lines)


def line_of(change: Change, language: str, words: NumberWords) -> Line:
    """A change in words."""
    named = change.quantity and not change.language
    overlap = {None: "", True: "overlapping", False: "apart"}[change.overlapping]
    before, after = _both_said(change, language, words)
    return Line(
        where=stratum_words(change.stratum, language, words),
        what=column_words(change.quantity, language) if named else "",
        was=before,
        now=after,
        difference=_difference(change, language, words),
        relative="" if change.relative is None else _visible(100 * change.relative, 1, language),
        overlap=word(f"compare.{overlap}", language) if overlap else "",
        p_value=_p_values(change, language, words),
        why=", ".join(word(f"compare.why.{reason}", language) for reason in change.why),
    )


def stratum_words(stratum: Iterable[tuple[str, str]], language: str, words: NumberWords) -> str:
    """``"girls, 2020–2023"``: the strata of a row; the sentence of a number in the text."""
    return ", ".join(
        value if not column else value_words(column, value, language, words)
        for column, value in stratum
    )


def value_words(column: str, value: str, language: str, words: NumberWords) -> str:
    """The word for a value of a column; a number that is not its own word with the name of its column."""
    name = words.name(column, value.removesuffix(".0"), language)
    if not re.fullmatch(r"[\d.]+", name) or column.endswith(_YEAR):
        return name
    # ``age 7`` as it is; 3287.25 days as the report says days.
    if not name.isdigit() or column.endswith("days"):
        name = _in_words(column, value, None, language, words)
    return f"{column_words(column, language)} {name}"


def column_words(column: str, language: str) -> str:
    """What a column is called."""
    return label(column, language) if has_label(column) else column.replace("_", " ")


def signed(number: float, decimals: int, language: str) -> str:
    """A number with its sign: ``"+1,5"``.

    Examples
    --------
    >>> signed(-0.56, 1, "nb")
    '−0,6'
    """
    digits = f"{abs(number):,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return ("−" if number < 0 else "+") + digits.replace(".", get_decimal_symbol(language))


def cause_lines(causes: Causes, language: str, with_method: bool = False) -> list[tuple[str, str]]:
    """What differs between two runs, as pairs of what and how: the same and the unknown are said too."""
    names = (*FACTS, "method") if with_method else FACTS
    return [
        (word(f"compare.{name}", language), _cause(name, getattr(causes, name), language))
        for name in names
    ]


def _cause(name: str, differences: Differences, language: str) -> str:
    if differences is None:
        return word("compare.unknown", language)
    if not differences:
        return word("compare.same", language)
    return word("compare.method_differs", language) if name == "method" else "; ".join(differences)


def backtest_line(test: Backtest, language: str) -> tuple[str, str, str, str]:
    """Exhibit, quantity, what it was held against, and how many intervals hold."""
    return (
        f"{test.exhibit.now.label} {test.exhibit.now.title}",
        column_words(test.quantity, language),
        word(f"compare.{test.kind}", language),
        word("compare.of", language, holding=test.holding, intervals=test.intervals),
    )


def _both_said(change: Change, language: str, words: NumberWords) -> tuple[str, str]:
    """Both numbers as the report prints them, even where that does not tell them apart."""
    if change.state != CHANGED:
        return word(f"compare.{change.state}", language), ""
    # A number in the text is printed already.
    if change.language:
        return change.was, change.now
    column = change.unit or change.quantity
    return (
        _in_words(column, change.was, change.was_limits, language, words),
        _in_words(column, change.now, change.now_limits, language, words),
    )


def _in_words(
    column: str, text: str, limits: tuple[float, float] | None, language: str, words: NumberWords
) -> str:
    if not text:
        return word("compare.not_estimated", language)
    try:
        number = float(text)
    except ValueError:
        return words.name(column, text, language)
    if column.endswith(_YEAR):
        return text
    if "p_value" in column:
        return _P.sub("", words.p_value(number, language))
    printed = words.value(column, number, language)
    if limits:
        return f"{printed} ({words.limits(column, *limits, language)})"
    if _is_rounded_away(number, printed, column, language):
        return f"{number:.3g}".replace(".", get_decimal_symbol(language))
    return printed


def _is_rounded_away(number: float, printed: str, column: str, language: str) -> bool:
    """Whether a small number of a column that has no decimals of its own would lose them."""
    if number.is_integer() or get_decimal_symbol(language) in printed or _is_told_whole(column):
        return False
    return 0.001 <= abs(number) < 100


def _is_told_whole(column: str) -> bool:
    known = quantity(column)
    return known is not None and (known.kind in _WHOLE_KINDS or known.unit == "days")


def _difference(change: Change, language: str, words: NumberWords) -> str:
    """The difference in the unit of the quantity; of per cents in percentage points."""
    if change.difference is None or "p_value" in change.quantity:
        return ""
    if change.language:
        printed = change.now.split("(")[0].rstrip()
        scale = 1
    else:
        # Both sides are printed with the same decimals, those of the unit.
        column = change.unit or change.quantity
        decimals = 0 if column.endswith(_YEAR) else 6
        size = f"{abs(change.difference):.{decimals}f}"
        printed = _in_words(column, size, None, language, words)
        scale = 100 if "%" in printed else 1
    fraction = printed.rstrip(" %\N{NO-BREAK SPACE}").partition(get_decimal_symbol(language))[2]
    difference = _visible(scale * change.difference, len(fraction), language)
    return f"{difference} {word('compare.points', language)}" if "%" in printed else difference


def _visible(number: float, decimals: int, language: str) -> str:
    """A number with its sign; ``"under 0.1"`` where its decimals do not show it, so that no change is ``+0.0``."""
    if number and not round(number, decimals):
        least = signed(10**-decimals, decimals, language).removeprefix("+")
        return word("compare.under", language, number=least)
    return signed(number, decimals, language) if number else "0"


def _p_values(change: Change, language: str, words: NumberWords) -> str:
    """The p value, and in brackets that adjusted for all tests of the comparison."""
    if change.p_value is None:
        return ""
    single, adjusted = (
        _P.sub("", words.p_value(number, language)) for number in (change.p_value, change.adjusted)
    )
    return f"{single} ({adjusted})"
