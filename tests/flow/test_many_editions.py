"""Several editions in one command: one warm process, each in its own folder, and one that fails stops no other."""

import shutil

import pytest


@pytest.fixture
def editions(tmp_path, write_edition):
    """Two good editions with a bad one between them."""
    paths = []
    for name, changes in (("one", {}), ("bad", {"age_limit": 17}), ("two", {"minimum_cell": 6})):
        path = write_edition(tmp_path, chapters=["12_methods"], **changes)
        paths.append(shutil.move(path, path.with_name(f"{name}.yml")))
    return paths


def test_editions_share_a_process_and_fail_alone(editions, workbench, tmp_path):
    code, said, complaint = workbench("build", *editions, "--quiet")
    assert code == 2
    assert "edition" in complaint and "age_limit" in complaint
    pages = [line for line in said.splitlines() if line.endswith("index.html")]
    assert pages == [str(tmp_path / "outputs" / name / "public" / "index.html") for name in ("one", "two")]
    assert not (tmp_path / "outputs" / "bad").exists()
    together = (tmp_path / "outputs" / "two" / "public" / "en" / "12_methods.html").read_bytes()

    alone = tmp_path / "alone"
    assert workbench("build", editions[2], "--output", alone, "--quiet")[0] == 0
    assert (alone / "public" / "en" / "12_methods.html").read_bytes() == together
    code, said, _ = workbench("build", editions[0], editions[2])
    assert code == 0
    assert said.count("chapters: as they were 1;") == 2


def test_what_is_of_one_edition_is_not_asked_of_several(editions, workbench, tmp_path):
    for option in (("--watch",), ("--output", tmp_path / "out")):
        code, _, complaint = workbench("build", *editions, *option)
        assert code == 2
        assert "--watch and --output are for one edition" in complaint
