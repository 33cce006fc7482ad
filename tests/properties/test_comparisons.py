"""What must hold of every comparison of groups, whatever the children."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counts import event_table
from analysis.estimates import (
    fine_gray_weights,
    gray_test,
    hazard_ratios,
    kaplan_meier,
    log_rank_test,
    observed_and_expected,
    survival_differences,
    survival_heterogeneity,
    term_tests,
)

CAUSES = ["censored", "cancer", "other"]
CHILD = st.tuples(
    st.integers(1, 12), st.sampled_from(CAUSES), st.sampled_from("ABC"), st.sampled_from("XY")
)
CHILDREN = st.lists(CHILD, max_size=20)


def of_causes(children):
    cases = pd.DataFrame(children, columns=["follow_up_days", "event", "group", "layer"])
    return cases.assign(event=pd.Categorical(cases["event"], CAUSES)).astype(
        {"group": object, "layer": object}
    )


def died(cases):
    return cases.assign(event=(cases["event"] != "censored").astype(int))


def statistics_of(cases, by=("group",), strata=()):
    events = event_table(cases, [*by, *strata])
    options = ({}, {"rho": 1}, {"gamma": 1}, {"weights": "gehan"}, {"scores": None})
    found = [log_rank_test(events, strata, **given)["test_statistic"].iloc[0] for given in options]
    return np.array([*found, gray_test(events, "cancer", strata)["test_statistic"].iloc[0]])


def alike(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9)


@settings(max_examples=25)
@given(CHILDREN)
def test_names_and_order_of_groups_and_rows_change_nothing(children):
    cases = of_causes(children)
    renamed = cases.assign(group=cases["group"].map({"A": "z", "B": "y", "C": "x"})).iloc[::-1]
    alike(statistics_of(cases), statistics_of(renamed))
    alike(statistics_of(cases, strata=["layer"]), statistics_of(renamed, strata=["layer"]))


@settings(max_examples=25)
@given(CHILDREN)
def test_strata_of_their_own_add_up_where_each_compares_the_same_groups(children):
    cases = of_causes(children)
    once = pd.concat([cases.assign(layer="X"), cases.assign(layer="Y")])
    alike(statistics_of(once, strata=["layer"]), 2 * statistics_of(cases))


@settings(max_examples=25)
@given(CHILDREN)
def test_observed_and_expected_have_the_same_sum(children):
    table = observed_and_expected(event_table(died(of_causes(children)), ["group"]))
    assert abs(table["observed"].sum() - table["expected"].sum()) < 1e-9
    assert table["children"].sum() == len(children)


@settings(max_examples=25)
@given(CHILDREN)
def test_p_values_are_probabilities_or_missing(children):
    events = event_table(of_causes(children), ["group", "layer"])
    for tested in (
        log_rank_test(events, ["layer"], rho=0.5),
        gray_test(events, "other", ["layer"], rho=0.5),
    ):
        assert tested["p_value"].dropna().between(0, 1).all()
        assert tested["p_value"].isna().tolist() == (tested["degrees_of_freedom"] == 0).tolist()


@settings(max_examples=25)
@given(CHILDREN)
def test_differences_of_survival_stay_within_their_bounds(children):
    curve = kaplan_meier(event_table(died(of_causes(children)), ["layer", "group"]))
    for reference in (None, *curve["group"].unique()[:1]):
        table = survival_differences(
            curve, 6 / 365.25, "group", reference=reference, fewest_at_risk=1
        )
        known = table.dropna(subset="lower")
        assert (known["lower"] <= known["difference"]).all()
        assert (known["difference"] <= known["upper"]).all()
    shares = survival_heterogeneity(curve, 6 / 365.25, "group", fewest_at_risk=1)
    assert shares["i_squared"].dropna().between(0, 1).all()
    assert (shares["lower"].dropna() <= shares["i_squared"][shares["lower"].notna()] + 1e-12).all()


@settings(max_examples=10)
@given(CHILDREN)
def test_regressions_never_crash_and_count_every_child(children):
    cases = of_causes(children)
    for rows in (died(cases), fine_gray_weights(cases, "cancer")):
        ratios = hazard_ratios(rows, ["group", "layer"])
        assert ratios.loc[ratios["term"] == "group", "children"].sum() == len(cases)
        known = ratios.dropna(subset="lower")
        assert (known["lower"] <= known["hazard_ratio"]).all()
        assert (known["hazard_ratio"] <= known["upper"]).all()
    assert term_tests(died(cases), ["group", "layer"])["p_value"].dropna().between(0, 1).all()


def test_without_a_difference_p_values_are_uniform():
    chance = np.random.default_rng(7)
    p_values = []
    for _ in range(200):
        days, stop = np.ceil(chance.exponential(900, 120)), np.ceil(chance.uniform(100, 2000, 120))
        cause = np.where(days > stop, "censored", chance.choice(["cancer", "other"], 120))
        cases = of_causes(
            list(
                zip(
                    np.minimum(days, stop),
                    cause,
                    chance.choice(list("ABC"), 120),
                    "X" * 120,
                    strict=True,
                )
            )
        )
        events = event_table(cases, ["group"])
        p_values.append(
            [
                log_rank_test(events)["p_value"].iloc[0],
                gray_test(events, "cancer")["p_value"].iloc[0],
            ]
        )
    for shares in np.array(p_values).T:
        # Of 200 uniform values the share below a limit lies within three standard errors of it.
        for limit in (0.05, 0.25, 0.5, 0.75):
            assert abs((shares < limit).mean() - limit) < 3 * np.sqrt(limit * (1 - limit) / 200)
