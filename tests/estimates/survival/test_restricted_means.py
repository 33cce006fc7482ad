import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError
from analysis.estimates import (
    kaplan_meier,
    restricted_mean_difference,
    restricted_mean_survival,
)
from analysis.terms import DAYS_PER_YEAR


def curve_of(days, events, **choices):
    return kaplan_meier(
        event_table(pd.DataFrame({"follow_up_days": days, "event": events})), **choices
    )


@pytest.fixture
def remission(oracle):
    cases = oracle("remission").rename(columns={"weeks": "follow_up_days", "relapse": "event"})
    return kaplan_meier(event_table(cases, ["treatment"]))


@pytest.mark.parametrize(
    "name", ["lung", "lung_sex", "veteran_celltype", "nwtco_rel_histol", "nwtco_rel_stage"]
)
def test_restricted_means_agree_with_survfit(name, golden, example, agree):
    answer = golden("rmst__all")
    answer = answer[answer["dataset"] == name].sort_values("group")
    curve = kaplan_meier(event_table(example(name), ["group"]))
    means = restricted_mean_survival(curve, answer["tau"].iloc[0] / DAYS_PER_YEAR)
    in_days = means.assign(
        rmst=means["restricted_mean_years"] * DAYS_PER_YEAR,
        se=means["standard_error"] * DAYS_PER_YEAR,
    )
    agree(in_days, answer, ["rmst"], 1e-9)
    agree(in_days, answer, ["se"], 0, relative=1e-9)


def test_a_restricted_mean_beyond_the_follow_up_is_missing_unless_all_have_died():
    assert (
        restricted_mean_survival(curve_of([100, 400], [1, 0]), 5)["restricted_mean_years"]
        .isna()
        .all()
    )
    dead = restricted_mean_survival(curve_of([DAYS_PER_YEAR, 2 * DAYS_PER_YEAR], [1, 1]), 5)
    assert dead["restricted_mean_years"].tolist() == [1.5]


def test_the_difference_of_restricted_means_agrees_with_survfit(remission, oracle):
    answer = oracle("answer_remission_difference").loc[0]
    ours = restricted_mean_difference(remission, 22 / DAYS_PER_YEAR, between="treatment").loc[0]
    assert (ours["treatment"], ours["reference"]) == ("placebo", "6-MP")
    ours_in_weeks = (
        ours[["difference_years", "standard_error", "lower", "upper"]].astype(float) * DAYS_PER_YEAR
    )
    np.testing.assert_allclose(ours_in_weeks, answer.iloc[:4], rtol=1e-12)
    assert ours["p_value"] == pytest.approx(answer["p_value"], rel=1e-9)
    turned = restricted_mean_difference(
        remission, 22 / DAYS_PER_YEAR, between="treatment", reference="placebo"
    ).loc[0]
    assert turned["difference_years"] == -ours["difference_years"]
    with pytest.raises(InputError, match="is not one of treatment: 6-MP, placebo"):
        restricted_mean_difference(remission, 1, between="treatment", reference="none")


def test_differences_are_taken_within_the_other_strata_and_missing_where_one_side_is():
    cases = pd.DataFrame(
        {"follow_up_days": [800, 300, 800, 800, 100, 900], "event": [0, 1, 0, 0, 1, 0]}
    )
    cases["sex"] = ["male", "male", "female", "female", "male", "male"]
    cases["region"] = ["Vest", "Vest", "Vest", "Vest", "Nord", "Nord"]
    found = restricted_mean_difference(
        kaplan_meier(event_table(cases, ["region", "sex"])), 2, between="sex"
    )
    assert found["region"].tolist() == ["Vest"]
    assert found["difference_years"].iloc[0] > 0
    alone = restricted_mean_difference(
        kaplan_meier(event_table(cases, ["sex", "region"])), 2, between="region", reference="Nord"
    )
    assert alone["sex"].tolist() == ["male", "female"]
    assert alone["difference_years"].isna().tolist() == [False, True]


def test_a_mean_without_deaths_has_no_interval():
    mean = restricted_mean_survival(curve_of([800, 900], [0, 0]), 2).loc[0]
    assert mean["restricted_mean_years"] == 2
    assert mean[["lower", "upper"]].isna().all()
    both = curve_of([800, 900], [0, 0]).assign(sex=["male", "female"])
    assert restricted_mean_difference(both, 2, between="sex")["p_value"].isna().all()
