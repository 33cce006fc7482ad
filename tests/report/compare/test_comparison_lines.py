"""A change as a line of words and numbers."""

import pytest

from analysis.display import say_limits, say_p, say_value, value_label
from analysis.report.compare.causes import Causes
from analysis.report.compare.changed_numbers import SHOWN, WITHHELD, Change
from analysis.report.compare.comparison_lines import (
    Line,
    NumberWords,
    Sheet,
    cause_lines,
    line_of,
    signed,
    stratum_words,
)

WORDS = NumberWords(say_value, say_limits, value_label, say_p)


def line(quantity, was, now, language="en", stratum=(), **more):
    change = Change(quantity, stratum, was, now, unit=more.pop("unit", quantity), **more)
    return line_of(change, language, WORDS)


def plain(text):
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("quantity", "was", "now", "language", "told"),
    [
        ("cases", "1200", "1300", "en", ("1 200", "1 300", "+100", "+8.3")),
        ("rate", "10.04", "10.05", "nb", ("10,0", "10,1", "under 0,1", "+0,1")),
        ("survival", "0.8", "0.85", "en", ("80.0 %", "85.0 %", "+5.0 percentage points", "+6.2")),
        ("person_years", "10.4", "12.6", "en", ("10", "13", "+2", "+21.2")),
        ("time_days", "365.25", "730.5", "en", ("365", "730", "+365", "+100.0")),
        ("a_share_of_its_own", "0.25", "0.5", "nb", ("0,25", "0,5", "+0,25", "+100,0")),
        ("a_share_of_its_own", "0.0001", "200.5", "en", ("0", "200", "+200", "+200 499 900.0")),
        ("year", "2020", "2022", "en", ("2020", "2022", "+2", "+0.1")),
        ("p_value", "0.2", "0.04", "en", ("0.20", "0.040", "", "")),
        ("rate", "", "5", "en", ("not estimated", "5.0", "", "")),
    ],
)
def test_numbers_are_said_as_the_report_says_them(quantity, was, now, language, told):
    shown = line(quantity, was, now, language)
    assert (
        tuple(plain(text) for text in (shown.was, shown.now, shown.difference, shown.relative))
        == told
    )


def test_of_a_withheld_number_the_state_alone_is_said():
    assert line("cases", "", "", state=WITHHELD).was == "shown before, withheld now"
    assert line("cases", "", "", state=SHOWN).was == "withheld before, shown now"
    assert line("cases", "", "", state=SHOWN).now == ""


def test_intervals_and_p_values_are_said_where_there_are_some():
    shown = line(
        "rate",
        "10",
        "20",
        was_limits=(8.0, 12.0),
        now_limits=(18.0, 22.0),
        p_value=0.0123,
        adjusted=0.2,
        why=("corrected", "package"),
    )
    assert (plain(shown.was), shown.overlap) == ("10.0 (8.0–12.0)", "do not overlap")
    assert shown.p_value == "0.012 (0.20)"
    assert shown.why.count(", ") == 1
    assert line("rate", "10", "20").overlap == ""


def test_a_number_in_the_text_is_said_as_it_stands_there():
    shown = line(
        "label", "10.5 (9–12)", "11.25 (9–12)", stratum=(("", "A sentence."),), language="en"
    )
    assert shown.where == "A sentence."
    changed = line_of(Change("", (), "10.5", "11.25", language="en"), "en", WORDS)
    assert (changed.was, changed.now, changed.difference) == ("10.5", "11.25", "+0.75")
    assert changed.what == ""


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (("sex", "female"), "girls"),
        (("age", "7.0"), "Age (years) 7"),
        (("year", "2020"), "2020"),
        (("time_days", "3287.25"), "Days since diagnosis 3 287"),
        (("own_name", "x"), "x"),
    ],
)
def test_a_stratum_is_told_in_words(pair, told):
    assert plain(stratum_words([pair], "en", WORDS)).casefold() == told.casefold()


def test_lines_of_one_stratum_stand_together():
    lines = [Line(where, *[""] * 8) for where in ("a", "a", "b", "a")]
    sheet = Sheet(tuple(lines), (("x", "X"),))
    assert [(where, len(pairs)) for where, pairs in sheet.groups] == [("a", 2), ("b", 1), ("a", 1)]
    assert [place for _, pairs in sheet.groups for _, place in pairs] == [
        ("x", "X"),
        *[None] * 3,
    ]
    assert sheet.has("where") and not sheet.has("what")


def test_signs_and_decimals_are_the_language_s():
    assert plain(signed(1234.56, 1, "nb")) == "+1 234,6"
    assert signed(-0.05, 1, "en") == "−0.1"
    assert signed(0, 0, "en") == "+0"


def test_the_same_the_unknown_and_another_method_are_said():
    causes = Causes((), None, ("a: 1 → 2", "b: 1 → 2"), (), (), ("",))
    told = [how for _, how in cause_lines(causes, "en", with_method=True)]
    assert told[1:3] == ["not known", "a: 1 → 2; b: 1 → 2"]
    assert len(told) == 6 and told[0] == told[3] == told[4] != told[5]
    assert len(cause_lines(causes, "en")) == 5
