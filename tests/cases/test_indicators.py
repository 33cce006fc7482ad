"""Data quality: the same tumours stand above and below the line."""

import pandas as pd

from analysis.cases import filled_columns, quality_indicators

TUMOURS = pd.DataFrame(
    {
        "country": ["NO", "NO", "SE", "SE"],
        "basis_of_diagnosis": pd.array([7, 0, 9, None], dtype="Int64"),
        "iccc3_subgroup": ["I(a)", "XII(b)", "III(f)", None],
    }
)


def test_each_indicator_holds_every_tumour():
    long = quality_indicators(TUMOURS)
    assert long.groupby("indicator")["eligible"].sum().eq(4).all()
    met = long.groupby("indicator")["met"].sum()
    assert met.to_dict() == {
        "death_certificate_only": 1,
        "microscopically_verified": 1,
        "unknown_basis": 2,
        "unspecified_tumour": 1,
    }


def test_indicators_follow_the_columns_that_are_there():
    assert set(quality_indicators(TUMOURS.drop(columns="basis_of_diagnosis"))["indicator"]) == {
        "unspecified_tumour"
    }
    none = quality_indicators(TUMOURS[["country"]])
    assert none.empty
    assert {"indicator", "eligible", "met"} <= set(none.columns)


def test_unknown_is_not_filled():
    filled = filled_columns(
        pd.DataFrame(
            {"sex": ["male", "unknown", None], "year": pd.array([1, None, 3], dtype="Int64")}
        )
    )
    assert filled.groupby("column")["met"].sum().to_dict() == {"sex": 1, "year": 2}


def test_stage_counts_among_the_cancers_that_have_one():
    staged = pd.DataFrame(
        {
            "toronto_cancer": ["Wilms tumour", "Wilms tumour", None],
            "toronto_stage": ["II", None, None],
        }
    )
    missing = quality_indicators(staged)
    assert (missing["eligible"].sum(), missing["met"].sum()) == (2, 1)


def test_timeliness_counts_known_dates_only():
    dates = pd.DataFrame(
        {
            "diagnosis_date": pd.to_datetime(["2020-01-01"] * 3),
            "registration_date": pd.to_datetime(["2020-12-31", "2021-01-01", None]),
        }
    )
    timely = quality_indicators(dates)
    assert (timely["eligible"].sum(), timely["met"].sum()) == (2, 1)
