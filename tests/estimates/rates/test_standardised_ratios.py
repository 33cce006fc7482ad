import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import age_standardised_rate, standardised_rate_ratio

LIMITS = ["lower", "upper", "p_value"]


def test_ratios_agree_with_r(oracle):
    answer = oracle("answer_standardised_ratios").set_index("stratum")
    ratios = standardised_rate_ratio(oracle("small_strata"), "stratum", reference="many").set_index(
        "stratum"
    )
    theirs = answer.rename(columns={"ratio": "standardised_rate_ratio"})
    for column in ("standardised_rate_ratio", *LIMITS):
        np.testing.assert_allclose(ratios.loc[theirs.index, column], theirs[column], rtol=1e-11)


def test_the_rates_are_the_standardised_ones(oracle):
    table = oracle("small_strata")
    ratios = standardised_rate_ratio(table, "stratum", reference="many")
    np.testing.assert_allclose(
        ratios["rate"], age_standardised_rate(table, by=["stratum"])["rate"], rtol=1e-13
    )
    assert ratios["reference_rate"].nunique() == 1
    assert set(ratios["per"]) == {1_000_000}


def test_without_a_case_there_are_no_limits_and_the_reference_is_one(oracle):
    ratios = standardised_rate_ratio(oracle("small_strata"), "stratum", reference="many").set_index(
        "stratum"
    )
    assert ratios["standardised_rate_ratio"].loc[["many", "no case"]].tolist() == [1, 0]
    assert ratios.loc[["many", "no case"], LIMITS].isna().all(axis=None)
    no_case = standardised_rate_ratio(oracle("small_strata"), "stratum", reference="no case")
    assert no_case.loc[no_case["stratum"] != "no case", "standardised_rate_ratio"].isna().all()


def test_each_against_all_the_others_together(oracle):
    table = oracle("small_strata")
    ratios = standardised_rate_ratio(table, "stratum").set_index("stratum")
    rest = table.assign(stratum=np.where(table["stratum"] == "few", "few", "rest"))
    rest = rest.groupby(["stratum", "age_group"], as_index=False)[["cases", "person_years"]].sum()
    by_hand = (
        standardised_rate_ratio(rest, "stratum", reference="rest").set_index("stratum").loc["few"]
    )
    np.testing.assert_allclose(ratios.loc["few"].astype(float), by_hand.astype(float), rtol=1e-12)
    alone = standardised_rate_ratio(table[table["stratum"] == "few"], "stratum")
    assert alone["standardised_rate_ratio"].isna().tolist() == [True]


def test_comparisons_within_strata(oracle):
    table = oracle("rates")
    ratios = standardised_rate_ratio(
        table, "country", reference="A", by=["year"], standard="nordic-2000", ages=(0, 14)
    )
    assert ratios.columns.tolist()[:2] == ["year", "country"]
    assert (ratios.loc[ratios["country"] == "A", "standardised_rate_ratio"] == 1).all()
    year = table[table["year"] == 2003]
    alone = standardised_rate_ratio(
        year, "country", reference="A", standard="nordic-2000", ages=(0, 14)
    )
    pd.testing.assert_frame_equal(
        ratios[ratios["year"] == 2003].drop(columns="year").reset_index(drop=True),
        alone,
        check_exact=False,
    )


def test_periods_may_be_compared_as_a_categorical_or_as_numbers(oracle):
    table = oracle("rates")
    plain = standardised_rate_ratio(table, "year", reference=2000)
    given = table.astype({"year": "category", "cases": "Int64", "age_group": "string"}).sample(
        frac=1, random_state=2
    )
    pd.testing.assert_frame_equal(
        standardised_rate_ratio(given, "year", reference=2000).astype({"year": int}),
        plain,
        check_exact=False,
    )


def test_what_cannot_be_compared_is_refused(oracle):
    table = oracle("rates")
    with pytest.raises(InputError, match="reference of country(.|\n)*choose one of A, B, others"):
        standardised_rate_ratio(table, "country", reference="C")
    with pytest.raises(InputError, match="by: must not hold country"):
        standardised_rate_ratio(table, "country", reference="A", by=["country"])
    with pytest.raises(MissingStepError, match="region"):
        standardised_rate_ratio(table, "region")
    assert standardised_rate_ratio(table.iloc[:0], "country", reference="A").empty


def test_a_diagnosis_is_compared_with_another_and_not_with_the_rest(oracle):
    both = pd.concat(
        [oracle("rates").assign(iccc3_group=group) for group in ("I", "III")], ignore_index=True
    )
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        standardised_rate_ratio(both, "iccc3_group")
    assert standardised_rate_ratio(both, "iccc3_group", reference="I")[
        "standardised_rate_ratio"
    ].tolist() == [1, 1]


def test_the_interval_covers_a_true_ratio_at_its_level():
    rng = np.random.default_rng(4)
    person_years, true = np.array([2e5, 2e5, 2e5]), np.array([150, 100, 120]) / 1e6
    runs, ages = 2000, np.tile(["0-4", "5-9", "10-14"], 4000)
    table = pd.DataFrame(
        {
            "run": np.repeat(np.arange(runs), 6),
            "country": np.tile(np.repeat(["A", "B"], 3), runs),
            "age_group": ages,
            "person_years": np.tile(person_years, 2 * runs),
            "cases": rng.poisson(
                np.tile(np.concatenate([person_years * true, 1.5 * person_years * true]), runs)
            ),
        }
    )
    ratios = standardised_rate_ratio(table, "country", reference="A", by=["run"])
    of_b = ratios[ratios["country"] == "B"]
    assert ((of_b["lower"] <= 1.5) & (of_b["upper"] >= 1.5)).mean() == pytest.approx(
        0.95, abs=0.015
    )
