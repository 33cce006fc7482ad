"""The words in terms.csv, each there once and for every code."""

import csv
from importlib.resources import files

import pandas as pd
import pytest

from analysis.display import rate_dots, survival_curves, table
from analysis.terms import (
    BASIS_OF_DIAGNOSIS,
    COUNTRIES,
    ICCC3_GROUPS,
    SEXES,
    VITAL_STATUS,
    has_label,
)

LETTERS = {
    "I": 5,
    "II": 5,
    "III": 6,
    "IV": 2,
    "VI": 3,
    "VII": 3,
    "VIII": 5,
    "IX": 5,
    "X": 5,
    "XI": 6,
    "XII": 2,
}


def rows():
    with files("analysis").joinpath("terms.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_word_is_there_once():
    assert all(row["en"].strip() for row in rows())
    keys = [row["key"] for row in rows()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("country", COUNTRIES),
        ("sex", SEXES),
        ("vital_status", VITAL_STATUS),
        ("basis_of_diagnosis", BASIS_OF_DIAGNOSIS),
        ("iccc3", (*ICCC3_GROUPS, "IV–XII")),
        ("iccc3_short", (*ICCC3_GROUPS, "IV–XII")),
    ],
)
def test_every_code_has_a_word(family, codes):
    assert [code for code in codes if not has_label(f"{family}.{code}")] == []


def test_all_47_lettered_subgroups_have_a_word():
    wanted = [f"iccc3.{group}({letter})" for group, n in LETTERS.items() for letter in "abcdef"[:n]]
    assert len(wanted) == 47
    assert [key for key in wanted if not has_label(key)] == []


FOLLOWED = pd.DataFrame({"sex": ["male", "female"], "at_risk": [60, 50], "survival": [0.9, 0.8]})


@pytest.mark.parametrize(
    ("outcome", "language", "said"),
    [
        (None, "en", "Survival"),
        ("death", "en", "Survival"),
        ("death", "nb", "Overlevelse"),
        ("relapse", "en", "Survival without relapse"),
        ("relapse", "nb", "Overlevelse uten tilbakefall"),
    ],
)
def test_survival_says_what_it_is_without(outcome, language, said):
    frame = FOLLOWED.assign(lower=0.7, upper=0.95, outcome=outcome)
    assert f">{said}<" in table(frame, language, 5).body
    drawn = rate_dots(frame, language, 5, category="sex")
    assert f"{said} (" in drawn.body and drawn.alternative.startswith(f"{said} ")
    curve = pd.DataFrame(
        {"time_days": [100.0, 900.0], "at_risk": [20, 6], "survival": [0.95, 0.80]}
    )
    curve = curve.assign(lower=0.7, upper=0.99, outcome=outcome)
    curves = survival_curves(curve, language, 5)
    assert f"{said} (" in curves.body and curves.alternative.startswith(f"{said} ")
