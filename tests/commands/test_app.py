"""The command line as a whole: what may be typed, help, and how a command ends."""

import os
import re
import shlex
import subprocess
import sys
from functools import wraps
from pathlib import Path

import pytest

from analysis.commands import app
from analysis.commands.app import main
from analysis.errors import AnalysisError, InputError

README = Path(__file__).resolve().parents[2] / "README.md"
COMMANDS = ("map", "check", "dictionary", "build", "compare", "verify", "pdf", "review", "messages")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing command"),
        (["bild"], "Did you mean 'build'?"),
        (["build"], "Missing argument 'EDITION'"),
        (["build", "x.yml", "--jobs", "0"], "'--jobs'"),
        (["build", "x.yml", "--timeout", "0"], "'--timeout'"),
        (["build", "x.yml", "--memory", "2T"], "must be a whole number of M or G"),
        (["build", "x.yml", "--bild"], "No such option: --bild"),
        (["check", "demo", "--table", "persons"], "'persons'"),
        (["compare", "a", "b", "--threshold", "-1"], "must be a number of per cent"),
        (["review"], "Missing command"),
        (["review", "sign-off", "outputs/demo"], "Missing option '--name'"),
    ],
)
def test_wrong_usage_is_exit_two(arguments, message, capsys):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_help_lists_every_command_under_its_topic(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    topics = text.split("\n\n")
    assert [topic.splitlines()[0] for topic in topics[2:]] == [
        "Options:",
        "A registry's tables:",
        "The report:",
        "Texts:",
    ]
    listed = [
        line.split()[0]
        for topic in topics[3:]
        for line in topic.splitlines()[1:]
        if line.startswith("  ") and line[2] != " "
    ]
    assert listed == list(COMMANDS)
    # Sentences are wrapped, never cut.
    assert "..." not in text.replace("[ARGS]...", "")
    assert "--install-completion" in text


def test_help_of_a_command_has_its_options_under_topics(capsys):
    assert main(["build", "-h"]) == 0
    text = capsys.readouterr().out
    assert [block.splitlines()[0] for block in text.split("\n\n")[3:]] == [
        "Arguments:",
        "Options:",
        "How much a chapter may take:",
        "On a cluster:",
    ]
    assert "--jobs NUMBER" in text.split("How much a chapter may take:")[1]
    assert "--slurm JOBS" in text.split("On a cluster:")[1]


@pytest.mark.parametrize("step", ["collect", "sign-off"])
def test_help_of_a_step_of_the_review(step, capsys):
    assert main(["review", step, "--help"]) == 0
    assert f"Usage: workbench review {step}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            InputError("edition", ["title: is absent"]),
            2,
            "edition: 1 fault\n  - title: is absent\n",
        ),
        (AnalysisError("cannot be done"), 1, "cannot be done\n"),
        (
            PermissionError(13, "Permission denied"),
            2,
            "a file cannot be read or written: Permission denied\n",
        ),
        (OSError("no words for it"), 2, "a file cannot be read or written: no words for it\n"),
        (KeyboardInterrupt(), 130, "interrupted: the public report is as it was\n"),
    ],
)
def test_an_error_is_an_exit_code_and_a_message(error, code, message, monkeypatch, capsys):
    def fail():
        raise error

    monkeypatch.setitem(app.TOPICS["A registry's tables"], "dictionary", fail)
    assert main(["dictionary"]) == code
    assert capsys.readouterr().err == message


def test_a_fault_of_the_program_itself_keeps_its_traceback(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setitem(app.TOPICS["A registry's tables"], "dictionary", fail)
    with pytest.raises(ZeroDivisionError):
        main(["dictionary"])


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise")
def test_a_reader_that_stops_is_no_traceback():
    command = [sys.executable, "-c", PRINTS_MUCH]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as printing:
        printing.stdout.read(10)
        printing.stdout.close()
        assert printing.stderr.read() == b""
        assert printing.wait(60) == 1


PRINTS_MUCH = """
import sys
from analysis.commands import app

def much():
    for _ in range(100_000):
        print("x" * 100)

app.TOPICS["Texts"]["messages"] = much
sys.exit(app.main(["messages"]))
"""


def test_completion_knows_the_commands():
    command = [sys.executable, "-m", "analysis.commands.app"]
    settings = {
        "_WORKBENCH_COMPLETE": "complete_bash",
        "COMP_WORDS": "workbench re",
        "COMP_CWORD": "1",
    }
    completed = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert completed.stdout.split() == ["review"]


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from analysis.commands.app import main; main(['--help']); "
        "print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    helped = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(helped.stderr.strip("[]\n").replace("'", "").split(", "))
    assert "typer" in loaded
    assert loaded & {"rich", "pandas", "numpy", "watchfiles", "pydantic", "yaml", "babel"} == set()


def readme_commands():
    text = README.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines if "bin/workbench" in line]
    return [line[1:] for line in words]


@pytest.mark.parametrize("arguments", readme_commands(), ids=" ".join)
def test_each_command_of_the_readme_may_be_typed(arguments, monkeypatch):
    typed = []
    for commands in [*app.TOPICS.values(), app.REVIEW]:
        for name, command in commands.items():
            monkeypatch.setitem(
                commands, name, wraps(command)(lambda **options: typed.append(options))
            )
    assert main(arguments) == 0
    assert len(typed) == 1
