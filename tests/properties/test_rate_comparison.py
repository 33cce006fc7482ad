"""What must hold for every comparison of rates, and for every count of survivors."""

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.counts import prevalent_cases
from analysis.estimates import (
    funnel_limits,
    heterogeneity_test,
    observed_against_expected,
    prevalence,
    rank_interval,
    rate_difference,
    rate_ratio,
)

COUNTRIES, AGES = ["DK", "FI", "IS", "NO"], ["0", "1-4"]
CASES = st.lists(st.integers(0, 40), min_size=8, max_size=8)
YEARS = st.lists(st.integers(0, 90_000), min_size=8, max_size=8)
METHODS = st.sampled_from(["exact", "mid-p", "log-normal", "mantel-haenszel"])
RATIO = ["rate_ratio", "lower", "upper"]


def counts(cases, years):
    places = pd.MultiIndex.from_product([COUNTRIES, AGES], names=["country", "age_group"]).to_frame(
        index=False
    )
    return places.assign(cases=np.where(np.array(years) > 0, cases, 0), person_years=years)


def only(table, country):
    return table[table["country"] == country].iloc[0]


@given(CASES, YEARS, METHODS)
def test_a_ratio_the_other_way_round_is_the_inverse(cases, years, method):
    table = counts(cases, years)
    one = only(rate_ratio(table, method=method, reference="NO"), "FI")
    other = only(rate_ratio(table, reference="FI", method=method), "NO")
    assume(one["rate_ratio"] > 0)
    np.testing.assert_allclose(
        one[RATIO].astype(float),
        1 / other[["rate_ratio", "upper", "lower"]].astype(float),
        rtol=1e-8,
    )
    np.testing.assert_allclose(one["p_value"], other["p_value"], rtol=1e-9)


@given(CASES, YEARS)
def test_a_difference_the_other_way_round_is_its_negative(cases, years):
    table = counts(cases, years)
    one, other = (
        only(rate_difference(table, reference="NO"), "FI"),
        only(rate_difference(table, reference="FI"), "NO"),
    )
    theirs = -other[["rate_difference", "upper", "lower"]].astype(float)
    np.testing.assert_allclose(
        one[["rate_difference", "lower", "upper"]].astype(float), theirs, rtol=1e-9, atol=1e-9
    )


@given(CASES, YEARS, METHODS, st.integers(2, 1000))
def test_estimates_lie_in_their_intervals_and_know_no_unit(cases, years, method, factor):
    table = counts(cases, years)
    more = table.assign(person_years=table["person_years"] * factor)
    ours = rate_ratio(table, method=method, reference="NO")
    np.testing.assert_allclose(
        ours[RATIO], rate_ratio(more, method=method, reference="NO")[RATIO], rtol=1e-7
    )
    inside = ours.dropna(subset=RATIO)
    assert (
        (inside["lower"] <= inside["rate_ratio"]) & (inside["rate_ratio"] <= inside["upper"])
    ).all()
    differences = [
        rate_difference(table, reference="NO")["rate_difference"],
        factor * rate_difference(more, reference="NO")["rate_difference"],
    ]
    np.testing.assert_allclose(*differences, rtol=1e-9, atol=1e-9)
    known = rate_difference(table, reference="NO").dropna()
    assert (known["lower"] <= known["rate_difference"]).all()
    assert (known["rate_difference"] <= known["upper"]).all()


@given(CASES, YEARS, st.permutations(range(8)))
def test_rows_add_up_in_any_order(cases, years, order):
    table = counts(cases, years)
    whole = table.groupby("country", as_index=False)[["cases", "person_years"]].sum()
    for compare in (rate_ratio, rate_difference):
        pd.testing.assert_frame_equal(
            compare(table.iloc[order], reference="NO"),
            compare(whole, reference="NO"),
            check_dtype=False,
        )


@given(CASES, YEARS)
def test_one_age_needs_no_adjustment(cases, years):
    table = counts(cases, years)
    one = (
        table.groupby("country", as_index=False)[["cases", "person_years"]]
        .sum()
        .assign(age_group="0")
    )
    adjusted, crude = (
        rate_ratio(one, method=method, reference="NO")
        for method in ("mantel-haenszel", "log-normal")
    )
    np.testing.assert_allclose(adjusted[RATIO], crude[RATIO], rtol=1e-10)


@settings(max_examples=40)
@given(CASES, YEARS, st.permutations(range(8)), st.integers(2, 50))
def test_heterogeneity_knows_neither_order_nor_unit(cases, years, order, factor):
    table = counts(cases, years)
    other = table.iloc[order].assign(person_years=lambda rows: rows["person_years"] * factor)
    columns = [
        "levels",
        "cases",
        "test_statistic",
        "degrees_of_freedom",
        "i_squared",
        "tau_squared",
    ]
    ours, theirs = (heterogeneity_test(rows, simulations=0)[columns] for rows in (table, other))
    np.testing.assert_allclose(ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-5, atol=1e-6)
    assert not (ours["test_statistic"] < 0).any()


@given(CASES, YEARS, st.sampled_from(["exact", "spiegelhalter"]))
def test_limits_contain_the_centre_and_each_other(cases, years, limits):
    table = funnel_limits(counts(cases, years), ["country"], limits=limits).dropna(
        subset=["lower_95"]
    )
    exactly = 1e-9
    assert (table["lower_998"] <= table["lower_95"] + exactly).all()
    assert (table["upper_95"] <= table["upper_998"] + exactly).all()
    assert (table["lower_95"] <= table["overall"] + exactly).all()
    if limits == "exact":
        assert (table["overall"] <= table["upper_95"] + exactly).all()


@given(CASES, YEARS)
def test_a_rank_lies_in_its_interval(cases, years):
    table = rank_interval(counts(cases, years), ["country"]).dropna(subset=["rank"])
    assert (table["rank_lower"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_upper"]).all()
    assert table.empty or table["rank_upper"].max() == len(table)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(1, 1000))
def test_what_is_expected_lies_between_the_limits(cases, years):
    table = pd.DataFrame(
        {"year": range(2000, 2000 + len(cases)), "cases": cases, "person_years": years}
    )
    row = observed_against_expected(table, 1999 + len(cases)).iloc[0]
    assert row["lower"] <= row["expected"] <= row["upper"]
    assert 0 < row["p_value"] <= 1


DAYS = st.integers(0, 9000)
TUMOURS = st.lists(
    st.tuples(st.integers(0, 9), DAYS, DAYS, st.sampled_from(["alive", "dead", "lost", "unknown"])),
    max_size=30,
)


def tumours(rows):
    frame = pd.DataFrame(rows, columns=["person_id", "diagnosed", "followed", "vital_status"])
    start = pd.Timestamp("1995-01-01") + pd.to_timedelta(
        frame["diagnosed"].astype("int64"), unit="D"
    )
    last = start + pd.to_timedelta(frame["followed"].astype("int64"), unit="D")
    born = start - pd.to_timedelta(frame["followed"].astype("int64") // 2, unit="D")
    return frame.assign(
        diagnosis_date=start,
        last_contact_date=last,
        birth_date=born,
        sex=np.where(frame["person_id"] % 2, "male", None),
    )


@given(TUMOURS, st.integers(1, 20))
def test_survivors_of_strata_add_up_and_limited_duration_is_no_more_than_complete(rows, within):
    frame = tumours(rows)
    columns = ["cases", "status_unknown"]
    whole = prevalent_cases(frame, "2012-07-01")[columns].sum()
    by = prevalent_cases(frame, "2012-07-01", by=["sex", "attained_age"])[columns].sum()
    limited = prevalent_cases(frame, "2012-07-01", within)[columns].sum()
    assert by.tolist() == whole.tolist()
    assert (limited <= whole).all()
    assert whole.sum() <= frame["person_id"].nunique()


@given(st.integers(0, 200), st.integers(1, 10_000))
def test_prevalence_lies_in_its_interval(cases, persons):
    row = prevalence(pd.DataFrame({"cases": [min(cases, persons)], "persons": [persons]})).iloc[0]
    assert 0 <= row["lower"] <= row["prevalence"] <= row["upper"] <= 100_000
