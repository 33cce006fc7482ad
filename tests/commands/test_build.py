"""``workbench build``: exit codes, plain messages, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from analysis.commands.app import main


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


def test_programs_are_told_in_json_and_nothing_else(edition, capsys):
    assert main(["build", str(edition()), "--json", "--jobs", "1"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(event["chapter"], event["status"]) for event in events] == [
        ("01_a", "waiting"),
        ("01_a", "started"),
        *[("01_a", "running")] * 3,
        ("01_a", "done"),
    ]


def test_why_a_chapter_would_run_is_told_and_none_runs(edition, tmp_path, capsys):
    assert main(["build", str(edition()), "--explain"]) == 0
    assert "will run: no earlier build" in capsys.readouterr().out
    assert not (tmp_path / "outputs" / "small" / "public").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scheduler", "tcp://a:1", "--slurm", "2"], "either --scheduler or --slurm"),
        (["--watch", "--slurm", "2"], "builds on this machine only"),
        (["--watch", "--scheduler", "tcp://a:1"], "builds on this machine only"),
    ],
)
def test_options_that_contradict_each_other_are_refused(edition, capsys, options, message):
    assert main(["build", str(edition()), *options]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--watch"], ["--output", "somewhere"]])
def test_what_is_for_one_edition_is_not_for_two(edition, capsys, option):
    path = str(edition())
    assert main(["build", path, path, *option]) == 2
    assert "--watch and --output are for one edition" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="an interrupt is a signal")
def test_an_interrupted_build_ends_at_once_and_leaves_nothing_behind(edition, tmp_path):
    path = edition(
        f"from pathlib import Path\nimport time\nPath({str(tmp_path / 'on')!r}).touch()\ntime.sleep(300)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "t")}
    (tmp_path / "t").mkdir()
    command = [sys.executable, "-m", "analysis.commands.app", "build", str(path)]
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
