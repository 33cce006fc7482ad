import numpy as np
import pandas as pd
import pytest

from analysis.counts import case_counts, event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    add_standard_weights,
    age_standardised_survival,
    kaplan_meier,
    net_survival,
    net_survival_at,
    survival_at,
    survival_standard,
    weighted_kaplan_meier,
)

AGES = ["0", "1-4", "5-9", "10-14", "15-17"]


def estimates(ages, survival, **columns):
    return pd.DataFrame({"age_group": ages, "survival": survival, "standard_error": 0.1, **columns})


@pytest.fixture
def children():
    random = np.random.default_rng(2)
    size = 400
    diagnosed = pd.Timestamp("2001-01-01") + pd.to_timedelta(random.integers(0, 4000, size), "D")
    age = random.integers(0, 18, size)
    return pd.DataFrame(
        {
            "sex": random.choice(["male", "female"], size),
            "diagnosis_date": diagnosed,
            "age_at_diagnosis": age,
            "age_group": pd.cut(age, [-1, 0, 4, 9, 14, 17], labels=AGES).astype(object),
            "follow_up_days": random.integers(30, 4000, size).astype(float),
            "event": random.integers(0, 2, size),
            "region": random.choice(["Nord", "Vest"], size),
        }
    )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_standards_are_those_of_popepi(number, golden):
    standard = golden("ICSS_weights_aggregated_5groups")
    for group, weight in zip(standard["agegr5"], standard[f"ICSS{number}"], strict=True):
        one = np.where(standard["agegr5"] == group, 0.5, 1.0)
        shown = age_standardised_survival(estimates(standard["agegr5"], one), f"icss-{number}")
        assert shown["survival"].iloc[0] == pytest.approx(
            1 - 0.5 * weight / standard[f"ICSS{number}"].sum(), abs=1e-14
        )
    assert survival_standard(f"icss-{number}")["weight"].sum() == pytest.approx(100_000, abs=2)


def test_children_weigh_alike_by_years_of_age():
    shown = age_standardised_survival(
        estimates(["0", "1-4", "5-9", "10-14"], [0, 1, 1, 1]), "concord-children"
    )
    assert shown["survival"].iloc[0] == pytest.approx(14 / 15)


def test_it_is_the_weighted_mean_with_its_error(children):
    curve = kaplan_meier(event_table(children, ["region", "age_group"]))
    at = survival_at(curve, (1, 5))
    internal = case_counts(children, ["age_group"])
    shown = age_standardised_survival(at.sample(frac=1, random_state=3), internal)
    assert shown[["region", "years"]].values.tolist() == [
        ["Vest", 1],
        ["Vest", 5],
        ["Nord", 1],
        ["Nord", 5],
    ]
    share = internal.set_index("age_group")["cases"] / len(children)
    rows = at[(at["region"] == "Vest") & (at["years"] == 5)].set_index("age_group")
    assert shown["survival"].iloc[1] == pytest.approx((share * rows["survival"]).sum())
    assert shown["standard_error"].iloc[1] == pytest.approx(
        np.sqrt((share**2 * rows["standard_error"] ** 2).sum())
    )
    assert shown["lower"].iloc[1] < shown["survival"].iloc[1] < shown["upper"].iloc[1]


def test_an_age_without_an_estimate_leaves_the_stratum_out():
    table = pd.concat(
        [estimates(["0", "1-4"], [0.5, np.nan], sex="male"), estimates(["0"], [0.5], sex="female")]
    )
    shown = age_standardised_survival(table, {"0": 1, "1-4": 1})
    assert shown["survival"].isna().all()
    assert shown["sex"].tolist() == ["male", "female"]
    assert age_standardised_survival(table.head(0), {"0": 1}).empty
    dead = estimates(["0", "1-4"], [0.0, 0.5]).assign(standard_error=[np.nan, 0.1])
    assert age_standardised_survival(dead, {"0": 1, "1-4": 1})["standard_error"].iloc[
        0
    ] == pytest.approx(0.05)


def test_what_cannot_be_standardised_is_refused():
    with pytest.raises(InputError, match="5-9 has no weight"):
        age_standardised_survival(estimates(["0", "5-9"], [1, 1]), {"0": 1})
    with pytest.raises(InputError, match="once in a stratum; does not in 2 rows"):
        age_standardised_survival(estimates(["0", "0"], [1, 1]), {"0": 1})
    with pytest.raises(InputError, match="must be filled"):
        age_standardised_survival(estimates(["0", None], [1, 1]), {"0": 1})
    with pytest.raises(InputError, match="icss-1"):
        age_standardised_survival(estimates(["0"], [1]), "world")
    with pytest.raises(MissingStepError, match="age_group"):
        age_standardised_survival(
            pd.DataFrame({"survival": [1.0], "standard_error": [0.1]}), "icss-1"
        )


def test_weights_of_the_children_themselves_change_nothing(children):
    table = pd.DataFrame(
        {"sex": ["male", "female"], "year": 2000, "age": 0, "mortality_rate": 0.01}
    )
    internal = case_counts(children, ["age_group"])
    weighted = add_standard_weights(children, internal)
    np.testing.assert_allclose(weighted["standard_weight"], 1, rtol=1e-14)
    for method in ("pohar-perme", "ederer-2", "ederer-1", "hakulinen"):
        pd.testing.assert_frame_equal(
            net_survival(weighted, table, method=method),
            net_survival(children, table, method=method),
        )
    shown = weighted_kaplan_meier(event_table(children, ["age_group"]), internal)
    pd.testing.assert_frame_equal(shown, kaplan_meier(event_table(children)))


@pytest.mark.parametrize("method", ["pohar-perme", "ederer-2", "ederer-1", "hakulinen"])
def test_a_weight_of_two_is_two_children(method, children):
    table = pd.DataFrame(
        {"sex": ["male", "female"], "year": 2000, "age": 0, "mortality_rate": 0.01}
    )
    weights = np.where(children["region"] == "Nord", 2.0, 1.0)
    twice = pd.concat([children, children[children["region"] == "Nord"]], ignore_index=True)
    once, often = (
        net_survival(children.assign(standard_weight=weights), table, method=method),
        net_survival(twice, table, method=method),
    )
    np.testing.assert_allclose(once["net_survival"], often["net_survival"], rtol=1e-10)


def test_brenners_weights_for_net_and_observed_survival_agree_without_other_mortality(children):
    table = pd.DataFrame({"sex": ["male", "female"], "year": 2000, "age": 0, "mortality_rate": 0.0})
    even = dict.fromkeys(AGES, 1)
    net = net_survival(add_standard_weights(children, even, by=["region"]), table, by=["region"])
    observed = weighted_kaplan_meier(event_table(children, ["region", "age_group"]), even)
    np.testing.assert_allclose(net["net_survival"], observed["survival"], atol=1e-12)
    pd.testing.assert_frame_equal(
        net[["region", "time_days", "at_risk", "events", "censored"]],
        observed[["region", "time_days", "at_risk", "events", "censored"]],
    )


def test_a_stratum_that_lacks_an_age_is_missing_and_the_others_are_not(children):
    table = pd.DataFrame(
        {"sex": ["male", "female"], "year": 2000, "age": 0, "mortality_rate": 0.001}
    )
    some = children[~((children["region"] == "Nord") & (children["age_group"] == "0"))]
    even = dict.fromkeys(AGES, 1)
    at = net_survival_at(
        net_survival(add_standard_weights(some, even, by=["region"]), table, by=["region"]), [1, 5]
    )
    assert at["net_survival"].isna().tolist() == [False, False, True, True]
    observed = weighted_kaplan_meier(event_table(some, ["region", "age_group"]), even)
    assert observed.groupby("region")["survival"].apply(
        lambda survival: survival.isna().all()
    ).tolist() == [
        True,
        False,
    ]
