"""A number of a cell or of the text that is not what it was."""

import re
from dataclasses import dataclass

from babel.numbers import get_decimal_symbol

from analysis.report.files.page_text import NUMBER

CHANGED, WITHHELD, SHOWN = "changed", "withheld_now", "shown_now"
# Column and value of each stratum of a row.
Stratum = tuple[tuple[str, str], ...]
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Change:
    """One number that is not what it was.

    Attributes
    ----------
    quantity
        The column of a cell; for a number in the text ``"p_value"`` or ``"label"`` (an age, a year, the number of a
        table) where it is one, else empty.
    stratum
        Column and value of each stratum of a row; for a number in the text its sentence, as it stands now.
    was, now
        As they were published; empty where withheld, in either edition, and where not estimated.
    was_limits, now_limits
        Of the interval, where there is one.
    state
        ``"changed"``; ``"withheld_now"`` or ``"shown_now"``, and then neither number is told.
    why
        Keys of words, from :func:`reasons`.
    language
        Of a number in the text; empty for a cell.
    small
        The two published counts differ by less than the smallest number that may be shown.
    unit
        The column in whose unit a cell is said.
    """

    quantity: str
    stratum: Stratum
    was: str
    now: str
    was_limits: tuple[float, float] | None = None
    now_limits: tuple[float, float] | None = None
    state: str = CHANGED
    why: tuple[str, ...] = ("not_known",)
    small: bool = False
    p_value: float | None = None
    adjusted: float | None = None
    language: str = ""
    unit: str = ""

    @property
    def difference(self) -> float | None:
        """Now less before; None where either is no number."""
        was, now = self.numbers
        return None if was is None or now is None else now - was

    @property
    def numbers(self) -> tuple[float | None, float | None]:
        """Both as numbers."""
        return as_number(self.was, self.language), as_number(self.now, self.language)

    @property
    def relative(self) -> float | None:
        """The difference as a share of what was; None where that says nothing.

        That is of zero, of p values, of calendar years in the text, and of estimates that may be on both sides of 0.
        """
        before, after = self.numbers
        if before is None or after is None or "p_value" in self.quantity:
            return None
        if before == 0 or before * after < 0:
            return None
        if self.language and all(_YEAR.fullmatch(text) for text in (self.was, self.now)):
            return None
        # A per cent of an estimate that may be zero is as large as one likes.
        if _holds_zero(self.was_limits) or _holds_zero(self.now_limits):
            return None
        return (after - before) / abs(before)

    @property
    def overlapping(self) -> bool | None:
        """Whether the two intervals overlap; None where there are not two."""
        if not self.was_limits or not self.now_limits:
            return None
        return self.was_limits[0] <= self.now_limits[1] and self.now_limits[0] <= self.was_limits[1]


def _holds_zero(limits: tuple[float, float] | None) -> bool:
    return limits is not None and limits[0] < 0 < limits[1]


def as_number(text: str, language: str = "") -> float | None:
    """The number that a text begins with, or None; in a language its decimal sign and spaces are that language's.

    Examples
    --------
    >>> as_number("1\\u202f204,5 (95 % KI 1–2)", "nb"), as_number("<5", "en"), as_number("0.25")
    (1204.5, None, 0.25)
    """
    if language:
        start = NUMBER.match(text)
        text = start[0] if start else ""
        point = get_decimal_symbol(language)
        separator = "." if point == "," else ","
        text = text.replace(separator, "").replace(point, ".")
        text = re.sub(r"\s", "", text.replace("−", "-"))
    try:
        number = float(text)
    except ValueError:
        return None
    # ``nan`` and ``inf`` are numbers to Python, and none to a reader.
    return number if abs(number) < float("inf") else None
