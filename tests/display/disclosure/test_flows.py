"""The inclusion flow: few who left and few who remain."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.display.disclosure.flows import _is_safe, suppress_flow


def flow(*left_out, start=100):
    frame = pd.DataFrame(
        {"criterion": ["registered", *"abcdef"[: len(left_out)]], "left_out": [0, *left_out]}
    )
    return frame.assign(remaining=start - frame["left_out"].cumsum())


def test_a_flow_without_small_numbers_is_printed_whole():
    public = suppress_flow(flow(10, 0, 5))
    assert public["remaining"].tolist() == [100, 90, 90, 85]


def test_small_lines_of_a_flow_are_pooled_with_the_next():
    public = suppress_flow(flow(40, 2, 9))
    assert public["criterion"].tolist() == ["registered", "a", "other_reasons"]
    assert public["left_out"].tolist() == [0, 40, 11]
    assert public["remaining"].iloc[[0, -1]].tolist() == [100, 49] and np.isnan(
        public["remaining"].iloc[1]
    )


def test_a_flow_with_nothing_to_pool_with_hides_its_start():
    public = suppress_flow(flow(3))
    assert np.isnan(public["left_out"].iloc[-1]) and np.isnan(public["remaining"].iloc[0])
    assert public["remaining"].iloc[-1] == 97


def test_few_who_remain_are_withheld_with_what_gives_them():
    public = suppress_flow(flow(46192, 566, start=46759))
    assert public["criterion"].tolist() == ["registered", "a", "other_reasons"]
    assert public["left_out"].iloc[:2].tolist() == [0, 46192] and np.isnan(
        public["left_out"].iloc[2]
    )
    assert public["remaining"].iloc[0] == 46759 and public["remaining"].iloc[1:].isna().all()


def test_few_at_the_start_are_withheld():
    assert suppress_flow(flow(0, 0, start=3))["remaining"].isna().all()
    assert suppress_flow(flow(3, start=3))["remaining"].tolist()[-1] == 0


def lines_of(public):
    return public.astype(object).where(public.notna(), None).to_numpy().tolist()


def test_a_flow_is_printed_line_by_line():
    assert lines_of(suppress_flow(flow(10, 0, 5))) == [
        ["registered", 0, 100, False],
        ["a", 10, 90, False],
        ["b", 0, 90, False],
        ["c", 5, 85, False],
    ]


def test_the_pool_is_told_with_both_ends_of_the_flow():
    public = suppress_flow(flow(40, 2, 9))
    assert lines_of(public) == [
        ["registered", 0, 100, False],
        ["a", 40, None, False],
        ["other_reasons", 11, 49, False],
    ]
    assert public.index.tolist() == [0, 1, 2]


def test_a_pool_that_cannot_be_told_hides_its_sum_and_the_start():
    assert lines_of(suppress_flow(flow(3))) == [
        ["registered", 0, None, False],
        ["other_reasons", None, 97, True],
    ]


@pytest.mark.parametrize(("left_out", "pooled"), [(1, True), (4, True), (5, False), (0, False)])
def test_a_line_is_small_below_the_limit(left_out, pooled):
    names = suppress_flow(flow(left_out, 20))["criterion"].tolist()
    assert ("other_reasons" in names) == pooled


@pytest.mark.parametrize(("remain", "told"), [(0, True), (1, False), (4, False), (5, True)])
def test_few_who_remain_are_not_told(remain, told):
    public = suppress_flow(flow(30, 100 - 30 - remain))
    assert public["remaining"].notna().iloc[-1] == told
    assert public["suppressed"].iloc[-1] == (not told)


def test_a_line_withheld_where_it_was_counted_stays_withheld():
    seen = flow(40, 30)
    hidden = pd.DataFrame({"criterion": ["x"], "left_out": [None], "remaining": [60]})
    frame = pd.concat([seen[:2], hidden, seen[2:]]).astype({"left_out": "Int64"})
    public = suppress_flow(frame)
    assert lines_of(public) == [
        ["registered", 0, 100, False],
        ["x", None, 100, True],
        ["a", 40, 60, False],
        ["b", 30, 30, False],
    ]
    assert public.index.tolist() == [0, 1, 2, 3]


def worlds(numbers, small, minimum):
    """Every pool of the same sum in which the same lines are small."""
    most = sum(numbers)
    choices = [range(1, minimum) if few else range(minimum, most + 1) for few in small]
    return [world for world in product(*choices) if sum(world) == most]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_pool_is_safe_when_every_value_of_each_small_line_stays_possible(size):
    for numbers in product(range(1, 8), repeat=size):
        small = [number < 3 for number in numbers]
        if any(small):
            all_worlds = worlds(numbers, small, 3)
            full = all(
                {world[line] for world in all_worlds} == {1, 2}
                for line in range(size)
                if small[line]
            )
            safe = _is_safe(np.array(numbers), np.array(small), 3)
            assert safe == (full and sum(numbers) >= 3), numbers
