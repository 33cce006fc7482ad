import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import (
    kaplan_meier,
    median_survival,
    survival_quantile,
)

DATASETS = [
    "lung",
    "lung_sex",
    "veteran_celltype",
    "heart_lefttrunc",
    "nwtco_rel_histol",
    "nwtco_rel_stage",
]


INTERVALS = ["log-log", "log", "plain", "logit", "arcsin"]


def curve_of(days, events, **choices):
    return kaplan_meier(
        event_table(pd.DataFrame({"follow_up_days": days, "event": events})), **choices
    )


@pytest.fixture
def remission(oracle):
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    return kaplan_meier(event_table(cases, ["treatment"]))


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", DATASETS)
def test_medians_agree_with_survfit(name, interval, golden, example, agree):
    answer = golden("km_quantiles_median__all")
    answer = answer[
        (answer["dataset"] == name) & (answer["interval"] == interval) & (answer["prob"] == 0.5)
    ]
    answer = answer.rename(
        columns={"time_days": "median_days", "lower": "lower_days", "upper": "upper_days"}
    )
    curve = kaplan_meier(event_table(example(name), ["group"]), interval=interval)
    agree(
        median_survival(curve),
        answer.sort_values("group"),
        ["median_days", "lower_days", "upper_days"],
        0,
    )


def test_a_curve_that_ends_flat_at_one_half_has_the_middle_of_the_stretch_as_its_median():
    assert median_survival(curve_of([100, 400], [1, 0]))["median_days"].tolist() == [250]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", DATASETS)
def test_quantiles_agree_with_survfit(name, interval, golden, example, agree):
    answer = golden("km_quantiles_median__all")
    answer = answer[(answer["dataset"] == name) & (answer["interval"] == interval)]
    answer = answer.rename(
        columns={"time_days": "quantile_days", "lower": "lower_days", "upper": "upper_days"}
    )
    curve = kaplan_meier(event_table(example(name), ["group"]), interval=interval)
    ours = survival_quantile(curve, sorted(answer["prob"].unique()))
    answer = answer.sort_values(["group", "prob"], ignore_index=True)
    if (name, interval) == ("heart_lefttrunc", "log-log"):
        # With few at risk a log-log band may rise again. R sorts it before it reads it and says day 16; the band of
        # those with a transplant is below three quarters from its first day, 5, on.
        assert (ours.loc[3, "lower_days"], answer.loc[3, "lower_days"]) == (5, 16)
        ours, answer = ours.drop(index=3), answer.drop(index=3)
    agree(ours, answer, ["quantile_days", "lower_days", "upper_days"], 0)


@pytest.mark.parametrize("interval", INTERVALS)
def test_stored_quantiles_agree_with_survfit(interval, oracle, agree):
    answer = oracle("answer_remission_quantiles")
    answer = answer[answer["interval"] == interval]
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    curve = kaplan_meier(event_table(cases, ["treatment"]), interval=interval)
    ours = survival_quantile(curve, [0.1, 0.25, 0.5, 0.75])
    agree(ours, answer, ["probability", "quantile_days", "lower_days", "upper_days"], 0)


def test_a_quantile_needs_a_share_between_nought_and_one():
    for wrong in (0, 1, 50, np.nan):
        with pytest.raises(InputError, match="between 0 and 1"):
            survival_quantile(curve_of([1], [1]), [wrong])
