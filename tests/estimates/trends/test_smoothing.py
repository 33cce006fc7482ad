import numpy as np
import pandas as pd
import pytest

from analysis.estimates import annual_percent_change, fitted_trend, smooth_trend

BAND = ["smooth_rate", "lower", "upper"]
TABLES = ["A", "B", "C", "A_whole", "B_whole", "C_whole"]
TOLERANCE = 1e-6


def series(cases, person_years=1e6):
    return pd.DataFrame(
        {"year": range(1990, 1990 + len(cases)), "cases": cases, "person_years": person_years}
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_smooth_agrees_with_gam(name, oracle, agree):
    rows, answer = oracle("trends"), oracle("answer_smooth_trends")
    rows = rows[rows["country"] == name[0]].drop(columns="country")
    rows = rows.drop(columns="age_group") if name.endswith("whole") else rows
    answer = answer[answer["table"] == name]
    ours = smooth_trend(rows)
    # Both search for the smoothing parameter and stop near its best place.
    agree(
        ours,
        answer,
        ["year", *BAND, "effective_degrees_of_freedom"],
        tolerance=0,
        relative=TOLERANCE,
    )


def test_growth_at_one_pace_is_a_straight_line():
    counts = series(200 * np.exp(0.03 * np.arange(20)))
    ours = smooth_trend(counts)
    np.testing.assert_allclose(ours["smooth_rate"], fitted_trend(counts)["fitted"], rtol=1e-6)
    np.testing.assert_allclose(ours["effective_degrees_of_freedom"], 1, atol=1e-3)
    assert annual_percent_change(counts)["annual_percent_change"].iloc[0] == pytest.approx(
        100 * np.expm1(0.03)
    )


def test_fitted_cases_add_up_to_the_cases():
    draws = np.random.default_rng(5)
    ages = [series(draws.poisson(6, 30)).assign(age_at_diagnosis=age) for age in range(4)]
    ours = smooth_trend(pd.concat(ages))
    assert (ours["smooth_rate"] * ours["person_years"]).sum() / 1e6 == pytest.approx(
        ours["cases"].sum()
    )


def test_the_band_covers_the_truth():
    draws, years = np.random.default_rng(9), np.arange(30)
    truth = 40 * np.exp(0.3 * np.sin(years / 5))
    covered = [
        ours["lower"].lt(truth) & ours["upper"].gt(truth)
        for ours in (smooth_trend(series(draws.poisson(truth))) for _ in range(40))
    ]
    assert np.mean(covered) > 0.9


@pytest.mark.parametrize(
    "cases",
    [[], [3], [3, 4], [0] * 12, [5, *[0] * 11], [*[0] * 11, 5]],
    ids=["nothing", "a year", "two years", "no case", "first year", "last year"],
)
def test_what_has_no_slope_is_missing(cases):
    ours = smooth_trend(series(cases))
    assert len(ours) == len(cases)
    assert ours[[*BAND, "effective_degrees_of_freedom"]].isna().all(axis=None)


@pytest.mark.parametrize(
    "cases",
    [
        [0, 1, 0],
        [*[0] * 6, 1, *[0] * 7],
        [*[0] * 8, 30, *[0] * 11],
        [*[4, 3, 5, 2], *[0] * 16],
        [9, *[0] * 18, 9],
    ],
    ids=["three years", "one case", "all in one year", "none later", "both ends"],
)
def test_few_cases_have_a_finite_smooth(cases):
    ours = smooth_trend(series(cases))
    assert np.isfinite(ours["smooth_rate"]).all()
    known = ours.dropna()
    assert (known["lower"] <= known["smooth_rate"]).all() and (
        known["smooth_rate"] <= known["upper"]
    ).all()
    assert (known["upper"] <= 1e6 * known["smooth_rate"]).all()
    assert known["cases"].sum() == sum(cases)


def test_fewer_than_ten_cases_are_not_bent():
    counts = series([0, 0, 0, 1, 0, 2, 0, 0, 3, 0, 1, 0, 0, 1])
    ours = smooth_trend(counts)
    np.testing.assert_allclose(ours["smooth_rate"], fitted_trend(counts)["fitted"], rtol=1e-6)
    np.testing.assert_allclose(ours["effective_degrees_of_freedom"], 1, atol=1e-6)


def test_one_row_a_stratum_and_year_in_reading_order():
    counts = pd.concat([series([3, 4, 5, 6]).assign(sex=sex) for sex in ("female", "male")]).sample(
        frac=1, random_state=2
    )
    ours = smooth_trend(counts, ["sex"], per=100_000)
    assert list(ours) == [
        *("sex", "year", "cases", "person_years", "rate"),
        *("smooth_rate", "lower", "upper", "effective_degrees_of_freedom", "per"),
    ]
    assert ours["sex"].tolist() == ["male"] * 4 + ["female"] * 4
    assert ours["year"].tolist() == [1990, 1991, 1992, 1993] * 2
    assert set(ours["per"]) == {100_000}
