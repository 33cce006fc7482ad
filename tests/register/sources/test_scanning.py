"""Where a table comes from, and what is refused before any row is read."""

import pytest

from analysis.errors import InputError
from analysis.register import mapping_effects, propose_mapping, read_extract, registry_checks
from analysis.register.contract.schema import SCHEMAS
from analysis.register.contract.validation import require_table
from analysis.register.sources.scanning import locate

CASES = "case_id,person_id,country,topography,morphology,behaviour\n1,a,NO,C71.6,9470,3\n"


def test_what_an_edition_chooses_takes_the_place_of_the_mapping():
    mapping = {"columns": {"sex": "sex"}, "file": {"query": "select 1"}}
    origin = locate({"file": "cohort.duckdb", "mapping": mapping, "table": "cases"})
    assert (origin.file_format.table, origin.file_format.query) == ("cases", None)
    assert locate({"file": "cohort.duckdb", "mapping": mapping}).file_format.query == "select 1"
    assert locate("cohort.csv").rules is None


def test_a_message_never_has_an_address():
    origin = locate({"database": "postgresql://reader@localhost/registry", "table": "cases"})
    assert (origin.is_database, origin.name) == (True, "database")
    origin = locate({"file": "folder/cohort.csv"})
    assert (origin.is_database, origin.name) == (False, "cohort.csv")


def test_a_source_says_a_file_or_a_database():
    with pytest.raises(InputError, match="source: must say a file or a database"):
        locate({"table": "cases"})


def test_a_table_that_there_is_not_is_named(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    for call in (propose_mapping, mapping_effects):
        with pytest.raises(InputError, match="table: must be one of cases, population"):
            call(path, "case")
    for table in SCHEMAS:
        require_table(table)


def test_rows_of_checks_are_as_many_as_the_cases(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    cases = read_extract(path)
    with pytest.raises(InputError, match="rows: must have one number for each of the cases"):
        registry_checks(cases, rows=[1, 2])
    assert len(registry_checks(cases, rows=[41])) == len(registry_checks(cases))
