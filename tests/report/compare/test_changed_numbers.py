"""How much a number changed, and where a difference says nothing."""

import pytest

from analysis.report.compare.changed_numbers import Change, as_number


def change(was, now, quantity="rate", **more):
    return Change(quantity, (), was, now, **more)


@pytest.mark.parametrize(
    ("was", "now", "difference", "relative"),
    [
        ("10", "12", 2, 0.2),
        ("-10", "-5", 5, 0.5),
        ("0", "5", 5, None),
        ("-1", "1", 2, None),
        ("1", "0", -1, -1),
        ("", "5", None, None),
        ("5", "", None, None),
        ("nan", "5", None, None),
        ("5", "inf", None, None),
    ],
)
def test_a_share_is_of_what_was_where_that_is_not_zero(was, now, difference, relative):
    assert (change(was, now).difference, change(was, now).relative) == (difference, relative)


@pytest.mark.parametrize(
    ("was_limits", "now_limits", "relative"),
    [
        ((-0.1, 0.3), None, None),
        (None, (-0.1, 0.3), None),
        ((0.0, 0.3), (0.1, 0.4), 1.0),
        ((-0.3, 0.0), None, 1.0),
        ((0.1, 0.3), (0.2, 0.4), 1.0),
    ],
)
def test_no_share_is_told_of_an_estimate_that_may_be_on_both_sides_of_zero(
    was_limits, now_limits, relative
):
    assert change("0.1", "0.2", was_limits=was_limits, now_limits=now_limits).relative == relative


def test_no_share_is_told_of_p_values_and_of_years_in_the_text():
    assert change("0.2", "0.4", "p_value").relative is None
    assert change("0.2", "0.4", "adjusted_p_value").relative is None
    assert change("1999", "2019", "", language="en").relative is None
    assert change("2899", "2019", "", language="en").relative is not None
    assert change("1999", "2019").relative is not None
    assert change("1999", "219", "", language="en").relative is not None


@pytest.mark.parametrize(
    ("was_limits", "now_limits", "overlapping"),
    [
        ((1, 2), (2, 3), True),
        ((2, 3), (1, 2), True),
        ((1, 2), (2.1, 3), False),
        ((2.1, 3), (1, 2), False),
        (None, (1, 2), None),
        ((1, 2), None, None),
    ],
)
def test_intervals_that_touch_overlap(was_limits, now_limits, overlapping):
    assert change("1", "2", was_limits=was_limits, now_limits=now_limits).overlapping is overlapping


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("1\u202f204,5 (1–2)", "nb", 1204.5),
        ("1.204,5", "nb", 1204.5),
        ("1,204.5", "en", 1204.5),
        ("−3,5 %", "nb", -3.5),
        ("<5", "en", None),
        ("1e3", "", 1000.0),
        ("", "", None),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(text, language, number):
    assert as_number(text, language) == number
