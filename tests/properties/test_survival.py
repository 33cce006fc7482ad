"""What must hold for every survival curve."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.counts import event_table
from analysis.estimates import (
    conditional_survival,
    cumulative_incidence_function,
    kaplan_meier,
    log_rank_test,
    median_survival,
    restricted_mean_survival,
    survival_at,
)

DAYS = st.one_of(st.just(0.5), st.integers(1, 12).map(float))
CHILDREN = st.lists(
    st.tuples(DAYS, st.integers(0, 1), st.sampled_from(["male", "female", None])),
    min_size=0,
    max_size=40,
)
INTERVALS = st.sampled_from(["log-log", "log", "plain", "logit", "arcsin"])


def follow_up(children):
    return pd.DataFrame(children, columns=["follow_up_days", "event", "sex"]).astype(
        {"follow_up_days": float, "event": int, "sex": object}
    )


@given(CHILDREN, INTERVALS)
def test_survival_never_rises_and_its_interval_holds_it(children, interval):
    curve = kaplan_meier(event_table(follow_up(children), ["sex"]), interval=interval)
    for _, rows in curve.groupby("sex", dropna=False):
        assert (rows["survival"].diff().dropna() <= 0).all()
    assert curve["survival"].between(0, 1).all()
    drawn = curve.dropna(subset=["lower", "upper"])
    assert (drawn["lower"] <= drawn["survival"] + 1e-12).all()
    assert (drawn["survival"] <= drawn["upper"] + 1e-12).all()
    assert drawn[["lower", "upper"]].stack().between(0, 1).all()


@given(st.lists(DAYS, min_size=1, max_size=40))
def test_without_censoring_survival_is_the_share_still_alive(days):
    curve = kaplan_meier(event_table(follow_up([(day, 1, None) for day in days])))
    alive = [np.mean(np.array(days) > time) for time in curve["time_days"]]
    np.testing.assert_allclose(curve["survival"], alive, atol=1e-14)


@given(CHILDREN, st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(children, random):
    shuffled = random.sample(children, len(children))
    pd.testing.assert_frame_equal(
        event_table(follow_up(children), ["sex"]), event_table(follow_up(shuffled), ["sex"])
    )


@given(CHILDREN, CHILDREN)
def test_event_tables_of_disjoint_pieces_add_up(first, second):
    pieces = pd.concat([event_table(follow_up(piece)) for piece in (first, second)])
    added = pieces.groupby("time_days", as_index=False)[["events", "censored"]].sum()
    leaving = added["events"] + added["censored"]
    added.insert(1, "at_risk", leaving[::-1].cumsum()[::-1])
    pd.testing.assert_frame_equal(
        added, event_table(follow_up([*first, *second])), check_dtype=False
    )


@given(CHILDREN)
def test_strata_together_hold_every_child_once(children):
    cases = follow_up(children)
    whole, strata = event_table(cases), event_table(cases, ["sex"])
    assert whole[["events", "censored"]].sum().equals(strata[["events", "censored"]].sum())
    assert strata[["events", "censored"]].to_numpy().sum() == len(children)


@given(CHILDREN, st.integers(2, 30))
def test_the_unit_of_time_does_not_change_survival(children, factor):
    cases = follow_up(children)
    slower = cases.assign(follow_up_days=cases["follow_up_days"] * factor)
    ours, theirs = kaplan_meier(event_table(cases)), kaplan_meier(event_table(slower))
    pd.testing.assert_frame_equal(ours.drop(columns="time_days"), theirs.drop(columns="time_days"))


@given(CHILDREN, st.integers(2, 5))
def test_counting_everyone_twice_leaves_survival_and_narrows_the_interval(children, times):
    once, often = (kaplan_meier(event_table(follow_up(children * many))) for many in (1, times))
    np.testing.assert_allclose(once["survival"], often["survival"], atol=1e-12)
    np.testing.assert_allclose(
        once["standard_error"], often["standard_error"] * np.sqrt(times), atol=1e-12
    )


@given(CHILDREN)
def test_every_summary_comes_through_without_a_warning(children):
    curve = kaplan_meier(event_table(follow_up(children), ["sex"]))
    strata = curve["sex"].nunique(dropna=False)
    assert len(survival_at(curve, (0, 0.01, 5))) == 3 * strata
    assert len(median_survival(curve)) == strata
    assert len(restricted_mean_survival(curve, 0.02)) == strata
    given = conditional_survival(curve, 0.005, 0.01)
    assert given["survival"].dropna().between(0, 1).all()
    p_value = log_rank_test(event_table(follow_up(children), ["sex"]))["p_value"]
    assert p_value.dropna().between(0, 1).all()


@given(CHILDREN, st.floats(0.003, 0.03))
def test_the_restricted_mean_lies_between_nought_and_the_horizon(children, years):
    mean = restricted_mean_survival(kaplan_meier(event_table(follow_up(children))), years)[
        "restricted_mean_years"
    ]
    assert mean.dropna().between(0, years * (1 + 1e-12)).all()


@given(CHILDREN)
def test_survival_is_survival_given_a_time_times_survival_to_it(children):
    curve = kaplan_meier(event_table(follow_up(children)))
    first, second = survival_at(curve, (0.01, 0.025))["survival"]
    further = conditional_survival(curve, 0.01, 0.015)["survival"].iloc[0]
    if not np.isnan(further):
        assert abs(first * further - second) < 1e-12


@given(st.lists(st.tuples(DAYS, st.sampled_from(["censored", "cancer", "other"])), max_size=40))
def test_causes_add_up_to_what_survival_leaves(children):
    cases = pd.DataFrame(children, columns=["follow_up_days", "event"])
    cases["event"] = pd.Categorical(cases["event"], ["censored", "cancer", "other"])
    events = event_table(cases.astype({"follow_up_days": float}))
    causes = [cumulative_incidence_function(events, cause) for cause in ("cancer", "other")]
    total = (
        sum(curve["cumulative_incidence"] for curve in causes) + kaplan_meier(events)["survival"]
    )
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert all((curve["standard_error"] >= 0).all() for curve in causes)
