"""What must hold for every table of cases and person-years."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counts import case_counts, person_years, rate_table
from analysis.estimates import (
    age_standardised_rate,
    annual_percent_change,
    incidence_rate,
    proportion,
    standard_weights,
)

AGES = ["0-4", "5-9", "10-14", "15-19"]
SEXES, GROUPS = ("male", "female"), ("I", "III", "XII", None)
TUMOURS = st.lists(
    st.tuples(st.sampled_from(SEXES), st.integers(0, 17), st.sampled_from(GROUPS)), max_size=40
)
PERSONS = st.lists(st.integers(1, 10_000), min_size=36, max_size=36)
CASES = st.lists(st.integers(0, 60), min_size=4, max_size=4)
PERSON_YEARS = st.lists(st.integers(1_000, 5_000_000), min_size=4, max_size=4)
RATE_INTERVALS = st.sampled_from(["exact", "mid-p", "byar", "log-normal"])
STANDARDISED = st.sampled_from(["fay-feuer", "tiwari", "dobson", "normal", "log-normal"])
STANDARDS = st.sampled_from(
    ["world-1960", "who-2000", "european-1976", "european-2013", "nordic-2000"]
)


def tumours(rows):
    return pd.DataFrame(rows, columns=["sex", "age_at_diagnosis", "iccc3_group"]).astype(
        {"age_at_diagnosis": int}
    )


def people(persons):
    return pd.DataFrame(
        {"sex": np.repeat(SEXES, 18), "age": list(range(18)) * 2, "persons": persons}
    )


def counts(cases, person_years):
    return pd.DataFrame({"age_group": AGES, "cases": cases, "person_years": person_years})


@given(TUMOURS, PERSONS, st.sets(st.sampled_from(["sex", "age_at_diagnosis", "iccc3_group"])))
def test_rate_tables_keep_every_case_and_every_person_year(rows, persons, by):
    by = sorted(by)
    table = rate_table(tumours(rows), people(persons), by)
    assert table["cases"].sum() == len(rows)
    levels = max(table["iccc3_group"].nunique(dropna=False), 1) if "iccc3_group" in by else 1
    if len(table):
        assert table["person_years"].sum() == sum(persons) * levels


@given(TUMOURS, PERSONS)
def test_counts_add_up_over_strata(rows, persons):
    assert case_counts(tumours(rows), ["sex", "iccc3_group"])["cases"].sum() == len(rows)
    by_sex = person_years(people(persons), ["sex", "age_group"])
    assert by_sex["person_years"].sum() == person_years(people(persons))["person_years"].iloc[0]


@given(TUMOURS, TUMOURS)
def test_counts_of_disjoint_pieces_add_up(first, second):
    pieces = pd.concat(
        [case_counts(tumours(rows), ["sex", "iccc3_group"]) for rows in (first, second)]
    )
    whole = case_counts(tumours([*first, *second]), ["sex", "iccc3_group"])
    pd.testing.assert_frame_equal(
        case_counts(pieces, ["sex", "iccc3_group"]), whole, check_dtype=False
    )


@given(CASES, PERSON_YEARS, RATE_INTERVALS, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_holds_the_rate(cases, years, interval, confidence):
    rates = incidence_rate(counts(cases, years), interval=interval, confidence=confidence)
    assert (rates["lower"] <= rates["rate"]).all()
    assert (rates["upper"].dropna() >= rates["rate"][rates["upper"].notna()]).all()
    assert (rates["lower"] >= 0).all()


@given(CASES, PERSON_YEARS, STANDARDS, STANDARDISED)
def test_the_standardised_interval_holds_the_rate_and_the_rate_lies_among_its_parts(
    cases, years, standard, interval
):
    table = counts(cases, years)
    row = age_standardised_rate(table, standard, interval=interval).iloc[0]
    crude = incidence_rate(table)["rate"]
    assert crude.min() * (1 - 1e-12) <= row["rate"] <= crude.max() * (1 + 1e-12)
    assert row["lower"] <= row["rate"]
    assert np.isnan(row["upper"]) or row["rate"] <= row["upper"]


@given(CASES, STANDARDS, st.floats(1, 1000))
def test_standardising_to_ones_own_population_gives_the_crude_rate(cases, standard, size):
    own = standard_weights(standard)
    weight = [
        own.loc[own["age_from"].between(first, first + 4), "weight"].sum()
        for first in (0, 5, 10, 15)
    ]
    table = counts(cases, np.array(weight) * size)
    crude = incidence_rate(table[["cases", "person_years"]].sum().to_frame().T)["rate"].iloc[0]
    np.testing.assert_allclose(age_standardised_rate(table, standard)["rate"], crude, rtol=1e-12)


@given(CASES, PERSON_YEARS, st.integers(2, 1000), STANDARDISED)
def test_more_person_years_lower_rate_and_interval_alike(cases, years, factor, interval):
    small, large = (
        age_standardised_rate(counts(cases, np.array(years) * many), interval=interval)[
            ["rate", "lower", "upper"]
        ]
        for many in (1, factor)
    )
    np.testing.assert_allclose(small, large * factor, rtol=1e-9)


@given(CASES, PERSON_YEARS, st.permutations(range(4)))
def test_the_order_of_ages_does_not_matter(cases, years, order):
    table = counts(cases, years)
    ours = age_standardised_rate(table)[["rate", "lower", "upper"]]
    np.testing.assert_allclose(
        ours, age_standardised_rate(table.iloc[order])[["rate", "lower", "upper"]], rtol=1e-10
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.integers(2, 50))
def test_a_trend_does_not_know_the_unit_of_person_years(cases, factor):
    table = pd.DataFrame(
        {"year": range(2000, 2000 + len(cases)), "cases": cases, "person_years": 1e5}
    )
    columns = ["annual_percent_change", "lower", "upper"]
    ours = annual_percent_change(table)[columns]
    more = annual_percent_change(table.assign(person_years=1e5 * factor))[columns]
    np.testing.assert_allclose(ours, more, rtol=1e-6, atol=1e-6)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_a_share_lies_in_its_interval_and_that_between_nought_and_one(children):
    row = proportion(pd.DataFrame(children, columns=["eligible", "met"], dtype=bool)).iloc[0]
    assert row["met"] <= row["eligible"] <= len(children)
    if row["eligible"]:
        assert 0 <= row["lower"] <= row["share"] <= row["upper"] <= 1
