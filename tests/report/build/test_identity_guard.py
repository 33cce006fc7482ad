"""Nothing is published that the guard has not looked through, and nothing is looked through or written twice."""

import sys
import types
from datetime import date, timedelta

import pytest

from analysis.errors import AnalysisError
from analysis.report.build.identity_guard import remembering_guard
from analysis.report.files.writing import replace_public

GUARD = "a_guard_of_tests:look"
PACKAGE = {"register/privacy.py": "a1"}


@pytest.fixture
def looked(monkeypatch):
    """The names of files that the guard was given, a list a call; it refuses the word ``secret``."""
    calls = []

    def look(files):
        calls.append(list(files))
        told = [name for name, text in files.items() if "secret" in text]
        if told:
            raise AnalysisError(f"refused: {', '.join(told)}")

    module = types.ModuleType("a_guard_of_tests")
    module.look = look
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return calls


def test_what_has_passed_is_not_looked_through_again(looked, tmp_path):
    remembering_guard(GUARD, tmp_path, PACKAGE)({"a.html": "one", "b.html": "two"})
    guard = remembering_guard(GUARD, tmp_path, PACKAGE)
    guard({"a.html": "one", "b.html": "three", "c.html": "two"})
    # A name is published too: the same text under another one is another file.
    assert looked == [["a.html", "b.html"], ["b.html", "c.html"]]


def test_what_both_folders_hold_is_remembered_and_what_neither_does_forgotten(looked, tmp_path):
    for files in ({"a": "1"}, {"b": "2"}):
        remembering_guard(GUARD, tmp_path, PACKAGE)(files)
    looked.clear()
    guard = remembering_guard(GUARD, tmp_path, PACKAGE)
    guard({"a": "1"})
    guard({"b": "2"})
    assert looked == [["a"], []]
    looked.clear()
    guard = remembering_guard(GUARD, tmp_path, PACKAGE)
    guard({"a": "1"})
    guard({"b": "2"})
    assert looked == [[], []]


def test_another_guard_or_day_or_record_looks_through_all(looked, tmp_path, monkeypatch):
    files = {"a.html": "one"}
    remembering_guard(GUARD, tmp_path, PACKAGE)(files)
    remembering_guard(GUARD, tmp_path, {"register/privacy.py": "b2"})(files)
    (tmp_path / "passed.json").write_text("{")
    remembering_guard(GUARD, tmp_path, PACKAGE)(files)

    class Tomorrow(date):
        @classmethod
        def today(cls):
            return date.today() + timedelta(days=1)

    monkeypatch.setattr("analysis.report.build.identity_guard.date", Tomorrow)
    remembering_guard(GUARD, tmp_path, PACKAGE)(files)
    assert looked == [["a.html"]] * 4


def test_what_was_refused_is_refused_again(looked, tmp_path):
    for _ in range(2):
        with pytest.raises(AnalysisError, match="refused: b"):
            remembering_guard(GUARD, tmp_path, PACKAGE)({"a": "one", "b": "a secret"})
    assert looked == [["a", "b"]] * 2
    assert not (tmp_path / "passed.json").exists()


@pytest.mark.parametrize("place", range(4))
def test_over_several_processes_all_is_looked_through_and_told_as_by_one(looked, tmp_path, place):
    files = {f"{number}.html": "x" * 100_000 * (number + 1) for number in range(4)}
    remembering_guard(GUARD, tmp_path, PACKAGE, jobs=3)(files)
    assert len(looked) == 1
    assert set(looked[0]) < set(files)
    files[f"{place}.html"] += " secret"
    with pytest.raises(AnalysisError, match=f"refused: {place}.html$"):
        remembering_guard(GUARD, tmp_path / "anew", PACKAGE, jobs=3)(files)
    assert looked[-1] == list(files)


def test_a_file_that_is_the_same_is_not_written_again(tmp_path):
    replace_public({"index.html": "one", "data/a.csv": "x", "figure.png": b"\x89"}, tmp_path)
    public = tmp_path / "public"
    before = {name: (public / name).stat() for name in ("index.html", "data/a.csv", "figure.png")}
    replace_public({"index.html": "two", "data/a.csv": "x", "figure.png": b"\x89"}, tmp_path)
    after = {name: (public / name).stat() for name in before}
    assert (public / "index.html").read_text() == "two"
    assert {name for name in before if before[name].st_ino == after[name].st_ino} == {
        "data/a.csv",
        "figure.png",
    }
    # The former folder is gone, so that no other name leads to the same file.
    assert {one.st_nlink for one in after.values()} == {1}
    assert {one.st_mode & 0o777 for one in after.values()} == {0o644}


def test_what_was_changed_in_place_is_written_anew(tmp_path):
    replace_public({"a.html": "one", "b.html": "two"}, tmp_path)
    public = tmp_path / "public"
    (public / "a.html").write_text("eno")
    (public / "b.html").unlink()
    (public / "b.html").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("two")
    replace_public({"a.html": "one", "b.html": "two"}, tmp_path)
    assert [(public / name).read_text() for name in ("a.html", "b.html")] == ["one", "two"]
    assert not (public / "b.html").is_symlink()
