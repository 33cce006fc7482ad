"""A build by the command: what is done again when something changes, and what --explain says of it before."""

import json
import shutil
from pathlib import Path

import pytest

from analysis.register import demonstration_cases, demonstration_population

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory, write_edition):
    """An edition of a registry's own files with two chapters, one of which reads no table."""
    folder = tmp_path_factory.mktemp("rebuilt")
    (folder / "registry").mkdir()
    cases = demonstration_cases()
    cases[cases["country"] == "NO"].head(1500).to_csv(
        folder / "registry" / "cases.csv", index=False
    )
    population = demonstration_population()
    population[population["country"] == "NO"].to_csv(
        folder / "registry" / "population.csv", index=False
    )
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


def written(write_edition, folder, **changes):
    sources = {name: str(folder / "registry" / f"{name}.csv") for name in ("cases", "population")}
    chapters = ["03_incidence", "13_methods"]
    return write_edition(
        folder, **{"sources": sources, "chapters": chapters, "notebooks": "../notebooks"} | changes
    )


def test_only_what_has_changed_is_done_again(place, write_edition, workbench, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    edition, out = written(write_edition, place), place / "out"

    def build(*options):
        code, said, complaint = workbench("build", edition, "--output", out, *options)
        assert code == 0, said + complaint
        return said + complaint

    assert "no earlier build" in build("--explain")
    assert not out.exists()
    assert "chapters: run 2;" in build()
    whole = {path: path.read_bytes() for path in (out / "public").rglob("*.*")}

    assert "chapters: as they were 2;" in build()
    assert build("--explain").splitlines() == [
        "sources: as they were read before", "03_incidence (en): holds", "13_methods (en): holds",
    ]  # fmt: skip

    written(write_edition, place, standard_population="european-2013", minimum_cell=6)
    explained = build("--explain")
    assert (
        "03_incidence (en): will run: parameter minimum_cell: 5 → 6, parameter standard: "
        in explained
    )
    written(write_edition, place)

    notebook = place / "notebooks" / "13_methods.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace('\n    "# ', '\n    "# Anew: '), encoding="utf-8")
    assert "13_methods (en): will be bound anew, not run: its prose changed" in build("--explain")
    assert "chapters: bound anew 1, as they were 1;" in build()
    notebook.write_text(text, encoding="utf-8")

    extract = place / "registry" / "cases.csv"
    rows = extract.read_text().splitlines(keepends=True)
    extract.write_text("".join(rows[:-1]))
    assert f"sources: will be read: file {extract} changed" in build("--explain")
    events = [json.loads(line) for line in build("--json").splitlines()]
    ended = {
        (event["chapter"], event["status"])
        for event in events
        if event["status"] in ("done", "bound")
    }
    assert ended == {("03_incidence", "done"), ("13_methods", "bound")}
    extract.write_text("".join(rows))
    assert "chapters: run 1, as they were 1;" in build("--quiet")
    assert {path: path.read_bytes() for path in (out / "public").rglob("*.*")} == whole


def test_where_no_process_can_be_forked_the_report_is_the_same(
    place, write_edition, workbench, monkeypatch, caplog
):
    edition = written(write_edition, place, chapters=["13_methods"])
    assert workbench("build", edition, "--output", place / "forked")[0] == 0
    monkeypatch.setenv("WORKBENCH_ORDINARY_KERNELS", "1")
    code, said, complaint = workbench("build", edition, "--output", place / "ordinary")
    assert code == 0, said + complaint
    assert "no warm process can be forked here" in caplog.text
    assert "chapters: run 1;" in said
    both = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (place / "forked" / "public", place / "ordinary" / "public")
    ]
    assert both[0] == both[1]
    assert (
        "chapters: as they were 1;"
        in workbench("build", edition, "--output", place / "ordinary")[1]
    )
