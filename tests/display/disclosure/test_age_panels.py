"""Panels within one another: the ages between them cannot be worked out when they are few."""

import pandas as pd
import pytest

from analysis.display.disclosure.age_panels import mark_nested, nested_panels
from analysis.display.disclosure.published_tables import publish


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


@pytest.mark.parametrize(
    ("between", "told"), [(0, True), (1, False), (4, False), (5, True), (6, True)]
)
def test_the_ages_between_are_a_count_like_any_other(between, told):
    assert published(panels((30, 30 + between))) == [30, 30 + between if told else -1]


@pytest.mark.parametrize(("count", "told"), [(0, True), (1, False), (4, False), (5, True)])
def test_the_narrower_panel_is_a_count_like_any_other(count, told):
    assert published(panels((count, 40))) == [count if told else -1, 40]


def test_marks_say_what_is_small_and_what_protects():
    frame = panels((30, 33), (3, 40), (2, 4), country=["DK", "NO", "IS"])
    marks, hidden = mark_nested(frame, "cases", (), 5)
    assert marks.tolist() == ["", "protecting", "small", "", "small", "small"]
    assert hidden == () and marks.index.tolist() == frame.index.tolist()


def test_of_known_totals_those_of_one_panel_count():
    frame = panels((30, 33), (40, 60), country=["DK", "NO"])
    assert published(frame, totals=[["country"]]) == [30, -1, 40, 60]
    assert published(frame, totals=[["age_panel"]]) == [30, -1, 40, -1]
    assert published(frame, totals=[[]]) == [30, -1, 40, -1]
    assert published(frame, totals=[["age_panel", "country"]]) == [30, -1, 40, 60]


def test_a_hidden_total_of_a_panel_is_named_without_its_parts():
    frame = panels((30, 33), country=["DK"])
    _, hidden = mark_nested(frame, "cases", [["age_panel", "country"]], 5)
    assert hidden == ((("country",), ("DK",)),)


def test_a_stratum_of_the_narrower_panel_alone_has_nobody_between():
    frame = panels((30, 33), (40, 60), country=["DK", "NO"]).drop(index=1)
    marks, _ = mark_nested(frame, "cases", (), 5)
    assert marks.tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("labels", "nested"),
    [
        (["0–17", "0–14"], ("0–14", "0–17")),
        (["0-9", "0-14"], ("0-9", "0-14")),
        (["0–9", "0–14"], ("0–9", "0–14")),
        (["0–14", "0–17", None], ("0–14", "0–17")),
        (["0–14", "1–17"], None),
        (["10–14", "0–17"], None),
    ],
)
def test_two_panels_from_birth_are_nested_by_their_last_age(labels, nested):
    assert nested_panels(pd.DataFrame({"age_panel": labels})) == nested


def test_a_frame_without_panels_has_none():
    assert nested_panels(pd.DataFrame({"cases": [1]})) is None


def test_a_stratum_of_the_wider_panel_alone_has_nobody_in_the_narrower_one():
    frame = panels((30, 35), (0, 5), country=["DK", "NO"]).drop(index=2)
    assert published(frame) == [30, 35, 5]
