import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import incidence_rate


def counts(cases, person_years):
    return pd.DataFrame({"cases": cases, "person_years": person_years})


def test_exact_intervals_agree_with_r(oracle):
    answer = oracle("answer_count_intervals")
    for confidence, suffix in ((0.95, ""), (0.99, "_99")):
        rates = incidence_rate(counts(answer["cases"], 1.0), per=1, confidence=confidence)
        np.testing.assert_allclose(rates["lower"], answer[f"exact_lower{suffix}"], rtol=1e-11)
        np.testing.assert_allclose(rates["upper"], answer[f"exact_upper{suffix}"], rtol=1e-11)


@pytest.mark.parametrize(("interval", "peer"), [("exact", "survival::cipoisson"), ("byar", "PHEindicatormethods")])
def test_intervals_agree_with_the_published_packages(interval, peer, golden):
    answer = golden("poisson_rate_ci__counts")
    answer = answer[answer["peer"].str.contains(peer.split("::")[0]) & answer["method"].str.contains(interval)]
    if interval == "byar":
        answer = answer[answer["x"] >= 10]  # below ten the package gives the exact interval instead
    assert len(answer) > 3
    rates = incidence_rate(counts(answer["x"], answer["pt"]), per=1, interval=interval)
    np.testing.assert_allclose(rates["upper"], answer["upper"], rtol=1e-10)
    positive = answer["x"].to_numpy() > 0
    np.testing.assert_allclose(rates["lower"][positive], answer["lower"][positive], rtol=1e-10)


@pytest.mark.parametrize("interval", ["exact", "byar"])
def test_no_case_has_rate_nought_and_an_upper_limit(interval):
    row = incidence_rate(counts([0], [1e6]), interval=interval).iloc[0]
    assert (row["rate"], row["lower"]) == (0, 0)
    assert row["upper"] == pytest.approx(3.68, abs=0.02)


def test_no_case_has_no_upper_limit_on_the_log_scale():
    row = incidence_rate(counts([0], [1e6]), interval="log-normal").iloc[0]
    assert (row["rate"], row["lower"]) == (0, 0)
    assert np.isnan(row["upper"])


@pytest.mark.parametrize("person_years", [0, np.nan])
def test_without_person_years_nothing_is_estimated(person_years):
    assert incidence_rate(counts([3], [person_years]))[["rate", "lower", "upper"]].isna().all(axis=None)


def test_missing_cases_stay_missing_and_nullable_columns_are_read():
    rates = incidence_rate(counts(pd.array([2, None], dtype="Int64"), pd.array([1e6, 1e6], dtype="Float64")))
    assert rates["rate"].tolist()[0] == pytest.approx(2)
    assert rates.loc[1, ["rate", "lower", "upper"]].isna().all()


def test_an_empty_table_stays_empty():
    assert incidence_rate(counts([], [])).columns.tolist() == ["cases", "person_years", "rate", "lower", "upper"]


def test_what_cannot_be_is_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        incidence_rate(counts([-1, 2], [10, -5]))
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="exact, mid-p, byar, log-normal"):
        incidence_rate(counts([1], [1]), interval="normal")
    with pytest.raises(MissingStepError, match="person_years"):
        incidence_rate(pd.DataFrame({"cases": [1]}))
