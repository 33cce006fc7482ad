"""The record of a run as an RO-Crate: what the profile demands, what a reader needs, and nothing of this machine."""

import getpass
import hashlib
import json
import socket

import pytest

from analysis.report.build.plan import Choice
from analysis.report.edition.read import read_edition

INPUT = {"name": "cases.csv", "sha256": "ab" * 32, "bytes": 1200, "rows": 37}


@pytest.fixture
def build(write_edition, intake, tmp_path, build_in):
    """Build the small edition of one source."""
    intake.inputs = (INPUT,)

    def run(choice=None):
        return build_in(
            read_edition(write_edition()), intake, tmp_path / "outputs" / "small", choice
        )

    return run


def graph_of(folder):
    content = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert content["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    ids = [entity["@id"] for entity in content["@graph"]]
    assert len(ids) == len(set(ids))
    return {entity["@id"]: entity for entity in content["@graph"]}


def references(value):
    """Every id that a value names."""
    if isinstance(value, dict):
        return (
            [value["@id"]]
            if set(value) == {"@id"}
            else [one for part in value.values() for one in references(part)]
        )
    return [one for part in value for one in references(part)] if isinstance(value, list) else []


def require_profile(folder):
    """What RO-Crate 1.1 and Process Run Crate 0.5 say that a crate must have."""
    graph = graph_of(folder)
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert (descriptor["@type"], descriptor["about"]) == ("CreativeWork", {"@id": "./"})
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license"))
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert graph["https://w3id.org/ro/wfrun/process/0.5"]["@type"] == "CreativeWork"
    actions = [entity for entity in graph.values() if entity["@type"] == "CreateAction"]
    assert references(root["mentions"]) == [action["@id"] for action in actions] == ["#build"]
    assert graph[actions[0]["instrument"]["@id"]]["@type"] == "SoftwareApplication"
    outside = {"https://w3id.org/ro/crate/1.1"}
    assert {one for entity in graph.values() for one in references(entity)} <= set(graph) | outside
    files = {name: entity for name, entity in graph.items() if entity["@type"] == "File"}
    assert set(references(root["hasPart"])) == set(references(actions[0]["result"])) == set(files)
    for name, entity in files.items():
        content = (folder / name).read_bytes()
        assert (entity["sha256"], entity["contentSize"]) == (
            hashlib.sha256(content).hexdigest(),
            str(len(content)),
        )
    return graph, actions[0], set(files)


def test_the_public_crate_tells_what_went_in_and_what_came_out(build):
    public = build().public
    graph, action, files = require_profile(public)
    there = {path.relative_to(public).as_posix() for path in public.rglob("*") if path.is_file()}
    assert files == there - {"ro-crate-metadata.json"}
    assert graph["./"]["datePublished"] == "2023-12-31"
    told = graph["#input-1"]
    assert (told["name"], told["sha256"], told["contentSize"]) == ("cases.csv", "ab" * 32, "1200")
    assert graph["#rows-1"]["value"] == 37
    assert graph["#parameter-age_limit"]["value"] == 18
    assert len(graph["#chapter-03_incidence.ipynb"]["value"]) == 64
    assert {"#input-1", "#parameter-age_limit", "#chapter-03_incidence.ipynb"} <= set(
        references(action["object"])
    )
    needed = references(graph["#software"]["softwareRequirements"])
    assert {"#package-python", "#package-pandas", "#package-pyarrow", "#package-tornado"} <= set(
        needed
    )
    assert "#package-pytest" not in needed


def test_the_private_crate_tells_when_and_at_which_commit(build):
    public = build().public
    graph, action, files = require_profile(public.parent / "private")
    assert files == {"executed/en/03_incidence.ipynb", "executed/nb/03_incidence.ipynb"}
    assert action["endTime"].endswith("+00:00")
    assert graph["#seconds-03_incidence%20%28en%29"]["value"] > 0
    assert graph["#source-working%20tree%20clean"]["value"] in ("yes", "no", "")
    assert "#installed-pytest" in graph
    published = (public / "ro-crate-metadata.json").read_bytes()
    assert graph["#public-ro-crate-metadata.json"]["value"] == hashlib.sha256(published).hexdigest()


def test_the_public_crate_is_the_same_in_every_build_and_names_no_machine(build, tmp_path):
    public = build().public
    before = (public / "ro-crate-metadata.json").read_bytes()
    assert build(Choice(again=True, jobs=1)).succeeded
    assert (public / "ro-crate-metadata.json").read_bytes() == before
    text = before.decode()
    for telling in (str(tmp_path), socket.gethostname(), f'"{getpass.getuser()}"', "/home/"):
        assert telling not in text
