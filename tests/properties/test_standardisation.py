"""What must hold for every comparison of rates: standardised, cumulative, indirect, between the sexes."""

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.estimates import (
    age_contributions,
    age_standardised_rate,
    cumulative_rate,
    expected_cases,
    incidence_rate,
    sex_ratio,
    standardised_incidence_ratio,
    standardised_rate_ratio,
)

AGES = ["0-4", "5-9", "10-14", "15-19"]
CASES = st.lists(st.integers(0, 60), min_size=4, max_size=4)
PERSON_YEARS = st.lists(st.integers(1_000, 5_000_000), min_size=4, max_size=4)
WEIGHTS = st.lists(st.floats(0.01, 100), min_size=4, max_size=4)
COUNT_INTERVALS = st.sampled_from(["exact", "mid-p", "byar", "log-normal"])
WEIGHTED_INTERVALS = st.sampled_from(["fay-feuer", "tiwari", "dobson", "normal", "log-normal"])
LEVELS = st.sampled_from([0.5, 0.9, 0.95, 0.99])
SIZES = ["rate", "lower", "upper"]


def counts(cases, person_years):
    return pd.DataFrame({"age_group": AGES, "cases": cases, "person_years": person_years})


def two_countries(first, second):
    return pd.concat(
        [counts(*first).assign(country="A"), counts(*second).assign(country="B")], ignore_index=True
    )


@given(CASES, PERSON_YEARS, WEIGHTED_INTERVALS)
def test_standardising_to_ones_own_population_by_ones_own_weights_gives_the_crude_rate(
    cases, years, interval
):
    table = counts(cases, years)
    crude = incidence_rate(table[["cases", "person_years"]].sum().to_frame().T)
    own = table.rename(columns={"person_years": "weight"})[["age_group", "weight"]]
    found = age_standardised_rate(table, own, interval=interval)
    np.testing.assert_allclose(found["rate"], crude["rate"], rtol=1e-12)
    if interval in ("fay-feuer", "tiwari") or (interval == "dobson" and sum(cases)):
        np.testing.assert_allclose(found[SIZES], crude[SIZES], rtol=1e-9)


@given(CASES, PERSON_YEARS, WEIGHTS, WEIGHTED_INTERVALS, LEVELS)
def test_only_the_proportions_of_the_weights_matter_and_the_interval_holds_the_rate(
    cases, years, w, interval, level
):
    table = counts(cases, years)
    few, many = (
        age_standardised_rate(
            table,
            dict(zip(AGES, np.array(w) * size, strict=True)),
            interval=interval,
            confidence=level,
        )
        for size in (1, 1e4)
    )
    np.testing.assert_allclose(few[SIZES], many[SIZES], rtol=1e-9)
    row = few.iloc[0]
    assert row["lower"] <= row["rate"] * (1 + 1e-12)
    assert np.isnan(row["upper"]) or row["rate"] <= row["upper"] * (1 + 1e-12)


@given(CASES, PERSON_YEARS, st.sampled_from([(0, 14), (5, 9), (5, 19), (0, 19)]))
def test_a_span_of_ages_is_the_table_of_those_ages(cases, years, ages):
    table = counts(cases, years)
    inside = table[[ages[0] <= 5 * row and 5 * row + 4 <= ages[1] for row in range(4)]]
    pd.testing.assert_frame_equal(
        age_standardised_rate(table, ages=ages), age_standardised_rate(inside)
    )
    np.testing.assert_allclose(age_contributions(table, ages=ages)["weight"].sum(), 1, rtol=1e-12)


@given(CASES, PERSON_YEARS, st.integers(2, 100), WEIGHTED_INTERVALS)
def test_more_person_years_lower_the_cumulative_rate_alike(cases, years, factor, interval):
    small, large = (
        cumulative_rate(counts(cases, np.array(years) * many), 20, interval=interval)
        for many in (1, factor)
    )
    columns = ["cumulative_rate", "lower", "upper"]
    np.testing.assert_allclose(small[columns], large[columns] * factor, rtol=1e-9)
    risk = small["cumulative_risk"].iloc[0]
    assert 0 <= risk <= small["cumulative_rate"].iloc[0]
    assert small["cumulative_rate"].iloc[0] - risk <= small["cumulative_rate"].iloc[0] ** 2


@given(CASES, PERSON_YEARS, CASES, PERSON_YEARS)
def test_a_ratio_turned_round_is_its_reciprocal(cases, years, other_cases, other_years):
    assume(sum(cases) and sum(other_cases))
    table = two_countries((cases, years), (other_cases, other_years))
    to_a, to_b = (
        standardised_rate_ratio(table, "country", reference=reference).set_index("country")
        for reference in "AB"
    )
    ours, theirs = to_a.loc["B"], to_b.loc["A"]
    np.testing.assert_allclose(
        ours[["standardised_rate_ratio", "lower", "upper"]].astype(float),
        1 / theirs[["standardised_rate_ratio", "upper", "lower"]].astype(float),
        rtol=1e-9,
    )
    np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=1e-9)
    rest = standardised_rate_ratio(table, "country").set_index("country").loc["B"]
    np.testing.assert_allclose(rest[ours.index].astype(float), ours.astype(float), rtol=1e-9)


@given(CASES, PERSON_YEARS, CASES, PERSON_YEARS)
def test_expected_cases_add_up_to_those_observed_in_the_reference(
    cases, years, other_cases, other_years
):
    table = two_countries((cases, years), (other_cases, other_years))
    expected = expected_cases(table, table.drop(columns="country"), by=["country"])
    np.testing.assert_allclose(
        expected["expected"].sum(), sum(cases) + sum(other_cases), rtol=1e-10, atol=1e-12
    )


@given(st.integers(0, 500), st.floats(0.01, 500), COUNT_INTERVALS, LEVELS)
def test_a_ratio_lies_in_its_interval_and_p_agrees_with_mid_p_limits(
    cases, expected, interval, level
):
    row = standardised_incidence_ratio(
        pd.DataFrame({"cases": [cases], "expected": [expected]}),
        interval=interval,
        confidence=level,
    ).iloc[0]
    ratio = row["standardised_incidence_ratio"]
    assert row["lower"] <= ratio
    assert np.isnan(row["upper"]) or ratio <= row["upper"]
    assert 0 <= row["p_value"] <= 1
    if interval == "mid-p" and abs(row["p_value"] - (1 - level)) > 1e-9:
        assert (row["lower"] <= 1 <= row["upper"]) == (row["p_value"] > 1 - level)


@given(st.integers(0, 80), st.integers(0, 80), st.integers(1_000, 10**7), st.integers(1_000, 10**7))
def test_the_sexes_changed_about_give_the_reciprocal(boys, girls, boy_years, girl_years):
    table = pd.DataFrame(
        {"sex": ["male", "female"], "cases": [boys, girls], "person_years": [boy_years, girl_years]}
    )
    ours, turned = sex_ratio(table).iloc[0], sex_ratio(table.assign(sex=["female", "male"])).iloc[0]
    if girls:
        assert np.isnan(ours["lower"]) or ours["lower"] <= ours["sex_ratio"] <= ours["upper"]
    if boys and girls:
        np.testing.assert_allclose(
            ours[["sex_ratio", "lower", "upper"]],
            1 / turned[["sex_ratio", "upper", "lower"]],
            rtol=1e-9,
        )
