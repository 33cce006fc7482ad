import numpy as np
import pytest

from analysis.estimates import (
    expected_survival,
    note_year_length,
)


@pytest.fixture
def colrec(golden):
    cases = golden("data/derived_colrec_agegr")
    renamed = cases.rename(
        columns={
            "age": "age_at_diagnosis_days",
            "diag": "diagnosis_date",
            "time_days": "follow_up_days",
        }
    )
    table = golden("data/relsurv_slopop_ratetable_long")
    table = table.assign(mortality_rate=table["haz_day"] * 365.241)[
        ["sex", "year", "age", "mortality_rate"]
    ]
    return renamed.assign(
        event=cases["stat"], sex=cases["sex"].map({1: "male", 2: "female"}), code=cases["sex"]
    ), table


def test_each_childs_expected_survival_agrees_with_survexp(golden, colrec):
    cases, table = colrec
    answers = golden("individual_expected_survival_survexp__colrec_first200")
    for days, answer in answers.groupby("t_days"):
        expected = expected_survival(cases.head(200), note_year_length(table), days).to_numpy()
        np.testing.assert_allclose(expected[answer["row"] - 1], answer["expected_surv"], atol=1e-6)


def test_each_invented_childs_expected_survival_agrees_with_survexp(oracle):
    cases, table = oracle("net_children"), note_year_length(oracle("net_life_table"))
    for days, answer in oracle("answer_net_expected").groupby("time_days"):
        expected = expected_survival(cases, table, days).to_numpy()
        np.testing.assert_allclose(expected, answer["expected_survival"], atol=1e-14)
