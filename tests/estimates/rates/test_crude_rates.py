import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

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


@pytest.mark.parametrize("interval", ["exact", "mid-p", "byar", "log-normal"])
def test_every_interval_agrees_with_r_up_to_a_million_cases(interval, oracle):
    answer, name = oracle("answer_rate_intervals"), interval.replace("-", "_")
    rates = incidence_rate(counts(answer["cases"], 1.0), per=1, interval=interval)
    np.testing.assert_allclose(rates["lower"], answer[f"{name}_lower"], rtol=2e-13)
    np.testing.assert_allclose(rates["upper"], answer[f"{name}_upper"], rtol=2e-13)


def test_mid_p_limits_agree_with_r_at_another_level(oracle):
    answer = oracle("answer_rate_intervals")
    rates = incidence_rate(counts(answer["cases"], 1.0), per=1, interval="mid-p", confidence=0.9)
    np.testing.assert_allclose(rates["lower"], answer["mid_p_lower_90"], rtol=2e-13)
    np.testing.assert_allclose(rates["upper"], answer["mid_p_upper_90"], rtol=2e-13)


def test_mid_p_limits_without_a_case_solve_their_definition():
    row = incidence_rate(counts([0], [1.0]), per=1, interval="mid-p").iloc[0]
    assert (row["lower"], row["upper"]) == (0, pytest.approx(-np.log(0.05), rel=1e-15))


@pytest.mark.parametrize("interval", ["exact", "mid-p", "byar", "log-normal"])
def test_counts_with_a_fraction_are_taken(interval):
    table = counts([0.25, 0.5, 1.5, 2.0], 1.0)
    rates = incidence_rate(table, per=1, interval=interval)
    assert (rates["lower"] < rates["rate"]).all()
    assert (rates["rate"] < rates["upper"]).all()
    assert rates["upper"].is_monotonic_increasing or interval == "log-normal"


def test_mid_p_limits_lie_within_the_exact_ones_for_many_rows():
    table = counts(np.arange(30_000), 1e5)
    exact, mid_p = (
        incidence_rate(table, interval=interval).iloc[1:] for interval in ("exact", "mid-p")
    )
    assert (mid_p["lower"] > exact["lower"]).all()
    assert (mid_p["upper"] < exact["upper"]).all()


def test_intervals_cover_the_true_rate_at_their_level():
    # The probability of covering, summed over the counts that can occur, averaged over true means from 3 to 30.
    means, seen = np.linspace(3, 30, 200), np.arange(120)
    chance = poisson.pmf(seen, means[:, None])
    covered = {}
    for interval in ("exact", "mid-p", "byar"):
        rates = incidence_rate(counts(seen, 1.0), per=1, interval=interval)
        holds = (rates["lower"].to_numpy() <= means[:, None]) & (
            means[:, None] <= rates["upper"].to_numpy()
        )
        covered[interval] = (chance * holds).sum(axis=1)
    assert covered["exact"].min() >= 0.95
    assert covered["mid-p"].mean() == pytest.approx(0.95, abs=0.005)
    assert covered["exact"].mean() > covered["mid-p"].mean()
    assert covered["byar"].mean() == pytest.approx(covered["exact"].mean(), abs=0.003)


@pytest.mark.parametrize(
    ("interval", "peer"), [("exact", "survival::cipoisson"), ("byar", "PHEindicatormethods")]
)
def test_intervals_agree_with_the_published_packages(interval, peer, golden):
    answer = golden("poisson_rate_ci__counts")
    answer = answer[
        answer["peer"].str.contains(peer.split("::")[0]) & answer["method"].str.contains(interval)
    ]
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
    assert (
        incidence_rate(counts([3], [person_years]))[["rate", "lower", "upper"]]
        .isna()
        .all(axis=None)
    )


def test_missing_cases_stay_missing_and_nullable_columns_are_read():
    rates = incidence_rate(
        counts(pd.array([2, None], dtype="Int64"), pd.array([1e6, 1e6], dtype="Float64"))
    )
    assert rates["rate"].tolist()[0] == pytest.approx(2)
    assert rates.loc[1, ["rate", "lower", "upper"]].isna().all()


def test_an_empty_table_stays_empty():
    assert incidence_rate(counts([], [])).columns.tolist() == [
        "cases",
        "person_years",
        "rate",
        "lower",
        "upper",
        "per",
    ]


def test_what_cannot_be_is_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        incidence_rate(counts([-1, 2], [10, -5]))
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="exact, mid-p, byar, log-normal"):
        incidence_rate(counts([1], [1]), interval="normal")
    with pytest.raises(MissingStepError, match="person_years"):
        incidence_rate(pd.DataFrame({"cases": [1]}))
