"""What a chapter was made from, recorded while it runs: code, parameters, tables, modules, files, packages.

A module or file is known by the digest that it had when the build began, before anything read it: where
it is changed meanwhile, the next build finds another digest and runs the chapter again.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Any

from analysis.report.edition.chapters import ChapterRun
from analysis.report.files.digests import (
    PACKAGE_ROOT,
    digest_of,
    file_digest,
    installed_versions,
    package_digests,
    package_key,
)
from analysis.report.files.notebooks import read_notebook
from analysis.report.pages.translations import catalogue_of

# The report stage frames chapters and computes nothing in them, but for these files, which run the cells.
ENGINE = ("analysis.report.build.execute", "analysis.report.build.ipython_shell")
# What the machine itself brings; packages are known by their versions.
_OF_THE_MACHINE = (
    "/proc/",
    "/sys/",
    "/dev/",
    "/etc/",
    "/usr/",
    "/lib",
    "/bin/",
    "/opt/",
    "/var/cache/",
)
_KINDS = {
    "prose": "its prose",
    "cells": "its code",
    "parameters": "parameter",
    "tables": "table",
    "modules": "module",
    "files": "file",
    "packages": "package",
}


def code_digest(notebook: Mapping) -> str:
    """The digest of the code cells of a notebook and of their tags; prose is not in it."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return digest_of(
        [["".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]
    )


def page_digest(notebook: Mapping) -> str:
    """The digest of what a page is made of: prose and code with their tags, and what the notebook says of itself."""
    cells = [
        [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])]
        for cell in notebook["cells"]
    ]
    return digest_of([cells, notebook["metadata"].get("workbench", {})])


def parameters_as_text(run: ChapterRun) -> dict[str, str]:
    """The parameters of a run as text; where its tables lie does not matter."""
    return {
        name: json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
        for name, value in run.parameters.items()
        if not name.endswith("_source")
    }


def tables_of(run: ChapterRun) -> dict[str, str]:
    """The tables that a run reads, by the parameter that names each."""
    return {
        name: str(path)
        for name, path in run.parameters.items()
        if name.endswith("_source") and path
    }


@dataclass(frozen=True)
class State:
    """Everything that a build can depend on, as it is at one moment.

    ``package`` holds the digest of each of its files, ``versions`` that of each installed package;
    ``digest`` gives that of any other file, which it reads once.
    """

    package: Mapping[str, str]
    versions: Mapping[str, str]
    digest: Callable[[str], str]


def state_now() -> State:
    """The state of this moment."""
    return State(package_digests(), installed_versions(), cache(file_digest))


@cache
def opened_files() -> set[str]:
    """Every file that this process opens for reading from the first call on (it grows)."""
    paths: set[str] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        # Opening by descriptor, and what only writes, is nothing that was read.
        if event != "open" or not isinstance(arguments[0], str | os.PathLike):
            return
        path, _, flags = arguments
        if flags is None or not flags & (os.O_WRONLY | os.O_RDWR):
            paths.add(os.path.abspath(os.fspath(path)))

    # Nobody takes a hook away again: one for the whole life of the process.
    sys.addaudithook(note)
    return paths


@cache
def distributions_by_module() -> Mapping[str, list[str]]:
    """From the module that one imports to the packages that bring it."""
    from importlib.metadata import packages_distributions

    return packages_distributions()


def loaded_modules(engine_only: bool = True) -> set[str]:
    """Files of the package that this process has imported, as paths in it; of the report stage the engine only."""
    paths = {
        os.path.relpath(module.__file__, PACKAGE_ROOT)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == "analysis" and getattr(module, "__file__", None)
        if not engine_only or name in ENGINE or name.split(".")[1:2] != ["report"]
    }
    return {path for path in paths if not path.startswith("..")}


def loaded_packages() -> set[str]:
    """Packages from outside that this process has imported."""
    distributions = distributions_by_module()
    names = {module.split(".")[0] for module in sys.modules}
    packages = {package for name in names for package in distributions.get(name, ())}
    return {"python"} | {package_key(package) for package in packages}


def read_files(private: Path) -> tuple[set[str], set[str]]:
    """What this process has read beside code: files of the package, as paths in it; and files from elsewhere."""
    temporary = filter(None, [os.environ.get("TMPDIR")])
    caches = str(Path.home() / ".cache")
    excluded = (
        *_OF_THE_MACHINE,
        *temporary,
        sys.prefix,
        sys.base_prefix,
        str(private),
        caches,
    )
    of_package: set[str] = set()
    elsewhere: set[str] = set()
    for path in list(opened_files()):
        # Code is known as a module or by the version of its package.
        if path.endswith(tuple(all_suffixes())) or not os.path.isfile(path):
            continue
        if path.startswith(f"{PACKAGE_ROOT}{os.sep}"):
            of_package.add(os.path.relpath(path, PACKAGE_ROOT))
        elif not path.startswith(excluded):
            elsewhere.add(path)
    return of_package, elsewhere


def changes(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """What is different now, one phrase each, in the words of ``--explain``.

    Examples
    --------
    >>> changes({"parameters": {"minimum_cell": "5"}}, {"parameters": {"minimum_cell": "10"}})
    ['parameter minimum_cell: 5 → 10']
    >>> changes({"modules": {"cases/age.py": "a1"}}, {"modules": {"cases/age.py": "b2"}})
    ['module cases/age.py changed']
    """
    phrases = []
    for kind, label in _KINDS.items():
        old, new = before.get(kind, {}), now.get(kind, {})
        for name in sorted(set(old) | set(new)):
            if old.get(name) != new.get(name):
                what = f"{label} {name}".strip()
                phrases.append(_change(kind, what, old.get(name), new.get(name)))
    return phrases


def _change(kind: str, what: str, old: str | None, new: str | None) -> str:
    if not old or not new:
        return f"{what} {'is new' if not old else 'is gone'}"
    return f"{what}: {old} → {new}" if kind in ("parameters", "packages") else f"{what} changed"


def state_of(names: Iterable[str], digests: Mapping[str, str]) -> dict[str, str]:
    """The digest of each name now; empty for what is gone."""
    return {name: digests.get(name, "") for name in sorted(names)}


def bound_on(
    run: ChapterRun, notebook: Mapping, files: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """What a page is made from beside what its cells gave: the notebook, its translation, the files that frame it."""
    prose = {"": page_digest(notebook)}
    translation = file_digest(catalogue_of(run.notebook, run.language))
    if translation:
        prose[f"in {run.language}"] = translation
    return {"prose": prose, "parameters": {"value": run.value}, "modules": dict(files)}


def rests_now(
    run: ChapterRun, before: Mapping[str, Mapping[str, str]], now: State
) -> dict[str, dict[str, str]]:
    """What an earlier run was made from, as it is now."""
    return {
        "cells": {"": code_digest(read_notebook(run.notebook))},
        "parameters": parameters_as_text(run),
        "tables": {name: now.digest(path) for name, path in tables_of(run).items()},
        "modules": state_of(before.get("modules", ()), now.package),
        "files": {path: now.digest(path) for path in before.get("files", ())},
        "packages": state_of(before.get("packages", ()), now.versions),
    }
