"""From cells to typed columns: one spelling of each value, and the rows that have no type."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analysis.register.contract.coercion import (
    LARGEST_WHOLE,
    cell_text,
    coerce_column,
    distinct_cells,
    take_cells,
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        (pd.NaT, None),
        (pd.NA, None),
        ({"a": 1}, None),
        ([np.nan], None),
        (False, "no"),
        (np.True_, "yes"),
        (b"\xff", "�"),
        (Decimal("2.50"), "2.50"),
        (datetime(2010, 2, 3), "2010-02-03"),
        (datetime(2010, 2, 3, 12), "2010-02-03 12:00:00"),
        (date(2010, 2, 3), "2010-02-03"),
        (float(LARGEST_WHOLE - 1), str(LARGEST_WHOLE - 1)),
        (float(LARGEST_WHOLE), str(float(LARGEST_WHOLE))),
        (-3.0, "-3"),
        (0.5, "0.5"),
    ],
)
def test_a_cell_is_written_as_in_a_csv_file(cell, text):
    assert cell_text(cell) == text


def typed(cells, kind, name="column", holds=None):
    column, untyped, refused = coerce_column(pd.Series(cells), kind, name, holds)
    return (
        column.astype(object).where(column.notna(), None).tolist(),
        untyped.tolist(),
        refused.tolist(),
    )


def test_whole_numbers_have_no_part_and_no_more_digits_than_a_float_keeps():
    cells = ["1", " 2 ", "2.5", str(LARGEST_WHOLE), str(LARGEST_WHOLE + 2), "inf", "x", None, ""]
    assert typed(cells, "whole") == ([1, 2, None, LARGEST_WHOLE, *[None] * 5], [2, 4, 5, 6], [])


def test_decimals_are_finite():
    assert typed(["1.5", "-inf", "1e400", "0"], "decimal") == ([1.5, None, None, 0], [1, 2], [])
    dates = pd.Series(pd.to_datetime(["2010-01-01"]))
    assert typed(dates, "decimal") == ([None], [0], [])
    assert typed(dates - dates, "decimal") == ([None], [0], [])


def test_dates_have_the_iso_form_and_can_be_counted():
    cells = ["2010-02-03", "2010-2-3", "20100203", "2010-02-30", "9999-01-01", None]
    dates, untyped, _ = typed(cells, "date")
    assert dates[0] == pd.Timestamp("2010-02-03")
    assert untyped == [1, 2, 3, 4]
    sent = pd.Series(
        pd.to_datetime(["1678-01-01", "1677-12-31", "2261-12-31", "2262-01-01"]).as_unit("s")
    )
    assert typed(sent, "date")[1] == [1, 3]
    with_time = pd.Series(pd.to_datetime(["2010-02-03 23:59"]).tz_localize("UTC"))
    assert typed(with_time, "date")[0] == [pd.Timestamp("2010-02-03")]
    assert typed(pd.Series([20100203]), "date") == ([None], [0], [])


def test_text_of_numbers_and_dates():
    assert typed(pd.Series([9470.0, np.nan]), "text")[0] == ["9470", None]
    assert typed(pd.Series(pd.to_datetime(["2010-02-03", None])), "text")[0] == ["2010-02-03", None]


def test_codes_have_one_spelling():
    assert typed(["c716", " C71.6", None], "text", "topography")[0] == ["C71.6", "C71.6", None]
    assert typed(["no", None], "text", "country")[0] == ["NO", None]
    assert typed(["c716"], "text", "region")[0] == ["c716"]


def test_what_is_not_allowed_is_found_in_every_row_that_has_it():
    def holds(levels):
        return (levels < 3).to_numpy(dtype=bool)

    assert typed(["2", "3", None, "3", "x"], "whole", holds=holds) == (
        [2, 3, None, 3, None],
        [4],
        [1, 3],
    )
    assert typed(pd.Series([2, 3], dtype="Int64"), "whole", holds=holds)[2] == [1]
    assert typed([None, ""], "whole", holds=holds) == ([None, None], [], [])


def test_distinct_cells_lead_back_to_every_row():
    column = pd.Series(["b ", None, "a", "b ", "  "])
    codes, levels = distinct_cells(column)
    assert levels.tolist() == ["b", "a", None]
    assert take_cells(levels, codes).tolist() == ["b", None, "a", "b", None]
    assert take_cells(pd.Series([1.5, 2.5]), np.array([1, -1, 0])).tolist()[::2] == [2.5, 1.5]
    assert distinct_cells(pd.Series(["a", "a"], dtype="category"))[0].tolist() == [0, 0]
    assert distinct_cells(pd.Series(["1", 1], dtype=object))[1].tolist() == ["1"]
    assert distinct_cells(pd.Series([1, 2]))[0] is None
