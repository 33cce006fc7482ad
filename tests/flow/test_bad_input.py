"""Bad input: one clear message with every fault, exit code 2, nothing half-written."""

import shutil

import nbformat
import pandas as pd
import pytest

from analysis.register import demonstration_cases, demonstration_population

MAPPING = {
    "columns": {
        "case_id": "id",
        "person_id": "id",
        "sex": {"column": "kjonn", "codes": {1: "male"}},
    }
}


def cases_file(folder, **changes):
    path = folder / "cases.csv"
    demonstration_cases().query("country == 'NO'").head(200).assign(**changes).to_csv(
        path, index=False
    )
    return path


def refused(workbench, folder, edition):
    """What the command said, once it is sure that it refused and wrote nothing public."""
    code, _, complaint = workbench("build", edition)
    assert code == 2
    assert "Traceback" not in complaint
    assert not list((folder / "outputs").rglob("*.html"))
    assert not list((folder / "outputs").rglob("*.parquet"))
    return complaint


def sources(path, mapping=None):
    source = {"file": str(path)} | ({"mapping": mapping} if mapping else {})
    return {"cases": source, "population": "demo"}


def test_missing_columns(tmp_path, workbench, write_edition):
    path = cases_file(tmp_path)
    pd.read_csv(path).drop(columns=["morphology", "behaviour"]).to_csv(path, index=False)
    complaint = refused(workbench, tmp_path, write_edition(tmp_path, sources=sources(path)))
    assert "morphology: is required and absent" in complaint
    assert "behaviour: is required and absent" in complaint


def test_unknown_codes_and_dates_that_run_backwards_come_together(
    tmp_path, workbench, write_edition
):
    cases = demonstration_cases().query("country == 'NO'").head(200).reset_index(drop=True)
    cases["sex"] = cases["sex"].astype(object)
    cases.loc[6, "sex"] = "M"
    cases.loc[8, "birth_date"] = pd.Timestamp("2024-05-05")
    cases.to_csv(tmp_path / "cases.csv", index=False)
    complaint = refused(
        workbench, tmp_path, write_edition(tmp_path, sources=sources(tmp_path / "cases.csv"))
    )
    assert (
        "sex: must be one of male, female, other, unknown; does not hold in 1 row (7)" in complaint
    )
    assert "diagnosis_date must not be before birth_date; does not hold in 1 row (9)" in complaint
    assert "2024" not in complaint


def test_a_negative_population(tmp_path, workbench, write_edition):
    population = demonstration_population().head(40)
    population.loc[3, "persons"] = -1
    population.to_csv(tmp_path / "population.csv", index=False)
    edition = write_edition(
        tmp_path,
        sources={"cases": "demo", "population": {"file": str(tmp_path / "population.csv")}},
    )
    assert "persons: must be a decimal number from 0; does not hold in 1 row (4)" in refused(
        workbench, tmp_path, edition
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", "is an empty file"), (b"\x89PNG\r\n\x1a\n\x00\x00" * 99, "not a text table")],
)
def test_an_empty_and_a_binary_file(tmp_path, workbench, write_edition, content, fault):
    (tmp_path / "cases.csv").write_bytes(content)
    edition = write_edition(tmp_path, sources=sources(tmp_path / "cases.csv"))
    assert fault in refused(workbench, tmp_path, edition)


def test_a_mapping_that_names_an_absent_column(tmp_path, workbench, write_edition):
    edition = write_edition(tmp_path, sources=sources(cases_file(tmp_path), MAPPING))
    complaint = refused(workbench, tmp_path, edition)
    assert "the mapping names the column 'id'" in complaint
    assert "the mapping names the column 'kjonn'" in complaint


def test_a_notebook_without_a_parameters_cell(tmp_path, workbench, write_edition):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# One")], metadata={"workbench": {"needs": []}}
    )
    nbformat.write(notebook, folder / "01_one.ipynb")
    edition = write_edition(tmp_path, notebooks=str(folder), chapters=["01_one"])
    assert "01_one: has no cell tagged parameters" in refused(workbench, tmp_path, edition)


def test_unknown_and_missing_chapter_parameters(tmp_path, workbench, write_edition):
    chapters = [{"notebook": "03_incidence", "parameters": {"contry": "SE"}}, "09_diagnostic_group"]
    complaint = refused(workbench, tmp_path, write_edition(tmp_path, chapters=chapters))
    assert "contry: unknown" in complaint
    assert "group: declared in the parameters cell but not given" in complaint


def test_an_edition_with_many_faults(tmp_path, workbench, write_edition):
    edition = write_edition(
        tmp_path, age_limit=16, country="XX", colour="red", rate_per=0, standard_population="mars"
    )
    complaint = refused(workbench, tmp_path, edition)
    for key in ("age_limit", "colour", "rate_per", "standard_population"):
        assert key in complaint


def test_check_says_what_is_wrong_and_what_is_right(tmp_path, workbench):
    code, said, _ = workbench("check", cases_file(tmp_path))
    assert code == 0
    assert "200 rows" in said
    code, _, complaint = workbench("check", cases_file(tmp_path, behaviour=8))
    assert code == 2
    assert "behaviour" in complaint
    code, _, complaint = workbench("check", tmp_path / "absent.csv")
    assert code == 2
    assert "no such file" in complaint


def test_a_good_report_stays_when_the_next_build_is_refused(tmp_path, workbench, write_edition):
    chapters = ["13_methods"]
    assert workbench("build", write_edition(tmp_path, chapters=chapters))[0] == 0
    page = tmp_path / "outputs" / "test" / "public" / "en" / "13_methods.html"
    before = page.read_bytes()
    (tmp_path / "cases.csv").write_bytes(b"")
    broken = write_edition(tmp_path, chapters=chapters, sources=sources(tmp_path / "cases.csv"))
    assert workbench("build", broken)[0] == 2
    assert page.read_bytes() == before
    shutil.rmtree(tmp_path / "outputs")


def test_years_that_the_cases_do_not_cover_are_told(tmp_path, workbench, write_edition):
    cases = demonstration_cases().query("country == 'NO' and diagnosis_date >= '2010-01-01'")
    cases.to_csv(tmp_path / "cases.csv", index=False)
    edition = write_edition(
        tmp_path, sources=sources(tmp_path / "cases.csv"), chapters=["13_methods"]
    )
    code, said, _ = workbench("build", edition)
    assert code == 0
    assert "the cases are of 2010–2023, the edition of 2000–2023" in said
