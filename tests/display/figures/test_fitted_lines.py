"""Trends drawn through points: lines and bands, joinpoints, strokes where a year is withheld."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import free_multiples, rate_lines, small_multiples

GROUPS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def trend(cases, group="I", joints=()):
    cases = np.array(cases, dtype=float)
    years = np.arange(2000, 2000 + len(cases))
    frame = pd.DataFrame(
        {"iccc3_group": group, "year": years, "cases": cases, "person_years": 1e6, "rate": cases}
    )
    frame = frame.assign(
        lower=cases * 0.6, upper=cases * 1.5 + 2, fitted=cases.mean() + (years - years.mean()) / 10
    )
    frame = frame.assign(fitted_lower=frame["fitted"] * 0.8, fitted_upper=frame["fitted"] * 1.2)
    return frame.assign(joinpoint=np.isin(years, joints))


def groups(names=GROUPS, years=16):
    rng = np.random.default_rng(5)
    return pd.concat(
        [trend(rng.poisson(60 / (place + 1) + 7, years), name) for place, name in enumerate(names)],
        ignore_index=True,
    )


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("draw", [small_multiples, free_multiples])
def test_twelve_groups_can_be_read(draw, language, unreadable):
    exhibit = draw(groups(), language, 5, panel="iccc3_group", provisional=2015)
    assert not unreadable(exhibit) and exhibit.body.count("<clipPath") == 12
    assert len(exhibit.body.encode()) < 90_000
    assert any(
        note.startswith(("The scales differ", "Skalaene er ulike")) for note in exhibit.notes
    ) == (draw is free_multiples)
    assert "Trend: " in exhibit.alternative and "{" not in exhibit.alternative


def test_the_notes_say_what_points_lines_and_strokes_are():
    exhibit = rate_lines(
        trend([3, *range(10, 30)], joints=(2008,)).drop(columns="iccc3_group"), "en", 5
    )
    said = " ".join(exhibit.notes)
    assert (
        "line and band: fitted trend" in said
        and "joinpoint" in said
        and "Short stroke at the foot" in said
    )
    bare = rate_lines(
        trend(range(10, 30)).drop(
            columns=["iccc3_group", "fitted_lower", "fitted_upper", "joinpoint"]
        ),
        "en",
        5,
    )
    assert "line: fitted trend" in " ".join(bare.notes)


def test_a_panel_in_which_nothing_may_be_shown_says_so(words):
    frame = pd.concat(
        [trend([1, 2, 1], "I"), trend([30, 40, 50], "II"), trend([60, 70, 80], "III")]
    )
    exhibit = small_multiples(frame, "en", 5, panel="iccc3_group")
    assert "not shown" in words(exhibit)


def test_mostly_withheld_ages_are_said_to_be():
    ages = pd.DataFrame(
        {
            "age_at_diagnosis": np.arange(18),
            "cases": [9, 30, 40, 20, *[2] * 14],
            "person_years": 1e5,
        }
    )
    ages = ages.assign(rate=ages["cases"] * 10.0, lower=1.0, upper=600.0)
    exhibit = rate_lines(ages, "nb", 5, x="age_at_diagnosis")
    assert any(note.startswith("De fleste punktene") for note in exhibit.notes)
    assert exhibit.body.count("<use") >= 18  # a stroke or a marker for every age


def test_a_point_alone_keeps_its_interval():
    ages = pd.DataFrame(
        {"age_at_diagnosis": [0, 1, 2, 3, 4], "cases": [2, 40, 3, 50, 60], "person_years": 1e5}
    )
    ages = ages.assign(rate=ages["cases"] * 10.0, lower=1.0, upper=600.0)
    assert 'stroke-opacity="0.5"' in rate_lines(ages, "en", 5, x="age_at_diagnosis").body
