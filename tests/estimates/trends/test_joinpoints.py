import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import (
    annual_percent_change,
    average_annual_percent_change,
    fitted_trend,
    joinpoint,
)

TABLES = ["A", "B", "C", "A_whole", "B_whole", "C_whole"]
CHANGE = ["annual_percent_change", "lower", "upper", "p_value"]
PLACE = ["joinpoint", "joinpoint_lower", "joinpoint_upper"]
AVERAGE = {
    "average": "average_annual_percent_change",
    "average_lower": "lower",
    "average_upper": "upper",
}


def series(log_rates, size=200, first_year=1990, person_years=1e6):
    return pd.DataFrame(
        {
            "year": range(first_year, first_year + len(log_rates)),
            "cases": size * np.exp(log_rates),
            "person_years": person_years,
        }
    )


def bent(years=24, places=(12,), slopes=(0.06, -0.03), size=200):
    at = np.arange(years)
    steps = np.array(slopes)[np.searchsorted(places, at[:-1], side="right")]
    return series(np.append(0, np.cumsum(steps)), size)


@pytest.fixture
def table(oracle):
    def read(name):
        rows = oracle("trends")
        rows = rows[rows["country"] == name[0]].drop(columns="country")
        return rows.drop(columns="age_group") if name.endswith("whole") else rows

    return read


@pytest.fixture
def placed(oracle):
    """R's models of one table, by their number of joinpoints."""
    answer = oracle("answer_joinpoints")
    return lambda name: answer[answer["table"] == name].groupby("joinpoints")


@pytest.mark.parametrize("name", TABLES)
def test_no_joinpoint_agrees_with_glm(name, table, placed, agree):
    answer = placed(name).get_group(0)
    agree(
        joinpoint(table(name), most=0), answer, [*CHANGE, "dispersion"], tolerance=0, relative=1e-8
    )
    agree(
        annual_percent_change(table(name)),
        answer,
        [*CHANGE, "dispersion"],
        tolerance=0,
        relative=1e-8,
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_best_placement_agrees_with_glm_at_every_placement(
    name, table, placed, agree, monkeypatch
):
    """At a level that takes every bend for a true one, as many joinpoints are chosen as are allowed."""
    monkeypatch.setattr("analysis.estimates.trends.joinpoint_choice.LEVEL", 10)
    for number, answer in placed(name):
        ours = joinpoint(table(name), most=number)
        assert ours[["first_year", "last_year"]].astype(int).to_numpy().tolist() == (
            answer[["first_year", "last_year"]].to_numpy().tolist()
        )
        agree(ours, answer, PLACE)
        agree(ours, answer, [*CHANGE, "dispersion"], tolerance=1e-12, relative=1e-7)
        assert ours["cases"].sum() == table(name)["cases"].sum()


@pytest.mark.parametrize("name", TABLES)
def test_the_average_agrees_with_glm(name, table, placed, agree):
    for _, answer in placed(name):
        ours = average_annual_percent_change(
            table(name), (), first_year=1994, last_year=2006, segments=answer
        )
        theirs = (
            answer[list(AVERAGE)]
            .rename(columns=AVERAGE)
            .assign(p_value=answer["average_p"])
            .head(1)
        )
        agree(ours, theirs, [*AVERAGE.values(), "p_value"], tolerance=1e-12, relative=1e-7)


@pytest.mark.parametrize("name", TABLES)
def test_the_fitted_line_agrees_with_glm(name, table, oracle, placed, agree):
    lines = oracle("answer_fitted_trends")
    for number, segments in placed(name):
        answer = lines[(lines["table"] == name) & (lines["joinpoints"] == number)]
        ours = fitted_trend(table(name), segments=segments)
        agree(ours, answer, ["year", "fitted", "lower", "upper"], tolerance=0, relative=1e-8)


def test_a_break_at_any_time_lies_at_the_whole_year_found(table, oracle):
    free = oracle("answer_segmented").iloc[0]
    ours = joinpoint(table("A_whole"))
    assert ours["joinpoints"].tolist() == [1, 1]
    assert abs(ours["joinpoint"][1] - free["joinpoint"]) <= 0.5
    slopes = np.log1p(ours["annual_percent_change"] / 100)
    np.testing.assert_allclose(
        slopes, free[["slope_before", "slope_after"]].astype(float), atol=1e-3
    )


@pytest.mark.parametrize("choice", ["permutation", "weighted-bic", "bic"])
@pytest.mark.parametrize(
    ("places", "slopes"), [((), (0.05,)), ((9,), (0.06, -0.03)), ((7, 16), (0.08, -0.06, 0.09))]
)
def test_a_clean_bend_is_found_at_its_year(choice, places, slopes):
    counts = bent(places=places, slopes=slopes, size=5000)
    ours = joinpoint(counts, choice=choice)
    assert ours["joinpoint"].dropna().tolist() == [1990 + place for place in places]
    np.testing.assert_allclose(ours["annual_percent_change"], 100 * np.expm1(slopes), rtol=1e-8)


def test_scatter_alone_rarely_bends_a_line():
    draws = np.random.default_rng(7)
    found = [
        joinpoint(series(np.zeros(25)).assign(cases=draws.poisson(8, 25)))["joinpoints"][0]
        for _ in range(40)
    ]
    assert np.mean(np.array(found) > 0) <= 0.1


def test_the_interval_of_a_change_covers_it():
    draws, expected = np.random.default_rng(11), bent(years=20, places=(10,), size=120)
    covered = []
    for _ in range(60):
        ours = joinpoint(
            expected.assign(cases=draws.poisson(expected["cases"])), most=1, choice="bic"
        )
        if len(ours) == 2:
            covered.append(
                (ours["joinpoint_lower"][1] <= 2000) & (ours["joinpoint_upper"][1] >= 2000)
            )
    assert len(covered) > 50
    assert np.mean(covered) >= 0.85


def test_average_over_one_segment_is_its_change():
    counts = bent()
    ours, whole = joinpoint(counts), annual_percent_change(counts)
    for row in ours.itertuples():
        average = average_annual_percent_change(
            counts, (), first_year=row.first_year, last_year=row.last_year, segments=ours
        ).iloc[0]
        assert average["average_annual_percent_change"] == pytest.approx(
            row.annual_percent_change, rel=1e-9
        )
        assert (average["lower"], average["upper"]) == pytest.approx(
            (row.lower, row.upper), rel=1e-9
        )
    straight = average_annual_percent_change(counts, segments=joinpoint(counts, most=0)).iloc[0]
    assert straight["average_annual_percent_change"] == pytest.approx(
        whole["annual_percent_change"].iloc[0], rel=1e-9
    )


def test_average_is_weighted_by_years():
    average = average_annual_percent_change(
        bent(places=(12,), slopes=(0.06, -0.03)), (), first_year=1998, last_year=2010
    ).iloc[0]
    assert average["average_annual_percent_change"] == pytest.approx(
        100 * np.expm1((4 * 0.06 - 8 * 0.03) / 12), abs=1e-6
    )
    assert average["joinpoints"] == 1


SMALL = {
    "nothing": [],
    "a year": [3],
    "two years": [3, 4],
    "no case": [0] * 12,
    "first year": [5, *[0] * 11],
    "last year": [*[0] * 11, 5],
}
SCARCE = {
    "one case": [*[0] * 6, 1, *[0] * 7],
    "two cases": [*[0] * 3, 1, *[0] * 6, 1, *[0] * 9],
    "all in one year": [*[0] * 8, 30, *[0] * 11],
    "none later": [*[4, 3, 5, 2, 4, 6], *[0] * 14],
    "both ends": [9, *[0] * 18, 9],
}


@pytest.mark.parametrize("cases", SMALL.values(), ids=SMALL)
def test_what_has_no_slope_is_missing(cases):
    counts = series(np.zeros(len(cases))).assign(cases=cases)
    ours = joinpoint(counts)
    assert ours["joinpoints"].tolist() == [0]
    assert ours[[*CHANGE, *PLACE, "dispersion"]].isna().all(axis=None)
    average = average_annual_percent_change(counts)
    assert (
        average[["average_annual_percent_change", "lower", "upper", "p_value"]]
        .isna()
        .all(axis=None)
    )
    assert fitted_trend(counts)[["fitted", "lower", "upper"]].isna().all(axis=None)


@pytest.mark.parametrize("choice", ["permutation", "weighted-bic", "bic"])
@pytest.mark.parametrize("cases", SCARCE.values(), ids=SCARCE)
def test_few_cases_have_finite_slopes(cases, choice):
    counts = series(np.zeros(len(cases))).assign(cases=cases)
    ours = joinpoint(counts, choice=choice)
    assert np.isfinite(ours["annual_percent_change"]).all()
    assert ours["cases"].sum() == sum(cases)
    assert np.isfinite(fitted_trend(counts, segments=ours)["fitted"]).all()


def test_gaps_in_years_are_years_unobserved():
    counts = bent(size=5000).drop(index=[3, 4, 15])
    ours = joinpoint(counts)
    assert ours["joinpoint"].dropna().tolist() == [2002]
    assert fitted_trend(counts)["year"].tolist() == counts["year"].tolist()


def test_strata_and_rows_in_any_order_and_dtype():
    counts = pd.concat(
        [
            bent(slopes=slopes).assign(sex=sex)
            for sex, slopes in (("male", (0.06, -0.03)), (None, (0.02, 0.02)))
        ]
    )
    counts["cases"] = counts["cases"].round()
    shuffled = counts.sample(frac=1, random_state=1).astype(
        {"year": "Int64", "cases": "Int64", "sex": "category"}
    )
    ours, again = joinpoint(counts, ["sex"]), joinpoint(shuffled, ["sex"])
    pd.testing.assert_frame_equal(ours.drop(columns="sex"), again.drop(columns="sex"), rtol=1e-8)
    assert again["sex"].isna().tolist() == [False, False, True]
    average = average_annual_percent_change(shuffled, ["sex"], segments=ours)
    assert average["joinpoints"].tolist() == [1, 0]


def test_a_stratum_keeps_its_model_whatever_stands_beside_it():
    counts = bent().round()
    beside = pd.concat(
        [counts.assign(sex="male"), bent(slopes=(0.01, 0.02)).round().assign(sex="female")]
    )
    alone, together = joinpoint(counts), joinpoint(beside, ["sex"])
    pd.testing.assert_frame_equal(alone, together[together["sex"] == "male"].drop(columns="sex"))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"most": 9}, "most: must be a whole number from 0 to 4"),
        ({"fewest_years": 1}, "fewest_years: must be a whole number, 2 or more"),
        ({"choice": "aic"}, "'aic' is not known"),
        ({"confidence": 95}, "must lie between 0 and 1"),
    ],
)
def test_impossible_settings_are_refused(choices, message):
    with pytest.raises(InputError, match=message):
        joinpoint(bent(), **choices)


def test_segments_must_fit_their_counts():
    counts = bent().assign(sex="male")
    segments = joinpoint(counts, ["sex"])
    with pytest.raises(InputError, match="must hold every stratum"):
        fitted_trend(counts.assign(sex="female"), ["sex"], segments=segments)
    with pytest.raises(InputError, match="each joinpoint must be a year observed"):
        fitted_trend(counts[counts["year"] != 2002], ["sex"], segments=segments)
    with pytest.raises(InputError, match="last_year: must be later"):
        average_annual_percent_change(counts, ["sex"], first_year=2005, last_year=2005)
    beyond = average_annual_percent_change(
        counts, ["sex"], first_year=2005, last_year=2050, segments=segments
    )
    assert beyond["average_annual_percent_change"].isna().all()
