import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import revised_count_test

TESTS = ["p_value", "adjusted_p_value"]


def test_revised_counts_agree_with_sums_in_r(oracle):
    answer = oracle("answer_revised_counts")
    ours = revised_count_test(answer[["earlier_cases", "cases"]])
    np.testing.assert_allclose(ours[TESTS], answer[TESTS], rtol=1e-10)
    assert ours["difference"].tolist() == (answer["cases"] - answer["earlier_cases"]).tolist()


def test_a_missing_count_has_no_answer_and_is_not_counted_among_the_tests():
    counts = pd.DataFrame(
        {"year": [2020, 2021, 2022], "cases": [30, pd.NA, 8], "earlier_cases": [12, 5, 8]},
        index=[9, 7, 7],
    )
    answer = revised_count_test(counts.astype({"cases": "Int64"}), ["year"])
    assert answer["year"].tolist() == [2020, 2021, 2022]
    assert answer.loc[1, ["difference", *TESTS]].isna().all()
    assert answer["adjusted_p_value"][0] == pytest.approx(2 * answer["p_value"][0])
    assert answer["p_value"][2] == 1


@pytest.mark.parametrize("storage", ["int64", "float64", "object", "Int64"])
def test_any_storage_of_counts_and_none_at_all(storage):
    counts = pd.DataFrame({"cases": [0, 40], "earlier_cases": [0, 10]}).astype(storage)
    answer = revised_count_test(counts)
    assert answer["p_value"].round(6).tolist() == [1, 3.6e-05]
    assert len(revised_count_test(counts.iloc[:0])) == 0


def test_the_test_is_conservative_where_the_counts_overlap():
    random = np.random.default_rng(8)
    kept, added, removed = (random.poisson(mean, 4000) for mean in (190, 10, 10))
    answer = revised_count_test(
        pd.DataFrame({"cases": kept + added, "earlier_cases": kept + removed})
    )
    assert (answer["p_value"] < 0.05).mean() == 0
    fresh = revised_count_test(
        pd.DataFrame({"cases": random.poisson(200, 4000), "earlier_cases": kept + removed})
    )
    assert 0.035 < (fresh["p_value"] < 0.05).mean() < 0.065


def test_every_fault_is_told():
    with pytest.raises(MissingStepError):
        revised_count_test(pd.DataFrame({"cases": [1]}))
    with pytest.raises(InputError, match=r"cases: must be whole numbers in 1 row \(1\)") as raised:
        revised_count_test(pd.DataFrame({"cases": [1.5, 2], "earlier_cases": [1, -2]}))
    assert len(raised.value.faults) == 2
