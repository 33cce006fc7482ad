"""Panels within one another: the ages between them cannot be worked out when they are few."""

import pandas as pd
import pytest

from analysis.display import nested_panels, publish


def panels(*pairs, **strata):
    rows = [
        {"age_panel": panel, "cases": count, "rate": 1.0, "lower": 0.5, "upper": 2.0}
        for pair in pairs
        for panel, count in zip(("0–14", "0–17"), pair, strict=True)
    ]
    frame = pd.DataFrame(rows)
    for name, values in strata.items():
        frame[name] = [value for value in values for _ in range(2)]
    return frame


def published(frame, totals=()):
    return publish(frame, 5, totals).frame["cases"].fillna(-1).astype(int).tolist()


def test_a_small_difference_hides_the_wider_panel():
    assert published(panels((30, 33))) == [30, -1]
    assert published(panels((30, 35))) == [30, 35]
    assert published(panels((30, 30))) == [30, 30]


def test_its_rate_goes_with_it():
    frame = publish(panels((30, 33)), 5, ()).frame
    assert frame["rate"].isna().tolist() == [False, True]


def test_small_panels_are_small_as_ever():
    assert published(panels((3, 9))) == [-1, 9]
    assert published(panels((2, 4))) == [-1, -1]
    assert published(panels((0, 4))) == [0, -1]
    assert published(panels((3, 5))) == [-1, -1]


def test_a_known_total_of_each_panel_does_not_give_the_difference_back():
    frame = panels((30, 33), (40, 60), (50, 80), country=["DK", "IS", "NO"])
    shown = published(frame, totals=[["age_panel"]])
    assert shown[::2] == [30, 40, 50]
    assert shown[1] == -1
    assert shown[1::2].count(-1) >= 2  # one alone would follow from the total


def test_a_stratum_with_one_panel_only():
    frame = panels((30, 33), (40, 60), country=["DK", "NO"]).drop(index=0)
    assert published(frame) == [33, 40, 60]


@pytest.mark.parametrize("labels", [["0–14", "15–17"], ["0–14"], ["0–14", "0–17", "0–19"]])
def test_other_panels_are_not_nested(labels):
    assert nested_panels(pd.DataFrame({"age_panel": labels})) is None


def test_person_years_do_not_tell_one_stratum_from_another():
    # Two panels of one stratum have two populations: they are still taken from one another.
    frame = panels((30, 33), (40, 60), country=["DK", "NO"])
    frame = frame.assign(person_years=[1.0e6, 1.2e6, 2.0e6, 2.4e6])
    assert published(frame) == [30, -1, 40, 60]
