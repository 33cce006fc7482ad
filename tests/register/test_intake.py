"""Sources of an edition: all faults of all of them at once, nothing half-written."""

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import prepare_sources, read_extract, read_population

COUNTS = """country,period,sex,age_group,site,cases,person_years
NO,2008-2012,male,0-4,Bone,2,780000
NO,2008-2012,male,0-4,Eye,3,780000
NO,2008-2012,male,5-9,Bone,4,760000
"""


def test_demonstration(tmp_path):
    intake = prepare_sources(
        {"cases": {"file": "demo"}, "population": {"file": "demo"}}, tmp_path / "cohort"
    )
    assert intake.invented == {"cases", "population"}
    assert {"children", "population", "countries", "year", "region", "hospital"} <= intake.available
    assert len(read_extract(intake.parameters["cases_source"])) == intake.inputs[0]["rows"]
    assert intake.parameters["diagnosis"] == "iccc3_group"


def test_invented_children_stay_invented_when_saved_and_read_again(tmp_path):
    read_extract("demo").head(50).to_csv(tmp_path / "cases.csv", index=False)
    assert prepare_sources(
        {"cases": {"file": tmp_path / "cases.csv"}}, tmp_path / "cohort"
    ).invented == {"cases"}


def test_counts_are_parted_into_cases_and_person_years(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS)
    intake = prepare_sources({"counts": {"file": tmp_path / "counts.csv"}}, tmp_path / "cohort")
    assert "children" not in intake.available
    assert "population" in intake.available
    assert "countries" not in intake.available
    assert intake.parameters["diagnosis"] == "site"
    assert read_extract(intake.parameters["cases_source"])["cases"].sum() == 9
    assert read_population(intake.parameters["population_source"])["person_years"].tolist() == [
        780000.0,
        760000.0,
    ]


def test_person_years_must_agree_within_a_stratum(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS.replace("3,780000", "3,780001"))
    with pytest.raises(InputError, match="one number a stratum"):
        prepare_sources({"counts": {"file": tmp_path / "counts.csv"}}, tmp_path / "cohort")


def test_faults_of_all_sources_at_once_and_nothing_written(tmp_path):
    (tmp_path / "cases.csv").write_text("case_id\n1\n")
    pd.DataFrame(
        {"country": ["NO"], "year": [2010], "sex": ["male"], "age": [1], "persons": [-1]}
    ).to_csv(tmp_path / "population.csv", index=False)
    with pytest.raises(InputError) as caught:
        prepare_sources(
            {
                "cases": {"file": tmp_path / "cases.csv"},
                "population": {"file": tmp_path / "population.csv"},
            },
            tmp_path / "cohort",
        )
    assert sum(fault.startswith("cases cases.csv") for fault in caught.value.faults) == 5
    assert any("persons" in fault for fault in caught.value.faults)
    assert not (tmp_path / "cohort").exists()


def test_years_are_those_of_the_diagnoses(tmp_path):
    cases = read_extract("demo").query(
        "diagnosis_date >= '2001-01-01' and diagnosis_date < '2006-01-01'"
    )
    cases.to_csv(tmp_path / "cases.csv", index=False)
    parameters = prepare_sources(
        {"cases": {"file": tmp_path / "cases.csv"}}, tmp_path / "cohort"
    ).parameters
    assert (parameters["first_year"], parameters["last_year"]) == (2001, 2005)
    (tmp_path / "counts.csv").write_text(COUNTS)
    without = prepare_sources(
        {"counts": {"file": tmp_path / "counts.csv"}}, tmp_path / "counts"
    ).parameters
    assert "first_year" not in without
