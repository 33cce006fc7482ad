import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import proportion


def indicator(eligible, met):
    return pd.DataFrame({"eligible": eligible, "met": met})


def test_intervals_agree_with_r(oracle):
    answer = oracle("answer_proportions")
    shares = proportion(answer.assign(row=range(len(answer))), ["row"])
    np.testing.assert_allclose(shares["share"], answer["met"] / answer["eligible"])
    np.testing.assert_allclose(shares[["lower", "upper"]], answer[["lower", "upper"]], atol=1e-13)


def test_only_eligible_children_count():
    share = proportion(indicator([True, True, False, False], [True, False, True, None])).iloc[0]
    assert (share["eligible"], share["met"], share["share"]) == (2, 1, 0.5)


def test_none_eligible_is_missing():
    for table in (indicator([], []), indicator([False], [False])):
        assert proportion(table)[["share", "lower", "upper"]].isna().all(axis=None)


def test_unknown_for_an_eligible_child_is_refused():
    table = indicator(pd.array([True, None, True], dtype="boolean"), pd.array([None, True, True], dtype="boolean"))
    with pytest.raises(InputError) as refused:
        proportion(table)
    assert len(refused.value.faults) == 2


def test_shares_stand_beside_their_strata():
    table = indicator([True] * 4, [True, True, False, True]).assign(region=["Nord", "Vest"] * 2)
    assert proportion(table, ["region"])["share"].tolist() == [0.5, 1]
