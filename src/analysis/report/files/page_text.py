"""The text of a page where its numbers must not count: what is the same from one report to the next."""

import re

# ``{{ cases }}`` in the prose of a chapter: a number of its code.
PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_SIGN = r"[−-]?"
_DIGITS = r"\d(?:[\d.,\u00a0\u2009\u202f]*\d)?"
NUMBER = re.compile(rf"(?<![\w.,])(?:{_SIGN}){_DIGITS}|{_DIGITS}")


def number_names(text: str) -> list[str]:
    """The names of the numbers that a text asks for.

    Examples
    --------
    >>> number_names("There were {{ cases }} in {{year}}.")
    ['cases', 'year']
    """
    return PLACEHOLDER.findall(text)


def without_placeholders(text: str) -> str:
    """A text without the numbers that it asks for, which change from one year to the next.

    Examples
    --------
    >>> without_placeholders("Cases {{ first }}–{{ last }}")
    'Cases –'
    """
    return PLACEHOLDER.sub("", text)


def numbers_masked(text: str) -> str:
    """A text with ``#`` in the place of each number.

    Examples
    --------
    >>> numbers_masked("In 2023 there were 1\\u202f204 (165.2–179.6).")
    'In # there were # (#–#).'
    """
    return NUMBER.sub("#", text)


def comparable_text(text: str) -> str:
    """A text on one line, in small letters, with ``#`` for each number, however many groups of digits it has.

    Examples
    --------
    >>> comparable_text("In 2023  1 204 Cases") == comparable_text("in 2024 980 cases")
    True
    """
    masked = numbers_masked(" ".join(text.split()))
    return re.sub(r"#(?:[  ]?#)+", "#", masked).casefold()
