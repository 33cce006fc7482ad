"""Serial numbers that are valid by chance are no identity numbers, as long as few of their column are."""

from datetime import date
from itertools import islice

import pytest

from analysis.register.identity.identity_numbers import CHECKED, UNCHECKED, proofs
from analysis.register.identity.serial_numbers import NAMED_BEFORE, numbers_in_text

TODAY = date(2026, 1, 1)
DANISH = "DK CPR-nummer"


def numbers_proven(sure):
    """Numbers of ten digits that pass as identity numbers in this way only, or not at all."""
    kinds = {sure} if sure else set()
    # 10 February 2010 as a Dane writes it; what begins with 99 is no date of any country.
    first = 1_002_105_000 if sure else 9_900_000_001
    serial = (str(number) for number in range(first, first + 4_000))
    return (number for number in serial if set(proofs(number, TODAY).values()) == kinds)


def numbers_found(valid, others, sure=CHECKED):
    numbers = [*islice(numbers_proven(sure), valid), *islice(numbers_proven(None), others)]
    text = "\n".join(numbers)
    codes = {text.index(number): number for number in numbers}
    return {start for _, start in numbers_in_text(text, codes, TODAY)}


@pytest.mark.parametrize(
    ("valid", "others", "expected"),
    [
        (1, 18, 1),  # nineteen codes are too few to say what chance gives
        (1, 19, 0),
        (3, 17, 0),
        (4, 16, 4),  # a fifth of them is no chance
    ],
)
def test_a_check_digit_counts_where_more_pass_than_chance_gives(valid, others, expected):
    assert len(numbers_found(valid, others)) == expected


@pytest.mark.parametrize(
    ("valid", "others", "expected"), [(3, 4, 0), (3, 3, 3), (1, 1, 1), (1, 2, 0)]
)
def test_a_birth_date_alone_counts_where_half_of_all_numbers_have_one(valid, others, expected):
    assert len(numbers_found(valid, others, UNCHECKED)) == expected


def test_a_number_without_check_digit_counts_where_it_is_written_or_named_as_one():
    number = next(numbers_proven(UNCHECKED))
    others = " ".join(islice(numbers_proven(None), 3))
    for before in ("cpr ", "CPR: ", f"cpr{' ' * (NAMED_BEFORE - 3)}"):
        text = f"{others}\n{before}{number}"
        assert numbers_in_text(text, {}, TODAY) == [(DANISH, text.index(number))]
    for before in ("", f"cpr{' ' * (NAMED_BEFORE - 2)}", "cpr\n"):
        assert numbers_in_text(f"{others}\n{before}{number}", {}, TODAY) == []
    written = f"{number[:6]}-{number[6:]}"
    assert numbers_in_text(f"{others}\n{written}", {}, TODAY) == [(DANISH, len(others) + 1)]


def test_a_leading_zero_that_a_spreadsheet_took_away_is_put_back():
    serial = (f"{number:010d}" for number in range(102_105_000, 102_109_000))
    number = next(number for number in serial if CHECKED in proofs(number, TODAY).values())
    code = number.removeprefix("0")
    # A zero that is guessed makes a proof weaker: alone it counts, beside two others it does not.
    assert {start for _, start in numbers_in_text(code, {0: code}, TODAY)} == {0}
    others = list(islice(numbers_proven(None), 2))
    text = "\n".join([code, *others])
    codes = {text.index(number): number for number in [code, *others]}
    assert numbers_in_text(text, codes, TODAY) == []
    assert numbers_in_text(f"seen {code}", {}, TODAY) == []
