"""What the identity numbers of eight countries look like, and which check digits prove them.

Check digits are python-stdnum's; where it knows less than the registers issue, the rule is here:
births of coordination numbers (Sweden), joint auxiliary numbers (Norway), codes without a birth date
(Latvia), first control digits from 2032 (Norway). Births after today prove nothing, nor do those before
1900, but in Denmark, where the serial number tells the century.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

from stdnum import luhn
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.is_ import kennitala
from stdnum.lv import pvn
from stdnum.no import fodselsnummer

# How surely a number is one: two check digits, one, or a valid birth date (or prefix) alone.
CERTAIN, CHECKED, UNCHECKED = "certain", "checked", "unchecked"

# Every way of writing that is looked at: bare digits, date and serial parted, the date itself parted,
# and the Finnish mark of the century. Each is taken from every place where it may begin.
_CANDIDATE = re.compile(
    r"[0-9](?<![0-9]{2})(?<![0-9]\.[0-9])(?=("
    r"\d{5}(?:"  # five digits more, which most numbers do not have
    r"\d{4,6}(?!\d)(?!\.\d*[1-9])"
    r"| {0,2}[-+ :/.] {0,2}\d{4,5}(?![0-9A-Za-z])"
    r"|\d\d {0,2}[-+ ] {0,2}\d{4}(?![0-9A-Za-z])"
    r"| \d{3} \d\d(?!\d)"
    r"|[-+A-FU-Ya-fu-y]\d{3}[0-9A-FHJ-NPR-Ya-fhj-npr-y](?![0-9A-Za-z])"
    r")"
    r"|\d([-. /])\d\d\2\d\d(?:\d\d)?[-, ]{0,3}\d{4,5}(?!\d)"
    r"|[- ]\d{6}[- ]\d{4}(?!\d)"
    r"))"
)
# A birth date with its century, before a serial number: the number itself has two digits of the year.
_FULL_YEAR = re.compile(r"^(\d\d([-. /])\d\d\2)(?:19|20)(?=\d\d[-, ]{1,3}\d)")
_DIGEST = re.compile(r"(?=\d*[a-fA-F])[0-9a-fA-F]{16,}")
_SIZE = '"contentSize": "'
_WORD_AROUND = 128  # characters of a word that are looked at to know a digest
_CENTURIES = (1900, 2000)
# Added to the month: 40 for numbers that hospitals give (H-numbers), 65 and 80 for test persons.
_NORWEGIAN_MONTHS = (0, 40, 65, 80)
_D_NUMBER, _COORDINATION = 40, 60
_NORWEGIAN_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_RELAXED_FROM, _RELAXED_REMAINDERS = 2032, (0, 1, 2, 3)


def candidates(text: str) -> list[tuple[int, str]]:
    """Place and text of everything in a plain text that is written as an identity number could be.

    What is part of a digest (16 and more hexadecimal digits) is none, nor is the size of a file in a record of a run.

    Examples
    --------
    >>> candidates("born 13 October, 131052-308T")
    [(17, '131052-308T')]
    """
    # The pattern looks ahead and takes one digit alone, so that numbers within numbers are seen too.
    written = [(match.start(), match[0] + match[1]) for match in _CANDIDATE.finditer(text)]
    return [
        (start, candidate)
        for start, candidate in written
        if not (_is_in_digest(text, start) or _is_size(text, start, candidate))
    ]


def _is_size(text: str, start: int, candidate: str) -> bool:
    """Whether a number is the bytes of a file, written as an RO-Crate does."""
    return (
        candidate.isdigit()
        and text.endswith(_SIZE, 0, start)
        and text.startswith('"', start + len(candidate))
    )


def _is_in_digest(text: str, start: int) -> bool:
    before = re.search(r"[0-9A-Za-z]*$", text[max(0, start - _WORD_AROUND) : start])
    after = re.match(r"[0-9A-Za-z]*", text[start : start + _WORD_AROUND])
    return bool(_DIGEST.fullmatch(before[0] + after[0]))


def proofs(candidate: str, today: date) -> dict[str, str]:
    """The kinds of identity number that a piece of text can be, each with how surely.

    Parameters
    ----------
    candidate
        As `candidates` finds it: plain digits, with or without separators.
    today
        Births after it are no births.

    Notes
    -----
    Estonia and Lithuania compute one check digit in one way, so both may be named. A Danish number
    without its check digit (given from 2007) is proven by its birth date alone and is told only where
    nothing else fits.

    Examples
    --------
    >>> proofs("131052-308T", date(2026, 1, 1))
    {'FI henkilötunnus': 'checked'}
    """
    digits = re.sub(r"\D", "", _FULL_YEAR.sub(r"\1", candidate))
    proven = {
        kind: sure
        for kind, (is_number, sure) in _PROVEN.items()
        if is_number(digits, candidate, today)
    }
    if proven:
        return proven
    if _latvian_undated(digits):
        return {"LV personas kods": UNCHECKED}
    return {"DK CPR-nummer": UNCHECKED} if _is_danish_birth(digits, 1900, today) else {}


def _is_birth(day: int, month: int, years: Iterable[int], today: date) -> bool:
    for year in years:
        try:
            if date(year, month, day) <= today:
                return True
        except ValueError:
            continue
    return False


def _years(two_digits: str) -> list[int]:
    return [century + int(two_digits) for century in _CENTURIES]


def _is_norwegian(digits: str, _candidate: str, today: date) -> bool:
    if len(digits) != 11 or digits[10] != fodselsnummer.calc_check_digit2(digits):
        return False
    weighted = zip(_NORWEGIAN_WEIGHTS, digits, strict=False)
    remainder = sum(weight * int(digit) for weight, digit in weighted) % 11
    # The Tax Administration widens the first control digit when numbers run out, in 2032.
    if remainder not in (_RELAXED_REMAINDERS if today.year >= _RELAXED_FROM else (0,)):
        return False
    if digits[0] in "89":  # joint auxiliary numbers hold no birth date
        return True
    # Persons without a residence permit have a D-number: 40 is added to their day of birth.
    day = int(digits[:2]) % _D_NUMBER
    months = [int(digits[2:4]) - added for added in _NORWEGIAN_MONTHS]
    return any(_is_birth(day, month, _years(digits[4:6]), today) for month in months)


def _is_swedish(digits: str, candidate: str, today: date) -> bool:
    if len(digits) not in (10, 12) or not luhn.is_valid(digits[-10:]):
        return False
    if len(digits) == 12:
        years = [int(digits[:4])] if digits[:2] in ("18", "19", "20") else []
    else:
        # A plus sign in place of the hyphen says that the person is 100 or older.
        years = [year - 100 * ("+" in candidate) for year in _years(digits[:2])]
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    # Persons who were never residents have a coordination number: 60 is added to their day of birth.
    days = day, day - _COORDINATION
    return any(_is_birth(day_of_birth, month, years, today) for day_of_birth in days)


def _is_danish_birth(digits: str, first_year: int, today: date) -> bool:
    try:
        return len(digits) == 10 and date(first_year, 1, 1) <= cpr.get_birth_date(digits) <= today
    except ValidationError:
        return False


def _is_danish(digits: str, _candidate: str, today: date) -> bool:
    # 1858 is the earliest year that a serial number can tell.
    return cpr.checksum(digits) == 0 and _is_danish_birth(digits, 1858, today)


def _is_finnish(_digits: str, candidate: str, today: date) -> bool:
    try:
        number = hetu.validate(candidate, allow_temporary=True)
    except ValidationError:
        return False
    century = 1800 if number[6] == "+" else 2000 if number[6] in "ABCDEF" else 1900
    return _is_birth(int(number[:2]), int(number[2:4]), [century + int(number[4:6])], today)


def _is_icelandic(digits: str, _candidate: str, today: date) -> bool:
    if len(digits) != 10 or digits[9] not in "09" or kennitala.checksum(digits) != 0:
        return False
    century = 1900 if digits[9] == "9" else 2000
    return _is_birth(int(digits[:2]), int(digits[2:4]), [century + int(digits[4:6])], today)


def _baltic_birth(digits: str, today: date) -> bool:
    try:
        return digits[0] in "3456" and ik.get_birth_date(digits) <= today
    except ValidationError:
        return False


def _is_estonian(digits: str, _candidate: str, today: date) -> bool:
    return (
        len(digits) == 11
        and digits[10] == ik.calc_check_digit(digits)
        and _baltic_birth(digits, today)
    )


def _is_lithuanian(digits: str, candidate: str, today: date) -> bool:
    # Numbers from 9 on were given where the date of birth is not known.
    undated = len(digits) == 11 and digits[0] == "9" and digits[10] == ik.calc_check_digit(digits)
    return undated or _is_estonian(digits, candidate, today)


def _latvian_undated(digits: str) -> bool:
    return len(digits) == 11 and digits[0] == "3" and digits[1] in "23456789"


def _is_latvian(digits: str, _candidate: str, today: date) -> bool:
    if len(digits) != 11 or digits[10] != pvn.calc_check_digit_pers(digits[:10]):
        return False
    if _latvian_undated(digits):
        return True
    try:
        return digits[6] in "12" and pvn.get_birth_date(digits) <= today
    except ValidationError:
        return False


_PROVEN: dict[str, tuple[Callable[[str, str, date], bool], str]] = {
    "NO fødselsnummer": (_is_norwegian, CERTAIN),
    "SE personnummer": (_is_swedish, CHECKED),
    "DK CPR-nummer": (_is_danish, CHECKED),
    "FI henkilötunnus": (_is_finnish, CHECKED),
    "IS kennitala": (_is_icelandic, CHECKED),
    "EE isikukood": (_is_estonian, CHECKED),
    "LV personas kods": (_is_latvian, CHECKED),
    "LT asmens kodas": (_is_lithuanian, CHECKED),
}
