import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import (
    emptied_risk_sets,
    exponential_survival,
    kaplan_meier,
    nelson_aalen,
    survival_at,
)

TIES = ["nelson-aalen", "fleming-harrington"]
CURVE = ["survival", "standard_error", "lower", "upper"]


def table_of(days, events):
    return event_table(pd.DataFrame({"follow_up_days": days, "event": events}))


@pytest.mark.parametrize(
    ("name", "ties"),
    [
        ("nelson_aalen__lung", "nelson-aalen"),
        ("nelson_aalen__veteran_celltype", "nelson-aalen"),
        ("fleming_harrington_cumhaz__lung", "fleming-harrington"),
    ],
)
def test_hazards_agree_with_survfit(name, ties, golden, example, agree):
    answer = golden(name).sort_values(["group", "time_days"], ignore_index=True)
    events = event_table(example(name.split("__")[1]), ["group"])
    hazard, curve = (
        nelson_aalen(events, ties=ties),
        exponential_survival(events, ties=ties, interval="log"),
    )
    agree(hazard, answer.assign(standard_error=answer["se_cumhaz"], cumulative_hazard=answer["cumhaz"]),
          ["time_days", "cumulative_hazard", "standard_error"])  # fmt: skip
    agree(curve, answer.assign(survival=answer["surv_exp"]), CURVE)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("name", ["remission", "delayed_entry"])
def test_stored_hazards_agree_with_survfit(name, ties, oracle, agree):
    by = "treatment" if name == "remission" else "sex"
    cases = oracle(name).rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    answer = oracle(f"answer_{name}_hazards")
    answer = answer[answer["ties"] == ties].sort_values(["stratum", "time_days"], ignore_index=True)
    events = event_table(cases.assign(**{by: cases[by].astype(str)}), [by])
    hazard, curve = (
        made.sort_values([by, "time_days"], ignore_index=True)
        for made in (nelson_aalen(events, ties=ties), exponential_survival(events, ties=ties))
    )
    agree(hazard, answer.drop(columns="standard_error").rename(columns={"hazard_error": "standard_error"}),
          ["cumulative_hazard", "standard_error"])  # fmt: skip
    agree(curve, answer, CURVE[:2])
    after_a_death = answer["survival"] < 1
    agree(curve[after_a_death], answer[after_a_death], CURVE)


def test_six_children_by_hand():
    # Six children: one dies and one is censored at 1, two of four die at 6, one of two is censored at 8, the last dies.
    events = table_of([9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0])
    at_once, in_turn = (nelson_aalen(events, ties=ties) for ties in TIES)
    np.testing.assert_allclose(
        at_once["cumulative_hazard"], [1 / 6, 2 / 3, 2 / 3, 5 / 3], rtol=1e-15
    )
    np.testing.assert_allclose(
        in_turn["cumulative_hazard"], [1 / 6, 3 / 4, 3 / 4, 7 / 4], rtol=1e-15
    )
    variances = [(curve["standard_error"] ** 2).tolist() for curve in (at_once, in_turn)]
    np.testing.assert_allclose(variances[0], [1 / 36, 11 / 72, 11 / 72, 83 / 72], rtol=1e-14)
    np.testing.assert_allclose(variances[1], [4 / 144, 29 / 144, 29 / 144, 173 / 144], rtol=1e-14)
    product_limit = kaplan_meier(events)
    np.testing.assert_allclose(product_limit["survival"], [5 / 6, 5 / 12, 5 / 12, 0], rtol=1e-15)
    greenwood = [(5 / 6) ** 2 / 30, (5 / 12) ** 2 * (1 / 30 + 1 / 4)]
    np.testing.assert_allclose(product_limit["standard_error"][:2] ** 2, greenwood, rtol=1e-14)


def test_intervals_of_a_cumulative_hazard_by_hand():
    events = pd.DataFrame({"time_days": [1, 2], "at_risk": [10, 10], "events": [0, 4]})
    z, hazard, error = 1.959963984540054, 0.4, 0.2
    plain, log, arcsin = (
        nelson_aalen(events, interval=interval) for interval in ("plain", "log", "arcsin")
    )
    assert plain.loc[1, ["lower", "upper"]].tolist() == pytest.approx(
        [hazard - z * error, hazard + z * error]
    )
    ratio = np.exp(z * error / hazard)
    assert log.loc[1, ["lower", "upper"]].tolist() == pytest.approx(
        [hazard / ratio, hazard * ratio]
    )
    centre, margin = np.arcsin(np.exp(-0.2)), z * 0.1 / np.sqrt(np.exp(0.4) - 1)
    ends = [
        -2 * np.log(np.sin(min(np.pi / 2, centre + margin))),
        -2 * np.log(np.sin(max(0, centre - margin))),
    ]
    assert arcsin.loc[1, ["lower", "upper"]].tolist() == pytest.approx(ends)
    for curve in (plain, log, arcsin):
        assert curve.loc[0, ["cumulative_hazard", "lower", "upper"]].tolist() == [0, 0, 0]


def test_weighted_deaths_come_one_after_the_other_the_last_in_part():
    events = pd.DataFrame({"time_days": [5.0], "at_risk": [4.0], "events": [1.5]})
    assert nelson_aalen(events)["cumulative_hazard"].tolist() == [1.5 / 4]
    assert nelson_aalen(events, ties="fleming-harrington")["cumulative_hazard"].tolist() == [
        1 / 4 + 0.5 / 3
    ]


@pytest.mark.parametrize("interval", ["log", "plain", "arcsin"])
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize(
    ("days", "events"), [([], []), ([3], [0]), ([3], [1]), ([0.5] * 3, [1] * 3), ([1, 2], [0, 0])]
)
def test_small_input_gives_neither_warning_nor_crash(days, events, ties, interval):
    hazard = nelson_aalen(table_of(days, events), ties=ties, interval=interval)
    assert (hazard[["cumulative_hazard", "standard_error", "lower"]] >= 0).all(axis=None)
    assert exponential_survival(table_of(days, events), ties=ties)["survival"].between(0, 1).all()


def test_unknown_choices_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="nelson-aalen, fleming-harrington"):
        nelson_aalen(table_of([1], [1]), ties="breslow")
    with pytest.raises(InputError, match="log, plain, arcsin"):
        nelson_aalen(table_of([1], [1]), interval="log-log")


def test_survival_from_the_hazard_goes_on_where_the_risk_set_empties():
    cases = pd.DataFrame(
        {"entry_days": [0, 5, 5], "follow_up_days": [3, 9, 400], "event": [1, 1, 0]}
    )
    events = event_table(cases)
    assert kaplan_meier(events)["survival"].tolist() == [0, 0, 0]
    assert len(emptied_risk_sets(events)) == 1
    np.testing.assert_allclose(
        survival_at(exponential_survival(events), [1])["survival"], np.exp(-1.5)
    )
