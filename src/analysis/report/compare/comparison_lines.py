"""What changed, said for a reader: each change as a line of words and numbers in one language."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby, zip_longest

from babel.numbers import get_decimal_symbol

from analysis.report.compare.backtest import Backtest
from analysis.report.compare.causes import FACTS, Causes
from analysis.report.compare.exhibit_changes import CHANGED, Change
from analysis.report.files.page_words import word
from analysis.terms import has_label, label

_P = re.compile(r"^p\s*=?\s*")
# Counts of people and time are told whole, also where they are weighted or in parts of days.
_WHOLE = ("days", "person_years", "cases", "at_risk", "persons")


@dataclass(frozen=True)
class Voice:
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
        return [
            (where, list(lines)) for where, lines in groupby(placed, key=lambda one: one[0].where)
        ]

    def has(self, column: str) -> bool:
        """Whether any line says something in a column."""
        return any(getattr(line, column) for line in self.lines)


def line_of(change: Change, language: str, voice: Voice) -> Line:
    """A change in words."""
    if change.language:
        was, now = change.was, change.now
    else:
        was, now = _both_said(change, language, voice)
    overlap = {None: "", True: "overlapping", False: "apart"}[change.overlapping]
    return Line(
        where=stratum_words(change.stratum, language, voice),
        what=column_words(change.quantity, language)
        if change.quantity and not change.language
        else "",
        was=was if change.state == CHANGED else word(f"compare.{change.state}", language),
        now=now if change.state == CHANGED else "",
        difference=_difference(change, language, voice),
        relative="" if change.relative is None else _visible(100 * change.relative, 1, language),
        overlap=word(f"compare.{overlap}", language) if overlap else "",
        p_value=_p_values(change, language, voice),
        why=", ".join(word(f"compare.why.{one}", language) for one in change.why),
    )


def stratum_words(stratum: Iterable[tuple[str, str]], language: str, voice: Voice) -> str:
    """``"girls, 2020–2023"``: the strata of a row; the sentence of a number in the text."""
    return ", ".join(
        value if not column else value_words(column, value, language, voice)
        for column, value in stratum
    )


def value_words(column: str, value: str, language: str, voice: Voice) -> str:
    """The word for a value of a column; a number that is not its own word with the name of its column."""
    said = voice.name(column, value.removesuffix(".0"), language)
    if not re.fullmatch(r"[\d.]+", said) or column.endswith("year"):
        return said
    whole = said.isdigit() and not column.endswith("days")
    return f"{column_words(column, language)} {said if whole else _said(column, value, None, language, voice)}"


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


def _cause(name: str, found: tuple[str, ...] | None, language: str) -> str:
    if found is None:
        return word("compare.unknown", language)
    if not found:
        return word("compare.same", language)
    return word("compare.method_differs", language) if name == "method" else "; ".join(found)


def backtest_line(test: Backtest, language: str) -> tuple[str, str, str, str]:
    """Exhibit, quantity, what it was held against, and how many intervals hold."""
    return (
        f"{test.exhibit.now.label} {test.exhibit.now.title}",
        column_words(test.quantity, language),
        word(f"compare.{test.kind}", language),
        word("compare.of", language, holding=test.holding, intervals=test.intervals),
    )


def _both_said(change: Change, language: str, voice: Voice) -> list[str]:
    """Both numbers as the report prints them, even where that does not tell them apart."""
    sides = ((change.was, change.was_limits), (change.now, change.now_limits))
    return [
        _said(change.unit or change.quantity, text, limits, language, voice)
        for text, limits in sides
    ]


def _said(
    column: str, text: str, limits: tuple[float, float] | None, language: str, voice: Voice
) -> str:
    try:
        number = float(text)
    except ValueError:
        return (
            voice.name(column, text, language) if text else word("compare.not_estimated", language)
        )
    if column.endswith("year"):
        return text
    if "p_value" in column:
        return _P.sub("", voice.p_value(number, language))
    said = voice.value(column, number, language)
    if not limits and _is_rounded_away(number, said, column, language):
        return f"{number:.3g}".replace(".", get_decimal_symbol(language))
    return f"{said} ({voice.limits(column, *limits, language)})" if limits else said


def _is_rounded_away(number: float, said: str, column: str, language: str) -> bool:
    """Whether a small number of a column that has no decimals of its own would lose them."""
    whole = number.is_integer() or get_decimal_symbol(language) in said or column.endswith(_WHOLE)
    return not whole and 0.001 <= abs(number) < 100


def _difference(change: Change, language: str, voice: Voice) -> str:
    """The difference in the unit of the quantity; of per cents in percentage points."""
    if change.difference is None or "p_value" in change.quantity:
        return ""
    if change.language:
        printed = change.now.split("(")[0].rstrip()
        scale = 1
    else:
        # Both sides are printed with the same decimals, those of the unit.
        printed = _said(
            change.unit or change.quantity, f"{abs(change.difference):.6f}", None, language, voice
        )
        scale = 100 if "%" in printed else 1
    fraction = printed.rstrip(" %\N{NO-BREAK SPACE}").partition(get_decimal_symbol(language))[2]
    said = _visible(scale * change.difference, len(fraction), language)
    return f"{said} {word('compare.points', language)}" if "%" in printed else said


def _visible(number: float, decimals: int, language: str) -> str:
    """A number with its sign; ``"under 0.1"`` where its decimals do not show it, so that no change is ``+0.0``."""
    if number and not round(number, decimals):
        least = signed(10**-decimals, decimals, language).removeprefix("+")
        return word("compare.under", language, number=least)
    return signed(number, decimals, language) if number else "0"


def _p_values(change: Change, language: str, voice: Voice) -> str:
    if change.p_value is None:
        return ""
    said = [
        _P.sub("", voice.p_value(number, language)) for number in (change.p_value, change.adjusted)
    ]
    return f"{said[0]} ({said[1]})"
