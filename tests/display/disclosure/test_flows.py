"""The inclusion flow: few who left and few who remain."""

import numpy as np
import pandas as pd

from analysis.display.disclosure.flows import suppress_flow


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
