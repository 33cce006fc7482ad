"""The packages of each stage: one idea each, in an order in which imports only run downwards."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "analysis"
# From the lowest: a package imports itself and those before it. A module beside them stands in the order too.
ORDERS = {
    "register": (
        *("contract", "mapping", "demonstration", "identity", "sources"),
        *("proposal", "checks", "intake"),
    ),
    "estimates": (
        *("intervals", "rates", "survival", "trends", "relative_survival", "comparison"),
        *("regression", "survivors", "quality"),
    ),
    "display": (
        *("columns", "language", "exhibit", "disclosure", "wording", "drawing"),
        *("painters", "figures", "tables"),
    ),
    "report": ("files", "edition", "pages", "site", "tasks", "review", "build", "cluster"),
}
# A comparison stands beside the build: it reads what two builds left.
BESIDE = {"compare": ("files", "pages", "site", "compare")}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def imported_packages(path: Path, stage: str) -> set[str]:
    """The packages of its own stage that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(f"analysis.{stage}.")
    ]
    return {name.split(".")[2] for name in named}


def may_import(stage: str, package: str) -> tuple[str, ...]:
    if package in BESIDE:
        return BESIDE[package]
    order = ORDERS[stage]
    return order[: order.index(package) + 1]


@pytest.mark.parametrize("stage", ORDERS)
def test_imports_run_downwards(stage):
    offenders = []
    for path in sorted((PACKAGE / stage).rglob("*.py")):
        package = path.relative_to(PACKAGE / stage).parts[0].removesuffix(".py")
        if package == "__init__":
            continue
        above = imported_packages(path, stage) - set(may_import(stage, package))
        offenders += [f"{path.relative_to(PACKAGE)} imports {name}" for name in sorted(above)]
    assert offenders == []


@pytest.mark.parametrize("stage", ORDERS)
def test_each_package_of_a_stage_is_in_its_order(stage):
    names = {path.name.removesuffix(".py") for path in (PACKAGE / stage).iterdir()}
    names -= {"__init__", "__pycache__", "template"}
    assert names == {*ORDERS[stage], *(BESIDE if stage == "report" else ())}


def test_a_package_says_its_idea_and_holds_no_code():
    offenders = []
    for path in sorted(PACKAGE.rglob("*/*/__init__.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if len(tree.body) != 1 or not ast.get_docstring(tree):
            offenders.append(str(path.relative_to(PACKAGE)))
    assert offenders == []


def test_no_module_name_stands_in_two_packages():
    places = defaultdict(list)
    for path in modules():
        places[path.stem].append(str(path.relative_to(PACKAGE)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_no_public_name_has_two_meanings_in_a_stage():
    defined = defaultdict(list)
    for path in modules():
        stage = path.relative_to(PACKAGE).parts[0]
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                defined[stage, node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: paths for name, paths in defined.items() if len(paths) > 1} == {}
