"""Pseudonyms: what leads back to a child is replaced, unless the mapping says that it does not."""

import hashlib
import hmac

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import prepare_sources, read_extract

CASES = pd.DataFrame(
    {
        "case_id": ["t1", "t2", "t3"],
        "person_id": ["1001", "1001", "1002"],
        "country": "NO",
        "topography": "C71.6",
        "morphology": "9470",
        "behaviour": 3,
    }
)
OWN = {"columns": {name: name for name in CASES.columns}}


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """The cases of an extract as chapters read them."""

    def prepare(key=None, mapping=None, cases=CASES, name="cohort"):
        monkeypatch.delenv("WORKBENCH_PSEUDONYM_KEY", raising=False)
        if key:
            monkeypatch.setenv("WORKBENCH_PSEUDONYM_KEY", key)
        cases.to_csv(tmp_path / "cases.csv", index=False)
        source = {"file": tmp_path / "cases.csv", "mapping": mapping}
        return read_extract(
            prepare_sources({"cases": source}, tmp_path / name).parameters["cases_source"]
        )

    return prepare


def test_a_pseudonym_is_a_keyed_hash(prepared):
    cases = prepared("a key")
    expected = hmac.new(b"a key", b"person_id\x001001", hashlib.sha256).hexdigest()[:20]
    assert cases["person_id"].tolist()[:2] == [expected, expected]
    assert cases["person_id"].nunique() == 2 and cases["case_id"].nunique() == 3
    assert not set(cases["case_id"]) & set(CASES["case_id"])


def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same(prepared):
    assert prepared("a key").equals(prepared("a key", name="again"))
    assert not set(prepared("a key")["person_id"]) & set(prepared("another")["person_id"])


def test_without_a_key_pseudonyms_are_of_one_extract(prepared):
    first = prepared()
    assert not set(first["person_id"]) & set(CASES["person_id"])
    assert first.equals(prepared(name="again"))
    other = prepared(cases=CASES.assign(behaviour=[3, 3, 1]))
    assert not set(first["person_id"]) & set(other["person_id"])


@pytest.mark.parametrize(
    ("mapping", "kept"),
    [
        ({**OWN, "pseudonymous": True}, ["case_id", "person_id"]),
        ({**OWN, "pseudonymous": "true"}, ["case_id", "person_id"]),
        (
            {
                "columns": OWN["columns"]
                | {"person_id": {"column": "person_id", "pseudonymous": True}}
            },
            ["person_id"],
        ),
        (OWN, []),
    ],
)
def test_a_mapping_may_say_that_a_column_is_a_pseudonym_already(prepared, mapping, kept):
    cases = prepared("a key", mapping)
    assert [
        name for name in ("case_id", "person_id") if cases[name].equals(CASES[name].astype(object))
    ] == kept


def test_invented_children_keep_their_mark(prepared):
    cases = prepared("a key", cases=read_extract("demo").head(20))
    assert (
        cases["case_id"].str.startswith("demo-").all()
        and cases["person_id"].str.startswith("demo-").all()
    )


def test_a_missing_file_is_told_as_such(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        prepare_sources({"cases": {"file": tmp_path / "absent.csv"}}, tmp_path / "cohort")
