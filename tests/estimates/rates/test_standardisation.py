import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    age_contributions,
    age_standardised_rate,
    incidence_rate,
    standard_weights,
)

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
    rates = age_standardised_rate(oracle("rates"), standard, ["country"], interval=interval, per=1)
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


SHARED_NAMES = {
    "world-1960": "world_segi_1960",
    "who-2000": "world_who_2000_2025",
    "european-1976": "esp_1976",
    "european-2013": "esp_2013",
    "nordic-2000": "nordic_2000",
}


@pytest.mark.parametrize("standard", SHARED_NAMES)
def test_standards_agree_with_the_collected_ones(standard, shared_table):
    theirs = shared_table("domain/standard_populations.tsv")
    theirs = theirs[
        (theirs["standard"] == SHARED_NAMES[standard]) & (theirs["granularity"] == "5y")
    ]
    ours = standard_weights(standard).merge(theirs, on="age_from", suffixes=("", "_theirs"))
    assert len(ours) == len(standard_weights(standard)) == len(theirs)
    assert ours["age_to"].fillna(-1).tolist() == ours["age_to_theirs"].fillna(-1).tolist()
    scale = {100: 1000, 100_000: 1}[round(theirs["total"].iloc[0])]
    np.testing.assert_allclose(ours["weight"], ours["weight_theirs"] * scale, rtol=1e-12)


@pytest.mark.parametrize(
    ("standard", "column"),
    [("world-1960", "world"), ("european-1976", "europe"), ("nordic-2000", "nordic")],
)
def test_standards_agree_with_popepi(standard, column, oracle):
    assert (
        standard_weights(standard)["weight"].tolist() == oracle("answer_standards")[column].tolist()
    )


def test_an_unknown_standard_is_refused_with_the_known_ones():
    with pytest.raises(
        InputError, match="world-1960, who-2000, european-1976, european-2013, nordic-2000"
    ):
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
    ("interval", "has_upper"),
    [
        ("fay-feuer", True),
        ("tiwari", True),
        ("dobson", False),
        ("normal", False),
        ("log-normal", False),
    ],
)
def test_no_case_gives_nought_and_an_upper_limit_where_there_is_one(interval, has_upper):
    row = age_standardised_rate(counts(["0-4", "5-9"], [0, 0], [1e6, 1e6]), interval=interval).iloc[
        0
    ]
    assert (row["rate"], row["lower"]) == (0, 0)
    assert np.isfinite(row["upper"]) == has_upper


def test_one_age_group_is_the_crude_rate_with_its_exact_interval():
    table = counts(["0-4"], [7], [3e5])
    ours, crude = age_standardised_rate(table), incidence_rate(table)
    np.testing.assert_allclose(
        ours[["rate", "lower", "upper"]], crude[["rate", "lower", "upper"]], rtol=1e-12
    )


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
    diagnoses = [
        counts(["0-4", "5-9"], [5, 3], [1e5, 2e5]).assign(iccc3_group=group)
        for group in ("I", "III")
    ]
    table = pd.concat(diagnoses, ignore_index=True)
    with pytest.raises(InputError, match="iccc3_group: person_years stand beside each level"):
        age_standardised_rate(table)
    assert len(age_standardised_rate(table, by=["iccc3_group"])) == 2
    pieces = table.assign(person_years=[1e5, 2e5, 3e5, 4e5]).rename(
        columns={"iccc3_group": "district"}
    )
    assert age_standardised_rate(pieces)["person_years"].tolist() == [1e6]


def test_unknown_intervals_are_refused():
    with pytest.raises(InputError, match="fay-feuer, tiwari, dobson, normal, log-normal"):
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


SMALL_LIMITS = {
    "fay-feuer": "fay_feuer",
    "tiwari": "tiwari",
    "dobson": "dobson",
    "log-normal": "log_normal",
}


@pytest.mark.parametrize("interval", SMALL_LIMITS)
def test_small_strata_agree_with_r(interval, oracle):
    # Strata with many cases, few, none at some ages, one, and none at all.
    answer = oracle("answer_small_strata").sort_values("stratum")
    rates = age_standardised_rate(oracle("small_strata"), by=["stratum"], interval=interval, per=1)
    name = SMALL_LIMITS[interval]
    np.testing.assert_allclose(rates["rate"], answer["rate"], rtol=1e-12)
    np.testing.assert_allclose(rates["lower"], answer[f"{name}_lower"], rtol=1e-11)
    np.testing.assert_allclose(rates["upper"], answer[f"{name}_upper"], rtol=1e-11)


def test_rates_and_intervals_of_popepi_agree(oracle):
    answer = oracle("answer_small_strata").sort_values("stratum")
    confidence = 2 * norm.cdf(1.96) - 1  # popEpi rounds the normal quantile
    rates = age_standardised_rate(
        oracle("small_strata"), by=["stratum"], interval="log-normal", per=1, confidence=confidence
    )
    np.testing.assert_allclose(rates["rate"], answer["popepi_rate"], rtol=1e-12)
    np.testing.assert_allclose(rates["lower"], answer["popepi_lower"].fillna(0), rtol=1e-11)
    np.testing.assert_allclose(rates["upper"], answer["popepi_upper"], rtol=1e-11)


def test_dobsons_interval_is_that_of_the_health_service_but_for_the_limits_of_the_count(oracle):
    # The service takes Byar's limits from ten cases on, which differ from the exact ones in the third figure.
    answer = oracle("answer_small_strata").set_index("stratum").drop("no case")
    rates = age_standardised_rate(oracle("small_strata"), by=["stratum"], interval="dobson", per=1)
    rates = rates.set_index("stratum").loc[answer.index]
    exact = (answer["cases"] < 10).to_numpy()
    for limit in ("lower", "upper"):
        np.testing.assert_allclose(rates[limit], answer[f"health_service_{limit}"], rtol=2e-3)
        np.testing.assert_allclose(
            rates[limit][exact], answer[f"health_service_{limit}"][exact], rtol=1e-11
        )


# Fay and Feuer 1997, table 1, as the example of epitools recreates it: per 100,000 births, the ages of all mothers
# being the standard.
PUBLISHED = {
    "1": (92.3, 80.4, 105.8),
    "2": (91.2, 82.4, 100.9),
    "3": (85.1, 77.2, 94.2),
    "4": (92.7, 80.0, 114.7),
}


def test_ones_own_weights_give_the_published_rates_of_down_syndrome(oracle):
    births = oracle("down_syndrome").rename(
        columns={"mother_age": "age_group", "births": "person_years"}
    )
    own = births.groupby("age_group")["person_years"].sum()
    rates = age_standardised_rate(births, own.to_dict(), ["birth_order"], per=100_000)
    answer = oracle("answer_down_syndrome")
    for ours, theirs in {"rate": "adj.rate", "lower": "lci", "upper": "uci"}.items():
        np.testing.assert_allclose(rates[ours], answer[theirs] * 1e5, rtol=1e-12)
    shown = rates.set_index("birth_order")[["rate", "lower", "upper"]].round(1)
    assert {order: tuple(shown.loc[order]) for order in PUBLISHED} == PUBLISHED


def test_weights_come_by_name_by_table_or_by_mapping():
    table = counts(["0", "1-4", "5-9", "10-14"], [9, 30, 25, 20], [5e4, 2e5, 2.1e5, 2.2e5])
    named = age_standardised_rate(table)
    given = [
        standard_weights(),
        standard_weights()
        .astype({"weight": "Float64", "age_to": "Int64"})
        .sample(frac=1, random_state=1),
        pd.DataFrame(
            {"age_group": ["0-4", "5-9", "10–14"], "weight": [12, 10, 9]}, index=[7, 7, 9]
        ),
        {"0-4": 1.2, "5-9": 1.0, "10-14": 0.9},
        pd.DataFrame({"age": range(15), "weight": np.repeat([12, 10, 9], 5)}),
    ]
    for standard in given:
        pd.testing.assert_frame_equal(age_standardised_rate(table, standard), named)


@pytest.mark.parametrize(
    ("standard", "message"),
    [
        ({"0-4": 1}, "has no weight for the ages 5-9 of the table"),
        ({"0-4": 1, "6-9": 1}, "has no weight for the ages 5-9"),
        ({"0-4": 1, "5-9": -1}, r"weight: must be filled, 0 or more in 1 row \(2\)"),
        ({"0-4": None, "5-9": 1}, r"weight: must be filled, 0 or more in 1 row \(1\)"),
        ({"0-4": 1, "4-9": 1}, "0-4 overlaps 4-9"),
        ({"0-4": 1, "0–4": 1, "5-9": 1}, "each age group once"),
        ({"0-4": 0, "5-9": 0}, "a weight above 0"),
        ({"young": 1}, "'young' is not an age group"),
        (
            pd.DataFrame({"age_from": [0.5, 5], "age_to": [4, 9], "weight": [1, 1]}),
            r"completed years in 1 row \(1\)",
        ),
        (
            pd.DataFrame({"age_from": [0, 4], "age_to": [4, 9], "weight": [1, 1]}),
            "0-4 overlaps 4-9",
        ),
    ],
)
def test_weights_that_cannot_be_are_refused(standard, message):
    with pytest.raises(InputError, match=message):
        age_standardised_rate(counts(["0-4", "5-9"], [1, 1], [10, 10]), standard)


def test_weights_without_their_column_are_refused():
    with pytest.raises(MissingStepError, match="weight"):
        age_standardised_rate(counts(["0-4"], [1], [10]), pd.DataFrame({"age_group": ["0-4"]}))


def test_an_age_of_weight_nought_may_lack_person_years():
    table = counts(["0-4", "5-9"], [4, 0], [1e5, 0])
    assert age_standardised_rate(table, {"0-4": 1, "5-9": 0})["rate"].tolist() == pytest.approx(
        [40]
    )


SINGLE = counts(range(25), range(1, 26), np.linspace(9e4, 1.1e5, 25), column="age")
HOUSE = {
    "0": (0, 0),
    "1-4": (1, 4),
    "5-9": (5, 9),
    "10-14": (10, 14),
    "15-17": (15, 17),
    "18-19": (18, 19),
}


def grouped(groups):
    named = [
        next((name for name, (first, last) in groups.items() if first <= age <= last), None)
        for age in SINGLE.age
    ]
    return (
        SINGLE.assign(age_group=named)
        .groupby("age_group", as_index=False)[["cases", "person_years"]]
        .sum()
    )


@pytest.mark.parametrize("last", [14, 17, 19])
def test_truncated_rates_from_single_years_and_from_the_house_groups(last):
    weight = [12, 10, 9, 9]
    by_hand = SINGLE[SINGLE["age"] <= last]
    of_year = np.array([weight[age // 5] for age in by_hand["age"]])
    expected = (of_year * by_hand["cases"] / by_hand["person_years"]).sum() / of_year.sum() * 1e6
    assert age_standardised_rate(SINGLE, ages=(0, last))["rate"].tolist() == pytest.approx(
        [expected]
    )
    house = grouped(HOUSE)
    inside = house[[HOUSE[group][1] <= last for group in house["age_group"]]]
    pd.testing.assert_frame_equal(
        age_standardised_rate(house, ages=(0, last)), age_standardised_rate(inside)
    )


def test_truncated_rates_from_five_year_groups():
    five = grouped({f"{first}-{first + 4}": (first, first + 4) for first in range(0, 25, 5)})
    assert age_standardised_rate(five, ages=(0, 19))["cases"].tolist() == [sum(range(1, 21))]
    assert age_standardised_rate(five, ages=(15, 19))["cases"].tolist() == [sum(range(16, 21))]
    with pytest.raises(InputError, match="age_group: 15-19 straddles an end of the ages 0-17"):
        age_standardised_rate(five, ages=(0, 17))
    with pytest.raises(InputError, match="the table has no 25-29 years"):
        age_standardised_rate(five, ages=(0, 29))


@pytest.mark.parametrize("ages", [(14, 0), (-1, 14), (0, 14.5), 14, (0, "x"), (0, 1, 2)])
def test_a_span_of_ages_that_is_none_is_refused(ages):
    with pytest.raises(InputError, match="first and the last completed year"):
        age_standardised_rate(SINGLE, ages=ages)


def test_ages_may_be_decimal_categorical_or_text():
    plain = age_standardised_rate(SINGLE, ages=(0, 17))
    for dtype in ("float64", "Int64", "category", "string", object):
        given = SINGLE.astype({"age": dtype}).sample(frac=1, random_state=3)
        pd.testing.assert_frame_equal(age_standardised_rate(given, ages=(0, 17)), plain)


def test_contributions_add_up_to_the_standardised_rate(oracle):
    table = oracle("small_strata")
    each = age_contributions(table, by=["stratum"])
    rates = age_standardised_rate(table, by=["stratum"])
    sums = (each["case_weight"] * each["cases"]).groupby(each["stratum"]).sum()
    np.testing.assert_allclose(sums, rates["rate"], rtol=1e-13)
    assert each.columns.tolist() == [
        *("stratum", "age_group", "cases", "person_years", "weight", "rate", "case_weight"),
        *("share", "per"),
    ]
    one_case = each[each["stratum"] == "one case"].set_index("age_group")
    assert one_case["share"].to_dict() == {"0-4": 0, "5-9": 0, "10-14": 1, "15-19": 0}
    np.testing.assert_allclose(one_case["weight"], np.array([12, 10, 9, 9]) / 40)
    assert one_case.loc["10-14", "case_weight"] == pytest.approx(1e6 * 9 / 40 / 803)
    assert each[each["stratum"] == "no case"]["share"].isna().all()


def test_contributions_of_nothing_and_of_ages_without_person_years():
    assert age_contributions(counts([], [], [])).empty
    table = counts(["0-4", "5-9"], [2, 1], [1e5, 0])
    each = age_contributions(table)
    assert each["rate"].isna().tolist() == [False, True]
    assert each["share"].isna().all()
    assert age_contributions(table, ages=(0, 4))["share"].tolist() == [1]


def test_intervals_cover_the_true_rate_at_their_level():
    rng = np.random.default_rng(7)
    runs, years, rates = 4000, np.array([3e4, 1e5, 2e5]), np.array([150, 110, 120]) / 1e6
    table = counts(
        ["0-4", "5-9", "10-14"] * runs,
        rng.poisson(np.tile(years * rates, runs)),
        np.tile(years, runs),
    )
    table, true = table.assign(run=np.repeat(np.arange(runs), 3)), 1e6 * rates @ [12, 10, 9] / 31
    covered = {}
    for interval in ("fay-feuer", "tiwari", "dobson"):
        found = age_standardised_rate(table, by=["run"], interval=interval)
        covered[interval] = ((found["lower"] <= true) & (true <= found["upper"])).mean()
    assert covered["fay-feuer"] >= covered["tiwari"] >= 0.945
    assert 0.93 <= covered["dobson"] <= 0.97  # approximate where person-years are as uneven as here
