"""Changes of one comparison, operator or constant, and a fixed sample of them from each stage."""

import ast
import csv
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("src", "analysis")
# Changes of each part of the package in a sample of 400. What keeps small numbers from readers has its own.
PARTS = {
    "register": 50,
    "cases": 50,
    "counts": 60,
    "estimates": 80,
    "display/disclosure": 60,
    "display": 30,
    "report": 50,
    "commands": 20,
}
WHOLE = sum(PARTS.values())
SEED = 20261128
# Types are not computed with; a record is frozen, and a zip strict, against mistakes that are not made.
NOT_COMPUTED = ("annotation", "returns", "decorator_list")
AGAINST_MISTAKES = ("strict",)
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True, order=True)
class Mutant:
    """A place in a file (path under the package; line and column as in ``ast``) and what stands there instead."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    before: str
    after: str

    @property
    def stage(self) -> str:
        """The stage whose tests must notice."""
        return Path(self.path).parts[0]

    def __str__(self) -> str:
        return f"{PACKAGE / self.path}:{self.line}: {self.before}  →  {self.after}"


def mutants_of(source: str, path: str = "") -> Iterator[Mutant]:
    """Every change that can be made to a file.

    Examples
    --------
    >>> [mutant.after for mutant in mutants_of("small = cases < 5")]
    ['(cases <= 5)', '6']
    """
    lines = source.splitlines()
    for node in _expressions(ast.parse(source)):
        before = ast.get_source_segment(source, node)
        for changed in _changes(node):
            after = ast.unparse(changed)
            # In brackets, so that what stands around it binds as before.
            after = after if isinstance(node, ast.Constant | ast.stmt) else f"({after})"
            # Columns of ``ast`` count bytes.
            column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
            end = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
            yield Mutant(path, node.lineno, column, node.end_lineno, end, before, after)


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """What is computed; not what stands in a text, where columns are not known."""
    for name, value in ast.iter_fields(node):
        if name in NOT_COMPUTED or getattr(node, "arg", None) in AGAINST_MISTAKES:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield child
                yield from _expressions(child)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            changed = deepcopy(node)
            changed.ops[place] = COMPARISONS[type(operator)]()
            yield changed
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in OPERATORS:
        changed = deepcopy(node)
        changed.op = OPERATORS[type(node.op)]()
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        value = node.value
        yield ast.Constant(not value if isinstance(value, bool) else value + 1)


def mutated(source: str, mutant: Mutant) -> str:
    """A file's text with the change made."""
    lines = source.splitlines(keepends=True)
    before = lines[mutant.line - 1][: mutant.column]
    after = lines[mutant.end_line - 1][mutant.end_column :]
    lines[mutant.line - 1 : mutant.end_line] = [before + mutant.after + after]
    return "".join(lines)


def candidates(root: Path, part: str, equivalents: frozenset) -> list[Mutant]:
    """Every change of a part of the package that is not known to make no difference, in a fixed order."""
    inner = [other for other in PARTS if other.startswith(f"{part}/")]
    package = root / PACKAGE
    paths = [path.relative_to(package).as_posix() for path in (package / part).rglob("*.py")]
    mine = (path for path in paths if not path.startswith(tuple(f"{other}/" for other in inner)))
    mutants = (
        mutant
        for path in sorted(mine)
        for mutant in mutants_of((package / path).read_text(encoding="utf-8"), path)
    )
    return [
        mutant
        for mutant in mutants
        if (mutant.path, mutant.before, mutant.after) not in equivalents
    ]


def known_equivalents(path: Path) -> frozenset:
    """Changes that make no difference: file, what stands there and what would stand there instead."""
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as lines:
        return frozenset(
            (row["file"], row["before"], row["after"]) for row in csv.DictReader(lines)
        )


def sample_of(root: Path, part: str, size: int, equivalents: frozenset) -> list[Mutant]:
    """The changes of a part that are tried: always the same of the same code."""
    mutants = candidates(root, part, equivalents)
    wanted = max(1, round(size * PARTS[part] / WHOLE))
    return random.Random(f"{SEED} {part}").sample(mutants, min(wanted, len(mutants)))
