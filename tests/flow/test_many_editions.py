"""Several editions in one command: one warm process, each in its own folder, and one that fails stops no other."""

import shutil

import pytest

from analysis.register import demonstration_cases


@pytest.fixture
def editions(tmp_path, write_edition):
    """Two good editions with a bad one between them."""
    paths = []
    for name, changes in (("one", {}), ("bad", {"age_limit": 17}), ("two", {"recent_years": 5})):
        path = write_edition(tmp_path, chapters=["13_methods"], **changes)
        paths.append(shutil.move(path, path.with_name(f"{name}.yml")))
    return paths


def test_editions_share_a_process_and_fail_alone(editions, workbench, tmp_path):
    code, said, complaint = workbench("build", *editions, "--quiet")
    assert code == 2
    assert "edition" in complaint and "age_limit" in complaint
    pages = [line for line in said.splitlines() if line.endswith("index.html")]
    assert pages == [
        str(tmp_path / "outputs" / name / "public" / "index.html") for name in ("one", "two")
    ]
    assert not (tmp_path / "outputs" / "bad").exists()
    # Both have read nothing but the first: their sources, and what is done to them, are the same.
    assert [
        (tmp_path / "outputs" / name / "private" / "logs" / "sources.log").exists()
        for name in ("one", "two")
    ] == [
        True,
        False,
    ]
    together = (tmp_path / "outputs" / "two" / "public" / "en" / "13_methods.html").read_bytes()

    alone = tmp_path / "alone"
    assert workbench("build", editions[2], "--output", alone, "--quiet")[0] == 0
    assert (alone / "public" / "en" / "13_methods.html").read_bytes() == together
    code, said, _ = workbench("build", editions[0], editions[2])
    assert code == 0
    assert said.count("chapters: as they were 1;") == 2


def test_what_is_of_one_edition_is_not_asked_of_several(editions, workbench, tmp_path):
    for option in (("--watch",), ("--output", tmp_path / "out")):
        code, _, complaint = workbench("build", *editions, *option)
        assert code == 2
        assert "--watch and --output are for one edition" in complaint


def test_what_differs_in_its_sources_is_read_by_itself(tmp_path, write_edition, workbench):
    cases = demonstration_cases()
    cases = cases[cases["country"] == "NO"].head(300)
    cases.to_csv(tmp_path / "cases.csv", index=False)
    (tmp_path / "optouts.csv").write_text(
        f"person\n{cases['person_id'].iloc[0]}\n", encoding="utf-8"
    )
    sources = {"cases": str(tmp_path / "cases.csv")}
    opt_outs = {"file": str(tmp_path / "optouts.csv"), "column": "person"}
    paths = []
    for name, changes in (
        ("one", {}),
        ("two", {"age_limit": 15}),
        ("fewer", {"opt_outs": opt_outs}),
    ):
        path = write_edition(tmp_path, chapters=["13_methods"], sources=sources, **changes)
        paths.append(shutil.move(path, path.with_name(f"{name}.yml")))
    read = {
        path.stem: tmp_path / "outputs" / path.stem / "private" / "logs" / "sources.log"
        for path in paths
    }
    tables = {name: log.parents[1] / "cohort" / "cases.parquet" for name, log in read.items()}
    code, said, complaint = workbench("build", *paths, "--quiet")
    assert code == 0, said + complaint
    assert {name: log.exists() for name, log in read.items()} == {
        "one": True,
        "two": False,
        "fewer": True,
    }
    assert tables["one"].read_bytes() == tables["two"].read_bytes() != tables["fewer"].read_bytes()
    assert workbench("build", paths[1], "--explain")[1].startswith(
        "sources: as they were read before"
    )

    # A table that is not as it was written is not handed on.
    shutil.rmtree(tmp_path / "outputs" / "two")
    tables["one"].write_bytes(tables["fewer"].read_bytes())
    assert workbench("build", *reversed(paths[:2]), "--quiet")[0] == 0
    assert read["two"].exists()
    assert tables["one"].read_bytes() == tables["two"].read_bytes()
