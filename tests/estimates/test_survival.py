import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import kaplan_meier

COUNTS = ["at_risk", "events", "censored"]
ESTIMATES = ["survival", "standard_error", "lower", "upper"]
INTERVALS = ["log-log", "log", "plain", "logit", "arcsin"]


def follow_up(days, events):
    return pd.DataFrame({"follow_up_days": days, "event": events})


def side_by_side(curve, answer, stratum):
    return (frame.sort_values([stratum, "time_days"], kind="stable", ignore_index=True) for frame in (curve, answer))


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", ["lung", "lung_sex", "veteran_celltype", "heart_lefttrunc"])
def test_curves_agree_with_survfit(name, interval, golden, example, agree):
    answer = golden(f"km_greenwood_ci__{name}")
    curve = kaplan_meier(event_table(example(name), ["group"]), interval=interval)
    curve, answer = side_by_side(curve, answer[answer["interval"] == interval], "group")
    agree(curve, answer, [*COUNTS, *ESTIMATES])


@pytest.mark.parametrize("interval", INTERVALS)
def test_edge_cases_agree_with_survfit_missing_values_included(interval, golden, agree):
    cases = golden("data/edge_cases_small").rename(columns={"time_days": "follow_up_days"})
    answer = golden("km_edge_cases__small")
    curve = kaplan_meier(event_table(cases, ["case"]), interval=interval)
    curve, answer = side_by_side(curve, answer[answer["interval"] == interval], "case")
    agree(curve, answer, [*COUNTS, *ESTIMATES])


def test_survival_stays_at_nought_once_the_risk_set_has_emptied(golden, agree):
    cases = golden("data/edge_left_truncation_riskset_empties")
    cases = cases.rename(columns={"a": "entry_days", "b": "follow_up_days", "e": "event"})
    answer = golden("km_left_truncation_riskset_empties__small")
    agree(kaplan_meier(event_table(cases)), answer, [*COUNTS, *ESTIMATES])


@pytest.mark.parametrize("interval", INTERVALS)
def test_remission_in_leukaemia_agrees_with_survfit(interval, oracle, agree):
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    answer = oracle("answer_remission_curves")
    answer = answer[answer["interval"] == interval].rename(columns={"stratum": "treatment"})
    curve = kaplan_meier(event_table(cases, ["treatment"]), interval=interval)
    curve, answer = side_by_side(curve, answer, "treatment")
    agree(curve, answer, [*COUNTS, *ESTIMATES])


@pytest.mark.parametrize("interval", INTERVALS)
def test_delayed_entry_agrees_with_survfit(interval, oracle, agree):
    answer = oracle("answer_delayed_entry_curves")
    answer = answer[answer["interval"] == interval].rename(columns={"stratum": "sex"})
    curve = kaplan_meier(event_table(oracle("delayed_entry"), ["sex"]), interval=interval)
    curve, answer = side_by_side(curve, answer, "sex")
    agree(curve, answer, [*COUNTS, "survival", "standard_error"])
    # Before the first death survfit gives some intervals as missing or as [1, 1], by version: see the edge cases.
    after_a_death = answer["survival"] < 1
    agree(curve[after_a_death], answer[after_a_death], ["lower", "upper"])


def test_remission_as_printed_in_the_textbook(oracle):
    # Kalbfleisch and Prentice 2002, table 1.2: the 6-MP arm.
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    curve = kaplan_meier(event_table(cases[cases["treatment"] == "6-MP"]))
    relapses = curve[curve["events"] > 0]
    assert relapses["time_days"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert relapses["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert relapses["survival"].round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize(
    ("days", "events"),
    [([], []), ([3], [0]), ([3], [1]), ([0.5] * 4, [1] * 4), ([0.5] * 4, [0] * 4), ([10, 20], [0, 0])],
    ids=["nobody", "one censored", "one dead", "all dead at once", "all censored at once", "no event"],
)
def test_small_input_gives_neither_warning_nor_crash(days, events, interval):
    curve = kaplan_meier(event_table(follow_up(days, events)), interval=interval)
    assert len(curve) == len(set(days))
    assert curve["survival"].between(0, 1).all()


def test_no_event_means_all_alive_and_all_dead_means_no_interval():
    alive = kaplan_meier(event_table(follow_up([5, 9], [0, 0])))
    assert alive[ESTIMATES].to_numpy().tolist() == [[1, 0, 1, 1]] * 2
    dead = kaplan_meier(event_table(follow_up([0.5, 0.5], [1, 1])))
    assert dead["survival"].tolist() == [0]
    assert dead[["standard_error", "lower", "upper"]].isna().all(axis=None)


def test_strata_keep_their_values_and_a_missing_one_is_its_own():
    cases = follow_up([5, 6, 7], [1, 0, 1]).assign(region=["Nord", None, "Midt-Norge"])
    curve = kaplan_meier(event_table(cases, ["region"]))
    assert curve["region"].tolist() == ["Midt-Norge", "Nord", None]
    assert curve["survival"].tolist() == [0, 0, 1]


def test_the_order_of_rows_of_an_event_table_does_not_matter():
    events = event_table(follow_up([5, 6, 7, 8], [1, 0, 1, 0]))
    pd.testing.assert_frame_equal(kaplan_meier(events.iloc[::-1]), kaplan_meier(events))


def test_confidence_widens_the_interval():
    events = event_table(follow_up(range(1, 21), [1, 0] * 10))
    narrow, wide = (kaplan_meier(events, confidence=confidence) for confidence in (0.9, 0.99))
    assert (wide["lower"] < narrow["lower"])[1:-1].all()
    assert (wide["upper"] > narrow["upper"])[1:-1].all()


def test_an_unknown_interval_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="log-log, plain, log, logit, arcsin"):
        kaplan_meier(event_table(follow_up([1], [1])), interval="exact")
    with pytest.raises(InputError, match="between 0 and 1"):
        kaplan_meier(event_table(follow_up([1], [1])), confidence=95)


def test_a_table_without_numbers_at_risk_says_which_step_is_missing():
    with pytest.raises(MissingStepError, match="event_table"):
        kaplan_meier(pd.DataFrame({"time_days": [1], "events": [1]}))


def test_many_strata_are_each_their_own_curve():
    random = np.random.default_rng(7)
    cases = follow_up(random.integers(1, 400, 2000), random.integers(0, 2, 2000)).assign(
        stratum=random.integers(0, 40, 2000)
    )
    together = kaplan_meier(event_table(cases, ["stratum"]))
    for stratum, rows in cases.groupby("stratum"):
        alone = kaplan_meier(event_table(rows))
        of_stratum = together[together["stratum"] == stratum].drop(columns="stratum").reset_index(drop=True)
        pd.testing.assert_frame_equal(of_stratum, alone, rtol=1e-14)
