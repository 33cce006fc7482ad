"""What of two editions is the same thing, and which of its columns are counts."""

import pytest

from analysis.report.compare.alignment import stratum_columns
from analysis.report.compare.causes import Causes
from analysis.report.compare.exhibit_changes import compare_exhibits
from analysis.report.compare.published_pages import PublishedExhibit

SAME_YEARS = Causes(years=(), closing=(), inputs=(), package=(), parameters=())


def exhibit(columns, *rows):
    return PublishedExhibit("03_a", "table-3-1", "table", "Table 3.1", "Shares", columns, rows, "")


@pytest.mark.parametrize(
    "count",
    [
        *("cases", "eligible", "met", "censored", "persons_affected", "male_cases"),
        *("female_cases", "base_cases", "prevalent_cases", "status_unknown", "known_alive"),
        "carried",
    ],
)
def test_a_small_revision_of_any_count_is_marked(count):
    columns = ("sex", count)
    was, now = exhibit(columns, ("male", "48")), exhibit(columns, ("male", "50"))
    compared = compare_exhibits(was, now, SAME_YEARS, minimum=5)
    [change] = compared.changes
    assert change.small and change.difference == 2
    assert compared.revised == {((("sex", "male"),), count): (48, 50)}


def test_numbers_at_risk_and_estimates_are_no_counts_of_diagnoses():
    columns = ("sex", "at_risk", "share")
    was, now = exhibit(columns, ("male", "48", "0.5")), exhibit(columns, ("male", "50", "2.5"))
    compared = compare_exhibits(was, now, SAME_YEARS, minimum=5)
    assert [change.small for change in compared.changes] == [False, False]
    assert compared.revised == {}


def test_counts_tell_no_rows_apart():
    columns = ("known_alive", "sex", "met")
    rows = exhibit(columns, ("48", "male", "4"), ("50", "female", "5"))
    assert stratum_columns(rows, rows) == ("sex",)
