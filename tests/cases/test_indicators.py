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
        "unspecified_tumour": 2,
    }


def test_indicators_follow_the_columns_that_are_there():
    assert set(quality_indicators(TUMOURS.drop(columns="basis_of_diagnosis"))["indicator"]) == {"unspecified_tumour"}
    none = quality_indicators(TUMOURS[["country"]])
    assert none.empty
    assert {"indicator", "eligible", "met"} <= set(none.columns)


def test_unknown_is_not_filled():
    filled = filled_columns(
        pd.DataFrame({"sex": ["male", "unknown", None], "year": pd.array([1, None, 3], dtype="Int64")})
    )
    assert filled.groupby("column")["met"].sum().to_dict() == {"sex": 1, "year": 2}
