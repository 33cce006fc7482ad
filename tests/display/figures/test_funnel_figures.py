"""Funnels: units, the line of all together and the limits of chance, and what they may tell."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import funnel_plot
from analysis.errors import InputError, MissingStepError

REGIONS = ("Helse Sør-Øst", "Helse Vest", "Helse Midt-Norge", "Helse Nord")
COUNTRIES = ("DK", "FI", "IS", "NO", "SE", "EE", "LV", "LT")
SIZES = (9.5e6, 8.7e6, 0.7e6, 9.2e6, 17.8e6, 2.1e6, 3.0e6, 4.2e6)


def with_limits(frame, overall, size="person_years"):
    wide = 1 / np.sqrt(overall * frame[size] / 1e6)
    limits = {f"{side}_{name}": overall * (1 + sign * z * wide) for side, sign in (("lower", -1), ("upper", 1))
              for name, z in (("95", 1.96), ("998", 3.09))}  # fmt: skip
    return frame.assign(**limits)


def units(
    cases=(990, 380, 250, 170), names=REGIONS, column="region", sizes=(6.1e6, 2.4e6, 1.5e6, 1.0e6)
):
    frame = pd.DataFrame({column: list(names), "cases": list(cases), "person_years": list(sizes)})
    overall = frame["cases"].sum() / frame["person_years"].sum() * 1e6
    return with_limits(
        frame.assign(rate=frame["cases"] / frame["person_years"] * 1e6, overall=overall), overall
    )


def grid(overall=160.0, low=5e5, high=2e7):
    return with_limits(pd.DataFrame({"person_years": np.geomspace(low, high, 80)}), overall)


def countries():
    return units((1549, 1405, 137, 1545, 2977, 312, 462, 800), COUNTRIES, "country", SIZES)


def shares(met=(210, 80, 50, 33), eligible=(220, 90, 60, 45)):
    frame = pd.DataFrame(
        {"hospital": ["OUS", "HUS", "UNN", "St. Olavs"], "eligible": eligible, "met": met}
    )
    overall = sum(met) / sum(eligible)
    spread = np.sqrt(overall * (1 - overall) / frame["eligible"])
    limits = {
        "lower_95": overall - 1.96 * spread,
        "upper_95": np.minimum(overall + 1.96 * spread, 1),
    }
    return frame.assign(share=frame["met"] / frame["eligible"], overall=overall, **limits)


def ratios():
    frame = (
        countries()
        .rename(columns={"rate": "standardised_incidence_ratio"})
        .drop(columns=["overall"])
    )
    frame["expected"] = frame["cases"] / np.linspace(0.8, 1.3, 8)
    frame["standardised_incidence_ratio"] = frame["cases"] / frame["expected"]
    return frame.assign(overall=1.0, lower_95=0.9, upper_95=1.1, lower_998=0.8, upper_998=1.2)


DRAWINGS = {
    "regions": lambda language: funnel_plot(units(), language, 5, limits=grid()),
    "countries": lambda language: funnel_plot(
        countries(), language, 5, between="country", limits=grid()
    ),
    "shares": lambda language: funnel_plot(shares(), language, 5, between="hospital"),
    "ratios": lambda language: funnel_plot(ratios(), language, 5, between="country"),
    "one": lambda language: funnel_plot(
        units((99,), ("Nord",), sizes=(6e5,)), language, 5, limits=grid()
    ),
    "none": lambda language: funnel_plot(
        units((0, 0), ("Nord", "Vest"), sizes=(6e5, 7e5)), language, 5
    ),
    "no limits": lambda language: funnel_plot(units().iloc[:, :4], language, 5),
}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS.keys())
def test_every_name_can_be_read(draw, language, unreadable):
    exhibit = draw(language)
    assert exhibit.body.startswith("<svg") and not unreadable(exhibit)
    assert "nan" not in exhibit.alternative and "{" not in exhibit.alternative + "".join(
        exhibit.notes
    )


def test_units_are_named_and_not_ranked(words):
    exhibit = DRAWINGS["regions"]("nb")
    said = words(exhibit)
    assert (
        set(REGIONS) <= set(said)
        and said.count("99,8\N{NO-BREAK SPACE}%") + said.count("99,8 %") == 2
    )
    assert "Alle samlet" in said
    assert "4 i alt" in exhibit.alternative and "Utenfor 95" in exhibit.alternative
    assert "Høyest" not in exhibit.alternative


def test_who_is_outside_is_told_in_words():
    frame = units((990, 380, 250, 300))
    said = funnel_plot(frame, "en", 5, limits=grid()).alternative
    assert (
        said.split("Outside the 99.8")[1].startswith(" % limits: ")
        and "North" in said.split("Outside the 99.8")[1]
    )


def test_the_line_of_all_together_does_not_give_a_small_unit_away(words):
    exhibit = funnel_plot(units((990, 380, 250, 3)), "en", 5, limits=grid(), totals=())
    assert exhibit.csv.count("true") == 2  # the small one, and another to hide it
    assert "North" not in words(exhibit)
    assert exhibit.csv.splitlines()[4].split(",")[3:] == ["", "", "", "", "", "", "true"]


def test_where_the_total_is_the_secret_neither_line_nor_limits_are_drawn(words):
    frame = units((3, 0, 0, 0))
    exhibit = funnel_plot(frame, "en", 5, limits=grid())
    assert (
        "All together" not in words(exhibit)
        and f"{frame['overall'].iloc[0]:.3g}" not in exhibit.csv
    )
    assert any("would give a number below 5 away" in note for note in exhibit.notes)


def test_nothing_to_draw_is_a_sentence():
    for frame in (units().iloc[:0], units((3, 2, 1, 4))):
        assert funnel_plot(frame, "en", 5, limits=grid()).body.startswith("<p>")


def test_what_a_funnel_cannot_do_without():
    with pytest.raises(MissingStepError, match="size of a unit"):
        funnel_plot(units().drop(columns="person_years"), "en", 5)
    with pytest.raises(InputError, match="limits of a funnel plot"):
        funnel_plot(units(), "en", 5, limits=pd.DataFrame({"person_years": [1e6]}))
    with pytest.raises(MissingStepError, match="region"):
        funnel_plot(countries(), "en", 5)


def test_a_unit_without_a_name_and_without_a_size():
    frame = units()
    frame.loc[3, "region"] = None
    frame.loc[2, "person_years"] = np.nan
    exhibit = funnel_plot(frame.astype({"cases": "Int64"}), "en", 5, limits=grid())
    assert (
        exhibit.body.startswith("<svg")
        and ">unknown<" in exhibit.body
        and "Central Norway<" not in exhibit.body
    )
