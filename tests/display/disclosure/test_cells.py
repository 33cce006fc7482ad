"""What must be withheld beside the small cells, held against plain counting of what stays possible."""

from itertools import product

import numpy as np
import pytest

from analysis.display.disclosure.cells import Knowledge, _extreme, _pins, protect, small_cells


@pytest.mark.parametrize("minimum", [1, 3, 5])
def test_small_is_one_to_one_less_than_the_limit(minimum):
    counts = np.arange(8)
    assert counts[small_cells(counts, minimum)].tolist() == list(range(1, minimum))


def possible(values, hidden, minimum):
    """For each withheld cell under one printed total: its values in all tables that a reader cannot rule out."""
    rest = values[hidden].sum()
    cells = np.flatnonzero(hidden)
    choices = [
        range(1, minimum) if 0 < values[cell] < minimum else range(minimum, int(rest) + 1)
        for cell in cells
    ]
    worlds = [world for world in product(*choices) if sum(world) == rest]
    return {cell: {world[place] for world in worlds} for place, cell in enumerate(cells)}


def safe(values, hidden, cell, minimum):
    plain_width = values[hidden].sum() if hidden.sum() > 1 else 0
    every_value = possible(values, hidden, minimum)[cell] >= set(range(1, minimum))
    return every_value and plain_width >= minimum


def by_counting(values, minimum):
    """The rule of ``protect`` for one total, without a solver."""
    small, closed = small_cells(values, minimum), False
    hidden = small.copy()
    for cell in np.flatnonzero(small):
        while not closed and not safe(values, hidden, cell, minimum):
            published = np.flatnonzero(~hidden & (values > 0))
            roomy = published[values[published] >= 2 * minimum - 2]
            choice = roomy if len(roomy) else published
            closed = not len(choice)
            if len(choice):
                hidden[min(choice, key=lambda other: values[other])] = True
    for cell in np.flatnonzero(hidden & ~small):
        hidden[cell] = closed or len(possible(values, hidden, minimum)[cell]) > 1
    return hidden.tolist(), [closed]


@pytest.mark.parametrize("minimum", [2, 3])
def test_under_one_total_what_is_withheld_is_what_counting_asks_for(minimum):
    for values in product((0, 1, 2, 3, 4, 6), repeat=3):
        values = np.array(values, dtype=float)
        hidden, closed = protect(values, np.ones((1, 3)), minimum)
        assert (hidden.tolist(), closed.tolist()) == by_counting(values, minimum), values


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ([4, 4, 20], [1, 1, 1]),
        ([2, 12, 31], [1, 1, 0]),
        ([1, 5, 50], [1, 0, 1]),
        ([1, 7, 8], [1, 0, 1]),
        ([1, 7, 9, 50], [1, 0, 1, 0]),
        ([1, 4, 9], [1, 1, 0]),
        ([2, 3, 9], [1, 1, 0]),
        ([1, 2, 2, 9], [1, 1, 1, 1]),
        ([0, 5, 9], [0, 0, 0]),
    ],
)
def test_with_a_limit_of_five(values, hidden):
    withheld, closed = protect(np.array(values, dtype=float), np.ones((1, len(values))), 5)
    assert withheld.astype(int).tolist() == hidden and not closed.any()


def test_where_no_cell_is_left_the_total_is_closed():
    hidden, closed = protect(np.array([1.0, 5, 7]), np.ones((1, 3)), 5)
    assert hidden.all() and closed.all()


def margins(rows, columns):
    by_row = np.kron(np.eye(rows), np.ones(columns))
    by_column = np.kron(np.ones(rows), np.eye(columns))
    return np.vstack([by_row, by_column])


@pytest.mark.parametrize(
    ("table", "hidden"),
    [
        ([[2, 20], [30, 40]], [[1, 1], [1, 1]]),
        ([[2, 20, 30], [40, 50, 60], [70, 80, 90]], [[1, 1, 0], [1, 1, 0], [0, 0, 0]]),
        ([[2, 0, 30], [40, 50, 60]], [[1, 0, 1], [1, 0, 1]]),
        ([[2, 20, 30], [9, 3, 60]], [[1, 1, 1], [1, 1, 1]]),
    ],
)
def test_both_margins_need_a_rectangle(table, hidden):
    table = np.array(table, dtype=float)
    withheld, closed = protect(table.ravel(), margins(*table.shape), 5)
    assert withheld.reshape(table.shape).astype(int).tolist() == hidden and not closed.any()


def test_a_total_that_holds_one_cell_is_closed_and_no_other():
    values = np.array([3, 0, 90, 8], dtype=float)
    by_row = np.kron(np.eye(2), np.ones(2))
    hidden, closed = protect(values, by_row, 5)
    assert hidden.tolist() == [True, False, False, False] and closed.tolist() == [True, False]


def test_where_a_closed_total_follows_from_others_the_smallest_of_these_is_closed_too():
    values = np.array([3, 90, 200], dtype=float)
    equations = np.vstack([np.eye(3), np.ones(3)])
    hidden, closed = protect(values, equations, 5)
    assert hidden.tolist() == [True, True, False]
    assert closed.tolist() == [True, True, False, False]


def test_without_totals_only_small_cells_are_withheld():
    hidden, closed = protect(np.array([0.0, 1, 4, 5]), np.empty((0, 4)), 5)
    assert hidden.tolist() == [False, True, True, False] and closed.tolist() == []


def knowledge(values, hidden, equations, minimum=5, closed=None):
    values = np.array(values, dtype=float)
    closed = np.zeros(len(equations), dtype=bool) if closed is None else np.array(closed)
    small = small_cells(values, minimum)
    return Knowledge(values, equations, small, np.array(hidden, dtype=bool), closed, minimum)


@pytest.mark.parametrize(
    ("sharp", "highest", "lowest"), [(True, 4, 1), (False, 14, 0)], ids=["rule", "no rule"]
)
def test_how_far_a_cell_can_go_under_one_total(sharp, highest, lowest):
    reader = knowledge([2, 12, 31], [1, 1, 0], np.ones((1, 3)))
    assert _extreme(reader, 0, -1, sharp)[0] == highest
    assert _extreme(reader, 0, 1, sharp)[0] == lowest
    assert _extreme(reader, 0, 1, sharp)[1].tolist() == [1]


def test_how_far_a_cell_can_go_under_two_totals():
    reader = knowledge([2, 20, 30, 40], [1, 1, 1, 1], margins(2, 2))
    assert _extreme(reader, 0, -1, True)[0] == pytest.approx(4)
    assert _extreme(reader, 0, 1, True)[0] == pytest.approx(1)
    assert _extreme(reader, 0, -1, False)[0] == pytest.approx(22)
    assert _extreme(reader, 0, 1, False)[0] == pytest.approx(0)
    # Its own row cannot give more than 22, and the other cells not less than nothing.
    assert _extreme(reader, 3, 1, False)[0] == pytest.approx(38)
    assert _extreme(reader, 3, -1, False)[0] == pytest.approx(60)
    assert _pins(reader, 0) is None


def test_a_cell_under_no_open_total_can_be_anything():
    reader = knowledge([2, 20], [1, 1], np.ones((1, 2)), closed=[True])
    assert _extreme(reader, 1, -1, True)[0] == np.inf
    assert _extreme(reader, 1, 1, True)[0] == 5
    assert _pins(reader, 0) is None
