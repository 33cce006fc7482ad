"""What changed between two editions in the text: numbers that it quotes, and paragraphs in other words."""

import re
from collections.abc import Collection, Sequence

from analysis.report.compare.alignment import Alignment, align_paragraphs
from analysis.report.compare.causes import Causes, reasons
from analysis.report.compare.exhibit_changes import Change, as_number
from analysis.report.files.page_text import NUMBER
from analysis.report.files.page_words import word

# A number with its interval is one number: 171.7 (95 % CI 167.3–176.2).
_NUMBER = f"(?:{NUMBER.pattern})(?:\\s?%)?"
_QUOTED = re.compile(rf"{_NUMBER}(?:\s\((?:95\s?%\s\w+\s)?{_NUMBER}(?:–|\s\w+\s){_NUMBER}\))?")
_LIMIT = re.compile(NUMBER.pattern)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])")
_YEAR = re.compile(r"(?:19|20)\d\d")


def quoted_changes(
    was: Sequence[str],
    now: Sequence[str],
    causes: Causes,
    language: str,
    moved: Collection[int] = (),
) -> list[Change]:
    """Numbers in the text that changed, in paragraphs with the same words around them.

    Calendar years that lie as many years apart as ``moved`` says go with the edition and are no changed numbers.
    """
    why = reasons(causes, (), (), None)
    changes = []
    for before, after in align_paragraphs(was, now)[0].pairs:
        numbers = zip(_QUOTED.finditer(before), _QUOTED.finditer(after), strict=False)
        for one, other in numbers:
            if one[0] == other[0] or _moves(one[0], other[0], moved):
                continue
            where = (("", _sentence(after, other.start())),)
            limits = [_quoted_limits(number[0], language) for number in (one, other)]
            quantity = _quantity(other, after, language)
            changes.append(
                Change(quantity, where, one[0], other[0], *limits, why=why, language=language)
            )
    return changes


def moved_years(causes: Causes) -> frozenset[int]:
    """By how many years the first and last year, and that of closing, moved between two editions.

    Examples
    --------
    >>> sorted(moved_years(Causes(("1985–2022 → 1985–2023",), (), (), (), ())))
    [1]
    """
    apart = set()
    for said in (*(causes.years or ()), *(causes.closing or ())):
        was, _, now = said.partition(" → ")
        apart |= {
            int(b) - int(a) for a, b in zip(_YEAR.findall(was), _YEAR.findall(now), strict=False)
        }
    return frozenset(apart - {0})


def _moves(was: str, now: str, moved: Collection[int]) -> bool:
    years = _YEAR.fullmatch(was) and _YEAR.fullmatch(now)
    return bool(years) and int(now) - int(was) in moved


def _quantity(number: re.Match, text: str, language: str) -> str:
    """``"p_value"`` and ``"label"``, of an age, a year or the number of a table; empty for a number that counts."""
    before, after = text[: number.start()], text[number.end() :]
    if re.search(r"p\s?[=<]\s?$", before):
        return "p_value"
    if not re.fullmatch(r"\d{1,4}|\d+\.\d+", number[0]):
        return ""
    table, age, years = (
        _any_of(f"compare.label.{name}", language) for name in ("table", "age", "years")
    )
    named = re.search(rf"\b{table}\s$", before, re.IGNORECASE)
    whole = number[0].isdigit()
    aged = whole and (
        re.search(rf"\b{age}\s$|\d–$", before, re.IGNORECASE) or re.match(r"–\d|-\w", after)
    )
    lasting = whole and re.match(rf"\s{years}\b", after, re.IGNORECASE)
    return "label" if named or aged or lasting or _YEAR.fullmatch(number[0]) else ""


def _any_of(key: str, language: str) -> str:
    return f"(?:{'|'.join(map(re.escape, word(key, language).split()))})"


def _quoted_limits(text: str, language: str) -> tuple[float, float] | None:
    """The limits of ``171.7 (95 % CI 167.3–176.2)``."""
    inside = re.sub(r"^.*?\((?:95\s?%\s\w+\s)?|\)$", "", text) if "(" in text else ""
    found = [as_number(number, language) for number in re.findall(_LIMIT, inside)]
    return (found[0], found[1]) if len(found) == 2 else None


def reworded(was: Sequence[str], now: Sequence[str]) -> Alignment:
    """Paragraphs that say something else in other words; those that came, and those that went."""
    return align_paragraphs(was, now)[1]


def _sentence(text: str, place: int) -> str:
    """The sentence of a text that a place lies in."""
    starts = [0, *(found.end() for found in _SENTENCE.finditer(text))]
    start = max(one for one in starts if one <= place)
    end = min((one for one in starts if one > place), default=len(text))
    return text[start:end].strip()
