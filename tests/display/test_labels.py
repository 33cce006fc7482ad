"""The words in terms.csv: complete in both languages."""

import csv
from importlib.resources import files

import pytest

from analysis.terms import BASIS_OF_DIAGNOSIS, COUNTRIES, ICCC3_GROUPS, LANGUAGES, SEXES, VITAL_STATUS, has_label

LETTERS = {"I": 5, "II": 5, "III": 6, "IV": 2, "VI": 3, "VII": 3, "VIII": 5, "IX": 5, "X": 5, "XI": 6, "XII": 2}


def rows():
    with files("analysis").joinpath("terms.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_word_is_there_in_every_language_and_once():
    assert all(row[language].strip() for row in rows() for language in LANGUAGES)
    keys = [row["key"] for row in rows()]
    assert len(keys) == len(set(keys))


def test_both_languages_fill_the_same_places():
    for row in rows():
        places = [sorted(part.split("}")[0] for part in row[language].split("{")[1:]) for language in LANGUAGES]
        assert places[0] == places[1], row["key"]


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
