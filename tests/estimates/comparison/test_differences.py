import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import kaplan_meier, survival_differences, survival_heterogeneity

YEARS = 2


def curve_of(cases, by=("country",)):
    return kaplan_meier(event_table(cases, list(by)))


@pytest.mark.parametrize("reference", ["SE", ""])
def test_differences_agree_with_their_formula_in_r(reference, oracle, compared, agree):
    answer = oracle("answer_survival_differences").fillna({"reference": ""})
    answer = answer[answer["reference"] == reference]
    result = survival_differences(curve_of(compared), YEARS, reference=reference or None)
    assert result["country"].tolist() == answer["country"].tolist()
    agree(result, answer, ["at_risk", "survival", "difference", "lower", "upper"])


@pytest.mark.parametrize("scale", ["plain", "log-log"])
def test_heterogeneity_agrees_with_its_formula_in_r(scale, oracle, compared, agree):
    answer = oracle("answer_survival_heterogeneity")
    answer = answer[answer["scale"] == scale]
    result = survival_heterogeneity(curve_of(compared), YEARS, scale=scale)
    assert result.loc[0, ["years", "groups"]].tolist() == [YEARS, 4]
    columns = [
        "test_statistic",
        "degrees_of_freedom",
        "p_value",
        "i_squared",
        "lower",
        "upper",
        "tau_squared",
    ]
    agree(result, answer, columns, 1e-11)


def test_alike_countries_are_not_heterogeneous(compared):
    alike = pd.concat([compared.assign(country=country) for country in ("DK", "NO", "SE")])
    result = survival_heterogeneity(curve_of(alike), YEARS).iloc[0]
    assert result[["test_statistic", "i_squared", "tau_squared"]].tolist() == pytest.approx(
        [0, 0, 0], abs=1e-20
    )
    assert result["p_value"] == 1


def test_few_at_risk_are_not_estimated(compared):
    result = survival_differences(
        curve_of(compared), YEARS, reference="SE", fewest_at_risk=12
    ).set_index("country")
    assert (
        result.loc[["FI", "NO"], ["survival", "difference", "lower", "upper"]].isna().all(axis=None)
    )
    assert result.loc["DK", "difference"] < 0
    assert survival_heterogeneity(curve_of(compared), YEARS, fewest_at_risk=12)[
        "groups"
    ].tolist() == [2]


def test_each_stratum_of_other_columns_is_compared_in_itself(compared):
    curve = curve_of(compared, ["sex", "country"])
    result = survival_differences(curve, YEARS, reference="SE", fewest_at_risk=1)
    assert result.columns.tolist()[:3] == ["sex", "country", "years"]
    girls = compared[compared["sex"] == "female"]
    alone = survival_differences(curve_of(girls), YEARS, reference="SE", fewest_at_risk=1)
    pd.testing.assert_frame_equal(
        result[result["sex"] == "female"].drop(columns="sex").reset_index(drop=True),
        alone,
        check_dtype=False,
    )
    assert survival_heterogeneity(curve, YEARS, fewest_at_risk=1)["sex"].tolist() == [
        "male",
        "female",
    ]


def cases_of(days, events, countries):
    return pd.DataFrame({"follow_up_days": days, "event": events, "country": countries})


@pytest.mark.parametrize("reference", [None, "NO"])
@pytest.mark.parametrize(
    "cases",
    [
        cases_of([], [], []),
        cases_of([900.0], [0], ["NO"]),
        cases_of([900, 900], [0, 0], ["NO", "SE"]),
        cases_of([0.5, 0.5, 900], [1, 1, 0], ["NO", "NO", "SE"]),
        cases_of([900, 400, 900, 900], [0, 1, 0, 0], ["NO", "SE", "SE", "SE"]),
    ],
    ids=[
        "nobody",
        "one child",
        "nobody died",
        "everyone dead on day one",
        "one country without deaths",
    ],
)
def test_without_a_variance_there_is_no_interval_and_no_test(cases, reference):
    result = survival_differences(curve_of(cases), YEARS, reference=reference, fewest_at_risk=1)
    assert result[["lower", "upper"]].isna().all(axis=None)
    tested = survival_heterogeneity(curve_of(cases), YEARS, fewest_at_risk=1)
    assert tested[["test_statistic", "p_value", "i_squared", "tau_squared"]].isna().all(axis=None)


def test_what_is_not_known_is_refused(compared):
    with pytest.raises(InputError, match="reference"):
        survival_differences(curve_of(compared), YEARS, reference="DE")
    with pytest.raises(InputError, match="scale"):
        survival_heterogeneity(curve_of(compared), YEARS, scale="logit")
    with pytest.raises(MissingStepError, match="region"):
        survival_differences(curve_of(compared), YEARS, between="region")
