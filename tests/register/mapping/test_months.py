"""Dates known to the month: in the middle of it, and in order with the other dates of the month."""

import pandas as pd
import pytest

from analysis.register.mapping.months import TO_MID_MONTH, is_to_the_month, settle_months


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("%Y-%m", True),
        ("%m/%Y", True),
        ("%Y%m%d", False),
        ("%Y-%j", False),
        ("%x", False),
        ("%F", False),
    ],
)
def test_a_form_without_a_day_is_known_to_the_month(form, expected):
    assert is_to_the_month(form) is expected


def test_the_middle_of_a_month_is_its_fifteenth_day():
    assert (pd.Timestamp("2010-02-01") + TO_MID_MONTH).day == 15


@pytest.mark.parametrize(
    ("to_the_month", "birth", "diagnosis", "expected"),
    [
        (["diagnosis_date"], "2010-05-20", "2010-05-15", ("2010-05-20", "2010-05-20")),
        (["birth_date"], "2010-05-15", "2010-05-10", ("2010-05-10", "2010-05-10")),
        (["diagnosis_date"], "2010-05-10", "2010-05-15", ("2010-05-10", "2010-05-15")),
        (["diagnosis_date"], "2010-06-20", "2010-05-15", ("2010-06-20", "2010-05-15")),
        (["diagnosis_date"], "2011-05-20", "2010-05-15", ("2011-05-20", "2010-05-15")),
        ([], "2010-05-20", "2010-05-15", ("2010-05-20", "2010-05-15")),
    ],
)
def test_only_a_date_known_to_the_month_moves_and_only_within_it(
    to_the_month, birth, diagnosis, expected
):
    frame = pd.DataFrame(
        {"birth_date": pd.to_datetime([birth]), "diagnosis_date": pd.to_datetime([diagnosis])}
    )
    moved = settle_months(frame, to_the_month)
    assert tuple(moved[name].astype(str).item() for name in frame) == expected
    assert frame["birth_date"].astype(str).tolist() == [birth]
