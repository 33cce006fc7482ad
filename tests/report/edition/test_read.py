"""An edition is read whole, or every fault of it is told at once."""

import pytest

from analysis.errors import InputError
from analysis.report.edition.read import read_edition


def faults_of(path):
    with pytest.raises(InputError) as raised:
        read_edition(path)
    return raised.value.faults


def test_a_sound_edition_is_frozen_and_its_defaults_are_the_fields(write_edition):
    edition = read_edition(write_edition())
    assert (edition.standard_population, edition.rate_per, edition.minimum_cell) == (
        "world-1960",
        1_000_000,
        5,
    )
    assert edition.survival.years == [1, 5, 10]
    assert edition.provisional_year == 2023
    with pytest.raises(ValueError, match="frozen"):
        edition.age_limit = 15


def test_norway_and_norwegian_are_not_the_boolean_of_yaml(write_edition):
    text = """
title: {en: Report, nb: Rapport}
languages: [en, no]
country: NO
countries: [NO, SE]
sources: {cases: demo}
chapters: [03_incidence]
"""
    edition = read_edition(write_edition(text=text))
    assert edition.languages == ["en", "nb"]
    assert (edition.country, edition.countries) == ("NO", ["NO", "SE"])


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"colour": "blue"}, "colour: unknown key"),
        ({"age_limits": 18}, "age_limits: unknown key; did you mean age_limit?"),
        ({"title": ...}, "title: must be given"),
        (
            {"title": {"en": "Report"}},
            "title: must be given in every language of the edition: nb is absent",
        ),
        ({"languages": []}, "languages: must not be empty"),
        ({"languages": ["en", "en"]}, "languages: must not repeat en"),
        ({"languages": ["en", "xx"]}, "languages[2]: must be one of 'en' or 'nb'"),
        ({"country": "FI"}, "country: must be one of countries"),
        (
            {"countries": ["Norway"]},
            'countries[1]: must be a country code of two capital letters, such as "NO"',
        ),
        ({"age_limit": 16}, "age_limit: must be 15, 18 or 20"),
        (
            {"age_limit": 20},
            "age_limit: must not pass 18 where a source is demo, which has nobody older",
        ),
        ({"age_limit": "18"}, "age_limit: must be a whole number"),
        ({"age_limit": True}, "age_limit: must be a whole number"),
        (
            {"diagnosis_years": {"first": 2023, "last": 1985}},
            "diagnosis_years.last: must not be before the first",
        ),
        ({"diagnosis_years": [1985, 2023]}, "diagnosis_years: must hold keys and values"),
        (
            {"closing_date": "2020-12-31"},
            "closing_date: must not be before the last year of diagnosis (2023)",
        ),
        ({"closing_date": "31.12.2023"}, "closing_date: must be a date such as 2023-12-31"),
        ({"standard_population": "mars"}, "standard_population: must be one of 'world-1960'"),
        ({"classification": 1999}, "classification: must be one of '2005'"),
        ({"rate_per": 0}, "rate_per: must be one of 1000, 10000, 100000, 1000000"),
        ({"minimum_cell": 0}, "minimum_cell: must be 1 or more"),
        ({"outcome": "cure"}, "outcome: must be one of 'death' or 'relapse'"),
        ({"survival": {"years": [5, 1]}}, "survival.years: must ascend, each year once"),
        ({"survival": {"minimum_at_risk": 0}}, "survival.minimum_at_risk: must be 1 or more"),
        ({"survival": {"years": [5, 5]}}, "survival.years: must ascend, each year once"),
        ({"chapters": []}, "chapters: must not be empty"),
        ({"chapters": ["03_incidence", "03_incidence"]}, "chapters: must not repeat 03_incidence"),
        (
            {"chapters": ["99_nowhere"]},
            "chapters[1].notebook: must name a notebook that exists: no 99_nowhere.ipynb",
        ),
        (
            {"chapters": ["../03_incidence"]},
            "chapters[1].notebook: must be the name of a notebook, without a folder",
        ),
        (
            {"chapters": [{"notebook": "03_incidence", "for_each": {"group": []}}]},
            "chapters[1].for_each.group: must not be empty",
        ),
        (
            {"chapters": [{"notebook": "03_incidence", "for_each": {"group": ["I", "I"]}}]},
            "chapters[1].for_each: must not repeat I",
        ),
        (
            {"chapters": [{"notebook": "03_incidence", "for_each": {"a": [1], "b": [2]}}]},
            "chapters[1].for_each: must name one parameter",
        ),
        (
            {
                "chapters": [
                    {"notebook": "03_incidence", "parameters": {"a": 1}, "for_each": {"a": [2]}}
                ]
            },
            "chapters[1].for_each: a is given in parameters too",
        ),
        ({"sources": {}}, "sources.counts: must be given where cases are not"),
        (
            {"sources": {"cases": "demo", "counts": "demo"}},
            "sources.counts: must be left out where cases are given",
        ),
        (
            {"sources": {"cases": {"file": "absent.csv"}}},
            "sources.cases.file: must name a file that exists",
        ),
        (
            {"sources": {"cases": {"file": "demo", "mapping": "absent.yml"}}},
            "sources.cases.mapping: must name a file",
        ),
        ({"sources": {"cases": "demo", "tumours": "demo"}}, "sources.tumours: unknown key"),
        ({"path": "x"}, "path: unknown key"),
    ],
)
def test_each_fault_is_told_with_its_key_and_what_must_hold(write_edition, changes, fault):
    faults = faults_of(write_edition(**changes))
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_all_faults_are_told_at_once(write_edition):
    faults = faults_of(
        write_edition(
            age_limit=16,
            country="FI",
            closing_date="2020-01-01",
            standard_population="mars",
            survival={"years": [5, 1]},
        )
    )
    assert {fault.split(":")[0] for fault in faults} == {
        "age_limit",
        "country",
        "closing_date",
        "standard_population",
        "survival.years",
    }


def test_no_fault_speaks_the_validator_s_language(write_edition):
    faults = faults_of(
        write_edition(languages="en", countries=3, chapters={"a": 1}, rate_per=1.5, sources="demo")
    )
    assert len(faults) == 5
    assert not any(
        word in fault.lower()
        for fault in faults
        for word in ("input", "valid", "pydantic", "instance")
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "must not be empty"),
        (b"# nothing but a comment\n", "must not be empty"),
        (b"- a\n- b\n", "must hold keys and values"),
        (b"just words", "must hold keys and values"),
        (b"\x80\x81\xff\x00", "must be a text file in UTF-8"),
        (b"a\x00b: 1", "must be YAML"),
        (b"title: [unclosed", "must be YAML: line"),
        (b"age_limit: 15\nage_limit: 18\n", "must be YAML: line 2: age_limit is given twice"),
        (b"? [a, b]\n: 1\n", "must"),
        (b"a: !!python/object/apply:os.getcwd []", "must be YAML"),
    ],
)
def test_a_file_that_is_no_edition_is_one_clear_fault(tmp_path, content, fault):
    path = tmp_path / "broken.yml"
    path.write_bytes(content)
    faults = faults_of(path)
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_an_absent_file_is_a_fault(tmp_path):
    assert faults_of(tmp_path / "absent.yml") == ("must be a file that can be read",)


def test_paths_are_seen_from_the_edition(write_edition, tmp_path):
    (tmp_path / "cases.csv").write_text("case_id\n")
    (tmp_path / "cases.yml").write_text("columns: {}\n")
    sources = {"cases": {"file": "../cases.csv", "mapping": "../cases.yml"}}
    edition = read_edition(write_edition(sources=sources))
    assert edition.sources.cases.file == str(tmp_path / "cases.csv")
    assert edition.sources.cases.mapping == str(tmp_path / "cases.yml")


def test_an_edition_may_count_to_the_twentieth_birthday(write_edition, tmp_path):
    for name in ("cases", "population"):
        (tmp_path / f"{name}.csv").write_text("")
    sources = {name: {"file": f"../{name}.csv"} for name in ("cases", "population")}
    assert read_edition(write_edition(sources=sources, age_limit=20)).age_limit == 20


@pytest.mark.parametrize(
    ("changes", "year"),
    [
        ({"provisional_years": 0}, 0),
        ({"provisional_years": 2}, 2022),
        ({"diagnosis_years": ...}, 0),
    ],
)
def test_the_first_provisional_year(write_edition, changes, year):
    assert read_edition(write_edition(**changes)).provisional_year == year
