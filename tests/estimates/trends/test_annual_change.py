import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import annual_percent_change

ESTIMATED = ["annual_percent_change", "lower", "upper", "p_value", "dispersion"]


def counts(cases, person_years=1e6, first_year=2000):
    return pd.DataFrame(
        {
            "year": range(first_year, first_year + len(cases)),
            "cases": cases,
            "person_years": person_years,
        }
    )


@pytest.mark.parametrize("adjusted", ["yes", "no"])
def test_annual_percent_change_agrees_with_glm(adjusted, oracle):
    answer = oracle("answer_trends")
    answer = answer[answer["adjusted"] == adjusted]
    rates = oracle("rates") if adjusted == "yes" else oracle("rates").drop(columns="age_group")
    trends = annual_percent_change(rates, ["country"])
    for column in ESTIMATED:
        np.testing.assert_allclose(trends[column], answer[column], rtol=1e-9, err_msg=column)
    assert (answer["dispersion"] > 1).tolist() == [True, False]
    assert (trends["first_year"].tolist(), trends["last_year"].tolist()) == (
        [2000, 2000],
        [2011, 2011],
    )


@pytest.mark.parametrize("column", ["age", "age_at_diagnosis", "age_group"])
def test_single_years_of_age_have_each_their_level(column, oracle):
    rows, answer = oracle("lexis"), oracle("answer_trend_single_ages")
    rows = rows[rows["country"] == "few"].astype({"age_group": float, "period": int})
    trend = annual_percent_change(rows.rename(columns={"age_group": column, "period": "year"}))
    # R's standard error is of the step before its last; the p value feels it most.
    np.testing.assert_allclose(trend[ESTIMATED], answer[ESTIMATED], rtol=1e-8)


def test_a_line_is_found_exactly():
    trend = annual_percent_change(counts([1000, 1100, 1210, 1331]))
    assert trend["annual_percent_change"].tolist() == pytest.approx([10])
    assert trend["cases"].tolist() == [4641]


def test_an_age_group_without_a_case_changes_nothing():
    some = counts([40, 50, 45, 60]).assign(age_group="0-4")
    none = counts([0, 0, 0, 0]).assign(age_group="5-9")
    ours = annual_percent_change(pd.concat([some, none]))
    pd.testing.assert_frame_equal(ours, annual_percent_change(some))


@pytest.mark.parametrize(
    "table",
    [
        counts([]),
        counts([3]),
        counts([3, 4]),
        counts([0, 0, 0, 0]),
        counts([5, 0, 0, 0]),
        counts([0, 0, 0, 5]),
        counts([1, 2, 3], person_years=0),
        counts([1, 2, 3], person_years=np.nan),
    ],
    ids=[
        "nothing",
        "a year",
        "two years",
        "no case",
        "first year",
        "last year",
        "nobody",
        "missing",
    ],
)
def test_what_has_no_slope_is_missing(table):
    trend = annual_percent_change(table)
    assert len(trend) == 1
    assert trend[ESTIMATED].isna().all(axis=None)


def test_person_years_beside_each_diagnosis_are_not_added_up():
    table = pd.concat([counts([10, 12, 15]).assign(site=site) for site in ("brain", "kidney")])
    with pytest.raises(InputError, match="site: person_years stand beside each level"):
        annual_percent_change(table)
    assert len(annual_percent_change(table, ["site"])) == 2


@pytest.mark.parametrize("column", ["year", "cases"])
def test_a_missing_year_or_count_is_refused(column):
    table = counts([10, 12, 15]).astype({"year": "Int64", "cases": "Int64"})
    table.loc[1, column] = pd.NA
    with pytest.raises(InputError, match=r"must be filled in 1 row \(2\)"):
        annual_percent_change(table)


def test_a_broken_year_is_refused():
    with pytest.raises(InputError, match=r"year: must be a whole year in 1 row \(3\)"):
        annual_percent_change(counts([10, 12, 15]).assign(year=[2000, 2001, 2001.5]))


def test_two_cases_are_enough_for_a_wide_interval():
    trend = annual_percent_change(counts([1, 0, 0, 1])).iloc[0]
    assert trend["annual_percent_change"] == pytest.approx(0, abs=1e-9)
    assert trend["lower"] < 0 < trend["upper"]


def test_nullable_columns_and_strata_are_read():
    table = pd.concat([counts([10, 12, 15]).assign(sex=sex) for sex in ("male", "female")])
    table = table.astype({"year": "Int64", "cases": "Int64"})
    trends = annual_percent_change(table, ["sex"])
    assert trends["sex"].tolist() == ["male", "female"]
    assert trends["annual_percent_change"].notna().all()
