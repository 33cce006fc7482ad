import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import age_standardised_rate, cumulative_rate

COLUMNS = [
    *(
        "cases",
        "person_years",
        "cumulative_rate",
        "lower",
        "upper",
        "cumulative_risk",
        "risk_lower",
        "risk_upper",
    )
]


def counts(ages, cases, person_years, column="age_group"):
    return pd.DataFrame({column: ages, "cases": cases, "person_years": person_years})


@pytest.mark.parametrize("interval", ["log-normal", "fay-feuer"])
@pytest.mark.parametrize("to_age", [15, 20])
def test_cumulative_rates_agree_with_r(interval, to_age, oracle):
    answer = oracle("answer_cumulative_rates").set_index(["stratum", "to_age"])
    rates = cumulative_rate(
        oracle("small_strata"), to_age, by=["stratum"], interval=interval
    ).set_index("stratum")
    name = interval.replace("-", "_")
    for stratum in ("many", "few"):
        ours, theirs = rates.loc[stratum], answer.loc[(stratum, to_age)]
        np.testing.assert_allclose(ours["cumulative_rate"], theirs["cumulative_rate"], rtol=1e-12)
        np.testing.assert_allclose(
            ours[["lower", "upper"]], theirs[[f"{name}_lower", f"{name}_upper"]], rtol=1e-11
        )


def test_epi_gives_the_same_by_a_poisson_model(oracle):
    answer = oracle("answer_cumulative_rates")
    np.testing.assert_allclose(answer["epi_rate"], answer["cumulative_rate"], rtol=1e-11)
    np.testing.assert_allclose(
        answer[["epi_lower", "epi_upper"]],
        answer[["log_normal_lower", "log_normal_upper"]],
        rtol=1e-10,
    )


def test_single_years_and_groups_are_weighed_by_their_width():
    single = counts(range(18), [3] * 18, [1e5] * 18, column="age")
    groups = counts(
        ["0", "1-4", "5-9", "10-14", "15-17"], [3, 12, 15, 15, 9], [1e5, 4e5, 5e5, 5e5, 3e5]
    )
    for to_age in (15, 18):
        found = cumulative_rate(single, to_age), cumulative_rate(groups, to_age)
        assert [table["cumulative_rate"].iloc[0] for table in found] == pytest.approx(
            [to_age * 3e-5] * 2
        )
        assert found[1]["cumulative_risk"].iloc[0] == pytest.approx(1 - np.exp(-to_age * 3e-5))


def test_a_cumulative_rate_is_a_standardised_rate_in_which_every_year_weighs_one(oracle):
    table = oracle("small_strata")
    cumulative = cumulative_rate(table, 20, by=["stratum"])
    rates = age_standardised_rate(table, dict.fromkeys(range(20), 1), by=["stratum"], per=20)
    for ours, theirs in {"cumulative_rate": "rate", "lower": "lower", "upper": "upper"}.items():
        np.testing.assert_allclose(cumulative[ours], rates[theirs], rtol=1e-12)


def test_the_limits_of_the_risk_are_those_of_the_rate_transformed(oracle):
    found = cumulative_rate(oracle("small_strata"), 20, by=["stratum"])
    assert found.columns.tolist() == ["stratum", *COLUMNS]
    for rate, risk in {
        "cumulative_rate": "cumulative_risk",
        "lower": "risk_lower",
        "upper": "risk_upper",
    }.items():
        np.testing.assert_allclose(1 - found[risk], np.exp(-found[rate]), rtol=1e-14)
    none = found.set_index("stratum").loc["no case"]
    assert none[["cumulative_rate", "lower", "cumulative_risk", "risk_lower"]].tolist() == [0] * 4
    assert 0 < none["risk_upper"] < none["upper"]


def test_another_span_of_ages():
    single = counts(range(18), range(18), [1e5] * 18, column="age_at_diagnosis")
    assert cumulative_rate(single, ages=(5, 9))["cases"].tolist() == [5 + 6 + 7 + 8 + 9]


def test_ages_that_do_not_end_at_the_birthday_are_refused():
    five = counts(["0-4", "5-9", "10-14", "15-19"], [1] * 4, [1e5] * 4)
    assert cumulative_rate(five)["cases"].tolist() == [3]
    with pytest.raises(InputError, match="15-19 straddles an end of the ages 0-17"):
        cumulative_rate(five, to_age=18)
    with pytest.raises(InputError, match="the table has no 20-24 years"):
        cumulative_rate(five, to_age=25)
    with pytest.raises(InputError, match="to_age: must be a birthday"):
        cumulative_rate(five, to_age=0)
    with pytest.raises(InputError, match="fay-feuer"):
        cumulative_rate(five, interval="exact")
    with pytest.raises(MissingStepError, match="age_group"):
        cumulative_rate(five.drop(columns="age_group"))


def test_a_stratum_without_an_age_or_its_person_years_is_missing():
    table = pd.concat(
        [
            counts(["0-4", "5-9"], [4, 5], [1e5, 1e5]).assign(country="NO"),
            counts(["0-4", "5-9"], [4, 0], [1e5, 0]).assign(country="IS"),
            counts(["0-4"], [4], [1e5]).assign(country="EE"),
        ]
    )
    found = cumulative_rate(table, 10, by=["country"]).set_index("country")
    assert found["cumulative_risk"].notna().to_dict() == {"IS": False, "NO": True, "EE": False}
    assert (
        found.loc[["IS", "EE"], ["lower", "upper", "risk_lower", "risk_upper"]]
        .isna()
        .all(axis=None)
    )
    assert cumulative_rate(counts([], [], []))["cumulative_rate"].isna().tolist() == [True]
