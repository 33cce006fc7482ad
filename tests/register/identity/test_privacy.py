"""Identity numbers are found however they are written, and nothing else is taken for one.

The numbers are made here from invented births, or are the examples of python-stdnum's own pages.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stdnum import luhn
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.no import fodselsnummer

from analysis.errors import AnalysisError
from analysis.register import (
    demonstration_cases,
    demonstration_life_table,
    demonstration_population,
    find_identity_numbers,
    require_no_identity_in_files,
)

TODAY = date(2026, 1, 1)
SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"


def norwegian(start, first_remainders=(0,)):
    """The first number with these six digits whose control digits hold."""
    weights = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
    for serial in range(1000, 9999):
        ten = f"{start}{serial}"
        remainder = (
            sum(weight * int(digit) for weight, digit in zip(weights, ten, strict=True)) % 11
        )
        if remainder in first_remainders and len(last := fodselsnummer.calc_check_digit2(ten)) == 1:
            return ten + last
    raise AssertionError("no such number")


def swedish(nine):
    return nine + luhn.calc_check_digit(nine)


def danish(start, checked):
    return next(
        number
        for serial in range(1000, 3999)
        if (cpr.checksum(number := f"{start}{serial}") == 0) == checked
    )


def finnish(birth, mark):
    return f"{birth}{mark}308{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(birth + '308') % 31]}"


NUMBERS = {
    "NO fødselsnummer": [
        norwegian("010312"), norwegian("410312"), norwegian("014312"), norwegian("414312"),  # birth, D, H, both
        norwegian("018312"), norwegian("016812"), norwegian("812345"), norwegian("999999"), "15108695088",
    ],
    "SE personnummer": [
        swedish("120301123"), "20" + swedish("120301123"), swedish("120361123"), "20" + swedish("120361123"),
        "880320-0016", "19880320-0016", "880320+0016", "20120301-" + swedish("120301123")[6:],
    ],
    "DK CPR-nummer": [
        danish("010365", True), danish("010365", False), "010365-" + danish("010365", False)[6:], "211062-5629",
    ],
    "FI henkilötunnus": ["131052-308T", *(finnish("010312", mark) for mark in "ABCDEF")]
    + [finnish("010380", mark) for mark in "-YXWVU"] + [finnish("010312", "B").lower()],
    "IS kennitala": ["1201743399", "120174-3399"],
    "EE isikukood": ["36805280109"],
    "LV personas kods": ["161175-19997", "16117519997", "328673-00679", "32867300679", "328673-00677"],
    "LT asmens kodas": ["33309240064", "9123456789" + ik.calc_check_digit("91234567890")],
}  # fmt: skip
EACH = [(kind, number) for kind, numbers in NUMBERS.items() for number in numbers]


def kinds(frame_or_text):
    return set(find_identity_numbers(frame_or_text, TODAY)["kind"])


@pytest.mark.parametrize(("kind", "number"), EACH)
def test_a_number_is_found_alone_and_in_free_text(kind, number):
    assert kind in kinds(number)
    found = find_identity_numbers(
        pd.DataFrame({"note": ["none", f"Seen at St. Olav, {number}, in May"]}), TODAY
    )
    assert kind in set(found["kind"])
    assert (
        set(found["column"]) == {"note"}
        and set(found["rows"]) == {(2,)}
        and set(found["count"]) == {1}
    )
    assert number not in found.to_string()


@pytest.mark.parametrize(("kind", "number"), EACH)
def test_one_wrong_digit_is_no_such_number(kind, number):
    if kind == "FI henkilötunnus":
        wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    else:
        digits = [place for place, digit in enumerate(number) if digit.isdigit()]
        last = digits[-2] if kind == "IS kennitala" else digits[-1]
        wrong = number[:last] + str((int(number[last]) + 1) % 10) + number[last + 1 :]
    weak = kinds(wrong) <= {"DK CPR-nummer"} or number.startswith(
        "32"
    )  # a birth date, or a prefix, is left
    assert kind not in kinds(wrong) or weak


@pytest.mark.parametrize(
    "written",
    ["150586 {tail}", "150586-{tail}", "15.05.86 {tail}", "15 05 86 {tail}", "150586\u00a0{tail}", "150586&nbsp;{tail}",
     "150586\u2009{tail}", "1505\u200b86{tail}", "'150586{tail}", "\ufeff150586{tail}", "150586\u2013{tail}",
     "150586{tail}.0", "fnr150586{tail}", "pas_150586{tail}_b", "150586&#8209;{tail}", "\u00ad150586{tail}",
     "150586  {tail}", "150586 - {tail}", "15.05.1986 {tail}", "15.05.1986, {tail}", "15-05-86-{tail}"],
)  # fmt: skip
def test_separators_and_invisible_characters_hide_nothing(written):
    tail = norwegian("150586")[6:]
    assert kinds(written.format(tail=tail)) == {"NO fødselsnummer"}
    assert kinds(pd.DataFrame({"a": [None, written.format(tail=tail)]})) == {"NO fødselsnummer"}


def test_digits_of_other_scripts_are_digits():
    number = norwegian("150586")
    for zero in ("\uff10", "\u0660", "\u0966"):
        assert kinds("".join(chr(ord(zero) + int(digit)) for digit in number)) == {
            "NO fødselsnummer"
        }


@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", "object", "category", "string"])
def test_numbers_in_any_type_of_column(kind):
    number, short = norwegian("150586"), norwegian("010386")
    column = pd.Series([1, int(number), int(short)])
    column = (
        column.astype(str).astype(kind) if kind in ("category", "string") else column.astype(kind)
    )
    found = find_identity_numbers(pd.DataFrame({"year": [2001, 2002, 2003], "code": column}), TODAY)
    assert found.query("kind == 'NO fødselsnummer'")[["column", "rows"]].values.tolist() == [
        ["code", (2, 3)]
    ]


def test_rows_are_all_told_and_counted():
    number = norwegian("150586")
    notes = pd.DataFrame({"a": ["x", number, None, f"{number} and {norwegian('010386')}", number]})
    assert find_identity_numbers(notes, TODAY)[["rows", "count"]].values.tolist() == [
        [(2, 4, 5), 4]
    ]
    text = f"first\nsecond {number}\nthird\n{number}"
    assert find_identity_numbers(text, TODAY)[["column", "rows"]].values.tolist() == [
        ["text", (2, 4)]
    ]


def test_the_name_of_a_column_is_never_shown_where_it_is_a_number():
    found = find_identity_numbers(
        pd.DataFrame([[1, 2]], columns=["sex", norwegian("150586")]), TODAY
    )
    assert found["column"].tolist() == ["column 2"] and found["rows"].tolist() == [()]


@pytest.mark.parametrize(
    "address",
    [
        "ola.nordmann@example.no",
        "Kari <kari@post.example.com>",
        "ola&#64;example.no",
        "ola\uff20example.no",
    ],
)
def test_e_mail_addresses_are_found(address):
    assert kinds(address) == {"e-mail address"}


@pytest.mark.parametrize(
    "number",
    ["+47 22 45 13 00", "+4722451300", "004722451300", "0047 22 45 13 00", "(+47) 22 45 13 00", "+45 12 34 56 78",
     "+46 70 123 45 67", "+46 (0)70-123 45 67", "+358 40 123 4567", "+354 555 1234", "+372 5123 4567", "+371 21234567",
     "+370 612 34567", "22 45 13 00", "tlf. 22451300", "Telefon: 22 45 13 00", "mob 91234567", "912 34 567",
     "070-123 45 67", "08-123 456 78", "040 123 4567", "sími 555 1234"],
)  # fmt: skip
def test_phone_numbers_are_found(number):
    assert kinds(number) == {"phone number"}
    assert kinds(pd.DataFrame({"note": [f"ask the mother, {number}, first"]})) == {"phone number"}


@pytest.mark.parametrize(
    "text",
    ["2003-04-05", "2003-04-05 12:30:11", "2003-04-05T12:30:11.123456", "05.04.2003", "20030405", "C71.6", "9470/3",
     "22451300", "12345", "788586.5", "12345678901.5", "0.15108695088", "1 234 567 890", "1985–2023", "1985-2023",
     'viewBox="20 20 40 40"', 'd="M12.34 56.78L90.12 34.56"', 'points="22 45 13 00 11 12"', "#15108695", "icon@2x.png",
     "@media print { margin: 10px 20px }", "0123456789abcdef15108695088abcdef0123456789", "demo-0001234567",
     "2.16.840.1.113883", "22.45.13.00", "ISBN 978-82-473-0000-1", "line-height:1.25;width:22.4513%"],
)  # fmt: skip
def test_dates_codes_drawings_and_digests_are_not(text):
    assert kinds(text) == set()
    assert kinds(pd.DataFrame({"a": [text]})) == set()


def test_births_to_come_are_no_births():
    number = norwegian("010312")
    assert len(find_identity_numbers(number, date(2012, 3, 1))) == 1
    assert kinds("131052A308T") == set()
    assert kinds("20991231-" + swedish("991231123")[6:]) == set()


def test_norways_first_control_digit_is_laxer_from_2032():
    number = norwegian("150586", first_remainders=(1, 2, 3))
    assert len(find_identity_numbers(number, TODAY)) == 0
    assert find_identity_numbers(number, date(2032, 1, 1))["kind"].tolist() == ["NO fødselsnummer"]


@pytest.mark.parametrize("prefix", ["", "NO-"])
@pytest.mark.parametrize("digits", [8, 9, 10, 11, 12])
def test_a_column_of_serial_numbers_is_no_column_of_identity_numbers(digits, prefix):
    numbers = np.random.default_rng(1).integers(0, 10**digits, 3000)
    assert (
        kinds(pd.DataFrame({"case": [f"{prefix}{number:0{digits}d}" for number in numbers]}))
        == set()
    )


def test_case_numbers_that_begin_with_a_year_are_none():
    numbers = [f"{year}{serial:06d}" for year in range(2000, 2024) for serial in range(1, 200)]
    assert kinds(pd.DataFrame({"case": numbers})) == set()
    assert kinds(pd.DataFrame({"case": pd.Series(numbers).astype(int)})) == set()


def test_a_column_of_identity_numbers_is_one_however_long():
    births = pd.date_range("1985-01-01", periods=400).strftime("%d%m%y")
    found = find_identity_numbers(
        pd.DataFrame({"id": [danish(birth, True) for birth in births]}), TODAY
    )
    assert found.query("kind == 'DK CPR-nummer'")["count"].tolist() == [400]


def test_one_number_among_many_other_codes_in_free_text_is_found():
    notes = [f"sample 20{serial:08d} taken" for serial in range(500)] + [
        f"sample {norwegian('150586')} taken"
    ]
    assert kinds(pd.DataFrame({"note": notes})) >= {"NO fødselsnummer"}


def test_the_demonstration_holds_nobody():
    for frame in (demonstration_cases(), demonstration_population(), demonstration_life_table()):
        assert len(find_identity_numbers(frame)) == 0
        assert len(find_identity_numbers(frame.astype(str))) == 0


def test_the_shared_real_data_hold_nobody():
    files = [*(SHARED / "data").glob("*.csv"), *(SHARED / "domain").glob("*.tsv")]
    if not files:
        pytest.skip("the shared data are not here")
    for file in files:
        assert (
            len(find_identity_numbers(pd.read_csv(file, sep=None, engine="python", dtype=str))) == 0
        ), file.name
        assert len(find_identity_numbers(file.read_text(encoding="utf-8"))) == 0, file.name


def test_frames_of_odd_content_are_read():
    odd = pd.DataFrame(
        {
            "a": [[1, 2], {"b": norwegian("150586")}, None],
            "b": [b"x", 1.5, pd.Timestamp("2001-01-01")],
        }
    )
    assert find_identity_numbers(odd, TODAY)["rows"].tolist() == [(2,)]
    assert len(find_identity_numbers(pd.DataFrame())) == 0 and len(find_identity_numbers("")) == 0
    assert len(find_identity_numbers(pd.DataFrame([["x", "y"]], columns=["a", "a"]))) == 0


def test_a_page_with_a_number_is_refused_by_file_and_line():
    number = norwegian("150586")
    with pytest.raises(AnalysisError) as refusal:
        require_no_identity_in_files(
            {"en/03.html": f"<p>\n<td>{number}</td>", f"{number}.csv": "a\n1"}
        )
    assert "en/03.html: NO fødselsnummer in line 2" in str(refusal.value)
    assert "the name of file 2" in str(refusal.value)
    assert number not in str(refusal.value)
    require_no_identity_in_files({"en/03.html": "<p>cases 31</p>"})


def test_the_size_of_a_file_in_a_record_of_a_run_is_no_identity_number():
    number = next(
        str(n)
        for n in range(9_001_010_000, 9_001_011_000)
        if not find_identity_numbers(str(n)).empty
    )
    assert find_identity_numbers(
        f'{{"@id": "a.csv", "contentSize": "{number}", "name": "a"}}'
    ).empty
    for told in (
        f'"contentSize": "{number} {number}"',
        f'"value": "{number}"',
        f'"contentSize": "1", "name": "{number}"',
    ):
        assert not find_identity_numbers(told).empty, told


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("ola@example.no, kari@example.no", 2),
        ("ola@example.no@example.no", 1),
        ("@ola@b.no", 1),
        (f"{'a' * 80}@b.no", 1),
        ("figure@2x.png", 0),
        ("a @ b.no", 0),
        ("%@b.no", 0),
    ],
)
def test_addresses_are_counted_once_each(text, count):
    found = find_identity_numbers(text)
    assert found[found["kind"] == "e-mail address"]["count"].sum() == count
