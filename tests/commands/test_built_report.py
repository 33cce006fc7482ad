"""A report that is built: whether it can be built again, and printed."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import report
from analysis.commands.app import main
from analysis.commands.progress import show_failures, show_progress


@pytest.fixture
def verified(monkeypatch):
    """Verify a folder that comes out like this; the exit code and what it was asked for."""

    def verify(differences=(), causes=(), options=()):
        calls = []

        def verify_report(*arguments):
            calls.append(arguments)
            return SimpleNamespace(files=7, differences=differences, causes=causes)

        monkeypatch.setattr(report, "read_edition", lambda path: path, raising=False)
        monkeypatch.setattr(report, "verify_report", verify_report, raising=False)
        return main(["verify", "place/outputs/2025", *options]), calls[0]

    return verify


def test_the_same_report_is_exit_zero(verified, capsys):
    code, (edition, _, folder, choice, show, guard) = verified()
    assert code == 0
    assert capsys.readouterr().out == "identical: 7 files, byte for byte\n"
    assert edition == Path("place/params/2025.yml").resolve()
    assert folder == Path("place/outputs/2025").resolve()
    assert (choice.jobs, choice.seconds, choice.memory) == (0, 1800, 0)
    assert show is show_progress
    assert guard == "analysis.register:require_no_identity_in_files"


def test_another_report_is_exit_one_with_each_difference(verified, capsys):
    code, _ = verified(["a.html: line 1", "b.csv: gone"], ["package pandas: 1 → 2"])
    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        "a.html: line 1",
        "b.csv: gone",
        "2 of 7 files differ",
        "- package pandas: 1 → 2",
    ]


def test_limits_and_the_editions_file_are_passed_on(verified):
    options = ["--edition", "e.yml", "--jobs", "2", "--timeout", "9", "--memory", "1G", "--quiet"]
    _, (edition, _, _, choice, show, _) = verified(options=options)
    assert edition == Path("e.yml")
    assert (choice.jobs, choice.seconds, choice.memory) == (2, 9, 2**30)
    assert show is show_failures


def test_the_pdfs_are_named(monkeypatch, capsys):
    def print_report(folder, languages):
        return [folder / f"{language}.pdf" for language in languages]

    monkeypatch.setattr(report, "print_report", print_report, raising=False)
    assert main(["pdf", "outputs/2025", "--language", "en", "--language", "nb"]) == 0
    assert capsys.readouterr().out == "outputs/2025/en.pdf\noutputs/2025/nb.pdf\n"
