import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import (
    conditional_survival,
    kaplan_meier,
    median_survival,
    restricted_mean_difference,
    restricted_mean_survival,
    survival_at,
    survival_quantile,
)
from analysis.strata import curve_strata
from analysis.terms import DAYS_PER_YEAR

ESTIMATES = ["survival", "standard_error", "lower", "upper"]


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
def test_fixed_times_agree_with_survfit(name, interval, golden, example, agree):
    answer = golden("km_at_fixed_times__all")
    answer = answer[(answer["dataset"] == name) & (answer["interval"] == interval)]
    answer = answer.sort_values(["group", "time_days"], ignore_index=True)
    curve = kaplan_meier(event_table(example(name), ["group"]), interval=interval)
    # A hair beyond the day, since a day is not a round number of years.
    years = sorted(answer["time_days"].unique() * (1 + 1e-12) / DAYS_PER_YEAR)
    agree(survival_at(curve, years, extend=True), answer, ESTIMATES)
    years = sorted(answer["time_days"].unique() * (1 - 1e-12) / DAYS_PER_YEAR)
    agree(survival_at(curve, years, extend=True), answer, ["at_risk"])


def test_remission_summaries_agree_with_survfit(remission, oracle, agree):
    agree(
        median_survival(remission),
        oracle("answer_remission_medians"),
        ["median_days", "lower_days", "upper_days"],
        0,
    )
    answer = oracle("answer_remission_means")
    means = restricted_mean_survival(remission, 22 / DAYS_PER_YEAR)
    agree(
        means.assign(mean_days=means["restricted_mean_years"] * DAYS_PER_YEAR),
        answer,
        ["mean_days"],
    )
    agree(
        means.assign(standard_error_days=means["standard_error"] * DAYS_PER_YEAR),
        answer,
        ["standard_error_days"],
    )


def test_conditional_survival_is_that_of_those_who_enter_late(remission, oracle, agree):
    given = conditional_survival(remission, 10 / DAYS_PER_YEAR, 10 / DAYS_PER_YEAR)
    agree(given, oracle("answer_remission_given_ten"), ESTIMATES)
    assert given["at_risk"].tolist() == [13, 8]


def test_conditional_survival_from_the_start_is_survival():
    curve = curve_of([100, 200, 500, 800, 900], [1, 0, 1, 0, 0])
    given, at = conditional_survival(curve, 0, 2), survival_at(curve, [2])
    np.testing.assert_allclose(given[ESTIMATES].to_numpy(), at[ESTIMATES].to_numpy(), rtol=1e-14)


def test_conditional_survival_is_missing_where_nobody_is_followed_so_far():
    curve = curve_of([100, 500], [1, 0])
    assert conditional_survival(curve, 5, 5)[ESTIMATES].isna().all(axis=None)
    assert conditional_survival(curve, 1, 5)[ESTIMATES].isna().all(axis=None)
    all_dead = curve_of([100, 200], [1, 1])
    assert conditional_survival(all_dead, 1, 1)[ESTIMATES].isna().all(axis=None)
    with pytest.raises(InputError, match="from 0 to 120"):
        conditional_survival(curve, -1, 5)


def test_survival_is_not_estimable_beyond_the_last_follow_up():
    curve = curve_of([300, 700], [1, 0])
    at = survival_at(curve, (1, 5))
    assert at["survival"].tolist()[0] == 0.5
    assert at.loc[1, ESTIMATES].isna().all()
    assert at["at_risk"].tolist() == [1, 0]
    assert survival_at(curve, (5,), extend=True)["survival"].tolist() == [0.5]


def test_survival_at_the_very_last_day_of_follow_up_is_estimable():
    assert survival_at(curve_of([100, DAYS_PER_YEAR], [1, 0]), [1])["survival"].tolist() == [0.5]


def test_survival_is_nought_for_ever_when_nobody_was_left_alive():
    at = survival_at(curve_of([100, 200], [1, 1]), (1, 5))
    assert at["survival"].tolist() == [0, 0]
    assert at["upper"].isna().all()


def test_survival_before_the_first_exit_is_one():
    at = survival_at(curve_of([800, 900], [1, 1]), (1,))
    assert at[["at_risk", *ESTIMATES]].to_numpy().tolist() == [[2, 1, 0, 1, 1]]


def test_nobody_at_all_gives_a_missing_answer():
    empty = curve_of([], [])
    assert survival_at(empty, (1, 5))["survival"].isna().tolist() == [True, True]
    assert median_survival(empty)["median_days"].isna().tolist() == [True]
    assert restricted_mean_survival(empty, 5)["restricted_mean_years"].isna().tolist() == [True]
    assert conditional_survival(empty, 1, 1)["survival"].isna().tolist() == [True]


def test_no_strata_at_all_gives_no_row():
    cases = pd.DataFrame({"follow_up_days": [], "event": [], "sex": []})
    curve = kaplan_meier(event_table(cases, ["sex"]))
    for table in (
        survival_at(curve),
        median_survival(curve),
        restricted_mean_survival(curve, 5),
        conditional_survival(curve, 1, 1),
        survival_quantile(curve),
        restricted_mean_difference(curve.assign(region=[]), 5, between="region"),
    ):
        assert table.empty
        assert table.columns[0] == "sex"


@pytest.mark.parametrize("sex", [{}, {"sex": ["male", "male", "female"]}])
def test_the_noted_outcome_is_handed_on(sex):
    events = pd.DataFrame(
        {**sex, "time_days": [300, 700, 900], "at_risk": [4, 2, 1], "events": [1, 0, 1]}
    )
    events = events.assign(censored=0, outcome="relapse")
    curve = kaplan_meier(events)
    made = [curve, survival_at(curve), median_survival(curve), restricted_mean_survival(curve, 1)]
    made += [conditional_survival(curve, 1, 1), survival_at(curve).merge(survival_at(curve))]
    assert [set(frame["outcome"]) for frame in made] == [{"relapse"}] * 6
    assert curve_strata(curve) == list(sex)


def test_conditional_survival_at_several_times_agrees_with_survfit(remission, oracle, agree):
    answer = oracle("answer_remission_conditional").sort_values(["treatment", "given", "further"])
    given = conditional_survival(remission, [weeks / DAYS_PER_YEAR for weeks in (0, 5, 10)],
                                 [weeks / DAYS_PER_YEAR for weeks in (3, 10)])  # fmt: skip
    agree(given, answer, ["survival", "standard_error"])
    someone_died = answer["survival"].to_numpy() < 1
    agree(given[someone_died], answer[someone_died], ESTIMATES)


def test_years_of_conditional_survival_are_told_as_given():
    given = conditional_survival(curve_of([400, 900, 2900], [1, 0, 0]), (0, 1), 5)
    assert given[["given_years", "further_years"]].to_numpy().tolist() == [[0, 5], [1, 5]]
    assert given["given_years"].dtype == "int64"
    assert given["at_risk"].tolist() == [3, 3]


def test_survival_is_read_in_every_stratum_one_without_children_left_out():
    sexes = pd.Categorical(["male", "male"], categories=["female", "male"])
    curve = kaplan_meier(
        event_table(
            pd.DataFrame({"follow_up_days": [100, 900], "event": [1, 0], "sex": sexes}), ["sex"]
        )
    )
    assert survival_at(curve, [1])[["sex", "survival"]].to_numpy().tolist() == [["male", 0.5]]
