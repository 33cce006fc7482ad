"""One set of packages: pyproject.toml, the lock and the conda environment say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("cluster", "postgres", "explore", "dev")


def declared() -> dict[str, Requirement]:
    """Every package that pyproject.toml asks for, the core and all extras."""
    lines = [
        *PROJECT["dependencies"],
        *(line for lines in PROJECT["optional-dependencies"].values() for line in lines),
    ]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def locked() -> list[tuple[Requirement, int]]:
    """Every entry of the lock with the number of its hashes."""
    entries = re.findall(
        r"^(\S[^\n]*?)((?: \\\n\s+--hash=sha256:[0-9a-f]{64})*)$", LOCK, flags=re.MULTILINE
    )
    return [
        (Requirement(entry), hashes.count("--hash="))
        for entry, hashes in entries
        if not entry.startswith("#")
    ]


def conda() -> dict[str, SpecifierSet]:
    """Every package of the conda environment, those of its pip section among them."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    lines = [
        line for entry in entries for line in (entry["pip"] if isinstance(entry, dict) else [entry])
    ]
    return {
        canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in lines
    }


def test_the_lock_covers_the_core_and_every_extra():
    assert set(PROJECT["optional-dependencies"]) == set(EXTRAS)
    assert len(declared()) >= 30
    names = {canonicalize_name(entry.name) for entry, _ in locked()}
    assert set(declared()) - names == set()
    assert len(names) > len(declared())


def test_each_extra_package_is_in_one_list_only():
    lines = [
        *PROJECT["dependencies"],
        *(line for lines in PROJECT["optional-dependencies"].values() for line in lines),
    ]
    assert len(lines) == len(declared())


def test_locked_versions_are_within_the_bounds_declared():
    outside = [
        str(entry)
        for entry, _ in locked()
        if (asked := declared().get(canonicalize_name(entry.name)))
        and not asked.specifier.contains(next(iter(entry.specifier)).version)
    ]
    assert outside == []


def test_every_locked_version_is_exact_and_hashed():
    loose = [
        str(entry) for entry, _ in locked() if [part.operator for part in entry.specifier] != ["=="]
    ]
    unhashed = [str(entry) for entry, hashes in locked() if hashes == 0]
    assert (loose, unhashed) == ([], [])


def test_the_lock_holds_no_address():
    assert "://" not in LOCK
    assert not re.search(
        r"^\s*(-i|-f|--(?:extra-)?index-url|--find-links|--trusted-host|-e)\b", LOCK, re.MULTILINE
    )


def test_the_conda_environment_has_the_same_packages_and_bounds():
    environment = conda()
    assert environment.pop("python") == SpecifierSet(PROJECT["requires-python"])
    environment.pop("pip")
    assert environment == {name: requirement.specifier for name, requirement in declared().items()}


def test_the_conda_environment_comes_from_conda_forge_alone():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("package", ["hatchling", "editables", "uv"])
def test_what_make_installs_with_is_locked(package):
    assert [entry for entry, _ in locked() if entry.name == package]
