"""What must hold for every series of yearly counts."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimates import (
    age_period_cohort,
    age_period_cohort_tests,
    annual_percent_change,
    average_annual_percent_change,
    fitted_trend,
    joinpoint,
    net_drift,
    smooth_trend,
)

FEW = st.lists(st.integers(0, 4), max_size=24)
COUNTS = st.lists(st.integers(0, 80), min_size=7, max_size=18)
BICS = st.sampled_from(["bic", "weighted-bic"])
CHANGE = ["annual_percent_change", "lower", "upper"]


def series(cases, person_years=1e5):
    return pd.DataFrame(
        {"year": range(2000, 2000 + len(cases)), "cases": cases, "person_years": person_years}
    )


@settings(max_examples=25)
@given(FEW, st.sets(st.integers(0, 23)), st.sampled_from(["permutation", "bic", "weighted-bic"]))
def test_any_few_cases_have_a_trend_or_none(cases, gaps, choice):
    counts = series(cases)
    counts = counts[~counts.index.isin(gaps)].astype({"cases": "int64", "year": "int64"})
    segments, change = joinpoint(counts, choice=choice), annual_percent_change(counts)
    assert segments["cases"].sum() == counts["cases"].sum()
    assert (
        segments["annual_percent_change"].notna().all()
        == change["annual_percent_change"].notna().all()
    )
    known = segments.dropna(subset=CHANGE)
    assert (known["lower"] <= known["annual_percent_change"]).all()
    assert (known["annual_percent_change"] <= known["upper"]).all()
    bends = segments.iloc[1:]
    assert (bends["joinpoint_lower"] <= bends["joinpoint"]).all()
    assert (bends["joinpoint"] <= bends["joinpoint_upper"]).all()
    assert segments["last_year"].tolist()[:-1] == bends["joinpoint"].tolist()
    for line, name in (
        (fitted_trend(counts, segments=segments), "fitted"),
        (smooth_trend(counts), "smooth_rate"),
    ):
        assert len(line) == len(counts)
        if change["annual_percent_change"].notna().all():
            np.testing.assert_allclose(
                (line[name] * line["person_years"]).sum() / 1e6, counts["cases"].sum()
            )


@settings(max_examples=12)
@given(COUNTS, st.integers(2, 50), BICS, st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_nor_the_pieces_matter(cases, factor, choice, chance):
    counts = series(cases)
    halves = pd.concat(
        [counts.assign(cases=counts["cases"] // 2), counts.assign(cases=-(-counts["cases"] // 2))]
    )
    halves = halves.assign(person_years=5e4 * factor)
    halves = halves.iloc[chance.sample(range(len(halves)), len(halves))]
    ours, other = joinpoint(counts, choice=choice), joinpoint(halves, choice=choice)
    pd.testing.assert_frame_equal(ours, other, rtol=1e-6, atol=1e-6)
    smooth, other = smooth_trend(counts), smooth_trend(halves)
    np.testing.assert_allclose(smooth["smooth_rate"], other["smooth_rate"] * factor, rtol=1e-5)


@settings(max_examples=20)
@given(st.floats(-0.15, 0.15), st.integers(7, 30), st.floats(20, 2000))
def test_growth_at_one_pace_is_its_per_cent(slope, years, size):
    counts = series(size * np.exp(slope * np.arange(years)))
    pace = 100 * np.expm1(slope)
    segments = joinpoint(counts)
    average = average_annual_percent_change(
        counts, (), first_year=2001, last_year=2004, segments=segments
    )
    np.testing.assert_allclose(segments["annual_percent_change"], [pace], atol=1e-7)
    np.testing.assert_allclose(average["average_annual_percent_change"], [pace], atol=1e-7)
    np.testing.assert_allclose(
        annual_percent_change(counts)["annual_percent_change"], [pace], atol=1e-7
    )


@settings(max_examples=30)
@given(COUNTS)
def test_one_segment_is_the_annual_percent_change(cases):
    counts = series(cases)
    one, whole = joinpoint(counts, most=0), annual_percent_change(counts)
    columns = [*CHANGE, "p_value", "dispersion", "cases", "first_year", "last_year"]
    pd.testing.assert_frame_equal(one[columns], whole[columns], rtol=1e-9)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 6), min_size=20, max_size=20), st.integers(2, 9))
def test_any_lexis_table_has_its_levels_and_answers(cases, factor):
    index = pd.MultiIndex.from_product([range(4), range(2000, 2005)], names=["age", "year"])
    counts = index.to_frame(index=False).assign(cases=cases, person_years=1e5)
    ours = age_period_cohort(counts)
    assert ours["effect"].value_counts().to_dict() == {"age": 4, "period": 5, "cohort": 8}
    more = age_period_cohort(counts.assign(person_years=1e5 * factor))
    np.testing.assert_allclose(ours["deviation"], more["deviation"], atol=1e-6)
    assert len(net_drift(counts)) == len(age_period_cohort_tests(counts)) == 3
