"""What the comparison of two editions is asked for."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import report
from analysis.commands.app import main


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ([], (None, 0.1, ())),
        (
            ["--threshold", "25", "--language", "nb", "--language", "en", "--output", "out"],
            (Path("out"), 0.25, ("nb", "en")),
        ),
    ],
)
@pytest.mark.parametrize("changed", [True, False])
def test_two_editions_are_compared_as_asked(monkeypatch, capsys, options, asked, changed):
    calls = []

    def compare(*arguments):
        calls.append(arguments)
        return SimpleNamespace(changed=changed, page="page.html")

    monkeypatch.setattr(report, "compare_editions", compare, raising=False)
    assert main(["compare", "2021", "2022", *options]) == 0
    [(earlier, later, _, *more)] = calls
    assert (earlier, later, tuple(more)) == (Path("2021"), Path("2022"), asked)
    assert capsys.readouterr().out == ("" if changed else "nothing changed\n") + "page.html\n"
