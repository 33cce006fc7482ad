"""What must hold for every curve of net survival."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counts import event_table
from analysis.estimates import (
    crude_probability_of_death,
    kaplan_meier,
    net_log_rank_test,
    net_survival,
    net_survival_at,
)

METHODS = st.sampled_from(["pohar-perme", "ederer-1", "ederer-2", "hakulinen"])
DAYS = st.one_of(st.just(0.5), st.integers(1, 9000).map(float))
CHILDREN = st.lists(
    st.tuples(
        DAYS,
        st.integers(0, 1),
        st.sampled_from(["male", "female"]),
        st.integers(0, 6000),
        st.sampled_from("ab"),
    ),
    max_size=25,
)
FEW = dict(max_examples=20, deadline=None)


def frame_of(children):
    frame = pd.DataFrame(
        children, columns=["follow_up_days", "event", "sex", "age_at_diagnosis_days", "group"]
    )
    frame = frame.astype(
        {
            "follow_up_days": float,
            "event": int,
            "age_at_diagnosis_days": int,
            "sex": object,
            "group": object,
        }
    )
    return frame.assign(diagnosis_date=pd.Timestamp("1996-02-29"))


def table_of(rate):
    cells = pd.MultiIndex.from_product(
        [["male", "female"], range(1996, 2006), range(0, 40)], names=["sex", "year", "age"]
    )
    table = cells.to_frame(index=False)
    steep = 1 + table["age"] / 10 + (table["year"] - 1996) / 7 + (table["sex"] == "male")
    return table.assign(mortality_rate=rate * steep)


@settings(**FEW)
@given(CHILDREN, METHODS)
def test_without_other_mortality_it_is_observed_survival(children, method):
    cases = frame_of(children)
    net, observed = (
        net_survival(cases, table_of(0.0), method=method, by=["group"]),
        kaplan_meier(event_table(cases, ["group"])),
    )
    pd.testing.assert_frame_equal(net[["group", "time_days"]], observed[["group", "time_days"]])
    np.testing.assert_allclose(net["net_survival"], observed["survival"], atol=1e-12)


@settings(**FEW)
@given(CHILDREN, METHODS, st.floats(1e-5, 0.02))
def test_other_mortality_only_raises_it(children, method, rate):
    cases = frame_of(children)
    net = net_survival(cases, table_of(rate), method=method)
    observed = kaplan_meier(event_table(cases))
    at_exits = net[net["events"] + net["censored"] > 0]["net_survival"].to_numpy()
    # With weights the dead can weigh less than one in those at risk: the bound is for equal ones.
    if method != "pohar-perme":
        assert (at_exits >= observed["survival"].to_numpy() - 1e-12).all()
    assert (net["net_survival"] >= 0).all()
    drawn = net.dropna(subset=["lower", "upper"])
    assert (drawn["lower"] <= drawn["net_survival"] + 1e-12).all()
    assert (drawn["net_survival"] <= drawn["upper"] + 1e-12).all()


@settings(**FEW)
@given(CHILDREN, METHODS, st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(children, method, random):
    shuffled = random.sample(children, len(children))
    ours, theirs = (
        net_survival(frame_of(each), table_of(0.003), method=method, by=["group"])
        for each in (children, shuffled)
    )
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-12)


@settings(**FEW)
@given(CHILDREN, METHODS, st.integers(2, 4))
def test_counting_everyone_twice_leaves_it_and_narrows_the_interval(children, method, times):
    once, often = (
        net_survival(frame_of(children * many), table_of(0.002), method=method)
        for many in (1, times)
    )
    np.testing.assert_allclose(once["net_survival"], often["net_survival"], atol=1e-11)
    np.testing.assert_allclose(
        once["standard_error"], often["standard_error"] * np.sqrt(times), atol=1e-9
    )


@settings(**FEW)
@given(CHILDREN, METHODS, st.integers(1, 3000))
def test_a_delay_of_all_leaves_those_who_come_later_as_they_are(children, method, delay):
    cases = frame_of(children)
    later = cases[cases["follow_up_days"] > delay].assign(entry_days=delay)
    curve = net_survival(later, table_of(0.002), method=method)
    assert (curve["net_survival"] >= 0).all()
    assert curve["at_risk"].max() == len(later) if len(later) else curve.empty


@settings(**FEW)
@given(CHILDREN)
def test_every_summary_comes_through_without_a_warning(children):
    cases, table = frame_of(children), table_of(0.002)
    curve = net_survival(cases, table, by=["group"])
    assert len(net_survival_at(curve, (0, 1, 30))) == 3 * cases["group"].nunique()
    crude = crude_probability_of_death(cases, table, by=["group"])
    assert (crude["standard_error"] >= 0).all()
    assert (
        net_log_rank_test(cases, table, between=["group"])["p_value"].dropna().between(0, 1).all()
    )
