"""Which of the numbers in a text are identity numbers, and which are serial numbers that are valid by chance."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from analysis.register.identity.identity_numbers import (
    CERTAIN,
    CHECKED,
    UNCHECKED,
    candidates,
    proofs,
)

# A column of codes: among this many and more, chance alone makes a few of them valid, fewer than this share.
SERIALS = {CERTAIN: 200, CHECKED: 20}
SHARE = {CERTAIN: 0.02, CHECKED: 0.2, UNCHECKED: 0.5}
NAMED_BEFORE = 24  # characters before a number in which it may be named

_NAMED = re.compile(r"(?i)cpr|personn|fødsels|fodsels|kennit|person ?id|p-?n(?:umme)?r")


@dataclass(frozen=True)
class _Match:
    """What may be an identity number: of which kind, how surely, and where it begins."""

    kind: str
    sure: str
    start: int


def numbers_in_text(text: str, codes: Mapping[int, str], today: date) -> list[tuple[str, int]]:
    """Kind and place of the identity numbers, those left out that serial numbers give by chance."""
    written = dict(candidates(text))
    matches = [
        _Match(kind, sure, start)
        for start, candidate in written.items()
        for kind, sure in proofs(candidate, today).items()
    ]
    matches += _without_leading_zero(codes, {match.start for match in matches}, today)
    chance = _by_chance(matches, codes.keys(), len(written.keys() | codes.keys()))
    return [
        (match.kind, match.start)
        for match in matches
        if match not in chance or _is_named(text, match.start, written, codes)
    ]


def _without_leading_zero(
    codes: Mapping[int, str], proven: Collection[int], today: date
) -> list[_Match]:
    """Codes that are an identity number once the zero stands again that a spreadsheet takes away."""
    matches = []
    for start, code in codes.items():
        if start in proven or len(code) not in (9, 10):
            continue
        for kind, sure in proofs(f"0{code}", today).items():
            # A zero that is only guessed makes every proof weaker by one step.
            if sure != UNCHECKED:
                matches.append(_Match(kind, CHECKED if sure == CERTAIN else UNCHECKED, start))
    return matches


def _by_chance(matches: list[_Match], codes: Collection[int], numbers: int) -> set[_Match]:
    """The matches that serial numbers give by chance, among so many long numbers in all."""
    among_codes = [match for match in matches if match.start in codes]
    few = _kinds_of_chance(among_codes, len(codes))
    chance = {match for match in among_codes if match.sure in few}
    if _places(matches, UNCHECKED) < SHARE[UNCHECKED] * numbers:
        return chance | {match for match in matches if match.sure == UNCHECKED}
    # Where numbers with a check digit are chance, dates among the same codes are too.
    if CHECKED in few:
        chance |= {match for match in among_codes if match.sure == UNCHECKED}
    return chance


def _kinds_of_chance(among_codes: list[_Match], codes: int) -> set[str]:
    """The proofs that so few of many codes pass that their check digits are valid by chance."""
    return {
        sure
        for sure, many in SERIALS.items()
        if codes >= many and _places(among_codes, sure) < SHARE[sure] * codes
    }


def _places(matches: list[_Match], sure: str) -> int:
    """How many numbers have a match of this kind; one may be a number of two countries."""
    return len({match.start for match in matches if match.sure == sure})


def _is_named(text: str, start: int, written: Mapping[int, str], codes: Mapping[int, str]) -> bool:
    """Whether a number in free text is written, or called, as an identity number is."""
    if start in codes or start not in written:
        return False
    before = text[max(0, start - NAMED_BEFORE) : start].rpartition("\n")[2]
    return "-" in written[start] or bool(_NAMED.search(before))
