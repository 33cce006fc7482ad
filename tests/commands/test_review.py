"""Reviewers' comments collected, and chapters signed."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import register, report
from analysis.commands.app import main


def test_comments_are_counted_and_lost_chapters_named(monkeypatch, capsys):
    calls = []

    def collect_comments(*arguments):
        calls.append(arguments)
        return SimpleNamespace(
            comments=3, new=2, edited=1, unknown=["09_x"], page="index.html", sheet="comments.csv"
        )

    monkeypatch.setattr(report, "collect_comments", collect_comments, raising=False)
    options = ["--edition", "outputs/2025", "--output", "out"]
    assert main(["review", "collect", "a.json", "b.json", *options]) == 0
    guard = register.require_no_identity_in_files
    assert calls == [([Path("a.json"), Path("b.json")], Path("outputs/2025"), Path("out"), guard)]
    assert capsys.readouterr().out.splitlines() == [
        "comments: 3; new 2, edited 1",
        "- the report has no chapter 09_x any more; its comments stand at the end",
        "index.html",
        "comments.csv",
    ]


@pytest.fixture
def signed(monkeypatch):
    """Sign with these options; what was asked for."""

    def sign(*options, new=()):
        calls = []

        def sign_chapters(*arguments):
            calls.append(arguments)
            return list(new)

        monkeypatch.setattr(report, "read_draft", lambda folder: folder, raising=False)
        monkeypatch.setattr(report, "sign_chapters", sign_chapters, raising=False)
        monkeypatch.setattr(
            report, "sign_offs_path", lambda path: path.with_suffix(".json"), raising=False
        )
        assert main(["review", "sign-off", "place/outputs/2025", *options]) == 0
        return calls[0]

    return sign


def test_a_signature_is_told_with_the_hash_it_is_for(signed, capsys):
    signature = SimpleNamespace(chapter="03_a", language="nb", name="Kari", sha256="0123456789")
    options = ["--chapter", "03", "--language", "nb", "--name", "Kari", "--role", "chair"]
    path, draft, asked, signer, today, guard = signed(*options, new=[signature])
    assert path == Path("place/params/2025.yml").resolve()
    assert draft == Path("place/outputs/2025").resolve()
    assert asked == report.Asked(("03",), ("nb",), False)
    assert (signer, today) == (("Kari", "chair"), date.today())
    assert guard is register.require_no_identity_in_files
    assert capsys.readouterr().out.splitlines() == [
        "03_a (nb): signed by Kari for 01234567",
        str(path.with_suffix(".json")),
    ]


def test_nothing_new_is_said_so(signed, capsys):
    path, _, asked, *_ = signed("--all", "--name", "Kari", "--edition", "e.yml")
    assert path == Path("e.yml").resolve()
    assert asked == report.Asked((), (), True)
    assert capsys.readouterr().out == "signed already: nothing is new\n"
