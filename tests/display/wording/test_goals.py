"""A share beside its goal: met, not met, or not to be told; in a mark with its word."""

import pandas as pd
import pytest

from analysis.display import add_goal, funnel_plot, rate_dots, say_goal, say_verdicts, table
from analysis.errors import MissingStepError


def shares():
    return pd.DataFrame(
        {
            "indicator": ["mdt_meeting", "mdt_meeting", "study_protocol", "mdt_meeting"],
            "region": ["Vest", "Nord", "Nord", "Sør-Øst"],
            "eligible": [200, 150, 40, 0],
            "met": [190, 80, 18, 0],
            "share": [0.95, 0.53, 0.45, None],
            "lower": [0.91, 0.45, 0.31, None],
            "upper": [0.97, 0.61, 0.60, None],
        },
        index=[7, 3, 5, 1],
    )


def test_the_verdict_is_that_of_the_interval():
    judged = add_goal(shares(), {"mdt_meeting": 0.8, "study_protocol": 0.4})
    assert judged["goal"].tolist() == [0.8, 0.8, 0.4, 0.8]
    assert judged["goal_verdict"].tolist() == ["met", "not_met", "cannot_tell", "cannot_tell"]
    assert judged.index.tolist() == [7, 3, 5, 1]


def test_a_limit_on_the_goal_reaches_it_and_without_a_goal_there_is_no_verdict():
    edge = shares().assign(lower=0.8, upper=0.8)
    assert set(add_goal(edge, 0.8)["goal_verdict"]) == {"met"}
    judged = add_goal(shares(), {"mdt_meeting": 0.8})
    assert judged["goal_verdict"].isna().tolist() == [False, False, True, False]
    assert add_goal(shares().iloc[:0], 0.8)["goal_verdict"].tolist() == []


@pytest.mark.parametrize(
    ("language", "word", "goal"), [("en", "not met", "80"), ("nb", "ikke nådd", "80")]
)
def test_a_table_says_it_in_a_mark_and_a_word(language, word, goal):
    shown = table(add_goal(shares(), 0.8), language, 5)
    assert f'<span class="mark" aria-hidden="true">○</span> {word}' in shown.body
    assert f"{goal}\N{NO-BREAK SPACE}%" in shown.body
    assert any(note.startswith("●") for note in shown.notes)
    assert "not_met" in shown.csv and "○" not in shown.csv


def test_a_withheld_share_has_no_verdict():
    few = shares().assign(met=[198, 80, 18, 0])
    shown = table(add_goal(few, 0.8), "en", 5)
    row = next(line for line in shown.csv.splitlines() if "Vest" in line)
    assert "met" not in row.replace("mdt_meeting", "") and row.endswith("true")


GOALS = {"mdt_meeting": 0.8, "study_protocol": 0.4}


def test_dots_have_their_goal_and_the_verdict_beside():
    shown = rate_dots(add_goal(shares(), GOALS), "nb", 5, category="region", series="indicator")
    drawn = shown.body.replace("\N{NO-BREAK SPACE}", " ")
    assert drawn.count(">● nådd<") == 1 and drawn.count(">○ ikke nådd<") == 1
    assert (
        "Mot målet: nådd: Vest, MDT-møte. ikke nådd: Nord, MDT-møte. uavklart:" in shown.alternative
    )
    assert any(note.startswith("Loddrett strek") for note in shown.notes)


def test_a_withheld_dot_has_no_verdict_in_drawing_words_or_data():
    few = add_goal(shares().assign(met=[198, 80, 18, 0]), GOALS)
    shown = rate_dots(few, "en", 5, category="region", series="indicator")
    assert "● met" not in shown.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "Vest" not in shown.alternative.partition("Against the goal")[2]
    assert not any(",met," in line for line in shown.csv.splitlines()[1:])


def test_a_funnel_draws_the_goal_of_all_apart_from_the_limits():
    units = shares().iloc[:2].drop(columns=["lower", "upper"]).assign(overall=0.77, goal=0.9)
    shown = funnel_plot(units, "en", 5)
    assert ">Goal</text>" in shown.body and any(
        note.startswith("Dotted line: the goal") for note in shown.notes
    )
    several = funnel_plot(units.assign(goal=[0.9, 0.8]), "en", 5)
    assert ">Goal</text>" not in several.body and not any("goal" in note for note in several.notes)


def test_a_sentence_tells_as_much_as_the_table():
    judged = add_goal(shares(), GOALS)
    assert say_goal(judged.iloc[[0]], "en", 5) == "●\N{NO-BREAK SPACE}met"
    assert say_goal(judged.iloc[[0]].assign(met=198), "en", 5) == "not shown"
    assert say_goal(judged.iloc[:0], "en", 5) == "not estimated"
    few = add_goal(shares().assign(met=[198, 80, 18, 0]), GOALS)
    said = say_verdicts(few[few["indicator"] == "mdt_meeting"], "nb", 5)
    assert (
        said.startswith("●\N{NO-BREAK SPACE}nådd: 0, ○\N{NO-BREAK SPACE}ikke nådd: ")
        and "vises ikke: " in said
    )
    assert say_verdicts(few.iloc[:0], "en", 5).endswith("cannot tell: 0")


def test_an_interval_is_needed():
    with pytest.raises(MissingStepError):
        add_goal(shares().drop(columns="lower"), 0.8)
