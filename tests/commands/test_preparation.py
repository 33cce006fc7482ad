"""What an edition's sources are for a build, and what its chapters share."""

from types import SimpleNamespace

import pytest

from analysis.commands.preparation import preparation_of


@pytest.fixture
def edition(tmp_path):
    """An edition with these sources, as far as its preparation reads it."""

    def make(opt_outs=None, **sources):
        return SimpleNamespace(
            sources=SimpleNamespace(model_dump=lambda exclude_none: sources),
            opt_outs=opt_outs and SimpleNamespace(model_dump=lambda: opt_outs),
            minimum_cell=5,
            classification="who",
        )

    for name in ("cases.csv", "cases.yml", "out.csv"):
        (tmp_path / name).touch()
    return make


def test_the_files_of_all_sources_are_named(edition, tmp_path):
    files = {"file": str(tmp_path / "cases.csv"), "mapping": str(tmp_path / "cases.yml")}
    opt_outs = {"file": str(tmp_path / "out.csv"), "column": "child_no"}
    sources = preparation_of(edition(opt_outs, cases=files), tmp_path / "out")
    assert sources.files == tuple(
        str(tmp_path / name) for name in ("cases.csv", "cases.yml", "out.csv")
    )
    assert sources.arguments == ({"cases": files}, opt_outs, 5)
    assert sources.lasting
    [tables] = sources.warm
    assert tables.arguments == (tmp_path / "out" / "private" / "cohort", "who")


def test_what_a_database_holds_does_not_last(edition, tmp_path):
    source = {"database": "postgresql://a", "query": "select 1"}
    assert not preparation_of(edition(cases=source), tmp_path).lasting


def test_tables_of_other_editions_may_be_taken_over_never_ones_own(edition, tmp_path):
    folders = [tmp_path / name for name in ("2024", "2025", "2026")]
    sources = preparation_of(edition(cases={"file": "demo"}), folders[1], folders)
    assert sources.siblings == (folders[0] / "private", folders[2] / "private")


def test_the_key_of_pseudonyms_is_part_of_what_is_read(edition, tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_PSEUDONYM_KEY", raising=False)
    assert preparation_of(edition(), tmp_path).beside == ""
    monkeypatch.setenv("WORKBENCH_PSEUDONYM_KEY", "secret")
    assert preparation_of(edition(), tmp_path).beside == "secret"
