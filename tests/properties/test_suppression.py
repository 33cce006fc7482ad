"""No withheld count can be worked out: audited by solvers that share no code with the suppression."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.display import publish, suppress_counts, suppress_flow, suppression_marks

COUNT = st.one_of(st.integers(0, 6), st.integers(0, 60))
WAYS = {
    "grand total": [[]],
    "rows": [["country"]],
    "both margins": [["country"], ["sex"]],
    "margins and grand total": [["country"], ["sex"], []],
}


@st.composite
def tables(draw, most_rows=4, most_columns=3):
    rows, columns = draw(st.integers(1, most_rows)), draw(st.integers(1, most_columns))
    names = [*"ABCDEFGH"[: rows - 1], draw(st.sampled_from(["Z", None]))]
    cells = [(name, f"s{column}", draw(COUNT)) for name in names for column in range(columns)]
    return pd.DataFrame(cells, columns=["country", "sex", "cases"])


def known_sums(frame, totals, hidden_totals):
    """What a reader can add up: for every printed total, which rows it covers and its value."""
    for columns in totals:
        keys = [
            tuple("missing" if pd.isna(v) else v for v in row) for row in frame[columns].to_numpy()
        ]
        shut = [
            tuple("missing" if pd.isna(v) else v for v in values)
            for names, values in hidden_totals
            if list(names) == columns
        ]
        for key in set(keys):
            if key not in shut:
                member = np.array([other == key for other in keys])
                yield member, frame.loc[member, "cases"].sum()


def range_of(cell, public, sums, lowest, highest):
    """The least and the most that one cell can be, by linear programming over all cells."""
    fixed = public["cases"].to_numpy(dtype=float)
    bounds = [(v, v) if not np.isnan(v) else (lowest[i], highest[i]) for i, v in enumerate(fixed)]
    goal = np.zeros(len(public))
    goal[cell] = 1
    matrix = np.array([member.astype(float) for member, _ in sums]) if sums else None
    values = [value for _, value in sums] if sums else None
    least = linprog(goal, A_eq=matrix, b_eq=values, bounds=bounds)
    most = linprog(-goal, A_eq=matrix, b_eq=values, bounds=bounds)
    return least.fun, (np.inf if most.status == 3 else -most.fun)


@pytest.mark.parametrize("totals", WAYS.values(), ids=WAYS.keys())
@settings(max_examples=40, deadline=None)
@given(frame=tables(), minimum=st.sampled_from([3, 5]))
def test_no_withheld_cell_can_be_worked_out(totals, frame, minimum):
    public = suppress_counts(frame, totals=totals, minimum=minimum)
    sums = list(known_sums(frame, totals, public.hidden_totals["cases"]))
    small = frame["cases"].between(1, minimum - 1)
    assert public.frame.loc[small, "suppressed"].all()
    for cell in np.flatnonzero(public.frame["suppressed"]):
        least, most = range_of(cell, public.frame, sums, [0] * len(frame), [None] * len(frame))
        assert most - least > 0.5, "a withheld cell is determined"
        if small.iloc[cell]:
            assert most - least >= minimum - 1e-6


@pytest.mark.parametrize("totals", WAYS.values(), ids=WAYS.keys())
@settings(max_examples=40, deadline=None)
@given(frame=tables())
def test_a_reader_who_knows_the_rule_learns_no_more_than_fewer_than_five(totals, frame):
    public = suppress_counts(frame, totals=totals, minimum=5)
    marks, _ = suppression_marks(frame, totals=totals, minimum=5)
    sums = list(known_sums(frame, totals, public.hidden_totals["cases"]))
    lowest = [1 if mark == "small" else 5 for mark in marks]
    highest = [4 if mark == "small" else None for mark in marks]
    for cell in np.flatnonzero(marks == "small"):
        least, most = range_of(cell, public.frame, sums, lowest, highest)
        assert least <= 1 + 1e-6 and most >= 4 - 1e-6


@settings(max_examples=80, deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_by_enumeration_every_value_of_a_small_cell_stays_possible(counts):
    frame = pd.DataFrame({"cases": counts})
    public = suppress_counts(frame, totals=[[]])
    marks, hidden = suppression_marks(frame, totals=[[]])
    if hidden:
        return
    free = np.flatnonzero(public.frame["suppressed"])
    rest = sum(counts) - public.frame["cases"].sum()
    choices = [range(1, 5) if marks.iloc[cell] == "small" else range(5, 46) for cell in free]
    worlds = [world for world in product(*choices) if sum(world) == rest] if len(free) < 4 else None
    for place, cell in enumerate(free if worlds is not None else []):
        if marks.iloc[cell] == "small":
            assert {world[place] for world in worlds} == {1, 2, 3, 4}


@settings(max_examples=40, deadline=None)
@given(frame=tables())
def test_what_is_published_is_unchanged_and_zeros_are_shown(frame):
    public = suppress_counts(frame, totals=[["country"], ["sex"]])
    shown = ~public.frame["suppressed"]
    assert (public.frame.loc[shown, "cases"] == frame.loc[shown, "cases"]).all()
    assert shown[frame["cases"] == 0].all()
    pd.testing.assert_frame_equal(public.frame[["country", "sex"]], frame[["country", "sex"]])


@settings(max_examples=40, deadline=None)
@given(frame=tables())
def test_suppressing_twice_is_suppressing_once(frame):
    once = suppress_counts(frame, totals=[["country"], ["sex"]])
    twice = suppress_counts(once.frame, totals=[["country"], ["sex"]])
    pd.testing.assert_frame_equal(once.frame, twice.frame)
    assert set(once.hidden_totals["cases"]) <= set(twice.hidden_totals["cases"])


@settings(max_examples=40, deadline=None)
@given(frame=tables(), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(frame, seed):
    shuffled = frame.sample(frac=1, random_state=seed)
    here = suppress_counts(frame, totals=[["country"], ["sex"]]).frame["suppressed"]
    there = suppress_counts(shuffled, totals=[["country"], ["sex"]]).frame["suppressed"]
    assert (here == there.sort_index()).all()


@settings(max_examples=300, deadline=None)
@given(
    left_out=st.lists(
        st.one_of(st.integers(0, 12), st.sampled_from([40, 566])), min_size=1, max_size=6
    ),
    left=st.one_of(st.integers(0, 12), st.just(100)),
    minimum=st.sampled_from([3, 5]),
)
def test_no_line_of_a_flow_can_be_worked_out(left_out, left, minimum):
    start = left + sum(left_out)
    flow = pd.DataFrame(
        {"criterion": [f"c{i}" for i in range(len(left_out) + 1)], "left_out": [0, *left_out]}
    )
    flow["remaining"] = start - flow["left_out"].cumsum()
    public = suppress_flow(flow, minimum)
    printed = pd.concat([public["left_out"], public["remaining"]])
    assert not printed.between(1, minimum - 1).any()
    few_remain = 0 < left < minimum
    assert (
        np.isnan(public["remaining"].iloc[-1])
        if few_remain
        else public["remaining"].iloc[-1] == left
    )
    pool = public[public["criterion"] == "other_reasons"]
    if pool.empty:
        pd.testing.assert_frame_equal(public[list(flow)], flow, check_dtype=False)
        return
    shown = set(public["criterion"])
    hidden = [
        n for name, n in zip(flow["criterion"], flow["left_out"], strict=True) if name not in shown
    ]
    hidden += [left] if few_remain else []
    if np.isnan(public["remaining"].iloc[0]):
        # Neither the start nor the pool is told: nothing adds up.
        assert public["remaining"].iloc[:-1].isna().all() and np.isnan(pool["left_out"].iloc[0])
    else:
        rest = (
            public["remaining"].iloc[0]
            - public["left_out"].sum()
            - public["remaining"].iloc[1:].sum()
        )
        assert rest == (sum(hidden) if np.isnan(pool["left_out"].iloc[0]) else 0)
        assert public["remaining"].iloc[1:-1].isna().all()
        _every_small_value_possible(hidden, minimum)


def _every_small_value_possible(pooled, minimum):
    smalls = [value < minimum for value in pooled]
    choices = [range(1, minimum) if small else range(minimum, sum(pooled) + 1) for small in smalls]
    if np.prod([len(choice) for choice in choices]) > 50_000:
        return
    worlds = [world for world in product(*choices) if sum(world) == sum(pooled)]
    for place, small in enumerate(smalls):
        if small:
            assert {world[place] for world in worlds} == set(range(1, minimum))


@st.composite
def numbers_at_risk(draw):
    groups = [f"g{place}" for place in range(draw(st.integers(1, 4)))]
    rows = []
    for group in groups:
        n = draw(st.integers(1, 40))
        rows += [(group, year, n := draw(st.integers(0, n))) for year in (1, 5, 10)]
    return pd.DataFrame(rows, columns=["iccc3_subgroup", "years", "at_risk"]).assign(survival=0.5)


@settings(max_examples=60, deadline=None)
@given(
    frame=numbers_at_risk(),
    totals=st.sampled_from([None, [["years"]], [["iccc3_subgroup"], ["years"]]]),
)
def test_no_number_at_risk_follows_from_that_of_all_at_the_same_time(frame, totals):
    public = publish(frame, 5, totals)
    shut = {values for _, values in public.hidden_totals["at_risk"]}
    for year in (1, 5, 10):
        here = frame["years"] == year
        hidden = here & public.frame["at_risk"].isna()
        small = here & frame["at_risk"].between(1, 4)
        assert (hidden | ~small).all()
        if small.any() and (year,) not in shut and frame["iccc3_subgroup"].nunique() > 1:
            marks = [public.why("at_risk")[row] for row in frame.index[hidden]]
            assert len(marks) > 1
            _every_small_value_possible(frame.loc[hidden, "at_risk"].tolist(), 5)
