"""What callers may get wrong: a name for a list, an unknown level, an old order of arguments."""

import inspect

import pandas as pd
import pytest

from analysis import estimates
from analysis.errors import InputError, MissingStepError

COUNTS = pd.MultiIndex.from_product(
    [["NO", "SE"], range(2000, 2012), ["0-4", "5-9"]], names=["country", "year", "age_group"]
).to_frame(index=False)
COUNTS = COUNTS.assign(cases=5, person_years=1e5, expected=4.0, met=3, eligible=4, persons=1000)
YEARS = COUNTS.assign(age=0).drop(columns="age_group")
EVENTS = pd.DataFrame(
    {
        "sex": ["male", "female"],
        "time_days": [1, 2],
        "at_risk": 1,
        "events": 1,
        "censored": 0,
        "events_cancer": 1,
    }
)
CURVE = pd.DataFrame(
    {
        "country": ["NO", "SE"],
        "time_days": 1461,
        "at_risk": [50, 90],
        "events": 1,
        "survival": [0.8, 0.85],
        "standard_error": [0.04, 0.03],
        "lower": [0.7, 0.78],
        "upper": [0.87, 0.9],
    }
)
FOLLOWED = pd.DataFrame({"diagnosis_date": [], "follow_up_days": [], "event": []})
BY = {
    "age_contributions": (COUNTS,),
    "age_period_cohort": (YEARS,),
    "age_period_cohort_tests": (YEARS,),
    "age_standardised_rate": (COUNTS,),
    "annual_percent_change": (COUNTS,),
    "average_annual_percent_change": (COUNTS,),
    "cumulative_rate": (COUNTS, 5),
    "expected_cases": (COUNTS, COUNTS),
    "fitted_trend": (COUNTS,),
    "follow_up_completeness": (FOLLOWED, "2020-01-01"),
    "funnel_limits": (COUNTS, "year"),
    "heterogeneity_test": (COUNTS, "year"),
    "joinpoint": (COUNTS,),
    "net_drift": (YEARS,),
    "observed_against_expected": (COUNTS, 2011),
    "projected_survivors": (pd.DataFrame(), CURVE),
    "proportion": (COUNTS,),
    "rank_interval": (COUNTS, "year"),
    "revised_count_test": (COUNTS,),
    "sex_ratio": (COUNTS,),
    "smooth_trend": (COUNTS,),
    "standardised_incidence_ratio": (COUNTS,),
    "standardised_rate_ratio": (COUNTS, "year"),
}


@pytest.mark.parametrize("name", BY)
def test_a_single_name_for_by_is_refused_in_one_sentence(name):
    with pytest.raises(InputError, match=r'by: must be a list of columns; write by=\["country"\]'):
        getattr(estimates, name)(*BY[name], by="country")


@pytest.mark.parametrize("name", ["rate_ratio", "rate_difference"])
def test_a_comparison_of_two_rates_needs_its_reference_and_a_list(name):
    compare = getattr(estimates, name)
    with pytest.raises(TypeError, match="reference"):
        compare(COUNTS)
    with pytest.raises(InputError, match="by: must be a list of columns"):
        compare(COUNTS, reference="NO", by="year")
    with pytest.raises(
        InputError, match=r"reference of country(.|\n)*'FI' is not known(.|\n)*NO, SE"
    ):
        compare(COUNTS, reference="FI")
    with pytest.raises(InputError, match="by: must not hold country, which is compared"):
        compare(COUNTS, reference="NO", by=["country"])


@pytest.mark.parametrize("name", ["rank_interval", "funnel_limits", "heterogeneity_test"])
def test_what_is_compared_is_one_column_or_several_and_not_in_by(name):
    compare = getattr(estimates, name)
    one, listed = compare(COUNTS, between="country"), compare(COUNTS, between=["country"])
    pd.testing.assert_frame_equal(one, listed)
    with pytest.raises(InputError, match="by: must not hold country, which is compared"):
        compare(COUNTS, between="country", by=["country"])
    with pytest.raises(InputError, match="between: name the columns"):
        compare(COUNTS, between=[])
    with pytest.raises(MissingStepError, match="ward"):
        compare(COUNTS, between="ward")


@pytest.mark.parametrize("name", ["log_rank_test", "observed_and_expected"])
def test_strata_of_a_test_are_a_list_of_columns(name):
    with pytest.raises(
        InputError, match=r'strata: must be a list of columns; write strata=\["sex"\]'
    ):
        getattr(estimates, name)(EVENTS, strata="sex")
    with pytest.raises(InputError, match="strata: must be a list of columns"):
        estimates.gray_test(EVENTS, "cancer", strata="sex")


def test_times_are_years_and_not_days():
    for quantity in (estimates.survival_differences, estimates.survival_heterogeneity):
        with pytest.raises(InputError, match="not days"):
            quantity(CURVE, 1826)
    rates = pd.DataFrame({"age_at_diagnosis": [0], "cases": [1], "person_years": [1e5]})
    curve = CURVE.drop(columns="country").head(1)
    for years in (-1, 151, 9131):
        with pytest.raises(InputError, match="registered_years: must be years, from 0 to 150"):
            estimates.completeness_index(rates, curve, years)
    assert len(estimates.completeness_index(rates, curve, 150, [1])) == 1


def test_levels_that_are_none_are_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"reference of country(.|\n)*choose one of NO, SE"):
        estimates.survival_differences(CURVE, 4, reference="FI")
    with pytest.raises(InputError, match="choose one of world-1960"):
        estimates.age_standardised_rate(COUNTS, "world")
    with pytest.raises(
        InputError, match=r"country of an independent count(.|\n)*'XX' is not known"
    ):
        estimates.registry_completeness(COUNTS.head(1), {"XX": 3})
    with pytest.raises(InputError, match="year: 2030 is not in the table, which has 2000 to 2011"):
        estimates.observed_against_expected(COUNTS, 2030)
    with pytest.raises(InputError, match="base_years: none of them is in the table"):
        estimates.observed_against_expected(COUNTS, 2011, base_years=[1990])


def test_sexes_are_compared_and_no_stratum():
    with pytest.raises(InputError, match="by: must not hold sex, which is compared"):
        estimates.sex_ratio(COUNTS.assign(sex="male"), by=["sex"])


WITH_AN_INTERVAL = [*BY, "rate_ratio", "rate_difference", "incidence_rate", "prevalence"]


@pytest.mark.parametrize("name", WITH_AN_INTERVAL)
def test_the_interval_comes_before_its_confidence_and_both_by_name(name):
    parameters = inspect.signature(getattr(estimates, name)).parameters
    named = [
        parameter
        for parameter in parameters.values()
        if parameter.name in ("interval", "confidence", "per", "method", "model")
    ]
    by_name = [each.kind is each.KEYWORD_ONLY for each in named if each.name != "per"]
    assert all(by_name)
    order = [each.name for each in named if each.name in ("interval", "confidence")]
    assert order in ([], ["confidence"], ["interval", "confidence"])
