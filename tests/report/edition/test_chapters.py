"""Chapters are held to their notebooks before anything runs."""

import pytest
from nbformat.v4 import new_code_cell

from analysis.errors import InputError
from analysis.report.edition.chapters import chapter_runs, check_chapters
from analysis.report.edition.read import read_edition

PARAMETERS = 'language = "en"\nage_limit = 18'
GROUPED = {"notebook": "09_group", "for_each": {"group": ["I", "II"]}}


def faults_of(edition):
    with pytest.raises(InputError) as raised:
        check_chapters(edition)
    return raised.value.faults


def test_runs_come_in_reading_order_with_the_parameters_that_their_notebook_declares(
    small, write_edition
):
    grouped = small.chapter_cells(
        parameters='language = "en"\ngroup = "I"\ncases_source = "demo"\nfirst_year = 0'
    )
    edition = read_edition(
        write_edition(
            {"03_incidence": small.chapter_cells(), "09_group": grouped},
            chapters=["03_incidence", GROUPED],
        )
    )
    runs, absent = chapter_runs(edition, {"children"}, {"cases_source": "cases.parquet"})
    assert [(run.name, run.language, run.value) for run in runs] == [
        ("03_incidence", "en", ""),
        ("03_incidence", "nb", ""),
        ("09_group-I", "en", "I"),
        ("09_group-I", "nb", "I"),
        ("09_group-II", "en", "II"),
        ("09_group-II", "nb", "II"),
    ]
    assert runs[5].parameters == {
        "language": "nb",
        "group": "II",
        "cases_source": "cases.parquet",
        "first_year": 1985,
    }
    assert absent == ()


def test_a_chapter_whose_needs_no_source_meets_is_absent(small, write_edition, tmp_path):
    path = write_edition()
    small.write_notebook(
        tmp_path / "notebooks" / "03_incidence.ipynb",
        small.chapter_cells(),
        needs=["children", "stage"],
    )
    runs, absent = chapter_runs(read_edition(path), {"children", "population"})
    assert runs == ()
    assert [(chapter.name, chapter.missing) for chapter in absent] == [("03_incidence", ("stage",))]


def test_years_and_closing_date_that_are_not_given_are_zero_and_empty(small, write_edition):
    cells = small.chapter_cells(
        parameters='first_year = 1\nlast_year = 1\nclosing_date = "x"\nprovisional_year = 1'
    )
    edition = read_edition(
        write_edition({"03_incidence": cells}, diagnosis_years=..., closing_date=...)
    )
    runs, _ = chapter_runs(edition, set())
    assert dict(runs[0].parameters) == {
        "first_year": 0,
        "last_year": 0,
        "closing_date": "",
        "provisional_year": 0,
    }


@pytest.mark.parametrize(
    ("parameters", "chapter", "fault"),
    [
        (
            PARAMETERS,
            {"parameters": {"grup": "I"}},
            "grup: unknown, the parameters cell does not declare it",
        ),
        (
            PARAMETERS,
            {"for_each": {"grup": ["I"]}},
            "grup: unknown, the parameters cell does not declare it",
        ),
        ('group = "I"', {}, "group: declared in the parameters cell but not given by the edition"),
        (
            'group = "I"',
            {"parameters": {"group": 1}},
            "group: must be text, as in the parameters cell",
        ),
        (
            'group = "I"',
            {"for_each": {"group": ["I", 2]}},
            "group: must be text, as in the parameters cell",
        ),
        (
            "top = 3",
            {"parameters": {"top": True}},
            "top: must be a whole number, as in the parameters cell",
        ),
        (
            "wide = False",
            {"parameters": {"wide": 0}},
            "wide: must be true or false, as in the parameters cell",
        ),
        ("ages = [1]", {"parameters": {"ages": ["a"]}}, "ages: must be a list of a whole number"),
        ('age_limit = "18"', {}, "age_limit: must be text, as in the parameters cell"),
        ("age_limit = 9 * 2", {}, "age_limit: must be a plain value in the parameters cell"),
        ("age_limit: int", {}, "age_limit: must be a plain value in the parameters cell"),
        ("import os", {}, "line 1: must be a plain value in the parameters cell"),
        ("age_limit = ", {}, "the parameters cell is not Python (line 1)"),
        (
            PARAMETERS,
            {"parameters": {"language": "nb"}},
            "language: is set by the build, never by a chapter",
        ),
    ],
)
def test_parameters_that_do_not_fit_their_notebook_are_refused(
    small, write_edition, parameters, chapter, fault
):
    cells = small.chapter_cells(parameters=parameters)
    edition = read_edition(
        write_edition({"03_incidence": cells}, chapters=[{"notebook": "03_incidence", **chapter}])
    )
    faults = faults_of(edition)
    assert len(faults) == 1
    assert faults[0].startswith(f"03_incidence: {fault}")


def test_faults_of_all_notebooks_come_at_once_and_none_is_run_without_its_parameters_cell(
    small, write_edition
):
    edition = read_edition(
        write_edition(
            {
                "01_a": [new_code_cell("1")],
                "02_b": small.chapter_cells(parameters='x = "1"\ny = [i for i in ()]'),
            },
            chapters=["01_a", "02_b"],
        )
    )
    assert faults_of(edition) == (
        "01_a: has no cell tagged parameters",
        "02_b: y: must be a plain value in the parameters cell, nothing computed",
        "02_b: x: declared in the parameters cell but not given by the edition",
        "02_b: y: declared in the parameters cell but not given by the edition",
    )


def test_two_runs_never_share_a_name(small, write_edition):
    cells = small.chapter_cells(parameters='group = "I"')
    chapters = [{"notebook": "09_group", "for_each": {"group": ["a b", "a/b"]}}]
    edition = read_edition(write_edition({"09_group": cells}, chapters=chapters))
    assert faults_of(edition) == ("09_group-a-b: two runs would share this name",)


def test_a_chapter_may_set_a_shared_parameter_for_itself(write_edition):
    edition = read_edition(
        write_edition(chapters=[{"notebook": "03_incidence", "parameters": {"age_limit": 15}}])
    )
    assert chapter_runs(edition, set())[0][0].parameters["age_limit"] == 15


def test_a_file_that_is_no_notebook_is_a_fault(write_edition, tmp_path):
    path = write_edition()
    (tmp_path / "notebooks" / "03_incidence.ipynb").write_bytes(b"\x80\x00")
    with pytest.raises(InputError, match="must be a Jupyter notebook"):
        chapter_runs(read_edition(path), set())


@pytest.mark.parametrize(("least", "smallest", "given"), [(10, 5, 10), (3, 5, 5), (30, 5, 30)])
def test_so_few_at_risk_as_may_not_be_published_are_never_enough(
    small, write_edition, least, smallest, given
):
    cells = small.chapter_cells(parameters="minimum_at_risk = 10\nminimum_cell = 5")
    survival = {"minimum_at_risk": least}
    edition = read_edition(
        write_edition({"03_incidence": cells}, survival=survival, minimum_cell=smallest)
    )
    runs, _ = chapter_runs(edition, set())
    assert dict(runs[0].parameters) == {"minimum_at_risk": given, "minimum_cell": smallest}
