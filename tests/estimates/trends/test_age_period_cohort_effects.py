import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import age_period_cohort, age_period_cohort_tests, net_drift

ESTIMATED = ["deviation", "standard_error", "lower", "upper"]
EARLIER_STEP = 3e-5


def grid(ages=6, years=10, cases=20, person_years=1e5):
    index = pd.MultiIndex.from_product(
        [range(ages), range(2000, 2000 + years)], names=["age", "year"]
    )
    return index.to_frame(index=False).assign(cases=cases, person_years=person_years)


def bands(counts, width=3):
    spans = {
        name: [f"{first}-{first + width - 1}" for first in counts[name] * width]
        for name in ("age", "year")
    }
    return counts.drop(columns=["age", "year"]).assign(age_group=spans["age"], period=spans["year"])


@pytest.fixture
def lexis(oracle):
    return oracle("lexis")


def test_deviations_agree_with_epi(lexis, oracle):
    answer = oracle("answer_cohort_deviations").set_index(["country", "effect", "value"])
    dispersion = oracle("answer_net_drift").set_index("country")["dispersion"]
    for country in ("few", "many"):
        rows = lexis[lexis["country"] == country]
        ours = age_period_cohort(rows, ["country"]).set_index(["country", "effect", "value"])
        theirs = answer.loc[country].reindex(ours.index.droplevel(0))
        np.testing.assert_allclose(ours["deviation"], theirs["deviation"], atol=1e-7)
        # Epi takes the counts for Poisson, and stops one step of iteration earlier: its variances are of that step.
        wider = np.sqrt(max(dispersion[country], 1))
        known = theirs["lower"].notna().to_numpy()
        margin = (theirs["upper"] - theirs["lower"])[known] * wider
        np.testing.assert_allclose(
            (ours["upper"] - ours["lower"])[known], margin, rtol=EARLIER_STEP
        )
        assert known.sum() == len(ours) - rows["age_group"].nunique()


def test_net_drift_agrees_with_epi(lexis, oracle):
    for row in oracle("answer_net_drift").itertuples():
        ours = net_drift(lexis[lexis["country"] == row.country], ["country"]).set_index("trend")
        slopes = np.log1p(ours[["annual_percent_change", "lower", "upper"]] / 100)
        assert slopes.loc["net drift", "annual_percent_change"] == pytest.approx(
            row.drift, rel=1e-7
        )
        wider = np.sqrt(max(row.dispersion, 1))
        upper = row.drift + wider * (row.upper - row.drift)
        assert slopes.loc["net drift", "upper"] == pytest.approx(upper, rel=EARLIER_STEP)
        assert slopes.loc["longitudinal age trend", "annual_percent_change"] == pytest.approx(
            row.longitudinal, rel=1e-6
        )
        assert ours["dispersion"].to_numpy() == pytest.approx(row.dispersion, rel=1e-8)
        change = slopes["annual_percent_change"]
        assert change["longitudinal age trend"] - change[
            "cross-sectional age trend"
        ] == pytest.approx(row.drift)


def test_tests_agree_with_epi(lexis, oracle):
    for country, answer in oracle("answer_cohort_tests").groupby("country"):
        ours = age_period_cohort_tests(lexis[lexis["country"] == country], ["country"])
        assert ours["effect"].tolist() == answer["effect"].tolist()
        assert ours["degrees_of_freedom"].tolist() == answer["degrees_of_freedom"].tolist()
        rise = answer["deviance"] / np.maximum(answer["dispersion"], 1)
        np.testing.assert_allclose(ours["test_statistic"], rise, rtol=1e-6)
        assert ours["p_value"].between(0, 1).all()


def test_lines_alone_leave_no_deviation():
    counts = grid()
    counts = counts.assign(
        cases=200 * np.exp(0.05 * counts["age"] + 0.02 * (counts["year"] - 2000))
    )
    np.testing.assert_allclose(age_period_cohort(counts)["deviation"], 0, atol=1e-8)
    drift = net_drift(counts)["annual_percent_change"]
    np.testing.assert_allclose(drift, 100 * np.expm1([0.02, 0.07, 0.05]), rtol=1e-8)


def test_any_lines_may_be_added_to_the_effects():
    """Three straight lines with the same sums are the same counts, hence the same deviations and drift."""
    counts, draws = grid(), np.random.default_rng(2)
    age, period = counts["age"], counts["year"] - 2000
    bent = 0.1 * np.sin(age) + 0.1 * np.cos(period) + 0.1 * np.sin(period - age)
    counts = counts.assign(person_years=draws.integers(50_000, 100_000, len(counts)))
    cases = counts["person_years"] * np.exp(bent) / 500
    ours, tilted = (
        age_period_cohort(
            counts.assign(cases=cases * np.exp(slope * age + (0.04 - slope) * period))
        )
        for slope in (0.0, 0.09)
    )
    np.testing.assert_allclose(ours["deviation"], tilted["deviation"], atol=1e-8)


def test_deviations_have_neither_mean_nor_slope(lexis):
    rows = lexis[lexis["country"] == "many"]
    ours = age_period_cohort(rows)
    start = (
        rows["period"].str.split("-").str[0].astype(int),
        rows["age_group"].str.split("-").str[0].astype(int),
    )
    for effect, at in {"age": start[1], "period": start[0], "cohort": start[0] - start[1]}.items():
        deviation = at.map(ours[ours["effect"] == effect].set_index("value")["deviation"])
        assert np.average(deviation, weights=rows["person_years"]) == pytest.approx(0, abs=1e-9)
        assert np.average(deviation * at, weights=rows["person_years"]) == pytest.approx(
            0, abs=1e-6
        )


def test_a_cohort_without_a_case_is_missing_and_changes_nothing():
    draws = np.random.default_rng(4)
    counts = grid(years=8)
    counts = counts.assign(cases=draws.poisson(15, len(counts)))
    corner = (counts["age"] == 5) & (counts["year"] == 2000)
    counts.loc[corner, "cases"] = 0
    ours, without = age_period_cohort(counts), age_period_cohort(counts[~corner])
    gone = (ours["effect"] == "cohort") & (ours["value"] == 1995)
    assert ours.loc[gone, ESTIMATED].isna().all(axis=None)
    pd.testing.assert_frame_equal(ours[~gone].reset_index(drop=True), without)


@pytest.mark.parametrize(
    "counts",
    [
        grid().iloc[:0],
        grid(cases=0),
        grid(ages=2),
        grid(years=2),
        grid(person_years=0),
        grid(cases=[1, *[0] * 59]),
        grid(cases=[1, *[0] * 58, 1]),
        grid(cases=[*[0] * 30, 1, 1, *[0] * 28]),
        grid(ages=3, years=3, cases=[1, 0, 0, 0, 1, 0, 0, 0, 1]),
    ],
    ids=[
        "nothing",
        "no case",
        "two ages",
        "two years",
        "nobody",
        "one case",
        "two cases",
        "two together",
        "diagonal",
    ],
)
def test_too_little_is_missing(counts):
    ours, drift, tests = (
        age_period_cohort(counts),
        net_drift(counts),
        age_period_cohort_tests(counts),
    )
    assert ours[ESTIMATED].isna().all(axis=None)
    assert drift[["annual_percent_change", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert tests[["test_statistic", "degrees_of_freedom", "p_value"]].isna().all(axis=None)
    assert (len(drift), len(tests)) == (3, 3)


def test_single_years_come_in_any_dtype_and_order():
    counts = grid().assign(cases=np.random.default_rng(1).poisson(9, 60), sex="male")
    other = counts.sample(frac=1, random_state=3).astype(
        {"age": float, "year": "Int64", "cases": "Int64"}
    )
    ours, again = age_period_cohort(counts, ["sex"]), age_period_cohort(other, ["sex"])
    pd.testing.assert_frame_equal(ours, again, rtol=1e-6)


def test_widths_must_agree():
    with pytest.raises(
        InputError, match="age_group is 3 years wide and year 1: give both the same width"
    ):
        age_period_cohort(bands(grid()).assign(year=2000).drop(columns="period"))
    with pytest.raises(InputError, match=r"age_group: bands must be equally wide"):
        age_period_cohort(bands(grid()).replace({"age_group": {"3-5": "3-4"}}))
    with pytest.raises(InputError, match=r"age_group: '15\+' is not a year or a closed band"):
        age_period_cohort(bands(grid()).replace({"age_group": {"15-17": "15+"}}))
    with pytest.raises(MissingStepError, match="year"):
        age_period_cohort(grid().drop(columns="year"))
    assert age_period_cohort(bands(grid()))["deviation"].notna().all()
