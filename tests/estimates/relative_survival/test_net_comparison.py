import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import net_log_rank_test, note_year_length


@pytest.fixture
def children(oracle):
    return oracle("net_children"), note_year_length(oracle("net_life_table"))


@pytest.mark.parametrize("stratified", [False, True])
def test_it_agrees_with_rs_diff_where_its_step_is_short(stratified, children, oracle):
    answers = oracle("answer_net_tests")
    test = net_log_rank_test(
        *children, between=["group"], strata=["sex"] if stratified else []
    ).iloc[0]
    for precision, tolerance in ((1, 2e-5), (0.1, 1e-5)):
        answer = answers[
            (answers["precision"] == precision) & (answers["stratified"] == stratified)
        ].iloc[0]
        np.testing.assert_allclose(test["test_statistic"], answer["test_statistic"], rtol=tolerance)
        np.testing.assert_allclose(test["p_value"], answer["p_value"], rtol=2 * tolerance)


def test_the_whole_cohort_comes_near_rs_diff(golden):
    # rs.diff gives the population's deaths of a day the weights of its evening. In a cohort with many very old
    # this moves its answer by a hundredth: with a step of a quarter of a day sex has 0.83617 instead of 0.84397.
    cases = golden("data/derived_colrec_agegr").rename(
        columns={"age": "age_at_diagnosis_days", "diag": "diagnosis_date"}
    )
    cases = cases.assign(code=cases["sex"], sex=cases["sex"].map({1: "male", 2: "female"}))
    cases = cases.assign(follow_up_days=cases["time_days"], event=cases["stat"])
    table = golden("data/relsurv_slopop_ratetable_long")
    table = note_year_length(table.assign(mortality_rate=table["haz_day"] * 365.241), 365.241)
    for row in golden("net_logrank_rs.diff__colrec").itertuples():
        test = net_log_rank_test(cases, table, between=[{"sex": "code"}.get(row.by, row.by)]).iloc[
            0
        ]
        assert test["degrees_of_freedom"] == row.df
        np.testing.assert_allclose(test["test_statistic"], row.stat, rtol=0.03)
        if row.by == "stage":
            np.testing.assert_allclose(test["test_statistic"], row.stat, rtol=1e-3)
        if row.by == "sex":
            np.testing.assert_allclose(
                test["test_statistic"], 0.83617 - (0.84397 - 0.83617) / 3, rtol=1e-3
            )


def test_names_and_order_of_groups_do_not_matter(children):
    cases, table = children
    cases = cases.assign(band=cases["age_at_diagnosis_days"] // 9000)
    found = net_log_rank_test(cases, table, between=["band"])
    turned = net_log_rank_test(
        cases.assign(band=-cases["band"]).iloc[::-1], table, between=["band"]
    )
    pd.testing.assert_frame_equal(found, turned, rtol=1e-9)


def test_one_stratum_of_all_is_no_stratum_and_delayed_entry_is_read(children):
    cases, table = children
    plain = net_log_rank_test(cases, table, between=["group"])
    pd.testing.assert_frame_equal(
        net_log_rank_test(cases.assign(all=1), table, between=["group"], strata=["all"]), plain
    )
    late = cases[cases["follow_up_days"] > 400]
    assert (
        net_log_rank_test(late.assign(entry_days=400), table, between=["group"])[
            "test_statistic"
        ].iloc[0]
        > 0
    )
    shifted = net_log_rank_test(
        late.assign(entry_days=400), table.assign(mortality_rate=0.0), between=["group"]
    )
    whole = net_log_rank_test(late, table.assign(mortality_rate=0.0), between=["group"])
    pd.testing.assert_frame_equal(shifted, whole)


def test_what_cannot_be_compared_is_missing(children):
    cases, table = children
    for few in (cases.head(0), cases.head(1), cases[cases["group"] == "A"], cases.assign(event=0)):
        test = net_log_rank_test(few, table, between=["group"])
        assert test[["test_statistic", "p_value"]].isna().all(axis=None)
    with pytest.raises(InputError, match="between: name"):
        net_log_rank_test(cases, table, between=[])
