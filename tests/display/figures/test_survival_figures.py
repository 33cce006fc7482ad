"""Curves of many kinds, together and in panels: axes, notes, and what is at risk."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import (
    curve_panels,
    rate_lines,
    small_multiples,
    suppress_curve,
    survival_curves,
)
from analysis.errors import InputError

GROUPS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def curve(n=60, hazard=0.3, measure="survival", **strata):
    at_risk, times = np.arange(n, 0, -1), np.linspace(30, 4500, n)
    value = np.exp(-hazard * np.arange(n) / n)
    if measure in ("cumulative_incidence", "cumulative_hazard"):
        value = 1 - value
    frame = pd.DataFrame(
        {
            **strata,
            "time_days": times,
            "at_risk": at_risk,
            "events": 1,
            "censored": 0,
            measure: value,
        }
    )
    return frame.assign(standard_error=0.1, lower=value - 0.03, upper=np.minimum(value + 0.03, 1))


def of_groups(sizes=(200, 90, 80, 70, 60, 50, 40, 30, 30, 30, 30, 30), **strata):
    pieces = [curve(n, 0.1 + place / 20, iccc3_group=name, **strata) for place, (name, n) in
              enumerate(zip(GROUPS, sizes, strict=False))]  # fmt: skip
    return pd.concat(pieces, ignore_index=True)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_panels_of_twelve_groups_can_be_read(language, unreadable):
    exhibit = curve_panels(of_groups(), language, 5, panel="iccc3_group")
    assert not unreadable(exhibit) and len(exhibit.body.encode()) < 90_000
    sexes = pd.concat([of_groups(sex="male"), of_groups(sex="female")], ignore_index=True)
    both = curve_panels(sexes, language, 5, panel="iccc3_group", by="sex")
    assert not unreadable(both)
    assert len(both.alternative.split(" 5 ")) == 25  # every group of either sex is told


def test_numbers_at_risk_stand_below_panels_of_one_curve(words):
    exhibit = curve_panels(of_groups((200, 90)), "en", 5, panel="iccc3_group")
    assert {"200", "90"} <= set(words(exhibit)) and any(
        note.startswith("Below each panel") for note in exhibit.notes
    )


def test_small_groups_have_no_panel_and_are_named():
    exhibit = curve_panels(of_groups((200, 4, 3)), "en", 5, panel="iccc3_group")
    assert (
        any("II Lymphoma, III CNS tumours" in note for note in exhibit.notes)
        and ">II Lymphoma<" not in exhibit.body
    )
    none = curve_panels(of_groups((3, 4)), "en", 5, panel="iccc3_group")
    assert none.body.startswith("<p>") and any("I Leukaemia" in note for note in none.notes)


def test_panels_take_the_strata_that_they_are_told():
    with pytest.raises(InputError, match="alone"):
        curve_panels(of_groups().assign(sex="male"), "en", 5, panel="iccc3_group")
    assert curve_panels(of_groups().iloc[:0], "en", 5, panel="iccc3_group").body.startswith("<p>")


@pytest.mark.parametrize(
    ("measure", "title"),
    [
        ("net_survival", "Net survival (95 % CI)"),
        ("relative_survival", "Relative survival (95 % CI)"),
        ("conditional_survival", "Conditional survival (95 % CI)"),
        ("cumulative_incidence", "Cumulative incidence (95 % CI)"),
        ("cumulative_hazard", "Cumulative hazard (95 % CI)"),
    ],
)
def test_a_curve_is_of_what_its_column_says(measure, title, words, unreadable):
    exhibit = survival_curves(curve(measure=measure), "en", 5)
    assert title in words(exhibit) and measure in exhibit.csv and not unreadable(exhibit)
    assert exhibit.alternative.startswith(title.split(" (")[0])
    first = exhibit.csv.splitlines()[1].split(",")
    assert first[2] == ("0" if measure.startswith("cumulative") else "1")


def test_an_axis_above_the_half_is_broken_and_said_to_be():
    cut = survival_curves(curve(hazard=0.2), "en", 5)
    assert (
        "The axis does not start at zero." in cut.notes
        and "0\N{NO-BREAK SPACE}%" not in cut.body.split(">")
    )
    whole = survival_curves(curve(hazard=2), "en", 5)
    assert (
        "The axis does not start at zero." not in whole.notes
        and ">0\N{NO-BREAK SPACE}%<" in whole.body
    )
    rising = survival_curves(curve(measure="cumulative_incidence", hazard=0.1), "en", 5)
    assert "The axis does not start at zero." not in rising.notes


@pytest.mark.parametrize("approach", ["period", "hybrid", "complete", "cohort"])
def test_the_approach_is_said_where_it_is_not_plain(approach):
    noted = survival_curves(curve().assign(approach=approach), "nb", 5)
    said = [note for note in noted.notes if "tilnærming:" in note]
    assert len(said) == (approach != "cohort")
    assert noted.csv == survival_curves(curve(), "nb", 5).csv


def test_an_emptied_risk_set_is_said_and_the_curve_ends_before():
    late = curve(20, iccc3_group="I")
    late["at_risk"] = [*range(12, 2, -1), *range(30, 20, -1)]
    frame = pd.concat(
        [late.assign(emptied=True), curve(40, iccc3_group="II").assign(emptied=False)]
    )
    exhibit = survival_curves(frame, "en", 5, horizon_years=12)
    assert any("in I Leukaemia: no curve" in note for note in exhibit.notes)
    last = suppress_curve(frame).frame.groupby("iccc3_group")["time_days"].max()
    assert last["I"] < 30 + 235.3 * 8 < last["II"]


def test_causes_share_their_children(words):
    causes = [
        curve(measure="cumulative_incidence", cause=cause, hazard=h)
        for cause, h in (("cancer", 0.3), ("other", 0.1))
    ]
    exhibit = survival_curves(pd.concat(causes, ignore_index=True), "nb", 5)
    assert {"kreft", "annen årsak"} <= set(words(exhibit)) and words(exhibit).count("60") == 1


def conditional(names=GROUPS, at_risk=300):
    rows = [
        {
            "iccc3_group": name,
            "given_years": given,
            "further_years": 5,
            "at_risk": at_risk - given * 10,
        }
        for name in names
        for given in range(11)
    ]
    frame = pd.DataFrame(rows)
    frame["conditional_survival"] = 0.7 + frame["given_years"] * 0.02
    return frame.assign(
        lower=frame["conditional_survival"] - 0.05, upper=frame["conditional_survival"] + 0.05
    )


@pytest.mark.parametrize("language", ["en", "nb"])
def test_survival_given_years_survived(language, unreadable):
    together = rate_lines(
        conditional(GROUPS[:4]), language, 5, x="given_years", series="iccc3_group"
    )
    apart = small_multiples(conditional(), language, 5, panel="iccc3_group", x="given_years")
    assert not unreadable(together) and not unreadable(apart)
    assert "70,0\N{NO-BREAK SPACE}%" in together.alternative.replace(".", ",")


def test_survival_of_few_survivors_is_withheld():
    frame = conditional(("I", "II", "III"), 104)
    assert (frame["at_risk"] == 4).sum() == 3
    exhibit = rate_lines(frame, "en", 5, x="given_years", series="iccc3_group")
    assert exhibit.csv.count("true") == 3


@pytest.mark.parametrize(
    ("language", "said"), [("en", "begins in 1990"), ("nb", "begynner i 1990")]
)
def test_where_a_life_table_ends_the_page_says_so(language, said):
    net = curve(measure="net_survival")
    net = net.assign(life_table_before_year=1990, life_table_after_age=80)
    assert "life_table" not in survival_curves(net, language, 5).csv
    notes = survival_curves(net, language, 5).notes
    assert any(said in note for note in notes) and any("80" in note for note in notes)
    assert not any(
        "1990" in note for note in survival_curves(curve(measure="net_survival"), language, 5).notes
    )


def test_a_curve_that_may_not_be_read_ends_where_it_may():
    late = curve(20)
    late.loc[10:, ["survival", "lower", "upper"]] = np.nan
    public = suppress_curve(late.assign(emptied=late["survival"].isna())).frame
    assert public["survival"].notna().all()
    assert (
        late["time_days"][9]
        < public["time_days"].max() + 365.25 / 12
        <= late["time_days"][10] + 365.25 / 12
    )
