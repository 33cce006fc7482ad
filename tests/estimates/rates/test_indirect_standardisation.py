import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import expected_cases, incidence_rate, standardised_incidence_ratio

RATIO = "standardised_incidence_ratio"
COUNTS = pd.DataFrame(
    {
        "country": ["IS", "IS", "NO", "NO"],
        "age_group": ["0-4", "5-9"] * 2,
        "cases": [3, 1, 60, 41],
        "person_years": [20_000, 21_000, 300_000, 310_000],
    }
)
REFERENCE = pd.DataFrame(
    {"age_group": ["0-4", "5-9"], "cases": [200, 110], "person_years": [1e6, 1.1e6]}
)


def one(cases, expected):
    return pd.DataFrame({"cases": cases, "expected": expected, "row": range(len(cases))})


@pytest.mark.parametrize(("interval", "p"), [("exact", "p_exact"), ("mid-p", "p_mid")])
def test_ratios_and_p_values_agree_with_r(interval, p, oracle):
    answer = oracle("answer_incidence_ratios")
    ratios = standardised_incidence_ratio(
        one(answer["cases"], answer["expected"]), by=["row"], interval=interval
    )
    np.testing.assert_allclose(ratios[RATIO], answer["cases"] / answer["expected"], rtol=1e-14)
    np.testing.assert_allclose(ratios["p_value"], answer[p], rtol=1e-10, atol=1e-15)
    if interval == "exact":
        np.testing.assert_allclose(
            ratios[["lower", "upper"]], answer[["exact_lower", "exact_upper"]], rtol=1e-12
        )


def test_exact_p_values_hold_where_they_are_very_small():
    ratios = standardised_incidence_ratio(one([389], [205.5]))
    np.testing.assert_allclose(ratios["p_value"], 5.4320525518461555e-30, rtol=1e-10)


def test_ratios_agree_with_the_published_packages(golden):
    answer = golden("sir_exact_byar__small_table")
    for interval, low, high, p in (
        ("exact", "lo_exact", "hi_exact", "p_exact"),
        ("byar", "lo_byar", "hi_byar", "p_exact"),
        ("mid-p", None, None, "p_midp"),
    ):
        ratios = standardised_incidence_ratio(
            one(answer["observed"], answer["expected"]), by=["row"], interval=interval
        )
        np.testing.assert_allclose(ratios[RATIO], answer["sir"], rtol=1e-14)
        np.testing.assert_allclose(ratios["p_value"], answer[p], rtol=1e-10, atol=1e-15)
        if low:
            np.testing.assert_allclose(
                ratios["lower"], answer[low].where(answer["observed"] > 0, 0), rtol=1e-12
            )
            np.testing.assert_allclose(ratios["upper"], answer[high], rtol=1e-12)


def test_births_with_downs_syndrome_agree_with_r(oracle):
    births = oracle("down_syndrome").rename(
        columns={"mother_age": "age_group", "births": "person_years"}
    )
    everyone = births.drop(columns="birth_order")
    ratios = standardised_incidence_ratio(births, everyone, by=["birth_order"])
    answer = oracle("answer_down_syndrome_expected")
    for ours, theirs in {
        "expected": "expected",
        RATIO: "ratio",
        "lower": "lower",
        "upper": "upper",
        "p_value": "p_value",
    }.items():
        np.testing.assert_allclose(ratios[ours], answer[theirs], rtol=1e-10)


def test_expected_cases_in_each_stratum_and_summed():
    each = expected_cases(COUNTS, REFERENCE)
    assert each.columns.tolist() == ["country", "age_group", "cases", "expected"]
    assert each["expected"].tolist() == pytest.approx([4, 2.1, 60, 31])
    by_country = expected_cases(COUNTS, REFERENCE, by=["country"])
    assert by_country["country"].tolist() == ["IS", "NO"]
    assert by_country["expected"].tolist() == pytest.approx([6.1, 91])
    assert expected_cases(COUNTS, REFERENCE, by=[])["expected"].tolist() == pytest.approx([97.1])
    ratios = standardised_incidence_ratio(COUNTS, REFERENCE)
    assert ratios[RATIO].tolist() == pytest.approx([105 / 97.1])


def test_the_whole_as_its_own_reference_gives_one():
    ratios = standardised_incidence_ratio(COUNTS, COUNTS.drop(columns="country"))
    assert ratios[RATIO].tolist() == pytest.approx([1])


def test_rates_may_be_the_reference_in_the_unit_that_they_note():
    whole = expected_cases(COUNTS, REFERENCE)
    for per in (1_000_000, 100_000):
        rates = incidence_rate(REFERENCE, per=per)
        noted = rates[["age_group", "rate", "per"]]
        pd.testing.assert_frame_equal(expected_cases(COUNTS, noted), whole)
        silent = pd.DataFrame({"age_group": rates["age_group"], "rate": rates["rate"]})
        pd.testing.assert_frame_equal(expected_cases(COUNTS, silent, per=per), whole)
    with pytest.raises(InputError, match="one row for each stratum"):
        expected_cases(COUNTS, pd.concat([silent, silent]), per=100_000)
    said = silent.assign(per=100_000)
    pd.testing.assert_frame_equal(expected_cases(COUNTS, said), whole)
    ratios = standardised_incidence_ratio(COUNTS, silent, per=100_000)
    assert ratios["expected"].tolist() == pytest.approx([whole["expected"].sum()])


@pytest.mark.parametrize("quantity", [expected_cases, standardised_incidence_ratio])
def test_rates_of_which_nothing_says_what_they_are_per_are_refused(quantity):
    silent = pd.DataFrame({"age_group": ["0-4", "5-9"], "rate": [200.0, 100.0]})
    with pytest.raises(InputError, match="per: say how many person-years its rates are per"):
        quantity(COUNTS, silent)
    with pytest.raises(MissingStepError, match="person_years"):
        quantity(COUNTS, silent[["age_group"]])


LIFE_TABLE = pd.DataFrame(
    {
        "sex": ["male"] * 4 + ["female"] * 4,
        "year": [2000, 2000, 2010, 2010] * 2,
        "age": [0, 1] * 4,
        "mortality_rate": [0.004, 0.001, 0.003, 0.0008, 0.0035, 0.0009, 0.0025, 0.0007],
    }
)


def observed(years, sex="male", ages=("0", "1-14")):
    grid = pd.MultiIndex.from_product([years, ages], names=["year", "age_group"])
    return grid.to_frame(index=False).assign(sex=sex, cases=1, person_years=[1e3, 1e4] * len(years))


def test_a_life_table_is_a_reference_of_one_persons_yearly_hazards():
    expected = expected_cases(observed([1990, 2000, 2005, 2010, 2030]), LIFE_TABLE, by=["year"])
    # 1990 takes 2000, 2005 the last year given before it, 2030 the last of all.
    early, late = 1e3 * 0.004 + 1e4 * 0.001, 1e3 * 0.003 + 1e4 * 0.0008
    assert expected["expected"].tolist() == pytest.approx([early, early, early, late, late])
    ratio = standardised_incidence_ratio(observed([2000], "female"), LIFE_TABLE)
    assert ratio["expected"].tolist() == pytest.approx([1e3 * 0.0035 + 1e4 * 0.0009])
    assert ratio["cases"].tolist() == [2]


def test_a_life_table_of_one_year_needs_no_year_and_one_of_several_does():
    counts = observed([2000]).drop(columns="year")
    one_year = LIFE_TABLE[LIFE_TABLE["year"] == 2010]
    expected = expected_cases(counts, one_year)["expected"]
    assert expected.tolist() == pytest.approx([1e3 * 0.003, 1e4 * 0.0008])
    with pytest.raises(InputError, match="year: the life table has several"):
        expected_cases(counts, LIFE_TABLE)
    with pytest.raises(InputError, match="0-14 lies in no age group of the reference"):
        expected_cases(observed([2000], ages=("0-14", "15")), LIFE_TABLE)
    with pytest.raises(InputError, match="mortality_rate: must be a number from 0 to 10"):
        expected_cases(counts, one_year.assign(mortality_rate=11))


def test_a_life_table_of_two_countries_meets_each_of_them():
    both = pd.concat(
        [LIFE_TABLE.assign(country="NO"), LIFE_TABLE.assign(country="SE", mortality_rate=0.01)]
    )
    counts = pd.concat([observed([2000]).assign(country=country) for country in ("NO", "SE")])
    expected = expected_cases(counts, both, by=["country"])["expected"]
    assert expected.tolist() == pytest.approx([1e3 * 0.004 + 1e4 * 0.001, 1.1e4 * 0.01])


def test_a_single_name_instead_of_a_list_is_refused():
    for quantity in (expected_cases, standardised_incidence_ratio):
        with pytest.raises(
            InputError, match=r'by: must be a list of columns; write by=\["country"\]'
        ):
            quantity(COUNTS, REFERENCE, by="country")


def test_ages_are_met_whatever_they_are_called_and_however_wide():
    single = pd.DataFrame({"age": range(10), "cases": 1, "person_years": 10_000})
    assert expected_cases(single, REFERENCE, by=[])["expected"].tolist() == pytest.approx([15])
    with pytest.raises(InputError, match="age_group: 0-4 lies in no age group of the reference"):
        expected_cases(COUNTS, single)
    crude = REFERENCE[["cases", "person_years"]].sum().to_frame().T
    assert expected_cases(COUNTS, crude, by=[])["expected"].tolist() == pytest.approx(
        [651_000 * 310 / 2.1e6]
    )


def test_strata_meet_across_dtypes():
    ours = COUNTS.assign(year=pd.array([2020, 2020, 2021, 2021], dtype="Int64")).astype(
        {"age_group": "category"}
    )
    theirs = pd.concat(
        [REFERENCE.assign(year=year) for year in (2020.0, 2021.0)], ignore_index=True
    )
    found = expected_cases(ours.sample(frac=1, random_state=1), theirs, by=["country"])
    pd.testing.assert_frame_equal(found, expected_cases(COUNTS, REFERENCE, by=["country"]))


def test_a_diagnosis_that_both_have_is_summed_and_one_that_the_reference_lacks_is_refused():
    both = pd.concat(
        [COUNTS.assign(iccc3_group=group) for group in ("I", "III")], ignore_index=True
    )
    reference = pd.concat(
        [REFERENCE.assign(iccc3_group=group) for group in ("I", "III")], ignore_index=True
    )
    ratios = standardised_incidence_ratio(both, reference, by=["country"])
    assert ratios["expected"].sum() == pytest.approx(2 * 97.1)
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        standardised_incidence_ratio(both, REFERENCE, by=["country"])
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        expected_cases(COUNTS, reference)


def test_where_nothing_is_expected_or_known_nothing_is_estimated():
    ratios = standardised_incidence_ratio(one([0, 3, 2, 0], [0, 0, np.nan, 1.5]), by=["row"])
    assert ratios.loc[:2, [RATIO, "lower", "upper", "p_value"]].isna().all(axis=None)
    assert ratios.loc[3, [RATIO, "lower"]].tolist() == [0, 0]
    no_rate = REFERENCE.assign(person_years=[1e6, 0])
    assert expected_cases(COUNTS, no_rate)["expected"].notna().tolist() == [
        True,
        False,
        True,
        False,
    ]
    assert standardised_incidence_ratio(COUNTS, no_rate)[RATIO].isna().all()
    assert standardised_incidence_ratio(one([], []), by=["row"]).empty
    assert expected_cases(COUNTS, REFERENCE.iloc[:0])["expected"].isna().all()
    assert expected_cases(COUNTS.iloc[:0], REFERENCE).empty


def test_what_cannot_be_is_refused():
    with pytest.raises(MissingStepError, match="expected"):
        standardised_incidence_ratio(COUNTS)
    with pytest.raises(InputError) as refused:
        standardised_incidence_ratio(one([-1, 2], [3, -4]))
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="exact, mid-p, byar, log-normal"):
        standardised_incidence_ratio(one([1], [1]), interval="wald")
    with pytest.raises(MissingStepError, match="region"):
        expected_cases(COUNTS, REFERENCE, by=["region"])


def test_counts_with_a_fraction_have_a_p_value():
    ratios = standardised_incidence_ratio(one([0.5, 2.5], [1.2, 1.1]), by=["row"])
    assert ratios["p_value"].between(0, 1).all()
