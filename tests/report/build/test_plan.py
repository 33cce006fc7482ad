"""What of an edition must be done: each run held against the record of its last."""

from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.report.build import records
from analysis.report.build.dependencies import State, bound_on, rests_now
from analysis.report.build.plan import Choice, _phrases, choose_runs, plan_run
from analysis.report.edition.chapters import AbsentChapter, ChapterRun
from analysis.report.files.digests import file_digest
from analysis.report.files.notebooks import read_notebook
from analysis.report.files.writing import read_record, write_record, write_whole

STATE = State({"cases/age.py": "a1"}, {"pandas": "2.2.3"}, file_digest)


def run_of(name, language="en", notebook=None):
    return ChapterRun(Path(f"{notebook or name}.ipynb"), language, name, "", {})


RUNS = [
    run_of(name, language, notebook)
    for name, notebook in (("03_a", None), ("09_group-I", "09_group"), ("09_group-II", "09_group"))
    for language in ("en", "nb")
]


def names(choice):
    return [(run.name, run.language) for run in choose_runs(RUNS, (), choice)]


@pytest.mark.parametrize("name", ["3", "03", "003", "03_a", "03_a.ipynb"])
def test_a_chapter_has_several_names(name):
    assert names(Choice((name,))) == [("03_a", "en"), ("03_a", "nb")]


def test_a_series_and_one_of_it_and_a_language():
    assert names(Choice(("9",), ("no",))) == [("09_group-I", "nb"), ("09_group-II", "nb")]
    assert names(Choice(("09_group-II", "3"), ("en",))) == [("03_a", "en"), ("09_group-II", "en")]
    assert names(Choice()) == [(run.name, run.language) for run in RUNS]


@pytest.mark.parametrize(
    ("choice", "faults"),
    [
        (Choice(("4", "4")), ("chapter 4: must be one of 03_a, 09_group",)),
        (Choice(("5",)), ("chapter 5: the sources of this edition do not carry it",)),
        (
            Choice(("4",), ("fi",)),
            (
                "chapter 4: must be one of 03_a, 09_group",
                "language fi: must be one of en, nb",
            ),
        ),
    ],
)
def test_each_fault_of_a_choice_is_told(choice, faults):
    absent = [AbsentChapter(Path("05_b.ipynb"), "05_b", ("stage",))]
    with pytest.raises(InputError) as raised:
        choose_runs(RUNS, absent, choice)
    assert raised.value.faults == faults
    with pytest.raises(InputError, match="no chapter can be run"):
        choose_runs([], absent, Choice())


@pytest.fixture
def kept(small, tmp_path):
    """A run with everything that a build keeps of it."""
    notebook = tmp_path / "03_a.ipynb"
    small.write_notebook(notebook, small.chapter_cells())
    run, private = ChapterRun(notebook, "en", "03_a", "", {"language": "en"}), tmp_path / "private"
    executed, page = records.executed_path(private, run), records.page_path(private, run)
    write_whole(executed, "{}")
    write_whole(page, "{}")
    used = {"modules": ["cases/age.py"], "packages": ["pandas"]}
    record = {
        "rests": rests_now(run, used, STATE),
        "seconds": 2.5,
        "executed": file_digest(executed),
        "bound": bound_on(run, read_notebook(notebook), {"cases/age.py": "a1"}),
        "page": file_digest(page),
    }
    write_record(record, records.record_path(private, run))
    return run, private


def change_record(run, private, **changes):
    path = records.record_path(private, run)
    write_record({**read_record(path), **changes}, path)


def test_a_run_whose_record_holds_is_left_alone(kept):
    plan = plan_run(*kept, STATE)
    assert (plan.to_run, plan.to_bind, plan.seconds) == ((), (), 2.5)
    assert plan.key == ("03_a", "en")
    assert plan_run(*kept, STATE, again=True).to_run == ("asked for again",)


@pytest.mark.parametrize(
    ("changes", "to_run", "to_bind"),
    [
        ({"executed": ""}, ("no earlier run",), ()),
        ({"executed": "x"}, ("its executed notebook is not as it was written",), ()),
        ({"bound": {}}, (), ("no page yet",)),
        ({"page": "x"}, (), ("its page is not as it was written",)),
        ({"executed": "x", "page": "x"}, ("its executed notebook is not as it was written",), ()),
    ],
)
def test_what_is_not_as_it_was_kept_is_made_anew(kept, changes, to_run, to_bind):
    change_record(*kept, **changes)
    plan = plan_run(*kept, STATE)
    assert (plan.to_run, plan.to_bind) == (to_run, to_bind)


def test_a_changed_module_runs_and_a_changed_translation_binds(kept):
    run, private = kept
    other = State({"cases/age.py": "b2"}, {"pandas": "2.2.3"}, file_digest)
    assert plan_run(run, private, other).to_run == ("module cases/age.py changed",)
    catalogue = run.notebook.parent / "locale" / "en" / "03_a.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    assert plan_run(run, private, STATE).to_bind == ("its prose in en is new",)


def test_so_many_reasons_are_listed():
    assert _phrases("abcdef") == "a, b, c, d, e, f"
    assert _phrases("abcdefgh") == "a, b, c, d, e, f and 2 more"
