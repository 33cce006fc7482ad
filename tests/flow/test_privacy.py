"""From extract to page: identity goes neither in nor out, and those who opted out leave no trace but a number."""

import json
import re
from itertools import cycle, islice

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.cases import select_eligible
from analysis.display import flow_table
from analysis.register import prepare_sources, read_extract, read_opted_out

NUMBER = "15108695088"  # python-stdnum's own example
CHAPTERS = ["03_incidence", "06_survival"]
FLOW_LINE = re.compile(
    r".*(?:Registered tumours|Opted out|Inclusion flow in \d+ steps).*\n|(?:registered|opted_out),.*\n"
)


@pytest.fixture(scope="module")
def children():
    """Children of one country, as a registry that knows nothing of the demonstration would send them."""
    cases = read_extract("demo").query("country == 'NO' and diagnosis_date >= '2014-01-01'")
    named = {name: cases[name].str.replace("demo-", "") for name in ("case_id", "person_id")}
    return cases.assign(**named).reset_index(drop=True)


@pytest.fixture
def edition(tmp_path, write_edition):
    """Write an edition of an extract."""

    def write(cases, name="one", **changes):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        cases.to_csv(folder / "cases.csv", index=False)
        sources = {"cases": {"file": "../cases.csv"}, "population": "demo"}
        years = {"first": 2014, "last": 2023}
        return write_edition(
            folder, sources=sources, diagnosis_years=years, chapters=CHAPTERS, **changes
        )

    return write


CRATE = "ro-crate-metadata.json"


def public_files(edition_file):
    folder = edition_file.parent.parent / "outputs" / "test" / "public"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_identity_number_in_a_hospitals_name_is_refused_and_not_shown(
    children, edition, workbench
):
    cases = children.assign(remark=None)
    cases.loc[[2, 6], "hospital"] = f"St. Olav, {NUMBER[:6]} {NUMBER[6:]}"
    cases.loc[4, "remark"] = "ola.nordmann@example.no"  # a column that nobody asked for
    path = edition(cases)
    code, said, complained = workbench("build", path)
    assert code == 2
    assert "hospital: must not name a person; NO fødselsnummer in 2 rows (3, 7)" in complained
    assert "remark: must not name a person; e-mail address in 1 row (5)" in complained
    code, said_too, complained_too = workbench("check", path.parent.parent / "cases.csv")
    assert code == 2
    for secret in (NUMBER, NUMBER[6:], "nordmann"):
        assert secret not in said + complained + said_too + complained_too
    assert not (path.parent.parent / "outputs" / "test" / "private" / "cohort").exists()


def test_an_identity_number_in_a_population_is_refused(children, edition, tmp_path, workbench):
    path = edition(children)
    population = pd.DataFrame(
        {"country": ["NO"], "year": [2014], "sex": ["male"], "age": [1], "persons": [30_000]}
    )
    population.assign(source="ring +47 22 45 13 00").to_csv(
        tmp_path / "one" / "population.csv", index=False
    )
    path.write_text(
        path.read_text().replace("population: demo", "population: {file: ../population.csv}")
    )
    code, _, complained = workbench("build", path)
    assert code == 2 and "source: must not name a person; phone number in 1 row (1)" in complained


def write_chapter(folder, shown):
    cells = [
        new_markdown_cell("# Numbers", metadata={"tags": ["en"]}),
        new_code_cell('language = "en"', metadata={"tags": ["parameters"]}),
        new_code_cell(
            f"from analysis.display import record_table\nrecord_table([('cases', {shown!r})], language)"
        ),
        new_markdown_cell("A table\nOf numbers.", metadata={"tags": ["en", "caption"]}),
    ]
    folder.mkdir(exist_ok=True)
    nbformat.write(
        new_notebook(cells=cells, metadata={"workbench": {"needs": []}}),
        folder / "01_numbers.ipynb",
    )


def test_an_identity_number_in_an_exhibit_is_not_published(tmp_path, write_edition, workbench):
    path = write_edition(tmp_path, notebooks="../notebooks", chapters=["01_numbers"])
    write_chapter(tmp_path / "notebooks", "204")
    code, _, complained = workbench("build", path)
    assert code == 0, complained
    before = public_files(path)
    write_chapter(tmp_path / "notebooks", f"204, of whom {NUMBER}")
    code, said, complained = workbench("build", path)
    assert code == 1
    assert re.search(r"en/01_numbers\.html: NO fødselsnummer in line \d+", complained)
    assert re.search(r"en/data/01_numbers\S*\.csv: NO fødselsnummer in line 2", complained)
    assert NUMBER not in said + complained
    assert public_files(path) == before
    assert not list((tmp_path / "outputs" / "test").glob(".public*"))


def test_a_report_is_the_same_as_if_they_had_never_been(children, edition, workbench, monkeypatch):
    monkeypatch.setenv("WORKBENCH_PSEUDONYM_KEY", "one key")
    gone = children["person_id"].unique()[::37]
    were = children["person_id"].isin(gone)
    assert were.sum() >= 20
    with_them = edition(children, "with", opt_outs={"file": "../gone.csv", "column": "person"})
    listed = pd.DataFrame({"person": gone, "when": list(islice(cycle(["2024-01-01"]), len(gone)))})
    listed.to_csv(with_them.parent.parent / "gone.csv", index=False)
    assert workbench("build", with_them)[0] == 0
    monkeypatch.setenv("WORKBENCH_PSEUDONYM_KEY", "another key")
    without = edition(children[~were], "never")
    assert workbench("build", without)[0] == 0
    published, never = public_files(with_them), public_files(without)
    assert published.keys() == never.keys()
    # The record of the run names the file that went in, which is another; how many rows were left of it is the same.
    record, other = (json.loads(files.pop(CRATE))["@graph"] for files in (published, never))
    rows = [
        [one["value"] for one in graph if one.get("name") == "rows"] for graph in (record, other)
    ]
    assert rows[0] and rows[0] == rows[1]
    assert "gone.csv" not in json.dumps(record)
    differing = {name for name in never if published[name] != never[name]}
    assert differing and {name.split("-")[0].split(".")[0] for name in differing} == {
        f"en/{chapter}" for chapter in CHAPTERS
    } | {f"en/data/{chapter}" for chapter in CHAPTERS} | {"en/search", "test"}
    for name in differing:
        assert FLOW_LINE.sub("", published[name].decode()) == FLOW_LINE.sub(
            "", never[name].decode()
        ), name
    page = published["en/03_incidence.html"].decode()
    assert f'<td class="number">{were.sum()}</td>' in page
    private = with_them.parent.parent / "outputs" / "test" / "private"
    record = (private / "run.json").read_text(encoding="utf-8")
    assert json.loads(record)["inputs"][0]["rows"] == (~were).sum()
    assert "opted_out" not in record and not any(f'"{person}"' in record for person in gone)
    cohort = read_extract(private / "cohort" / "cases.parquet")
    kept = (private / "cohort" / "cases.parquet").read_bytes()
    assert len(cohort) == (~were).sum()
    assert not any(person.encode() in kept for person in children["person_id"])


def test_few_who_opted_out_are_withheld_in_the_flow(children, tmp_path):
    children.to_csv(tmp_path / "cases.csv", index=False)
    once = children["person_id"].drop_duplicates(keep=False)
    (tmp_path / "gone.txt").write_text("\n".join(once[:3]))
    source = {"cases": {"file": tmp_path / "cases.csv"}}
    intake = prepare_sources(source, tmp_path / "cohort", {"file": tmp_path / "gone.txt"}, 5)
    cases_source = intake.parameters["cases_source"]
    few = read_opted_out(cases_source)
    _, flow = select_eligible(read_extract(cases_source), [], opted_out=few)
    shown = flow_table(flow, "en", 5)
    rest = len(children) - 3
    assert shown.csv.splitlines()[1:] == [f"registered,0,{rest},false", f"opted_out,,{rest},true"]
    assert "Opted out" in shown.body and "5" in re.search(r"Opted out.*?</td>", shown.body)[0]
    assert f"{len(children)}" not in shown.csv


def test_few_who_opted_out_stay_withheld_beside_other_small_lines():
    flow = pd.DataFrame(
        {
            "criterion": ["registered", "opted_out", "in_countries", "age_below_18", "followed_up"],
            "left_out": [0, None, 40, 2, 3],
            "remaining": [100, 100, 60, 58, 55],
        }
    )
    assert flow_table(flow, "nb", 5).csv.splitlines()[1:] == [
        "registered,0,100,false",
        "opted_out,,100,true",
        "in_countries,40,,false",
        "other_reasons,5,55,false",
    ]


def test_a_list_that_is_not_there_or_beside_counts_is_a_fault(
    children, edition, tmp_path, write_edition, workbench
):
    code, _, complained = workbench("build", edition(children, opt_outs={"file": "../nowhere.csv"}))
    assert code == 2 and "opt_outs.file: must name a file that exists" in complained
    for name in ("gone.txt", "counts.csv"):
        (tmp_path / name).write_text("1\n")
    path = write_edition(
        tmp_path, sources={"counts": {"file": "../counts.csv"}}, opt_outs="../gone.txt"
    )
    code, _, complained = workbench("build", path)
    assert code == 2 and "opt_outs: must be left out where cases are not given" in complained
