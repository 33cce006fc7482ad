import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import age_standardised_rate, incidence_rate, standard_weights

LIMITS = {
    "fay-feuer": ("gamma_lower", "fay_feuer_upper"),
    "tiwari": ("gamma_lower", "tiwari_upper"),
    "dobson": ("dobson_lower", "dobson_upper"),
    "normal": ("normal_lower", "normal_upper"),
}


def counts(ages, cases, person_years, column="age_group"):
    return pd.DataFrame({column: ages, "cases": cases, "person_years": person_years})


@pytest.mark.parametrize("interval", LIMITS)
@pytest.mark.parametrize("standard", ["world-1960", "european-2013"])
def test_standardised_rates_agree_with_r(standard, interval, oracle):
    answer = oracle("answer_standardised").set_index("standard").loc[standard]
    rates = age_standardised_rate(oracle("rates"), standard, ["country"], interval, per=1)
    lower, upper = LIMITS[interval]
    for ours, theirs in {"rate": "rate", "lower": lower, "upper": upper}.items():
        np.testing.assert_allclose(rates[ours], answer[theirs], rtol=1e-10, err_msg=ours)


def test_the_childhood_weights_of_the_world_population_are_twelve_ten_nine():
    # A rate of 100, 200 and 300 per million: (12·100 + 10·200 + 9·300) / 31.
    rates = age_standardised_rate(counts(["0-4", "5-9", "10-14"], [100, 200, 300], [1e6] * 3))
    assert rates["rate"].tolist() == pytest.approx([5900 / 31])


@pytest.mark.parametrize(
    ("standard", "first_four", "total"),
    [
        ("world-1960", [12000, 10000, 9000, 9000], 100_000),
        ("who-2000", [8860, 8690, 8600, 8470], 100_035),
        ("european-1976", [8000, 7000, 7000, 7000], 100_000),
        ("european-2013", [1000, 4000, 5500, 5500], 100_000),
        ("nordic-2000", [5900, 6600, 6200, 5800], 100_000),
    ],
)
def test_standards_are_those_published(standard, first_four, total):
    weights = standard_weights(standard)
    assert weights["weight"].head(4).tolist() == first_four
    assert weights["weight"].sum() == pytest.approx(total)


def test_an_unknown_standard_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="world-1960, who-2000, european-1976, european-2013, nordic-2000"):
        age_standardised_rate(counts(["0-4"], [1], [10]), standard="mars-2100")


def test_split_groups_weigh_as_much_as_the_whole_and_single_years_too():
    whole = age_standardised_rate(counts(["0-4", "5-9"], [50, 20], [1e6, 1e6]))
    split = age_standardised_rate(counts(["0", "1–4", "5-9"], [10, 40, 20], [2e5, 8e5, 1e6]))
    single = age_standardised_rate(counts(range(10), [10] * 5 + [4] * 5, [2e5] * 10, column="age"))
    assert split["rate"].tolist() == pytest.approx(whole["rate"].tolist())
    assert single["rate"].tolist() == pytest.approx(whole["rate"].tolist())


def test_the_open_last_group_takes_the_rest_of_the_weights():
    rates = age_standardised_rate(counts(["0-84", "85+"], [0, 100], [1e6, 1e6]))
    assert rates["rate"].tolist() == pytest.approx([100 * 0.005])


def test_an_age_that_a_stratum_lacks_leaves_it_without_a_rate():
    table = pd.concat(
        [
            counts(["0-4", "5-9"], [5, 5], [1e5, 1e5]).assign(country="NO"),
            counts(["0-4"], [5], [1e5]).assign(country="IS"),
            counts(["0-4", "5-9"], [5, 0], [1e5, 0]).assign(country="EE"),
            counts(["0-4", "5-9"], [5, 0], [1e5, np.nan]).assign(country="LV"),
        ]
    )
    rates = age_standardised_rate(table, by=["country"]).set_index("country")
    assert rates["rate"].notna().to_dict() == {"IS": False, "NO": True, "EE": False, "LV": False}
    assert rates.loc[["IS", "EE", "LV"], ["lower", "upper"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("interval", "has_upper"), [("fay-feuer", True), ("tiwari", True), ("dobson", False), ("normal", False)]
)
def test_no_case_gives_nought_and_an_upper_limit_where_there_is_one(interval, has_upper):
    row = age_standardised_rate(counts(["0-4", "5-9"], [0, 0], [1e6, 1e6]), interval=interval).iloc[0]
    assert (row["rate"], row["lower"]) == (0, 0)
    assert np.isfinite(row["upper"]) == has_upper


def test_one_age_group_is_the_crude_rate_with_its_exact_interval():
    table = counts(["0-4"], [7], [3e5])
    ours, crude = age_standardised_rate(table), incidence_rate(table)
    np.testing.assert_allclose(ours[["rate", "lower", "upper"]], crude[["rate", "lower", "upper"]], rtol=1e-12)


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        (["0-4", "young"], "'young' is not an age group"),
        (["0-4", None], r"must be filled in 1 row \(2\)"),
        (["0-4", "4-9"], "overlaps"),
        (["9-5", "0-4"], "ends before it begins"),
    ],
)
def test_ages_that_cannot_be_read_are_refused(ages, message):
    with pytest.raises(InputError, match=message):
        age_standardised_rate(counts(ages, [1, 1], [10, 10]))


def test_nothing_at_all_gives_a_missing_rate_without_a_warning():
    assert age_standardised_rate(counts([], [], []))["rate"].isna().tolist() == [True]
    assert age_standardised_rate(counts([], [], []).assign(sex=[]), by=["sex"]).empty


def test_person_years_beside_each_diagnosis_are_not_added_up():
    diagnoses = [counts(["0-4", "5-9"], [5, 3], [1e5, 2e5]).assign(iccc3_group=group) for group in ("I", "III")]
    table = pd.concat(diagnoses, ignore_index=True)
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        age_standardised_rate(table)
    assert len(age_standardised_rate(table, by=["iccc3_group"])) == 2
    pieces = table.assign(person_years=[1e5, 2e5, 3e5, 4e5]).rename(columns={"iccc3_group": "district"})
    assert age_standardised_rate(pieces)["person_years"].tolist() == [1e6]


def test_unknown_intervals_are_refused():
    with pytest.raises(InputError, match="fay-feuer, tiwari, dobson, normal"):
        age_standardised_rate(counts(["0-4"], [1], [10]), interval="exact")


def test_each_age_panel_is_held_to_its_own_ages():
    ages = pd.DataFrame(
        {
            "age_group": ["0-4", "5-9", "10-14", "15-17"],
            "cases": [40, 25, 20, 9],
            "person_years": [2e5, 2.1e5, 2.2e5, 1e5],
        }
    )
    panels = pd.concat([ages.iloc[:3].assign(age_panel="0–14"), ages.assign(age_panel="0–17")])
    by_panel = age_standardised_rate(panels, by=["age_panel"])
    assert by_panel["rate"].tolist() == [
        age_standardised_rate(ages.iloc[:3])["rate"].iloc[0],
        age_standardised_rate(ages)["rate"].iloc[0],
    ]
