import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import heterogeneity_test

ANSWER = ["test_statistic", "degrees_of_freedom", "p_value", "tau_squared", "i_squared"]


def counts(cases, person_years, countries=("NO", "SE", "DK")):
    return pd.DataFrame({"country": list(countries), "cases": cases, "person_years": person_years})


@pytest.mark.parametrize("adjusted", [True, False])
def test_statistic_and_dispersion_agree_with_r(adjusted, oracle, agree):
    answer = oracle("answer_heterogeneity")
    table = oracle("comparisons")
    table = table[table["person_years"] > 0].drop(columns=[] if adjusted else "age_group")
    ours = heterogeneity_test(table.sample(frac=1, random_state=1), simulations=0)
    agree(ours, answer[answer["adjusted"] == adjusted], ANSWER, tolerance=0, relative=1e-10)
    assert np.isnan(ours["simulated_p_value"].iloc[0])


def test_few_cases_agree_with_every_outcome_counted(oracle):
    exact = oracle("answer_heterogeneity_exact")["p_value"].iloc[0]
    answer = heterogeneity_test(counts([2, 0, 5], [4000, 2000, 1000]), simulations=99_999).iloc[0]
    assert answer["simulated_p_value"] == pytest.approx(exact, abs=3 * np.sqrt(exact / 1e5))


def test_two_countries_and_one_age_by_hand():
    row = heterogeneity_test(counts([20, 40], [1000, 1000], ["NO", "SE"]), simulations=0).iloc[0]
    assert row["test_statistic"] == pytest.approx(
        2 * (20 * np.log(20 / 30) + 40 * np.log(40 / 30)), rel=1e-12
    )
    pearson = 2 * 10**2 / 30
    assert row["i_squared"] == pytest.approx((pearson - 1) / pearson)
    assert row["tau_squared"] == pytest.approx((pearson - 1) / (60 - 2 * 30**2 / 60))


def test_the_same_seed_gives_the_same_answer_in_every_stratum():
    table = pd.concat([counts([3, 1, 9], [10, 9, 8]).assign(sex=sex) for sex in ("male", "female")])
    answer = heterogeneity_test(table, by=["sex"])
    alone = heterogeneity_test(counts([3, 1, 9], [10, 9, 8]))
    assert answer["simulated_p_value"].tolist() == [alone["simulated_p_value"].iloc[0]] * 2
    assert answer["sex"].tolist() == ["male", "female"]


def test_a_country_without_a_case_counts_and_one_without_person_years_does_not():
    with_none = heterogeneity_test(counts([8, 9, 0], [10, 10, 10])).iloc[0]
    assert (with_none["levels"], with_none["degrees_of_freedom"]) == (3, 2)
    assert with_none["p_value"] < 0.05
    without = heterogeneity_test(counts([8, 9, 0], [10, 10, 0])).iloc[0]
    assert (without["levels"], without["degrees_of_freedom"]) == (2, 1)


def test_levels_that_share_no_age_cannot_be_told_apart():
    table = counts([8, 3], [10, 10], ["NO", "SE"]).assign(age_group=["0", "1-4"])
    row = heterogeneity_test(table).iloc[0]
    assert (row["levels"], row["degrees_of_freedom"]) == (2, 0)
    assert np.isnan(row["p_value"])


@pytest.mark.parametrize(
    "table", [counts([0, 0, 0], [1, 1, 1]), counts([1, 2, 3], [0, 0, 0]), counts([], [], [])]
)
def test_what_is_undefined_is_missing(table):
    row = heterogeneity_test(table).iloc[0]
    assert (
        row[["test_statistic", "p_value", "simulated_p_value", "tau_squared", "i_squared"]]
        .isna()
        .all()
    )
    assert row["degrees_of_freedom"] == 0


def test_equal_rates_are_seldom_found_to_differ():
    random = np.random.default_rng(3)
    years = np.array([400.0, 900.0, 60.0, 250.0])
    tables = [
        counts(random.poisson(years / 100), years, ["NO", "SE", "IS", "DK"]).assign(draw=draw)
        for draw in range(300)
    ]
    answer = heterogeneity_test(pd.concat(tables), by=["draw"], simulations=499)
    assert (answer["simulated_p_value"] <= 0.05).mean() < 0.08
    assert abs((answer["simulated_p_value"] <= 0.5).mean() - 0.5) < 0.1


def test_faults_are_told():
    with pytest.raises(InputError, match="simulations: must be 0 or more"):
        heterogeneity_test(counts([1, 2, 3], [1, 1, 1]), simulations=-1)
    with pytest.raises(InputError, match="person_years: must be 0 or more"):
        heterogeneity_test(counts([1, 2, 3], [1, -1, 1]))
