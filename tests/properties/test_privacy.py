"""What must hold of the guard for every number, every writing and every extract."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.no import fodselsnummer

from analysis.register import (
    add_pseudonyms,
    find_identity_numbers,
    leave_out_persons,
    read_opt_outs,
)

TODAY = date(2026, 1, 1)
BIRTHS = st.dates(date(1930, 1, 1), TODAY - timedelta(1))
SERIALS = st.integers(0, 999)
# Words as an extract has them: letters and punctuation, no digits that would lengthen a number.
WORDS = st.text(alphabet="abcæøå ,;:()?!\n\t", max_size=20)


def norwegian(birth, serial, day_added, month_added):
    nine = f"{birth.day + day_added:02d}{birth.month + month_added:02d}{birth:%y}{serial:03d}"
    ten = nine + fodselsnummer.calc_check_digit1(nine)
    assume(len(ten) == 10)
    last = fodselsnummer.calc_check_digit2(ten)
    assume(len(last) == 1)
    return ten + last


def assert_found(kind, number, before, after):
    text = f"{before} {number} {after}"
    for found in (
        find_identity_numbers(text, TODAY),
        find_identity_numbers(pd.DataFrame({"note": [text]}), TODAY),
    ):
        assert kind in set(found["kind"])
        assert number not in found.to_string()
    assert find_identity_numbers(text, TODAY)["rows"].iloc[0] == (before.count("\n") + 1,)


@given(BIRTHS, SERIALS, st.sampled_from([0, 40]), st.sampled_from([0, 40]), WORDS, WORDS)
def test_every_norwegian_number_is_found(birth, serial, day_added, month_added, before, after):
    assert_found(
        "NO fødselsnummer", norwegian(birth, serial, day_added, month_added), before, after
    )


@given(BIRTHS, SERIALS, st.sampled_from([0, 60]), st.booleans(), st.sampled_from(["", "-"]), WORDS)
def test_every_swedish_number_is_found(birth, serial, day_added, century, separator, before):
    nine = f"{birth:%y%m}{birth.day + day_added:02d}{serial:03d}"
    tail = nine[6:] + luhn.calc_check_digit(nine)
    assert_found(
        "SE personnummer",
        f"{birth:%Y}"[:2] * century + nine[:6] + separator + tail,
        before,
        "(journal)",
    )


@given(st.dates(date(1930, 1, 1), date(1999, 12, 31)), st.integers(0, 3988), WORDS, WORDS)
def test_every_danish_number_with_a_check_digit_is_found(birth, serial, before, after):
    numbers = [f"{birth:%d%m%y}{serial + further:04d}" for further in range(11)]
    number = next((one for one in numbers if cpr.checksum(one) == 0), None)
    assume(number is not None)
    assert_found("DK CPR-nummer", number, before, after)
    assert_found("DK CPR-nummer", f"{number[:6]}-{number[6:]}", before, after)


@given(BIRTHS, SERIALS, WORDS, WORDS)
def test_every_finnish_number_is_found(birth, serial, before, after):
    assume(serial >= 2)
    control = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(f"{birth:%d%m%y}{serial:03d}") % 31]
    for mark in "-YXWVU" if birth.year < 2000 else "ABCDEF":
        assert_found(
            "FI henkilötunnus", f"{birth:%d%m%y}{mark}{serial:03d}{control}", before, after
        )


@given(BIRTHS, SERIALS, st.booleans(), WORDS, WORDS)
def test_every_estonian_and_lithuanian_number_is_found(birth, serial, girl, before, after):
    ten = f"{3 + girl + 2 * (birth.year >= 2000)}{birth:%y%m%d}{serial:03d}"
    number = ten + ik.calc_check_digit(ten + "0")
    assert_found("EE isikukood", number, before, after)
    assert_found("LT asmens kodas", number, before, after)


@given(
    st.lists(st.dates(date(1900, 1, 1), date(2030, 1, 1)), min_size=1),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"]),
)
def test_dates_name_nobody(dates, form):
    written = [f"{one:{form}}" for one in dates]
    assert find_identity_numbers(pd.DataFrame({"date": written}), TODAY).empty
    assert find_identity_numbers("\n".join(written), TODAY).empty


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=50))
def test_rates_and_person_years_name_nobody(numbers):
    rounded = [round(number, 3) for number in numbers]
    assert find_identity_numbers(pd.DataFrame({"person_years": rounded}), TODAY).empty
    assert find_identity_numbers(",".join(map(str, rounded)), TODAY).empty


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text):
    found = find_identity_numbers(text, TODAY)
    lines = text.count("\n") + 1
    assert all(1 <= row <= lines for rows in found["rows"] for row in rows)
    assert (found["count"] >= found["rows"].map(len)).all()


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=40),
    st.binary(min_size=1, max_size=40),
)
def test_pseudonyms_keep_persons_apart_and_together(persons, key):
    assume(not any(person.startswith("demo-") for person in persons))
    cases = pd.DataFrame(
        {"person_id": persons, "case_id": [f"t{row}" for row in range(len(persons))]}
    )
    hidden = add_pseudonyms(cases, None, key)
    assert hidden["person_id"].str.fullmatch("[0-9a-f]{20}").all()
    assert (
        pd.factorize(hidden["person_id"])[0].tolist()
        == pd.factorize(cases["person_id"])[0].tolist()
    )
    assert not set(hidden["person_id"]) & set(hidden["case_id"])
    assert not hidden["person_id"].equals(add_pseudonyms(cases, None, key + b"1")["person_id"])


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=40),
    st.sets(st.integers(1, 60)),
    st.sampled_from([str, "{:06d}".format, " {} ".format, "'{}".format, "{}.0".format]),
)
def test_those_who_opted_out_are_gone_and_only_they(tmp_path_factory, persons, gone, written):
    path = tmp_path_factory.mktemp("list") / "gone.txt"
    path.write_text("\n".join(map(written, gone)), encoding="utf-8")
    extract = pd.DataFrame({"person_id": persons})
    kept = leave_out_persons(extract, None, read_opt_outs(path))
    assert kept["person_id"].tolist() == [person for person in persons if person not in gone]
    assert kept.index.tolist() == [row for row, person in enumerate(persons) if person not in gone]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff\n"])
def test_an_empty_list_leaves_out_nobody(tmp_path, text):
    (tmp_path / "gone.txt").write_text(text, encoding="utf-8")
    assert read_opt_outs(tmp_path / "gone.txt") == frozenset()
