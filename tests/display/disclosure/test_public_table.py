"""Why a cell is missing, and which totals a reader of a figure knows."""

import pandas as pd

from analysis.display.disclosure.public_table import Published, known_margins


def published(hidden_totals=()):
    frame = pd.DataFrame(
        {"year": [2001, None, 2003], "cases": [9.0, None, 7.0], "note": list("abc")}
    )
    marks = pd.DataFrame({"cases": ["", "small", ""], "rate": ["", "protecting", ""]})
    return Published(frame, marks, {"cases": tuple(hidden_totals)})


def test_a_row_is_withheld_where_one_of_its_cells_is():
    assert published().withheld.tolist() == [False, True, False]


def test_a_column_without_marks_is_published():
    assert published().why("cases").tolist() == ["", "small", ""]
    assert published().why("note").tolist() == ["", "", ""]


def test_what_has_a_place_along_an_axis():
    placed = published().with_place("year")
    assert placed.frame["year"].tolist() == [2001, 2003] and placed.marks.index.tolist() == [0, 2]


def test_the_grand_total_is_the_one_over_no_columns():
    assert not published().grand_total_hidden
    assert not published([(("sex",), ("male",))]).grand_total_hidden
    assert published([(("sex",), ("male",)), ((), ())]).grand_total_hidden


def test_the_margins_of_a_figure_are_known_unless_totals_are_given():
    assert known_margins(None, "sex", None) == [[]]
    assert known_margins(None, "sex", "year") == [["sex"], ["year"]]
    assert known_margins([], "sex", "year") == []
    assert known_margins([["sex"]], "sex", "year") == [["sex"]]
