import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import (
    beside_counts,
    follow_up_completeness,
    proportion,
    registry_completeness,
)


def indicator(eligible, met):
    return pd.DataFrame({"eligible": eligible, "met": met})


def test_intervals_agree_with_r(oracle):
    answer = oracle("answer_proportions")
    shares = proportion(answer.assign(row=range(len(answer))), ["row"])
    np.testing.assert_allclose(shares["share"], answer["met"] / answer["eligible"])
    np.testing.assert_allclose(shares[["lower", "upper"]], answer[["lower", "upper"]], atol=1e-13)


def test_only_eligible_children_count():
    share = proportion(indicator([True, True, False, False], [True, False, True, None])).iloc[0]
    assert (share["eligible"], share["met"], share["share"]) == (2, 1, 0.5)


def test_none_eligible_is_missing():
    for table in (indicator([], []), indicator([False], [False])):
        assert proportion(table)[["share", "lower", "upper"]].isna().all(axis=None)


def test_unknown_for_an_eligible_child_is_refused():
    table = indicator(
        pd.array([True, None, True], dtype="boolean"), pd.array([None, True, True], dtype="boolean")
    )
    with pytest.raises(InputError) as refused:
        proportion(table)
    assert len(refused.value.faults) == 2


def test_shares_stand_beside_their_strata():
    table = indicator([True] * 4, [True, True, False, True]).assign(region=["Nord", "Vest"] * 2)
    assert proportion(table, ["region"]).set_index("region")["share"].to_dict() == {
        "Vest": 1,
        "Nord": 0.5,
    }


def followed(days, event, diagnosed="2020-01-01"):
    return pd.DataFrame(
        {
            "diagnosis_date": pd.to_datetime([diagnosed] * len(days)),
            "follow_up_days": days,
            "event": event,
        }
    )


def test_follow_up_is_complete_when_nobody_is_lost():
    whole = follow_up_completeness(followed([731, 100], [0, 1]), "2022-01-01").iloc[0]
    assert (whole["share"], whole["lower"], whole["upper"]) == (1, 1, 1)


def test_clark_by_hand():
    # Potential 731 + 731 + 200 days, observed 731 + 331 + 200.
    one = follow_up_completeness(followed([731, 331, 200], [0, 0, 1]), "2022-01-01").iloc[0]
    assert one["share"] == pytest.approx(1262 / 1662)
    residual = np.array([731, 331, 200]) - one["share"] * np.array([731, 731, 200])
    margin = 1.959963984540054 * np.sqrt((residual**2).sum() * 3 / 2) / 1662
    assert one["lower"] == pytest.approx(one["share"] - margin)
    assert one["upper"] == 1


def test_no_time_to_follow_is_not_estimable():
    assert follow_up_completeness(followed([0], [0]), "2020-01-01")["share"].isna().all()
    assert follow_up_completeness(followed([], []), "2020-01-01", by=["event"]).empty


def test_completeness_against_another_source():
    counts = pd.DataFrame({"country": ["NO", "SE", "IS"], "cases": [98, 120, 15]})
    found = registry_completeness(counts, {"NO": 100, "SE": 110}).set_index("country")
    assert found.loc["NO", "share"] == 0.98
    assert np.isnan(found.loc["SE", "share"])
    assert "IS" not in found.index
    assert registry_completeness(counts, {}).empty


COUNTS = pd.DataFrame({"sex": ["male", "female", None], "children": [60, 50, 9]})
SURVIVAL = pd.DataFrame(
    {"sex": ["male"] * 2 + ["female"] * 2 + [None], "years": [1, 5, 1, 5, 1], "survival": 0.9}
)


def test_every_time_of_a_stratum_has_its_counts():
    together = beside_counts(COUNTS, SURVIVAL)
    assert list(together.columns) == ["sex", "children", "years", "survival"]
    assert together["children"].tolist() == [60, 60, 50, 50, 9]


@pytest.mark.parametrize("years", [[1], [1, 5]])
def test_what_the_estimates_note_goes_along(years):
    noted = SURVIVAL[SURVIVAL["years"].isin(years)].assign(outcome="relapse")
    for counts in (COUNTS, COUNTS.assign(outcome="death")):
        together = beside_counts(counts, noted)
        assert set(together["outcome"]) == {"relapse"} and len(together) == len(years) * 2 + (
            1 in years
        )


def test_counts_of_other_strata_are_refused():
    for counts in (COUNTS[["children"]], pd.concat([COUNTS, COUNTS])):
        with pytest.raises(InputError, match="one row for each stratum"):
            beside_counts(counts, SURVIVAL)
