"""Mutated extracts and mappings: what comes out is a valid cohort with every row of it, or one listed error."""

import csv
import io

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.register import read_extract, validate_cases

EXAMPLES = 1000
HEADER = (
    "case_id,person_id,country,sex,birth_date,diagnosis_date,topography,morphology,behaviour,region"
)
ROWS = [
    "1,p1,NO,male,2001-12-24,2010-02-03,C71.6,9470,3,Sør-Øst",
    "2,p2,SE,female,2005-01-01,2011-06-15,C42.1,9811,3,",
    '3,p2,FI,unknown,,2012-01-31,C64.9,8960,3,"Vest, ""Bergen"""',
]
EXTRACT = "\n".join([HEADER, *ROWS]).encode() + b"\n"
MAPPING = {
    "columns": {
        "case_id": "case_id",
        "person_id": "person_id",
        "country": {"column": "country", "codes": {"NO": "NO", "SE": "SE", "FI": "FI"}},
        "sex": {"column": "sex", "codes": {"male": "male", "female": "female", "unknown": None}},
        "birth_date": {"column": "birth_date", "format": "%Y-%m-%d", "missing": ["", "9"]},
        "topography": "topography",
        "morphology": "morphology",
        "behaviour": {"constant": "3"},
    },
    "file": {"delimiter": ",", "decimal": "."},
    "leave_out": [{"column": "region", "codes": ["Nord"], "reason": "counted elsewhere"}],
}
YAML = yaml.safe_dump(MAPPING, allow_unicode=True).encode()
# What breaks readers: ends of lines, quotation marks, delimiters, marks of byte order, bytes of no encoding.
PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b'"', b'""', b"\n", b"\r\n", b"\r", b",", b";", b"\t", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe5", b"\x9b",
         b"NaN", b"1e400", b"-1", b"0x1F", b"1_0", b"inf", b"9999-99-99", b"0001-01-01", b"2010-02-30", b"'", b"|",
         b"#", "\u2028".encode(), "\u00a0".encode(), b"C716", b"c71.6 ", b"3.0", b"3.5", b"1,5"]
    ),
)  # fmt: skip
YAML_PIECES = st.one_of(
    PIECES,
    st.sampled_from(
        [b"!!python/object/apply:os.system ['true']", b"&a", b"*a", b"<<: *a", b"[", b"{", b"}", b": ", b"- ", b"? ",
         b"%", b"null", b"~", b"no", b"%d.%m.%Y", b"mixed", b"ISO8601", b"unit: months", b"|", b">", b"utf-16",
         b"utf-7", b"%z", b"latin-1", b"table: x", b"sheet: x", b"column: region", b"constant: ''", b"idna", b"rot13",
         b"missing", b"%Z %j", b"\n  encoding: utf-16\n", b"\n  encoding: rot13\n", b"decimal: ','"]
    ),
)  # fmt: skip


@st.composite
def mutated(draw, content, pieces):
    """The content with up to four places cut, repeated, or written over."""
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(content)))
        last = min(len(content), first + draw(st.integers(0, 12)))
        middle = draw(st.one_of(pieces, st.just(content[first:last] * 2), st.just(b"")))
        content = content[:first] + middle + content[last:]
    return content


def rows_in(content: bytes) -> set[int]:
    """How many rows a strict reader finds, in each encoding that the file can be in."""
    found = set()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            for delimiter in ",;\t|":
                lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
                found.add(sum(1 for line in lines if line) - 1)
        except (UnicodeDecodeError, csv.Error):
            continue
    return found


def assert_valid(cases: pd.DataFrame) -> None:
    """A valid cohort stays one."""
    assert len(cases) > 0
    pd.testing.assert_frame_equal(validate_cases(cases), cases)


def assert_listed(failure: InputError) -> None:
    """At least one fault, each a sentence, and no child's value in it."""
    assert failure.faults
    assert all(
        fault and "Bergen" not in fault and "2001-12-24" not in fault for fault in failure.faults
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mutated")


@settings(max_examples=EXAMPLES)
@given(content=mutated(EXTRACT, PIECES))
def test_a_mutated_extract_is_valid_with_all_its_rows_or_refused(folder, content):
    path = folder / "cases.csv"
    path.write_bytes(content)
    try:
        cases = read_extract(path)
    except InputError as failure:
        assert_listed(failure)
    else:
        assert_valid(cases)
        assert len(cases) in rows_in(content)


@settings(max_examples=EXAMPLES)
@given(content=mutated(YAML, YAML_PIECES))
def test_a_mutated_mapping_gives_valid_cases_or_is_refused(folder, content):
    extract, mapping = folder / "whole.csv", folder / "mapping.yml"
    extract.write_bytes(EXTRACT)
    mapping.write_bytes(content)
    try:
        cases = read_extract(extract, mapping)
    except InputError as failure:
        assert_listed(failure)
    else:
        assert_valid(cases)
        assert len(cases) <= len(ROWS)


@settings(max_examples=300)
@given(content=mutated(EXTRACT, PIECES), rules=mutated(YAML, YAML_PIECES))
def test_both_mutated_at_once(folder, content, rules):
    extract, mapping = folder / "both.csv", folder / "both.yml"
    extract.write_bytes(content)
    mapping.write_bytes(rules)
    try:
        assert_valid(read_extract(extract, mapping))
    except InputError as failure:
        assert_listed(failure)
