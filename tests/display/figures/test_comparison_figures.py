"""Forests, slopes, and observed against expected: what is drawn, printed and withheld."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import expected_dots, forest_plot, slope_chart
from analysis.errors import InputError, MissingStepError

COUNTRIES = ("DK", "FI", "IS", "NO", "SE", "EE", "LV", "LT")
GROUPS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
HOSPITAL = "Universitetssykehuset i Nord-Norges avdeling for barn og ungdom"


def ratios(
    values=(1, 1.3, 0.7),
    cases=(90, 80, 70),
    column="country",
    names=COUNTRIES,
    measure="rate_ratio",
):
    names = list(names)[: len(values)]
    frame = pd.DataFrame(
        {column: names, "cases": list(cases)[: len(values)], measure: np.array(values, dtype=float)}
    )
    frame = frame.assign(lower=frame[measure] * 0.8, upper=frame[measure] * 1.3)
    frame.loc[frame[measure] == 1, ["lower", "upper"]] = np.nan
    return frame


def pooled(frame, cases=240):
    row = {
        "country": None,
        "cases": cases,
        "rate_ratio": 1.02,
        "lower": 0.9,
        "upper": 1.2,
        "pooled": True,
    }
    found = {"heterogeneity": 5.2, "degrees_of_freedom": 2, "p_value": 0.074, "i_squared": 0.61}
    return pd.concat(
        [frame.assign(pooled=False), pd.DataFrame([{**row, **found}])], ignore_index=True
    )


def periods(names=COUNTRIES, column="country", at_risk=200, values=(0.7, 0.85)):
    rows = [
        {column: name, "period": period, "at_risk": at_risk, "survival": value + place / 100}
        for place, name in enumerate(names)
        for period, value in zip(("1990–1994", "2014–2018"), values, strict=True)
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(lower=frame["survival"] - 0.04, upper=frame["survival"] + 0.03)


def expected(cases=(62, 24, 12), column="iccc3_group", names=GROUPS):
    cases = np.array(cases, dtype=float)
    frame = pd.DataFrame({column: list(names)[: len(cases)], "cases": cases, "expected": 20.0})
    return frame.assign(lower=11.0, upper=30.0)


DRAWINGS = {
    "forest": lambda language: forest_plot(pooled(ratios()), language, 5, category="country"),
    "forest of groups": lambda language: forest_plot(
        ratios(
            [1, 0.3, 2, 5, 0.9, 1.1, 0, np.nan, 3, 1.2, 1.4, 40],
            [50] * 12,
            "iccc3_group",
            GROUPS,
            "hazard_ratio",
        ),
        language,
        5,
        category="iccc3_group",
    ),
    "forest with a long name": lambda language: forest_plot(
        ratios([1, 1.2], column="hospital", names=["OUS", HOSPITAL]),
        language,
        5,
        category="hospital",
    ),
    "forest of one": lambda language: forest_plot(ratios([1.2]), language, 5, category="country"),
    "forest of differences": lambda language: forest_plot(
        ratios([-0.03, 0.05, 0.1], measure="survival_difference"), language, 5, category="country"
    ),
    "slopes": lambda language: slope_chart(periods(), language, 5, category="country"),
    "slopes of groups": lambda language: slope_chart(
        periods(GROUPS, "iccc3_group"), language, 5, category="iccc3_group"
    ),
    "slopes of one": lambda language: slope_chart(periods(["NO"]), language, 5, category="country"),
    "slopes of one period": lambda language: slope_chart(
        periods().query("period == '1990–1994'"), language, 5, category="country"
    ),
    "slopes without intervals": lambda language: slope_chart(
        periods().assign(lower=np.nan, upper=np.nan), language, 5, category="country"
    ),
    "expected": lambda language: expected_dots(
        expected(range(5, 60, 5)), language, 5, category="iccc3_group"
    ),
    "expected of one": lambda language: expected_dots(
        expected([7]), language, 5, category="iccc3_group"
    ),
    "expected of none": lambda language: expected_dots(
        expected([0, 0]), language, 5, category="iccc3_group"
    ),
}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS.keys())
def test_every_word_can_be_read(draw, language, unreadable):
    exhibit = draw(language)
    assert exhibit.body.startswith("<svg") and not unreadable(exhibit)
    assert "nan" not in exhibit.alternative and "{" not in exhibit.alternative + "".join(
        exhibit.notes
    )


def test_a_forest_prints_its_numbers_its_reference_and_all_together(words):
    exhibit = DRAWINGS["forest"]("en")
    said = words(exhibit)
    assert "1.00 (reference)" in said and "1.30 (1.04–1.69)" in said and "All together" in said
    assert (
        "Heterogeneity: Q = 5.20 on 2 degrees of freedom, p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.074; "
        in " ".join(exhibit.notes)
    )
    assert "I² = 61\N{NO-BREAK SPACE}%." in exhibit.notes[-1]
    assert "Finland: 1.30 (1.04–1.69)." in exhibit.alternative
    assert "pooled" not in exhibit.csv.splitlines()[0]


def test_the_reference_may_be_marked_or_named(words):
    frame = ratios((1.1, 1.3))
    for reference in ([True, False], "DK"):
        assert "1.10 (reference)" in words(
            forest_plot(frame.assign(reference=reference), "en", 5, category="country")
        )
    assert "1.10 (0.88–1.43)" in words(forest_plot(frame, "en", 5, category="country"))


def test_what_is_not_estimated_or_goes_beyond_the_axis_is_said(words):
    exhibit = DRAWINGS["forest of groups"]("en")
    assert "not estimated" in words(exhibit) and any(
        note.startswith("Arrow") for note in exhibit.notes
    )
    assert any("logarithmic" in note for note in exhibit.notes)
    endless = ratios((1.2, 3)).assign(upper=[1.5, np.inf])
    assert "3.00 (2.40–∞)" in words(forest_plot(endless, "en", 5, category="country"))


def test_a_small_part_goes_and_takes_another_and_a_small_whole_goes_too(words):
    said = words(forest_plot(pooled(ratios(cases=(90, 3, 40)), 133), "en", 5, category="country"))
    assert said.count("not shown") == 2 and "1.02 (0.90–1.20)" in said
    hidden = forest_plot(pooled(ratios((1.2, 1.1), cases=(3, 4)), 7), "en", 5, category="country")
    assert "1.02" not in hidden.body + hidden.csv + hidden.alternative


def test_a_ratio_of_rates_comes_with_its_counts():
    with pytest.raises(InputError, match="must come with the counts"):
        forest_plot(ratios().drop(columns="cases"), "en", 5, category="country")
    with pytest.raises(InputError, match="ratio or a difference"):
        forest_plot(ratios(measure="rate"), "en", 5, category="country")


def test_a_slope_is_named_with_its_value_at_both_ends(words):
    said = words(DRAWINGS["slopes"]("en"))
    assert "Norway  73.0\N{NO-BREAK SPACE}%" in said and "88.0\N{NO-BREAK SPACE}%  Norway" in said
    assert "The axis does not start at zero." in DRAWINGS["slopes"]("en").notes


def test_countries_keep_their_colour_and_marker():
    for exhibit in (
        DRAWINGS["slopes of one"]("en"),
        forest_plot(ratios([1.2], names=["NO"]), "en", 5, "country"),
    ):
        assert "#d55e00" in exhibit.body and "#0072b2" not in exhibit.body


def test_a_withheld_end_of_a_slope_is_not_drawn(words):
    frame = periods()
    frame.loc[0, "at_risk"] = 3
    exhibit = slope_chart(frame, "en", 5, category="country", totals=())
    assert [said for said in words(exhibit) if "Denmark" in said] == [
        "Denmark  85.0\N{NO-BREAK SPACE}%",
        "85.0\N{NO-BREAK SPACE}%  Denmark",
    ]  # named where its one point stands
    assert exhibit.csv.count("true") == 1
    assert slope_chart(frame, "en", 5, category="country").csv.count("true") == 4


def test_the_finding_is_that_of_the_interval_or_the_one_that_is_given(words):
    frame = expected((62, 24, 7))
    said = words(expected_dots(frame, "en", 5, category="iccc3_group"))
    assert [text for text in said if "expected" in text and "(" not in text] == [
        "more than expected",
        "as expected",
        "fewer than expected",
    ]
    given = expected_dots(
        frame.assign(verdict=["higher", "as_expected", "as_expected"]),
        "nb",
        5,
        category="iccc3_group",
    )
    assert words(given).count("som forventet") == 2 and "62 (20,0)" in words(given)


def test_what_was_expected_goes_with_a_small_number():
    exhibit = expected_dots(
        expected((62, 24, 3)).assign(verdict="as_expected"),
        "en",
        5,
        category="iccc3_group",
        totals=(),
    )
    assert exhibit.csv.splitlines()[3] == "III,,,,,,true"
    assert "CNS" not in exhibit.alternative.replace("diagnostic group", "")


def test_nothing_to_compare_is_a_sentence():
    for exhibit in (
        forest_plot(ratios(cases=(3, 2, 1)), "en", 5, category="country"),
        forest_plot(ratios().iloc[:0], "en", 5, category="country"),
        slope_chart(periods(at_risk=2), "en", 5, category="country"),
        slope_chart(periods().iloc[:0], "en", 5, category="country"),
        expected_dots(expected((1, 2, 3)), "en", 5, category="iccc3_group"),
        expected_dots(expected().iloc[:0], "en", 5, category="iccc3_group"),
    ):
        assert exhibit.body == "<p>Too few children to draw.</p>"
    with pytest.raises(MissingStepError, match="upper"):
        expected_dots(expected().drop(columns="upper"), "en", 5, category="iccc3_group")


@pytest.mark.parametrize("kind", ["category", "string", object])
def test_frames_of_any_kind_and_order_are_taken(kind):
    frame = pooled(ratios()).astype({"country": kind, "cases": "Int64"})
    frame.index = [7, 7, 3, 1]
    assert "Denmark: 1.00." in forest_plot(frame, "en", 5, category="country").alternative
    shuffled = periods().astype({"country": kind, "period": kind}).sample(frac=1, random_state=1)
    assert slope_chart(shuffled, "en", 5, category="country").body.startswith("<svg")
