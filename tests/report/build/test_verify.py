"""Where two reports differ first, and what explains it."""

import pytest

from analysis.report.build.verify import _causes, first_differences
from analysis.report.files.writing import write_record


def differences(tmp_path, before, after):
    for name, files in (("published", before), ("rebuilt", after)):
        (tmp_path / name).mkdir()
        for path, content in files.items():
            (tmp_path / name / path).write_bytes(content)
    return list(first_differences(tmp_path / "published", tmp_path / "rebuilt"))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (b"a\nbcd\n", b"a\nbxd\n", "line 2, column 2: 'bcd' → 'bxd'"),
        (b"abc", b"abcd", "line 1, column 4: 'abc' → 'abcd'"),
        (b"abc\n", b"abc", "line 1, column 4: 'abc' → 'abc'"),
        (b"", b"a", "line 1, column 1: (nothing) → 'a'"),
        (b"\0a", b"\0b", "byte 2 of 2 and 2"),
        (b"ab", b"a\0b", "byte 2 of 2 and 3"),
        (
            b"x" * 30 + b"a" + b"y" * 80,
            b"x" * 30 + b"b" + b"y" * 80,
            f"line 1, column 31: '{'x' * 20}a{'y' * 39}' → '{'x' * 20}b{'y' * 39}'",
        ),
    ],
)
def test_a_file_is_told_with_the_place_where_it_differs(tmp_path, before, after, sentence):
    told = differences(tmp_path, {"a.html": before, "b": b"1"}, {"a.html": after, "b": b"1"})
    assert told == [f"a.html: {sentence}"]


def test_a_file_that_only_one_report_has(tmp_path):
    assert differences(tmp_path, {"a": b"", "c": b""}, {"b": b"", "c": b""}) == [
        "a: is not made any more",
        "b: is not in the report that is there",
    ]


def test_causes_are_told_as_far_as_the_record_goes(tmp_path):
    record = {
        "edition_sha256": "a",
        "inputs": [1],
        "package": {"sha256": "a", "commit": "x"},
        "dependencies": {"pandas": "2"},
    }
    folders = [tmp_path / name for name in ("before", "after")]

    def causes(before, after):
        for folder, content in zip(folders, (before, after), strict=True):
            write_record(content, folder / "private" / "run.json")
        return list(_causes(*folders))

    assert causes(record, record | {"package": {"sha256": "a", "commit": "y"}}) == []
    assert causes(record, record | {"package": {"sha256": "b", "commit": "x"}}) == [
        "the code is not that which built it"
    ]
    assert causes(record, record | {"edition_sha256": "b", "inputs": [], "dependencies": {}}) == [
        "the edition's file is not the one that it was built from",
        "the sources are not those that it was built from",
        "the installed packages are not those that it was built with",
    ]
    assert causes({}, record) == []
