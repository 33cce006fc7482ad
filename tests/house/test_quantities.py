"""What a column is stands in quantities.csv, and in no list beside it."""

import ast
from pathlib import Path

from analysis.quantities import KINDS, every_quantity

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "analysis"
# What one estimator reads or adds is named where it is computed, as is the row that it gives for nobody (a dict).
FEW = 6
OF_OTHER_FRAMES = ("stratum", "child", "time", "note")


def quantity_names() -> set[str]:
    return {
        column
        for column, quantity in every_quantity().items()
        if quantity.kind not in OF_OTHER_FRAMES and column not in KINDS
    }


def constants(path: Path) -> list[tuple[int, set[str]]]:
    """The words of each constant of a module that is no dictionary, by its line."""
    words = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or isinstance(node.value, ast.Dict):
            continue
        inner = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
        texts = [text for text in inner if isinstance(text, str)]
        words.append((node.lineno, {word for text in texts for word in text.split()}))
    return words


def test_no_module_lists_columns_of_its_own():
    names = quantity_names()
    paths = [PACKAGE / "strata.py"]
    for stage in ("estimates", "display", "report"):
        paths += [path for path in (PACKAGE / stage).rglob("*.py") if path.name != "__init__.py"]
    offenders = [
        f"{path.relative_to(PACKAGE)}:{line}: {', '.join(sorted(words & names))}"
        for path in sorted(paths)
        for line, words in constants(path)
        if len(words & names) > FEW
    ]
    assert offenders == []
