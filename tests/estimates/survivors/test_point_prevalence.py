import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import completed_prevalence, completeness_index, prevalence

YEAR = 365.25


def rates(by_age, **columns):
    return pd.DataFrame(
        {"age_at_diagnosis": range(len(by_age)), "cases": by_age, "person_years": 1e5, **columns}
    )


def curve(**columns):
    """Exponential survival with a daily death rate that adds up to 2 per cent a year, day by day."""
    days = np.arange(1, 70 * 365)
    return pd.DataFrame({"time_days": days, "survival": np.exp(-0.02 * days / YEAR), **columns})


def test_exact_intervals_agree_with_r(oracle, agree):
    answer = oracle("answer_prevalence_intervals")
    agree(
        prevalence(answer[["cases", "persons"]], per=1),
        answer,
        ["lower", "upper"],
        tolerance=0,
        relative=1e-11,
    )


def test_what_is_undefined_is_missing():
    table = pd.DataFrame(
        {"cases": pd.array([0, 3, None], dtype="Int64"), "persons": [0.0, np.nan, 100.0]}
    )
    answer = prevalence(table)
    assert answer[["prevalence", "lower", "upper"]].isna().all(axis=None)
    assert set(answer["per"]) == {100_000}
    assert prevalence(table.iloc[:0]).empty


def test_the_index_is_the_share_of_survivors_diagnosed_since_registration_began():
    """Against a count of invented persons, each born and diagnosed on a day of their own."""
    random = np.random.default_rng(1)
    persons = 400_000
    by_age = np.array([8.0, 3, 1, 1, 2])
    age = random.choice(5, persons, p=by_age / by_age.sum()) + random.random(persons)
    for attained in (20, 22, 24):
        since = attained + random.random(persons) - age
        alive = random.random(persons) < np.exp(-0.02 * since)
        expected = (alive & (since <= 20)).sum() / alive.sum()
        found = completeness_index(rates(by_age), curve(), 20, [attained])[
            "completeness_index"
        ].iloc[0]
        assert found == pytest.approx(expected, abs=0.005)


def test_complete_up_to_the_years_registered_and_nought_beyond_childhood():
    answer = completeness_index(rates([5] * 15), curve(), 30, range(0, 60)).set_index(
        "attained_age"
    )["completeness_index"]
    assert (answer.loc[:29] == 1).all()
    assert answer.loc[30:45].is_monotonic_decreasing
    assert (answer.loc[45:] == 0).all()
    assert 0 < answer.loc[44] < 0.1


def test_better_early_survival_does_not_matter_up_to_then():
    nobody_dies = pd.DataFrame({"time_days": [1.0], "survival": [1.0]})
    answer = completeness_index(rates([5] * 10), nobody_dies, 20, [24])["completeness_index"]
    # Of ages 0 to 9 with equal rates, those diagnosed at 5 to 9 and half of those at 4 were registered.
    assert answer.tolist() == [pytest.approx(0.55)]


def test_diagnosis_and_attained_age_may_fall_in_one_year():
    nobody_dies = pd.DataFrame({"time_days": [1.0], "survival": [1.0]})
    answer = completeness_index(rates([5]), nobody_dies, 0.5, [0, 1])["completeness_index"]
    # Time since diagnosis lies under a triangle from 0 to 1 year, then under one from 0 to 2.
    assert answer.tolist() == [pytest.approx(0.75, rel=1e-12), pytest.approx(0.125, rel=1e-12)]


def test_strata_of_the_curve_are_strata_of_the_index():
    table = pd.concat([rates([9, 1], sex="male"), rates([1, 9], sex="female")])
    curves = pd.concat([curve(sex="male"), curve(sex="female")])
    answer = completeness_index(table, curves, 30, [30])
    assert answer["sex"].tolist() == ["male", "female"]
    alone = completeness_index(rates([9, 1]), curve(), 30, [30])["completeness_index"].iloc[0]
    assert answer["completeness_index"].iloc[0] == pytest.approx(alone)
    assert answer["completeness_index"].iloc[1] > alone


def test_nobody_diagnosed_leaves_the_index_missing():
    for table in (rates([0, 0]), rates([])):
        assert completeness_index(table, curve(), 30, [10, 40])["completeness_index"].isna().all()


def test_the_index_raises_counts_to_all_survivors():
    index = pd.DataFrame(
        {
            "sex": "male",
            "attained_age": [40, 41, 42, 43],
            "completeness_index": [1, 0.8, 0.3, np.nan],
        }
    )
    observed = pd.DataFrame(
        {"sex": pd.Categorical(["male"] * 5), "attained_age": [42, 41, 40, 43, 50], "cases": 8}
    )
    answer = completed_prevalence(observed, index)
    np.testing.assert_allclose(answer["completed_cases"], [np.nan, 10, 8, np.nan, np.nan])


def test_faults_are_told():
    with pytest.raises(InputError, match=r"cases: must not be more than persons in 1 row \(1\)"):
        prevalence(pd.DataFrame({"cases": [3], "persons": [2]}))
    with pytest.raises(InputError, match="registered_years"):
        completeness_index(rates([1]), curve(), -1)
    with pytest.raises(MissingStepError, match="age_at_diagnosis"):
        completeness_index(rates([1]).drop(columns="age_at_diagnosis"), curve(), 30)
