"""What changed between two editions in the text: numbers that it quotes, and paragraphs in other words."""

import re
from collections.abc import Collection, Sequence

from analysis.report.compare.alignment import Alignment, align_paragraphs
from analysis.report.compare.causes import Causes, reasons
from analysis.report.compare.changed_numbers import Change, as_number
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
        # Of an interval one edition may quote both limits and the other none: then the rest has no partner.
        numbers = zip(_QUOTED.finditer(before), _QUOTED.finditer(after), strict=False)
        for earlier, later in numbers:
            if earlier[0] == later[0] or _moves(earlier[0], later[0], moved):
                continue
            change = Change(
                quantity=_quantity(later, after, language),
                stratum=(("", _sentence(after, later.start())),),
                was=earlier[0],
                now=later[0],
                was_limits=_quoted_limits(earlier[0], language),
                now_limits=_quoted_limits(later[0], language),
                why=why,
                language=language,
            )
            changes.append(change)
    return changes


def moved_years(causes: Causes) -> frozenset[int]:
    """By how many years the first and last year, and that of closing, moved between two editions.

    Examples
    --------
    >>> sorted(moved_years(Causes(("1985–2022 → 1985–2023",), (), (), (), ())))
    [1]
    """
    distances = set()
    for sentence in (*(causes.years or ()), *(causes.closing or ())):
        was, _, now = sentence.partition(" → ")
        years = zip(_YEAR.findall(was), _YEAR.findall(now), strict=False)
        distances |= {int(later) - int(earlier) for earlier, later in years}
    return frozenset(distances - {0})


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
    table = _any_of("compare.label.table", language)
    if _YEAR.fullmatch(number[0]) or re.search(rf"\b{table}\s$", before, re.IGNORECASE):
        return "label"
    # An age and a number of years are whole; a number of a table may be 3.2.
    return "label" if number[0].isdigit() and _is_time(before, after, language) else ""


def _is_time(before: str, after: str, language: str) -> bool:
    """Whether what stands around a whole number makes it an age, a range of ages, or a number of years."""
    age = _any_of("compare.label.age", language)
    years = _any_of("compare.label.years", language)
    aged = re.search(rf"\b{age}\s$|\d–$", before, re.IGNORECASE)
    of_range = re.match(r"–\d|-\w", after)
    lasting = re.match(rf"\s{years}\b", after, re.IGNORECASE)
    return any((aged, of_range, lasting))


def _any_of(key: str, language: str) -> str:
    return f"(?:{'|'.join(map(re.escape, word(key, language).split()))})"


def _quoted_limits(text: str, language: str) -> tuple[float, float] | None:
    """The limits of ``171.7 (95 % CI 167.3–176.2)``."""
    inside = re.sub(r"^.*?\((?:95\s?%\s\w+\s)?|\)$", "", text) if "(" in text else ""
    limits = [as_number(number, language) for number in _LIMIT.findall(inside)]
    return (limits[0], limits[1]) if len(limits) == 2 else None


def reworded(was: Sequence[str], now: Sequence[str]) -> Alignment:
    """Paragraphs that say something else in other words; those that came, and those that went."""
    return align_paragraphs(was, now)[1]


def _sentence(text: str, place: int) -> str:
    """The sentence of a text that a place lies in."""
    starts = [0, *(gap.end() for gap in _SENTENCE.finditer(text))]
    first = max(start for start in starts if start <= place)
    following = min((start for start in starts if start > place), default=len(text))
    return text[first:following].strip()
