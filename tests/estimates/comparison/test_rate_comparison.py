import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import rate_difference, rate_ratio

EMPTY = pd.DataFrame(columns=["sex", "country", "age_group", "cases", "person_years"])
ESTIMATED = ["rate_ratio", "lower", "upper", "p_value"]


def counts(cases, person_years, **columns):
    return pd.DataFrame(
        {"country": ["SE", "NO"], "cases": cases, "person_years": person_years, **columns}
    )


def pairs(answer):
    """Each pair of R's as a stratum of its own."""
    level = pd.DataFrame({"pair": answer.index, "country": "SE"})
    return pd.concat(
        [
            level.assign(cases=answer["cases"], person_years=answer["person_years"]),
            level.assign(
                country="NO",
                cases=answer["reference_cases"],
                person_years=answer["reference_person_years"],
            ),
        ]
    )


@pytest.mark.parametrize(
    ("method", "peer"), [("exact", "exact"), ("mid-p", "mid_p"), ("log-normal", "wald")]
)
def test_ratios_and_intervals_agree_with_r(method, peer, oracle, agree):
    answer = oracle("answer_rate_pairs")
    ours = rate_ratio(pairs(answer), by=["pair"], method=method, reference="NO")
    theirs = answer.rename(
        columns={f"{peer}_lower": "lower", f"{peer}_upper": "upper", f"{peer}_p": "p_value"}
    )
    if method == "log-normal":
        theirs["lower"] = theirs["lower"].where(theirs["cases"] > 0, 0)
        agree(ours, theirs, ["rate_ratio", "lower", "upper"], tolerance=0, relative=1e-12)
    else:
        agree(ours, theirs, ESTIMATED, tolerance=1e-15, relative=1e-10)


def test_differences_agree_with_a_search_in_r(oracle, agree):
    answer = oracle("answer_rate_pairs")
    ours = rate_difference(pairs(answer), by=["pair"], per=1, reference="NO")
    theirs = answer.rename(
        columns={
            "difference": "rate_difference",
            "difference_lower": "lower",
            "difference_upper": "upper",
        }
    )
    agree(ours, theirs, ["rate_difference", "lower", "upper"], tolerance=1e-12)


def test_the_ratio_adjusted_for_age_agrees_with_epi(oracle, agree):
    answer = oracle("answer_mantel_haenszel").set_index("country")
    ours = rate_ratio(oracle("comparisons"), method="mantel-haenszel", reference="NO")
    agree(ours, answer.loc[ours["country"]].reset_index(), ESTIMATED, tolerance=0, relative=1e-11)


def test_columns_rows_and_types():
    table = counts([3, 4], [100.0, 200.0], sex="male")
    answer = rate_ratio(table.iloc[::-1].set_index(pd.Index([7, 7])), by=["sex"], reference="NO")
    first = ["sex", "country", "cases", "person_years", "reference_cases", "reference_person_years"]
    assert answer.columns.tolist() == [*first, *ESTIMATED]
    assert answer[first].values.tolist() == [["male", "SE", 3, 100.0, 4, 200.0]]
    assert answer.index.tolist() == [0]
    assert answer["cases"].dtype == answer["reference_cases"].dtype == np.int64
    assert rate_difference(table, by=["sex"], reference="NO").columns.tolist() == [
        *first,
        "rate_difference",
        "lower",
        "upper",
        "per",
    ]


def test_each_against_all_the_rest():
    table = pd.DataFrame(
        {
            "region": ["Vest", "Nord", "Midt-Norge"],
            "cases": [5, 3, 9],
            "person_years": [10.0, 20, 40],
        }
    )
    answer = rate_ratio(table, "region", reference="others").set_index("region")
    assert answer.loc["Vest", ["reference_cases", "reference_person_years"]].tolist() == [12, 60.0]
    assert answer.loc["Vest", "rate_ratio"] == pytest.approx((5 / 10) / (12 / 60))
    assert len(answer) == 3


@pytest.mark.parametrize("method", ["exact", "mid-p", "log-normal", "mantel-haenszel"])
def test_no_case_on_one_side_or_both(method):
    none, reference, neither = (
        rate_ratio(counts(cases, [1000, 1000], age_group="0"), method=method, reference="NO").iloc[
            0
        ]
        for cases in ([0, 5], [5, 0], [0, 0])
    )
    assert (none["rate_ratio"], none["lower"]) == (0, 0)
    assert np.isnan(none["upper"]) == (method in ("log-normal", "mantel-haenszel"))
    assert reference[["rate_ratio", "upper"]].isna().all()
    assert neither[ESTIMATED].isna().all()


def test_no_case_in_the_reference_leaves_a_lower_limit():
    row = rate_ratio(counts([5, 0], [1000, 1000]), reference="NO").iloc[0]
    assert row["lower"] == pytest.approx(0.025 ** (1 / 5) / (1 - 0.025 ** (1 / 5)))
    assert row["p_value"] == pytest.approx(2 / 2**5)


@pytest.mark.parametrize("person_years", [[0, 100], [100, 0], [0, 0]])
@pytest.mark.parametrize("method", ["exact", "mid-p", "log-normal", "mantel-haenszel"])
def test_without_person_years_nothing_is_estimated(person_years, method):
    assert (
        rate_ratio(counts([2, 3], person_years, age_group="0"), method=method, reference="NO")[
            ESTIMATED
        ]
        .isna()
        .all(axis=None)
    )
    assert (
        rate_difference(counts([2, 3], person_years), reference="NO")[
            ["rate_difference", "lower", "upper"]
        ]
        .isna()
        .all(axis=None)
    )


def test_no_case_at_all_still_bounds_the_difference():
    row = rate_difference(counts([0, 0], [1000, 500]), per=1, reference="NO").iloc[0]
    z = 1.959963984540054
    assert row["rate_difference"] == 0
    np.testing.assert_allclose(
        [row["lower"], row["upper"]], [-(z**2) / 500, z**2 / 1000], rtol=1e-12
    )


def test_an_age_without_person_years_on_one_side_drops_out():
    one = pd.DataFrame(
        {"country": ["SE", "NO"], "age_group": "0", "cases": [5, 4], "person_years": [10.0, 20.0]}
    )
    more = pd.DataFrame(
        {"country": ["SE", "NO"], "age_group": "1-4", "cases": [7, 0], "person_years": [10.0, 0.0]}
    )
    ours, alone = (
        rate_ratio(table, method="mantel-haenszel", reference="NO")
        for table in (pd.concat([one, more]), one)
    )
    pd.testing.assert_frame_equal(ours[ESTIMATED], alone[ESTIMATED])


def test_the_p_value_agrees_with_its_interval():
    random = np.random.default_rng(1)
    cases = random.integers(0, 25, (2, 300))
    table = pd.DataFrame({"row": np.tile(range(300), 2), "country": np.repeat(["SE", "NO"], 300)})
    table = table.assign(cases=cases.ravel(), person_years=np.repeat([1000.0, 1400.0], 300))
    for method in ("exact", "mid-p"):
        answer = rate_ratio(table, by=["row"], method=method, reference="NO").dropna()
        outside = (answer["lower"] > 1) | (answer["upper"] < 1)
        assert (outside == (answer["p_value"] < 0.05)).all()
        assert outside.any()


@pytest.mark.parametrize(("mean", "reference"), [(4, 9), (1.5, 40)])
def test_intervals_cover_what_they_say(mean, reference):
    random = np.random.default_rng(2)
    draws = 2000
    table = pd.DataFrame(
        {"row": np.tile(range(draws), 2), "country": np.repeat(["SE", "NO"], draws)}
    )
    cases = np.concatenate([random.poisson(mean, draws), random.poisson(reference, draws)])
    table = table.assign(cases=cases, person_years=np.repeat([1.0, 3.0], draws))
    truth, difference = mean / (reference / 3), mean - reference / 3

    def coverage(answer, value):
        return (
            (answer["lower"].fillna(0) <= value) & (answer["upper"].fillna(np.inf) >= value)
        ).mean()

    assert coverage(rate_ratio(table, by=["row"], reference="NO"), truth) >= 0.95
    assert (
        0.935
        < coverage(rate_ratio(table, by=["row"], method="mid-p", reference="NO"), truth)
        < 0.985
    )
    assert (
        0.93
        < coverage(rate_difference(table, by=["row"], per=1, reference="NO"), difference)
        < 0.975
    )


def test_levels_may_be_of_any_type():
    table = counts([3, 4], [100, 200]).astype({"country": "category"})
    table["cases"], table["person_years"] = (
        table["cases"].astype("Int64"),
        table["person_years"].astype("Float64"),
    )
    assert rate_ratio(table, reference="NO")["rate_ratio"].tolist() == [pytest.approx(1.5)]
    years = pd.DataFrame({"year": [2001, 2002, None], "cases": [3, 4, 5], "person_years": 100.0})
    assert rate_ratio(years, "year", reference=2001)["rate_ratio"].round(3).tolist() == [
        1.333,
        1.667,
    ]


def test_an_empty_table_stays_empty():
    for method in ("exact", "mantel-haenszel"):
        answer = rate_ratio(EMPTY, by=["sex"], method=method, reference="NO")
        assert answer.empty
        assert answer.columns[:2].tolist() == ["sex", "country"]
    assert rate_difference(EMPTY, reference="NO").empty


def test_what_cannot_be_compared_is_refused():
    table = counts([3, 4], [100, 200])
    with pytest.raises(InputError, match="'XX' is not known; choose one of NO, SE, others"):
        rate_ratio(table, reference="XX")
    with pytest.raises(InputError, match="method of a rate ratio"):
        rate_ratio(table, method="wald", reference="NO")
    with pytest.raises(InputError, match=r"cases: must be filled in 1 row \(1\)"):
        rate_ratio(counts([np.nan, 4], [100, 200]), reference="NO")
    with pytest.raises(InputError, match="must be whole numbers"):
        rate_difference(counts([1.5, 4], [100, 200]), reference="NO")
    with pytest.raises(MissingStepError, match="age_group"):
        rate_ratio(table, method="mantel-haenszel", reference="NO")
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        rate_ratio(
            pd.concat([table.assign(iccc3_group="I"), table.assign(iccc3_group="II")]),
            reference="NO",
        )
