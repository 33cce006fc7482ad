"""Catalogues of translations brought up to date."""

from pathlib import Path

import pytest

from analysis import report
from analysis.commands.app import main
from analysis.terms import LANGUAGES


@pytest.mark.parametrize(
    ("options", "languages"),
    [([], list(LANGUAGES[1:])), (["--language", "sv", "--language", "da"], ["sv", "da"])],
)
def test_each_language_is_told_with_what_is_left(monkeypatch, tmp_path, capsys, options, languages):
    calls = []

    def update_catalogues(language, notebooks):
        calls.append((language, notebooks))
        return {Path("words.po").resolve(): 0, Path("terms.po").resolve(): 3}

    monkeypatch.setattr(report, "update_catalogues", update_catalogues, raising=False)
    for name in ("02_b.ipynb", "01_a.ipynb", "notes.txt"):
        (tmp_path / name).touch()
    assert main(["messages", str(tmp_path), *options]) == 0
    chapters = [tmp_path / "01_a.ipynb", tmp_path / "02_b.ipynb"]
    assert calls == [(language, chapters) for language in languages]
    told = ["words.po: whole", "terms.po: 3 to translate or to look at"]
    assert capsys.readouterr().out.splitlines() == told * len(languages)
