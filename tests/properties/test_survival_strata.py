"""What must hold for hazards, competing causes, risk sets and windows, whatever the children."""

from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cases import select_window
from analysis.counts import event_table
from analysis.estimates import (
    cumulative_incidence_by_cause,
    cumulative_incidence_function,
    emptied_risk_sets,
    exponential_survival,
    kaplan_meier,
    nelson_aalen,
    numbers_at_risk,
    restricted_mean_survival,
    survival_at,
    survival_quantile,
)

CAUSES = ["censored", "cancer", "other"]
CHILDREN = st.lists(
    st.tuples(
        st.integers(0, 6), st.integers(1, 8), st.sampled_from(CAUSES), st.sampled_from(["Vest", "Nord", None])
    ),
    max_size=30,
)  # fmt: skip


def follow_up(children):
    cases = pd.DataFrame(children, columns=["entry_days", "stays", "event", "region"])
    cases = cases.astype({"entry_days": float, "stays": float, "region": object})
    cases["event"] = pd.Categorical(cases["event"], CAUSES)
    return cases.assign(follow_up_days=cases["entry_days"] + cases["stays"])


@settings(max_examples=25)
@given(CHILDREN)
def test_another_stratum_changes_nothing(children):
    others = follow_up(children).assign(region="Sør-Øst")
    cases = pd.concat(
        [follow_up(children), others.assign(follow_up_days=lambda rows: rows["follow_up_days"] + 1)]
    )
    both, alone = (event_table(rows, ["region"]) for rows in (cases, follow_up(children)))
    for estimate in (
        kaplan_meier,
        nelson_aalen,
        lambda table: cumulative_incidence_function(table, "cancer"),
    ):
        with_others = estimate(both)
        with_others = with_others[with_others["region"] != "Sør-Øst"].reset_index(drop=True)
        pd.testing.assert_frame_equal(with_others, estimate(alone), check_dtype=False)


@settings(max_examples=25)
@given(CHILDREN, st.randoms(use_true_random=False))
def test_the_order_of_rows_of_an_event_table_is_nothing(children, random):
    events = event_table(follow_up(children), ["region"])
    shuffled = events.iloc[random.sample(range(len(events)), len(events))]
    for estimate in (
        kaplan_meier,
        exponential_survival,
        emptied_risk_sets,
        numbers_at_risk,
        cumulative_incidence_by_cause,
    ):
        pd.testing.assert_frame_equal(estimate(shuffled), estimate(events))


@settings(max_examples=25)
@given(CHILDREN)
def test_hazards_never_fall_and_survival_from_them_is_no_lower_than_kaplan_meier(children):
    events = event_table(follow_up(children), ["region"])
    at_once, in_turn = nelson_aalen(events), nelson_aalen(events, ties="fleming-harrington")
    assert (at_once["cumulative_hazard"] <= in_turn["cumulative_hazard"] + 1e-12).all()
    for hazard in (at_once, in_turn):
        rises = hazard.groupby("region", dropna=False)["cumulative_hazard"].diff().dropna()
        assert (rises >= 0).all()
        assert (hazard["lower"] <= hazard["cumulative_hazard"] + 1e-12).all()
        assert (hazard["cumulative_hazard"] <= hazard["upper"] + 1e-12).all()
    lowest = kaplan_meier(events)["survival"]
    for ties in ("nelson-aalen", "fleming-harrington"):
        assert (exponential_survival(events, ties=ties)["survival"] >= lowest - 1e-12).all()


@settings(max_examples=25)
@given(CHILDREN, st.sampled_from(["greenwood", "aalen"]))
def test_causes_add_up_under_delayed_entry(children, variance):
    events = event_table(follow_up(children), ["region"])
    curves = cumulative_incidence_by_cause(events, variance=variance)
    parts = [
        curves[curves["cause"] == cause]["cumulative_incidence"].to_numpy()
        for cause in ("cancer", "other")
    ]
    np.testing.assert_allclose(
        sum(parts) + kaplan_meier(events)["survival"].to_numpy(), 1, atol=1e-12
    )
    assert (curves["standard_error"] >= 0).all()
    known = curves.dropna(subset=["lower", "upper"])
    assert (known["lower"] <= known["cumulative_incidence"] + 1e-9).all()
    assert (known["cumulative_incidence"] <= known["upper"] + 1e-9).all()


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.just(0), st.integers(1, 6), st.sampled_from(CAUSES[1:]), st.none()),
        min_size=1,
        max_size=30,
    )
)
def test_without_censoring_cumulative_incidence_is_a_share_with_the_variance_of_one(children):
    cases = follow_up(children)
    curve = cumulative_incidence_function(event_table(cases.drop(columns="entry_days")), "cancer")
    share = np.array(
        [
            np.mean((cases["event"] == "cancer") & (cases["stays"] <= day))
            for day in curve["time_days"]
        ]
    )
    np.testing.assert_allclose(curve["cumulative_incidence"], share, atol=1e-13)
    np.testing.assert_allclose(
        curve["standard_error"] ** 2, share * (1 - share) / len(cases), atol=1e-12
    )


@settings(max_examples=25)
@given(CHILDREN)
def test_an_emptied_risk_set_with_events_is_where_kaplan_meier_is_nought_before_its_end(children):
    events = event_table(
        follow_up(children).assign(event=lambda rows: (rows["event"] != "censored").astype(int))
    )
    curve, gaps = kaplan_meier(events), emptied_risk_sets(events)
    nought = curve.loc[(curve["survival"] == 0) & (curve["events"] > 0), "time_days"].iloc[:-1]
    first = gaps.loc[gaps["events"] > 0, "emptied_days"]
    if len(nought):
        assert curve.loc[curve["survival"] == 0, "time_days"].iloc[0] in first.tolist()
    assert (gaps["resumed_days"] > gaps["emptied_days"]).all()


@settings(max_examples=25)
@given(CHILDREN, st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4))
def test_by_a_quantile_that_share_has_died(children, shares):
    curve = kaplan_meier(
        event_table(
            follow_up(children).assign(
                entry_days=0.0, event=lambda rows: 1 * (rows["event"] != "censored")
            )
        )
    )
    for row in survival_quantile(curve, shares).dropna(subset="quantile_days").itertuples():
        by_then = curve[curve["time_days"] <= row.quantile_days]["survival"].iloc[-1]
        assert by_then <= 1 - row.probability + 1e-7


@settings(max_examples=25)
@given(CHILDREN)
def test_the_restricted_mean_is_the_area_of_the_steps(children):
    cases = follow_up(children).assign(
        entry_days=0.0, event=lambda rows: 1 * (rows["event"] != "censored")
    )
    curve = kaplan_meier(event_table(cases))
    years = 5 / 365.25
    mean = restricted_mean_survival(curve, years)["restricted_mean_years"].iloc[0]
    # Whole days: each step is one day long, survival on it that of its beginning.
    steps = survival_at(curve, np.arange(5) * (1 + 1e-12) / 365.25, extend=True)["survival"].sum()
    assert np.isnan(mean) or abs(mean * 365.25 - steps) < 1e-9


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 4000), st.integers(0, 1)), max_size=25),
    st.lists(st.integers(2001, 2012), min_size=1, max_size=3, unique=True),
)
def test_every_event_and_every_day_falls_into_one_window(children, cuts):
    cases = pd.DataFrame(children, columns=["day", "follow_up_days", "event"]).astype(float)
    cases["diagnosis_date"] = pd.Timestamp("2000-01-01") + pd.to_timedelta(cases["day"], unit="D")
    cases["follow_up_days"] = cases["follow_up_days"].mask(cases["follow_up_days"] == 0, 0.5)
    edges = [2000, *sorted(cuts), 2030]
    windows = [
        select_window(cases, "period", first, last - 1)[0] for first, last in pairwise(edges)
    ]  # fmt: skip
    assert sum(window["event"].sum() for window in windows) == cases["event"].sum()
    for window in windows:
        assert (window["entry_days"] < window["follow_up_days"]).all()
    # A day of follow-up that is counted is a whole day of whole follow-up: at every whole day the risk sets add up.
    for day in (1, 100, 400, 3000):
        whole = (cases["follow_up_days"] >= day).sum()
        assert (
            sum(((w["entry_days"] < day) & (w["follow_up_days"] >= day)).sum() for w in windows)
            == whole
        )
