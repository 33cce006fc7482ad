"""Figures: what is drawn, what is said of it, and what neither may show."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.display import (
    count_bars,
    rate_dots,
    rate_lines,
    small_multiples,
    survival_curves,
)
from analysis.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"


def rates(cases=(62, 24, 3), column="country", values=("NO", "SE", "IS")):
    frame = pd.DataFrame({column: list(values), "cases": list(cases), "person_years": 1.1e6})
    rate = frame["cases"] / 1.1
    return frame.assign(rate=rate, lower=rate * 0.7, upper=rate * 1.4 + 1)


def by_year(countries=("NO", "SE"), years=range(1985, 2024)):
    rows = [
        rates([80 + 3 * (y % 7)] * len(years), "year", years).assign(country=c)
        for y, c in enumerate(countries)
    ]
    return pd.concat(rows, ignore_index=True).astype({"year": "Int64"})


def curve(sizes=(("I", 60), ("II", 40)), events=True):
    pieces = []
    for group, n in sizes:
        at_risk, times = np.arange(n, 0, -1), np.linspace(30, 4500, n)
        died = np.arange(n) % 3 == 0 if events else np.zeros(n, dtype=bool)
        survival = np.cumprod(1 - died / at_risk)
        limits = (
            {"lower": survival - 0.05, "upper": np.minimum(survival + 0.05, 1)}
            if events
            else {"lower": np.nan, "upper": np.nan}
        )
        piece = {
            "time_days": times,
            "at_risk": at_risk,
            "events": died.astype(int),
            "censored": 1 - died,
        }
        pieces.append(
            pd.DataFrame(
                {
                    "iccc3_group": group,
                    **piece,
                    "survival": survival,
                    "standard_error": 0.1,
                    **limits,
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def proportions(values=(0.9, 0.7, 0.6)):
    frame = pd.DataFrame(
        {
            "iccc3_group": ["I", "II", "III"],
            "years": 5,
            "at_risk": [90, 40, 30],
            "survival": list(values),
        }
    )
    return frame.assign(lower=frame["survival"] - 0.08, upper=frame["survival"] + 0.05)


FIGURES = {
    "count_bars": lambda language: count_bars(rates(), language, 5, category="country"),
    "columns": lambda language: count_bars(
        by_year(["NO"])[["year", "cases"]], language, 5, category="year"
    ),
    "rate_dots": lambda language: rate_dots(rates((62, 24, 30)), language, 5, category="country"),
    "rate_lines": lambda language: rate_lines(
        by_year(), language, 5, series="country", provisional=2023
    ),
    "small_multiples": lambda language: small_multiples(by_year(), language, 5, panel="country"),
    "dots of survival": lambda language: rate_dots(
        proportions(), language, 5, category="iccc3_group"
    ),
    "survival_curves": lambda language: survival_curves(curve(), language, 5),
}


def words(exhibit):
    return [text.text for text in ElementTree.fromstring(exhibit.body).iter(f"{SVG}text")]


def _check_picture(exhibit, root):
    """As wide as an A4 page's text at 300 dots an inch, and of the same shape as the drawing."""
    picture = Image.open(io.BytesIO(base64.b64decode(exhibit.picture)))
    _, _, wide, tall = map(float, root.get("viewBox").split())
    assert picture.format == "PNG" and round(picture.info["dpi"][0]) == 300
    assert abs(picture.width / 300 * 25.4 - 170) < 0.5
    assert abs(picture.height / picture.width - tall / wide) < 0.005
    assert picture.convert("RGB").getpixel((0, 0)) >= (250, 250, 250)
    assert len(exhibit.picture) < 160_000


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_a_drawing_is_fit_for_a_page(figure, language):
    exhibit = figure(language)
    root = ElementTree.fromstring(exhibit.body)
    assert exhibit.body.startswith("<svg") and "<metadata" not in exhibit.body
    assert root.get("role") == "img" and root.get("width") == "100%" and root.get("viewBox")
    assert root.get("aria-label") == exhibit.alternative == root.find(f"{SVG}desc").text
    assert len(exhibit.body.encode()) < 60_000
    assert (
        "currentColor" in exhibit.body
        and "#010203" not in exhibit.body
        and "#000000" not in exhibit.body
    )
    assert not re.search(r"\d\.\d{4,}", exhibit.body), "coordinates are rounded"
    assert "<style" not in exhibit.body, "a style sheet in a drawing reaches the whole page"
    assert " style=" not in exhibit.body, "a page under a strict policy obeys no style in a tag"
    _check_picture(exhibit, root)
    assert "DejaVu" not in exhibit.body and words(exhibit), "text is text"
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', exhibit.body)]
    assert sizes and min(sizes) >= 12


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_the_same_numbers_make_the_same_drawing(figure):
    assert figure("en").body == figure("en").body


def test_ids_of_two_drawings_do_not_meet():
    one, other = (
        set(re.findall(r' id="([^"]+)"', FIGURES[name]("en").body))
        for name in ("rate_lines", "rate_dots")
    )
    assert one and other and not one & other


def test_references_inside_a_drawing_hold_and_no_id_looks_like_an_identity_number():
    for figure in FIGURES.values():
        body = figure("en").body
        assert not re.search(r'(?: id="|href="#|url\(#)[^")]*\d{6}', body)
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', body)) <= set(
            re.findall(r' id="([^"]+)"', body)
        )


def test_a_small_number_is_neither_drawn_nor_said():
    for draw in (rate_dots, count_bars):
        exhibit = draw(rates((62, 24, 3)), "en", 5, category="country", totals=())
        assert exhibit.csv.splitlines()[3].startswith("IS,,") and exhibit.csv.endswith("true\n")
        assert words(exhibit).count("not shown") == 1
        assert "Iceland" not in exhibit.alternative and exhibit.notes


def test_the_margins_of_a_figure_are_known():
    frame = pd.concat(
        [rates((62, 24, 3)).assign(sex="male"), rates((50, 30, 20)).assign(sex="female")]
    )
    exhibit = rate_dots(frame, "en", 5, category="country", series="sex")
    assert exhibit.csv.count("true") == 4


@pytest.mark.parametrize("cases", [(3, 2, 1), (np.nan, np.nan, np.nan)])
def test_nothing_to_draw_is_a_sentence(cases):
    for exhibit in (
        rate_dots(rates(cases), "en", 5, category="country"),
        count_bars(rates(cases), "en", 5, category="country"),
        rate_lines(rates(cases, "year", (2020, 2021, 2022)), "en", 5),
        rate_dots(rates().iloc[:0], "en", 5, category="country"),
        survival_curves(curve([("I", 3)]), "en", 5),
        survival_curves(curve().iloc[:0], "en", 5),
        small_multiples(by_year().iloc[:0], "en", 5, panel="country"),
    ):
        assert exhibit.body == "<p>Too few children to draw.</p>" and exhibit.kind == "figure"


def test_one_point_and_one_category_are_drawn():
    for exhibit in (
        rate_dots(rates((62,), values=("NO",)), "en", 5, category="country"),
        rate_lines(rates((62,), "year", (2020,)), "en", 5),
        count_bars(rates((62,), values=("NO",)), "en", 5, category="country"),
        small_multiples(by_year(["NO"], [2020]), "en", 5, panel="country"),
        rate_dots(rates((0, 0, 0)), "en", 5, category="country"),
        count_bars(rates((0, 0, 0)), "en", 5, category="country"),
    ):
        assert exhibit.body.startswith("<svg")


def test_a_provisional_year_is_hollow_and_said_to_be():
    exhibit = FIGURES["rate_lines"]("en")
    assert exhibit.notes == ("Hollow: provisional, cases may still be reported.",)
    assert (
        len(re.findall(r'fill-opacity="0" stroke="#[0-9a-f]{6}" stroke-width="1\.6"', exhibit.body))
        >= 2
    )
    assert not rate_lines(by_year(), "en", 5, series="country").notes


def test_a_cut_axis_is_said_to_be_cut():
    assert any(
        "zero" in note
        for note in rate_dots(proportions((0.9, 0.85, 0.8)), "en", 5, category="iccc3_group").notes
    )
    assert not rate_dots(proportions((0.9, 0.3, 0.4)), "en", 5, category="iccc3_group").notes


def test_curves_carry_their_numbers_at_risk_and_names():
    exhibit = FIGURES["survival_curves"]("en")
    said = words(exhibit)
    assert (
        said.count("I Leukaemia") == 2
        and "Number at risk" in said
        and "60" in said
        and "100\N{NO-BREAK SPACE}%" in said
    )
    header = exhibit.csv.splitlines()[0]
    assert header == "iccc3_group,time_days,at_risk,survival,lower,upper,suppressed"


def test_a_small_stratum_is_named_and_not_drawn():
    exhibit = survival_curves(curve([("I", 60), ("VII", 4)]), "en", 5)
    assert "Not drawn, with fewer than 5 children: VII Hepatic tumours." in exhibit.notes
    assert "VII Hepatic tumours" not in words(exhibit) and "VII" not in exhibit.csv


def test_curves_without_a_death_are_drawn_at_the_top():
    exhibit = survival_curves(curve(events=False), "en", 5)
    assert (
        exhibit.body.startswith("<svg")
        and "100.0\N{NO-BREAK SPACE}% at 5 years" in exhibit.alternative
    )


def test_curves_in_two_ways_at_once_are_refused():
    with pytest.raises(InputError, match="one stratum column"):
        survival_curves(curve().assign(sex="male"), "en", 5)


def test_the_alternative_tells_extremes_and_the_course():
    dots = rate_dots(rates((110, 22, 33)), "en", 5, category="country").alternative
    assert (
        dots
        == "Rate per million by country, 3 in all. Highest: 100.0 (Norway); lowest: 20.0 (Sweden)."
    )
    lines = rate_lines(rates((110, 22, 33), "year", (2020, 2021, 2022)), "nb", 5).alternative
    assert lines.endswith(
        "2020 til 2022. Fra 100,0 i starten til 30,0 på slutten, lavest 20,0, høyest 100,0."
    )


def test_a_missing_stratum_is_called_unknown():
    exhibit = rate_dots(rates((62, 24, 30), values=("NO", "SE", None)), "en", 5, category="country")
    assert "unknown" in words(exhibit)


def test_no_estimate_is_refused():
    with pytest.raises(InputError, match="must have an estimate"):
        rate_dots(pd.DataFrame({"country": ["NO"], "cases": [9]}), "en", 5, category="country")


def test_years_after_diagnosis_are_said_with_their_unit():
    frame = pd.concat([proportions().assign(years=1), proportions((0.8, 0.6, 0.5))])
    assert {"1 year", "5 years"} <= set(
        words(rate_dots(frame, "en", 5, category="iccc3_group", series="years"))
    )


def test_a_lone_point_of_a_long_line_is_marked():
    whole = by_year(["NO"]).drop(columns="country")
    gaps = whole.copy()
    gaps.loc[[9, 11], "cases"] = 2
    marker = r'<use [^>]*fill="#0072b2" stroke'
    assert not re.findall(marker, rate_lines(whole, "en", 5).body)
    assert len(re.findall(marker, rate_lines(gaps, "en", 5).body)) == 1


@pytest.mark.parametrize("x", ["period", "year"])
def test_what_has_no_place_along_the_axis_is_told_and_not_drawn(x):
    values = ["1985–1989", "1990–1994", None] if x == "period" else [2000, 2001, None]
    frame = rates((62, 24, 330), x, values).assign(country="NO")
    for exhibit in (
        rate_lines(frame.drop(columns="country"), "en", 5, x=x),
        small_multiples(frame, "en", 5, panel="country", x=x),
    ):
        assert exhibit.body.startswith("<svg") and "300.0" not in exhibit.alternative
        assert [note for note in exhibit.notes if note.startswith("Not drawn")]
        assert "330" in exhibit.csv
    assert rate_lines(
        frame.assign(**{x: None}).drop(columns="country"), "en", 5, x=x
    ).body.startswith("<p>")


def test_bars_over_years_without_a_year_are_told():
    frame = pd.DataFrame({"year": pd.array([*range(2000, 2010), None], dtype="Int64"), "cases": 30})
    assert any(
        note.startswith("Not drawn") for note in count_bars(frame, "en", 5, category="year").notes
    )


@pytest.mark.parametrize("years", [range(2019, 2024), range(2000, 2024)])
def test_bars_of_provisional_years_are_hollow(years):
    frame = by_year(["NO"], years)[["year", "cases"]]
    hollow = r'fill="none" stroke="#0072b2" stroke-width="1\.6"'
    for first, n in ((2023, 1), (2022, 2), (0, 0), (None, 0)):
        exhibit = count_bars(frame, "en", 5, category="year", provisional=first)
        assert len(re.findall(hollow, exhibit.body)) == n
        assert bool(exhibit.notes) == bool(n)


def test_years_from_the_first_provisional_one_on_are_hollow():
    exhibit = rate_lines(by_year(["NO"]).drop(columns="country"), "en", 5, provisional=2022)
    assert len(re.findall(r'<use [^>]*fill-opacity="0" stroke="#0072b2"', exhibit.body)) == 2
    assert not rate_lines(by_year(), "en", 5, series="country", provisional=0).notes


def test_periods_under_narrow_panels_stand_apart():
    periods = [f"{first}–{first + 4}" for first in range(1985, 2025, 5)]
    panels = [
        rates([90] * 8, "period", periods).assign(country=name)
        for name in ("NO", "SE", "DK", "FI", "IS")
    ]
    said = words(small_multiples(pd.concat(panels), "en", 5, panel="country", x="period"))
    assert said.count("1985–1989") == said.count("2020–2024") == 5 and "2000–2004" not in said


def test_a_leader_is_a_hairline_in_the_colour_of_the_text():
    body = survival_curves(curve(), "en", 5).body
    leaders = [line for line in re.findall(r"<path [^>]*>", body) if 'stroke-width="0.6"' in line]
    assert len(leaders) == 2 and all(
        "currentColor" in line and "dasharray" not in line for line in leaders
    )


@pytest.mark.parametrize(
    "ages", [["0", "1-4", "5-9", "10-14", "15-17"], ["0–4", "5–9", "10–14", "15–19"]]
)
def test_ages_stand_in_their_order_whatever_their_text_sorts_as(ages, words):
    drawn = words(
        rate_lines(rates([50] * len(ages), "age_group", ages[::-1]), "en", 5, x="age_group")
    )
    assert drawn[: len(ages)] == [age.replace("-", "–") for age in ages]
