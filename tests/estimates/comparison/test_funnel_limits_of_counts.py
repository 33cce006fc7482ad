import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import InputError, MissingStepError
from analysis.estimates import funnel_curve, funnel_limits

LIMITS = ["lower_95", "upper_95", "lower_998", "upper_998"]
SIZES = {"share": "eligible", "ratio": "expected", "rate": "person_years"}


def units(**columns):
    first = next(iter(columns.values()))
    return pd.DataFrame({"hospital": [f"h{unit:03}" for unit in range(len(first))], **columns})


def test_limits_agree_with_r(oracle, agree):
    for (measure, target), answer in oracle("answer_funnel").groupby(["measure", "target"]):
        published = funnel_curve(
            answer["size"], target, measure=measure, per=1, limits="spiegelhalter"
        )
        agree(published, answer, LIMITS, tolerance=1e-14, relative=1e-10)
        exact = funnel_curve(answer["size"], target, measure=measure, per=1)
        agree(exact, answer, ["lower_95", "lower_998"], tolerance=1e-14, relative=1e-10)
        theirs = answer.drop(columns=LIMITS).rename(
            columns=lambda name: name.removeprefix("exact_")
        )
        agree(exact, theirs, ["upper_95", "upper_998"], tolerance=1e-14, relative=1e-10)
        assert published.columns[0] == SIZES[measure]


def test_units_have_the_limits_of_the_curve_at_their_size():
    table = funnel_limits(
        units(cases=[3, 12, 40], person_years=[2e4, 9e4, 3e5]), ["hospital"], per=1e5
    )
    assert table["overall"].tolist() == [pytest.approx(1e5 * 55 / 4.1e5)] * 3
    curve = funnel_curve(table["person_years"], table["overall"].iloc[0], per=1e5)
    pd.testing.assert_frame_equal(table[LIMITS], curve[LIMITS])
    assert table["rate"].tolist() == pytest.approx([15, 40 / 3, 40 / 3])
    assert set(table["per"]) == {1e5}


def test_chance_crosses_a_limit_no_more_often_than_said():
    for mean in (0.3, 2, 7.5, 40):
        count = np.arange(0, 150)
        table = funnel_limits(
            units(cases=count, expected=np.full(150, mean)), ["hospital"], target=1
        )
        for beyond, tail in ((("95", "99.8"), 0.025), (("99.8",), 0.001)):
            outside = table["beyond"].isin(beyond)
            likely = stats.poisson(mean).pmf(count)
            assert likely[outside & (count > mean)].sum() <= tail
            assert likely[outside & (count < mean)].sum() <= tail
            # One count further in would be too likely.
            assert likely[count >= count[outside & (count > mean)].min() - 1].sum() > tail


def test_the_verdict_is_that_of_the_drawn_limits():
    random = np.random.default_rng(1)
    eligible = random.integers(1, 80, 200)
    table = funnel_limits(
        units(met=random.binomial(eligible, 0.7), eligible=eligible), ["hospital"], target=0.9
    )
    for level, name in (("95", "95"), ("998", "99.8")):
        outside = (table["share"] < table[f"lower_{level}"]) | (
            table["share"] > table[f"upper_{level}"]
        )
        wider = ["95", "99.8"] if name == "95" else ["99.8"]
        assert (outside == table["beyond"].isin(wider)).all()
    assert set(table["beyond"]) == {"none", "95", "99.8"}


def test_all_of_seven_is_not_beyond_what_most_reach():
    for limits in ("exact", "spiegelhalter"):
        assert (
            funnel_limits(units(met=[7], eligible=[7]), ["hospital"], target=0.83, limits=limits)[
                "beyond"
            ][0]
            == "none"
        )


def test_each_stratum_has_its_own_funnel_and_rows_add_up():
    table = pd.DataFrame(
        [("I", "a", 1, 2), ("I", "a", 2, 2), ("I", "b", 3, 8), ("II", "a", 0, 5)],
        columns=["group", "hospital", "met", "eligible"],
    )
    answer = funnel_limits(table.iloc[::-1], ["hospital"], by=["group"])
    assert answer[["group", "hospital", "met", "eligible"]].values.tolist() == [
        ["I", "a", 3, 4],
        ["I", "b", 3, 8],
        ["II", "a", 0, 5],
    ]
    assert answer["overall"].tolist() == [0.5, 0.5, 0]
    assert answer.loc[2, [*LIMITS, "beyond"]].tolist() == [
        0,
        pytest.approx(0.975 / 5),
        0,
        pytest.approx(0.999 / 5),
        "none",
    ]


def test_a_unit_without_size_has_no_limits():
    answer = funnel_limits(units(cases=[3, 0], person_years=[100.0, 0.0]), ["hospital"])
    assert answer.loc[1, ["rate", *LIMITS, "beyond"]].isna().all()
    assert answer.loc[0, "beyond"] == "none"
    assert funnel_limits(units(cases=[], person_years=[]), ["hospital"]).empty
    assert (
        funnel_limits(units(met=[0], eligible=[0]), ["hospital"])
        .loc[0, ["share", "overall", *LIMITS]]
        .isna()
        .all()
    )


def test_faults_are_told():
    with pytest.raises(InputError, match="no fewer than met in 1 row"):
        funnel_limits(units(met=[3], eligible=[2]), ["hospital"])
    with pytest.raises(InputError, match=r"expected: must be filled, 0 or more in 1 row \(1\)"):
        funnel_limits(units(cases=[3], expected=[np.nan]), ["hospital"])
    with pytest.raises(MissingStepError, match="person_years"):
        funnel_limits(units(cases=[3]), ["hospital"])
    with pytest.raises(InputError, match="limits of a funnel"):
        funnel_curve([1], 1, measure="ratio", limits="wilson")
    with pytest.raises(InputError, match="measure of a funnel"):
        funnel_curve([1], 1, measure="odds")
