"""What is written is there as a whole or not at all, and what must not be published is not."""

import os
from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from analysis.report.files import writing
from analysis.report.files.writing import (
    read_record,
    record_text,
    recover_public,
    replace_public,
    require_no_path,
    write_record,
    write_whole,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "edition").mkdir()
    return tmp_path / "edition"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_text_is_written_byte_for_byte_into_a_folder_that_may_not_be_there(tmp_path):
    path = tmp_path / "a" / "b.txt"
    write_whole(path, "år\r\nog\n")
    assert path.read_bytes() == "år\r\nog\n".encode()
    assert names(path.parent) == ["b.txt"]


def test_a_text_that_cannot_be_put_in_place_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_whole(path, "former")

    def refuse(*_):
        raise OSError("disk")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk"):
        write_whole(path, "later")
    assert (path.read_text(), names(tmp_path)) == ("former", ["a.txt"])


def test_a_record_comes_back_as_it_was_and_is_written_in_one_way(tmp_path):
    record = {"b": [1, None], "a": "ø"}
    write_record(record, tmp_path / "r.json")
    assert read_record(tmp_path / "r.json") == record
    assert record_text({"b": 1, "a": "ø"}) == '{\n "a": "ø",\n "b": 1\n}\n'


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_what_is_no_record_is_an_empty_one(tmp_path, content):
    (tmp_path / "r.json").write_bytes(content)
    assert read_record(tmp_path / "r.json") == read_record(tmp_path / "absent.json") == {}


@pytest.mark.parametrize("exchanged", [True, False])
def test_a_folder_is_replaced_as_a_whole_and_the_same_bytes_are_linked(
    folder, monkeypatch, exchanged
):
    if not exchanged:
        monkeypatch.setattr(writing, "_exchange", lambda *_: False)
    replace_public({"a.html": "one", "data/b.csv": b"x,y", "gone.html": ""}, folder)
    before = {name: (folder / "public" / name).stat().st_ino for name in ("a.html", "data/b.csv")}
    replace_public({"a.html": "two", "data/b.csv": b"x,y"}, folder)
    public = folder / "public"
    assert (names(folder), names(public)) == (["public"], ["a.html", "data"])
    assert (public / "a.html").read_text() == "two"
    assert (public / "a.html").stat().st_ino != before["a.html"]
    assert (public / "data/b.csv").stat().st_ino == before["data/b.csv"]


def test_a_published_file_is_for_others_to_read_whatever_the_umask(folder):
    before = os.umask(0o077)
    try:
        replace_public({"data/a.csv": "a"}, folder)
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (folder / "public").rglob("*")]
    assert ((folder / "public").stat().st_mode & 0o777, sorted(modes)) == (0o755, [0o644, 0o755])


@pytest.mark.parametrize("content", ["see /srv/kari/x", b"see /srv/kari/x"])
def test_a_file_that_names_a_folder_of_this_machine_is_refused(folder, content):
    replace_public({"a.html": "former"}, folder)
    with pytest.raises(AnalysisError, match=r"named in a\.html, b\.html"):
        replace_public(
            {"b.html": content, "a.html": content, "c.html": "c"}, folder, [Path("/srv/kari")]
        )
    assert (folder / "public" / "a.html").read_text() == "former"


def test_a_folder_that_names_nobody_may_stand_in_a_text():
    require_no_path({"a": "in /home and / there"}, [Path("/home"), Path("/")])


def test_a_guard_looks_at_every_text_and_may_refuse(folder):
    seen = []

    def guard(texts):
        seen.append(dict(texts))
        raise AnalysisError("a number of a person")

    with pytest.raises(AnalysisError, match="a number of a person"):
        replace_public({"a.html": "a", "b.png": b"b"}, folder, guard=guard, name="review")
    assert (seen, names(folder)) == ([{"a.html": "a"}], [])


def test_where_nothing_can_be_put_in_place_the_former_report_stands(folder, monkeypatch):
    replace_public({"a": "former"}, folder)
    monkeypatch.setattr(writing, "_exchange", lambda *_: False)
    replace = os.replace

    def refuse_new(source, target):
        if Path(source).name.startswith(".public-") and not Path(source).name.endswith("former"):
            raise OSError("full")
        replace(source, target)

    monkeypatch.setattr("os.replace", refuse_new)
    with pytest.raises(OSError, match="full"):
        replace_public({"a": "later"}, folder)
    assert ((folder / "public/a").read_text(), names(folder)) == ("former", ["public"])


def test_a_build_that_was_stopped_between_two_folders_is_put_right(folder):
    for name in (".public-former", ".public-x1", ".review-former", "review"):
        (folder / name).mkdir()
        (folder / name / "a").write_text(name)
    recover_public(folder)
    assert names(folder) == ["public", "review"]
    assert (folder / "public/a").read_text() == ".public-former"
    assert (folder / "review/a").read_text() == "review"
