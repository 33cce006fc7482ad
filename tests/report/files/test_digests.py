"""What has the same content has the same digest, and nothing else has."""

import hashlib
import sys

from analysis.report.files.digests import (
    PACKAGE_ROOT,
    digest_of,
    file_digest,
    file_digests,
    installed_versions,
    package_digests,
    package_key,
)


def test_a_file_is_known_by_its_bytes_and_an_absent_one_by_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"\x00a")
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"\x00a").hexdigest()
    assert file_digest(tmp_path / "b") == ""


def test_files_of_a_folder_are_listed_by_their_paths_in_it(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b").write_text("b")
    (tmp_path / "a").write_text("a")
    digests = file_digests(tmp_path)
    assert list(digests) == ["a", "in/b"]
    assert digests["in/b"] == file_digest(tmp_path / "in" / "b")


def test_plain_values_are_the_same_in_whatever_order_of_keys():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 1})


def test_the_package_is_known_file_by_file_without_what_python_compiled():
    digests = package_digests()
    assert digests["report/files/digests.py"] == file_digest(
        PACKAGE_ROOT / "report" / "files" / "digests.py"
    )
    assert "report/template/words.csv" in digests
    assert not any("__pycache__" in path for path in digests)


def test_versions_are_those_of_the_packages_that_are_imported(tmp_path, monkeypatch):
    for folder, version in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / folder / f"Two_Words.x-{version}.dist-info").mkdir(parents=True)
        (tmp_path / folder / "other-3.0").mkdir()
    paths = [str(tmp_path / name) for name in ("first", "second", "absent")]
    monkeypatch.setattr(sys, "path", [*paths, ""])
    assert installed_versions() == {"python": sys.version.split()[0], "two_words_x": "2.0"}


def test_a_package_has_one_name_however_it_is_written():
    assert package_key("Babel-Data.x") == package_key("babel__data_x") == "babel_data_x"
