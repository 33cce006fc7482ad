import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import sex_ratio


def by_sex(answer):
    boys, girls = (
        answer[[f"{sex}s", f"{sex}_years"]]
        .set_axis(["cases", "person_years"], axis=1)
        .assign(sex=word)
        for sex, word in (("boy", "male"), ("girl", "female"))
    )
    return pd.concat([girls, boys]).rename_axis("stratum").reset_index()


def test_ratios_agree_with_r(oracle):
    answer = oracle("answer_sex_ratios")
    ratios = sex_ratio(by_sex(answer), by=["stratum"])
    finite = answer.replace(np.inf, np.nan)
    for ours, theirs in {"sex_ratio": "ratio", "lower": "lower", "upper": "upper"}.items():
        np.testing.assert_allclose(ratios[ours], finite[theirs], rtol=1e-11)
    assert ratios.columns.tolist() == [
        *("stratum", "male_cases", "female_cases", "male_person_years", "female_person_years"),
        *("sex_ratio", "lower", "upper"),
    ]


def test_none_in_one_sex_or_in_both():
    table = pd.DataFrame(
        {
            "site": ["a", "a", "b", "b", "c", "c"],
            "sex": ["male", "female"] * 3,
            "cases": [0, 4, 4, 0, 0, 0],
            "person_years": [1e5] * 6,
        }
    )
    ratios = sex_ratio(table, by=["site"]).set_index("site")
    assert ratios.loc["a", ["sex_ratio", "lower"]].tolist() == [0, 0]
    assert ratios.loc["a", "upper"] > 1
    assert ratios.loc["b", ["sex_ratio", "upper"]].isna().all()
    assert ratios.loc["b", "lower"] == pytest.approx(1 / ratios.loc["a", "upper"])
    assert ratios.loc["c", ["sex_ratio", "lower", "upper"]].isna().all()


def test_without_person_years_or_without_a_sex_nothing_is_estimated():
    table = pd.DataFrame({"sex": ["male", "female"], "cases": [3, 2], "person_years": [1e5, 0]})
    for given in (table, table.iloc[:1], table.iloc[:0]):
        ratios = sex_ratio(given)
        assert len(ratios) == 1
        assert ratios[["sex_ratio", "lower", "upper"]].isna().all(axis=None)


def test_rows_are_added_up_and_other_sexes_left_aside():
    table = pd.DataFrame(
        {
            "sex": pd.Categorical(["male", "male", "female", "unknown", None]),
            "year": [2020, 2021, 2020, 2020, 2020],
            "cases": pd.array([3, 4, 5, 90, 90], dtype="Int64"),
            "person_years": [1e5, 1e5, 2e5, 0, 0],
        }
    )
    ratios = sex_ratio(table)
    assert ratios[["male_cases", "female_cases"]].iloc[0].tolist() == [7, 5]
    assert ratios["sex_ratio"].tolist() == pytest.approx([7 / 5])


def test_what_cannot_be_is_refused():
    table = pd.DataFrame(
        {
            "sex": ["male", "female"] * 2,
            "iccc3_group": ["I", "I", "II", "II"],
            "cases": 1,
            "person_years": 10,
        }
    )
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        sex_ratio(table)
    assert len(sex_ratio(table, by=["iccc3_group"])) == 2
    with pytest.raises(MissingStepError, match="sex"):
        sex_ratio(table.drop(columns="sex"))
    with pytest.raises(InputError, match="confidence"):
        sex_ratio(table, by=["iccc3_group"], confidence=95)
