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
    return (
        frame.sort_values([stratum, "time_days"], kind="stable", ignore_index=True)
        for frame in (curve, answer)
    )


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
    assert relapses["survival"].round(3).tolist() == [
        0.857,
        0.807,
        0.753,
        0.690,
        0.627,
        0.538,
        0.448,
    ]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize(
    ("days", "events"),
    [
        ([], []),
        ([3], [0]),
        ([3], [1]),
        ([0.5] * 4, [1] * 4),
        ([0.5] * 4, [0] * 4),
        ([10, 20], [0, 0]),
    ],
    ids=[
        "nobody",
        "one censored",
        "one dead",
        "all dead at once",
        "all censored at once",
        "no event",
    ],
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
    with pytest.raises(InputError, match="arcsin"):
        kaplan_meier(event_table(follow_up([], [])), interval="exact")
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
        of_stratum = (
            together[together["stratum"] == stratum].drop(columns="stratum").reset_index(drop=True)
        )
        pd.testing.assert_frame_equal(of_stratum, alone, rtol=1e-14)


def test_weighted_children_agree_with_survfit(oracle, agree):
    cases = oracle("remission").assign(
        weight=lambda rows: 1 + (np.arange(1, len(rows) + 1) % 3) / 2
    )
    cases["events"], cases["censored"] = (
        cases["weight"] * cases["relapse"],
        cases["weight"] * (1 - cases["relapse"]),
    )
    events = cases.groupby(["treatment", "weeks"], as_index=False)[["events", "censored"]].sum()
    leaving = events["events"] + events["censored"]
    events["at_risk"] = leaving[::-1].groupby(events["treatment"]).cumsum()
    curve = kaplan_meier(events.rename(columns={"weeks": "time_days"}))
    agree(
        curve, oracle("answer_remission_weighted"), ["time_days", "at_risk", "events", *ESTIMATES]
    )


def test_where_the_last_weighted_ones_die_rounding_leaves_nobody_alive():
    events = pd.DataFrame(
        {"time_days": [1, 2], "at_risk": [0.1 + 0.2 + 0.3, 0.3], "events": [0.3, 0.1 + 0.2]}
    )
    curve = kaplan_meier(events)
    assert curve["survival"].round(12).tolist() == [0.5, 0]
    assert curve.loc[1, "survival"] == 0
    assert np.isnan(curve.loc[1, "standard_error"])


def test_a_row_with_nobody_at_risk_leaves_the_curve_as_it_is():
    events = pd.DataFrame({"time_days": [1, 2, 3], "at_risk": [2, 0, 2], "events": [1, 0, 0]})
    assert kaplan_meier(events)["survival"].tolist() == [0.5, 0.5, 0.5]


def test_counts_that_cannot_be_are_refused_all_at_once():
    events = pd.DataFrame({"time_days": [1, None, 3], "at_risk": [2, 2, -1], "events": [3, 1, 0]})
    with pytest.raises(InputError, match="3 faults") as refused:
        kaplan_meier(events)
    assert "events: must not exceed at_risk in 2 rows (1, 3)" in str(refused.value)
    twice = pd.DataFrame({"time_days": [1, 1], "at_risk": [2, 1], "events": [1, 1]})
    with pytest.raises(InputError, match="twice in a stratum"):
        kaplan_meier(twice)
    assert len(kaplan_meier(twice.assign(sex=["male", "female"]))) == 2


STRATUM_TYPES = {
    "int": [2, 1, None],
    "float": [2.5, 1.5, None],
    "string": ["b", "a", None],
    "mixed": ["b", "a", pd.NA],
    "category": pd.Categorical(["b", "a", None], categories=["a", "b"]),
    "nullable": pd.array([2, 1, None], dtype="Int64"),
    "boolean": pd.array([True, False, None], dtype="boolean"),
    "date": pd.to_datetime(["2021-01-01", "2020-01-01", None]),
}


@pytest.mark.parametrize("kind", STRATUM_TYPES)
def test_any_type_of_stratum_sorted_or_not_with_any_index(kind):
    cases = follow_up([5, 6, 7], [1, 1, 1]).assign(stratum=STRATUM_TYPES[kind])
    events = event_table(cases.set_axis([7, 7, 9]), ["stratum"])
    curve = kaplan_meier(events)
    assert curve["time_days"].tolist() == [6, 5, 7]
    assert curve["survival"].tolist() == [0, 0, 0]
    shuffled = kaplan_meier(events.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled, curve)
    pd.testing.assert_frame_equal(kaplan_meier(events.astype({"events": "Int64", "at_risk": "Float64"})), curve,
                                  check_dtype=False)  # fmt: skip


def test_the_event_table_is_left_as_it_was():
    events = event_table(follow_up([5, 6, 7], [1, 0, 1])).set_axis([3, 1, 2])
    before = events.copy()
    curve = kaplan_meier(events)
    curve.loc[0, "events"] = 9
    pd.testing.assert_frame_equal(events, before)


def test_many_strata_of_many_rows_are_worked_out_in_pieces_to_the_same_end():
    random = np.random.default_rng(3)
    cases = follow_up(random.integers(1, 9000, 60_000), random.random(60_000) < 0.3).astype(
        {"event": int}
    )
    cases["stratum"] = random.integers(0, 5, 60_000)
    events = event_table(cases, ["stratum"])
    curve = kaplan_meier(events)
    assert len(curve) > 2 * 16_384
    for stratum, rows in events.groupby("stratum"):
        alone = np.cumprod(1 - rows["events"] / rows["at_risk"])
        np.testing.assert_allclose(
            curve.loc[curve["stratum"] == stratum, "survival"], alone, rtol=1e-13
        )


def test_nineteen_in_twenty_intervals_hold_what_is_true():
    random = np.random.default_rng(11)
    held = []
    for _ in range(400):
        death, end = random.exponential(1000, 80), random.uniform(200, 2000, 80)
        curve = kaplan_meier(
            event_table(follow_up(np.minimum(death, end), (death <= end).astype(int)))
        )
        at = curve[curve["time_days"] <= 700].iloc[-1]
        held.append(at["lower"] <= np.exp(-0.7) <= at["upper"])
    assert 0.92 <= np.mean(held) <= 0.98
