"""What a build came to, in words, and several builds after one another."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import report
from analysis.commands import edition_build
from analysis.commands.edition_build import BuildRequest, build_all, build_lines
from analysis.errors import AnalysisError, InputError


@pytest.fixture
def build():
    def make(*statuses, **parts):
        results = [SimpleNamespace(status=status) for status in statuses]
        usual = {"absent": (), "left_out": (), "parameters": {}, "seconds": 2.34}
        return SimpleNamespace(results=results, public=Path("public"), **{**usual, **parts})

    return make


def edition_of(first=None, last=None):
    years = SimpleNamespace(first=first, last=last) if first else None
    return SimpleNamespace(diagnosis_years=years)


def test_chapters_are_counted_by_what_was_done(build):
    whole = build("done", "done", "bound", *["cached"] * 3)
    assert list(build_lines(whole, edition_of(), ", 1 s of work")) == [
        "chapters: run 2, bound anew 1, as they were 3; in 2.3 s, 1 s of work",
        "public/index.html",
    ]
    assert next(build_lines(build("cached"), edition_of())) == (
        "chapters: as they were 1; in 2.3 s"
    )


def test_failures_are_the_last_that_is_told(build):
    [line] = build_lines(build("done", "failed", "failed"), edition_of())
    assert "2 of 3 chapters failed; the public report is as it was" in line


def test_chapters_that_are_absent_or_left_out_are_named(build):
    absent = SimpleNamespace(name="06_survival", missing=("cases", "life_table"))
    lines = list(build_lines(build("done", absent=[absent], left_out=["02_b (en)"]), edition_of()))
    assert lines[:2] == [
        "- 06_survival: not in this edition, its sources lack cases, life_table",
        "- left out, their earlier runs rest on other data, code or parameters: 02_b (en)",
    ]


@pytest.mark.parametrize(
    ("first", "last", "warned"),
    [(1990, 2020, False), (1991, 2019, False), (1989, 2020, True), (1990, 2021, True)],
)
def test_years_without_cases_are_warned_of(build, first, last, warned):
    covered = {"first_year": 1990, "last_year": 2020}
    lines = list(build_lines(build("done", parameters=covered), edition_of(first, last)))
    warning = f"! the cases are of 1990–2020, the edition of {first}–{last}: "
    assert lines[0].startswith(warning) is warned


def test_years_that_no_source_tells_are_not_warned_of(build):
    assert len(list(build_lines(build("done"), edition_of(1953, 2024)))) == 2


def request_of(*editions, **parts):
    return BuildRequest(tuple(map(Path, editions)), None, None, **parts)


def test_an_edition_is_built_beside_params_or_where_asked(tmp_path):
    path = tmp_path / "params" / "2025.yml"
    request = request_of(path)
    assert request.folder_of(path) == tmp_path / "outputs" / "2025"
    assert request.logs == tmp_path / "outputs" / "2025" / "private" / "logs"
    assert request_of(path, output=tmp_path / "out").folder_of(path) == tmp_path / "out"


def test_one_that_cannot_be_built_stops_no_other(monkeypatch, capsys):
    ends = {
        "a.yml": 0,
        "b.yml": InputError("b", ["is bad"]),
        "c.yml": AnalysisError("no"),
        "d.yml": 0,
    }

    def build_one(path, request, **processes):
        assert processes == {"shared": "warm", "elsewhere": None}
        if isinstance(ends[path.name], Exception):
            raise ends[path.name]
        return ends[path.name]

    monkeypatch.setattr(report, "shared_process", lambda log: nullcontext("warm"), raising=False)
    monkeypatch.setattr(edition_build, "build_one", build_one)
    assert build_all(request_of(*ends)) == 2
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["a.yml:", "b.yml:", "c.yml:", "d.yml:"]
    assert printed.err.splitlines() == ["b: 1 fault", "  - is bad", "no"]
    assert build_all(request_of("a.yml", "c.yml", json=True)) == 1
    assert capsys.readouterr().out == ""
