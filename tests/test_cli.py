"""The command line: exit codes, plain messages, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.cli import main
from analysis.register import read_extract


@pytest.fixture
def edition(tmp_path):
    """An edition of one notebook that reads nothing, on the demonstration."""

    def write(code="1", **changes):
        content = {
            "title": {"en": "Report"},
            "languages": ["en"],
            "country": "NO",
            "countries": ["NO"],
            "sources": {"cases": {"file": "cases.csv"}},
            "chapters": ["01_a"],
        } | changes
        cells = [
            new_markdown_cell("# One", metadata={"tags": ["en"]}),
            new_code_cell('language = "en"', metadata={"tags": ["parameters"]}),
            new_code_cell(code),
        ]
        for folder in ("params", "notebooks"):
            (tmp_path / folder).mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_a.ipynb")
        (tmp_path / "params" / "cases.csv").write_text(CASES)
        path = tmp_path / "params" / "small.yml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


CASES = """case_id,person_id,country,diagnosis_date,sex,topography,morphology,behaviour
1,a,NO,2010-03-01,female,C42.1,9836,3
2,b,NO,2012-05-01,male,C71.6,9470,3
"""


def test_a_build_prints_the_page_to_open(edition, tmp_path, capsys):
    assert main(["build", str(edition()), "--jobs", "1"]) == 0
    page = tmp_path / "outputs" / "small" / "public" / "index.html"
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == str(page)
    assert "01_a" in printed.err
    assert page.is_file()
    record = json.loads((tmp_path / "outputs" / "small" / "private" / "run.json").read_text())
    assert [(one["name"], one["rows"]) for one in record["inputs"]] == [("cases.csv", 2)]


def test_a_failing_chapter_is_exit_one_and_no_traceback(edition, tmp_path, capsys):
    assert main(["build", str(edition("1 / 0")), "--output", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert "cell 3: ZeroDivisionError at: 1 / 0" in printed.err
    assert "Traceback" not in printed.err + printed.out
    assert "1 of 1 chapters failed" in printed.out
    assert not (tmp_path / "out" / "public").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age_limit": 99}, "age_limit: must be 15, 18 or 20"),
        ({"chapters": [{"notebook": "01_a", "parameters": {"x": 1}}]}, "01_a: x: unknown"),
        ({"chapters": ["02_b"]}, "no 02_b.ipynb"),
    ],
)
def test_bad_input_is_exit_two_before_anything_is_written(
    edition, tmp_path, capsys, changes, message
):
    assert main(["build", str(edition(**changes))]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "outputs").exists()


def test_a_source_that_is_not_valid_is_exit_two(edition, tmp_path, capsys):
    path = edition()
    (tmp_path / "params" / "cases.csv").write_bytes(b"\x00\x01\x02\xff")
    assert main(["build", str(path)]) == 2
    assert capsys.readouterr().err.startswith("sources: ")
    assert not (tmp_path / "outputs" / "small" / "public").exists()


@pytest.mark.parametrize("arguments", [[], ["bild"], ["build"], ["build", "x.yml", "--jobs", "0"]])
def test_wrong_usage_is_exit_two(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2


def test_check_says_what_it_found_and_names_no_person(tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    assert main(["check", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "cases: 2 rows, valid" in printed
    assert "country: NO" in printed
    assert "year: 2010–2012" in printed
    assert "sex: female, male" in printed
    assert "2010-03-01" not in printed


def test_check_tells_the_same_of_an_extract_too_large_to_hold(tmp_path, capsys, monkeypatch):
    path = tmp_path / "cases.csv"
    read_extract("demo").head(300).to_csv(path, index=False)
    assert main(["check", str(path)]) == 0
    held = capsys.readouterr().out.split("filled columns")[0]
    monkeypatch.setattr("analysis.register.is_large", lambda source: True)
    assert main(["check", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(held)
    assert "registry checks" in told.splitlines()[-1]


def test_check_tells_of_counts_with_their_groups_in_order(tmp_path, capsys):
    path = tmp_path / "counts.csv"
    rows = "".join(f"NO,2012,male,0-4,{group},6,1000\n" for group in ("IX", "V", "I"))
    path.write_text(f"country,year,sex,age_group,iccc3_group,cases,person_years\n{rows}")
    assert main(["check", str(path), "--table", "counts"]) == 0
    assert "iccc3_group: I, V, IX\n" in capsys.readouterr().out


def test_check_lists_every_fault(tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(CASES.replace("female", "f").replace("NO,2012", "Norway,2012"))
    assert main(["check", str(path)]) == 2
    printed = capsys.readouterr().err
    assert "sex" in printed
    assert "country" in printed
    assert main(["check", str(tmp_path / "absent.csv")]) == 2


def test_check_asks_what_registries_ask_and_writes_it(tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(CASES.replace("C71.6", "C22.0"))
    assert main(["check", str(path), "--report", str(tmp_path / "checks")]) == 0
    printed = capsys.readouterr().out
    assert "warning  site_morphology: does not hold in 1 row (2)" in printed
    assert {file.name for file in (tmp_path / "checks").iterdir()} == {"check.html", "check.csv"}
    assert str(tmp_path / "checks" / "check.html") in printed


def test_what_cannot_be_true_is_exit_two_after_the_whole_list(tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(CASES.replace("C71.6,9470", "C56.9,9071"))
    assert main(["check", str(path), "--report", str(tmp_path / "checks")]) == 2
    printed = capsys.readouterr()
    assert "error    sex_topography" in printed.out
    assert printed.err.startswith("registry checks: 1 fault")
    assert (tmp_path / "checks" / "check.csv").is_file()


@pytest.mark.skipif(os.name == "nt", reason="an interrupt is a signal")
def test_a_mapping_is_proposed_written_once_and_its_effect_told(tmp_path, capsys):
    extract, mapping = tmp_path / "uttrekk.csv", tmp_path / "uttrekk.yml"
    extract.write_text(
        "løpenr;pasient;land;kjønn;topografi;morfologi;atferd\n1;a;NO;1;C421;9836;3\n2;b;NO;2;C716;9470;3\n"
    )
    assert main(["map", str(extract), "--output", str(mapping)]) == 0
    assert capsys.readouterr().out.strip() == str(mapping)
    assert main(["check", str(extract), "--mapping", str(mapping)]) == 0
    assert (
        "sex ← kjønn: 1 → male (1), 2 → female (1); 2 filled, 0 missing" in capsys.readouterr().out
    )
    assert main(["map", str(extract), "--output", str(mapping)]) == 2
    assert "is not written over" in capsys.readouterr().err
    assert main(["map", str(extract)]) == 0
    assert capsys.readouterr().out.strip() == mapping.read_text(encoding="utf-8").strip()


def test_an_interrupted_build_ends_at_once_and_leaves_nothing_behind(edition, tmp_path):
    path = edition(
        f"from pathlib import Path\nimport time\nPath({str(tmp_path / 'on')!r}).touch()\ntime.sleep(300)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "t")}
    (tmp_path / "t").mkdir()
    command = [sys.executable, "-m", "analysis.cli", "build", str(path)]
    build = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    for _ in range(600):
        if (tmp_path / "on").exists():
            break
        time.sleep(0.1)
    build.send_signal(signal.SIGINT)
    _, said = build.communicate(timeout=60)
    assert (build.returncode, said) == (130, "interrupted: the public report is as it was\n")
    assert list((tmp_path / "t").iterdir()) == []
    assert not (tmp_path / "outputs" / "small" / "public").exists()


def test_an_interruption_is_exit_130(edition, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.report.edition.read.read_edition", interrupted)
    monkeypatch.setattr("analysis.report.read_edition", interrupted, raising=False)
    assert main(["build", str(edition())]) == 130
    assert "interrupted" in capsys.readouterr().err
