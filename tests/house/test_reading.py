"""How much a reader meets at once: the size of a function, of a file and of a folder, read from the source.

Each test gathers every offender before it fails, so that one run shows all there is to mend.
"""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "analysis"
STAGES = ("register", "cases", "counts", "estimates", "display", "report")
LINES, COLUMNS, NODES, COMPLEXITY, POSITIONAL = 30, 100, 260, 12, 6
FILE_LINES, MODULES_IN_A_FOLDER = 300, 16
# Code lines to one line of comment, over a stage.
MOST_CODE_A_COMMENT = 40

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCH = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)
# Names that say nothing of what they hold. In three lines a reader still sees where it came from.
VAGUE = {"one", "found", "told", "said", "given", "known", "kept", "place", "asked", "here", "now"}
VAGUE |= {"was", "held", "meant", "ran", "wanted"}
SHORT_LIFE = 3


@cache
def source_of(path: Path) -> tuple[ast.Module, list[str]]:
    text = path.read_text(encoding="utf-8")
    return ast.parse(text, filename=str(path)), text.splitlines()


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def functions() -> list[tuple[str, ast.AST, list[str]]]:
    """Each function of the package with where it stands and the lines of its file."""
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}", node, source_of(path)[1])
        for path in modules()
        for node in ast.walk(source_of(path)[0])
        if isinstance(node, FUNCTION)
    ]


def docstring_lines(tree: ast.AST) -> set[int]:
    documented = (ast.Module, ast.ClassDef, *FUNCTION)
    texts = [
        node.body[0]
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node) is not None
    ]
    return {line for text in texts for line in range(text.lineno, text.end_lineno + 1)}


def code_lines(function: ast.AST, lines: list[str]) -> list[str]:
    """Lines of a function that are neither docstring nor blank nor comment, its signature among them."""
    documented = docstring_lines(function)
    numbers = [
        number
        for number in range(function.lineno, function.end_lineno + 1)
        if number not in documented
    ]
    texts = [lines[number - 1] for number in numbers]
    return [text for text in texts if text.strip() and not text.strip().startswith("#")]


def syntax_nodes(function: ast.AST) -> int:
    documented = 2 if ast.get_docstring(function) is not None else 0
    return sum(1 for _ in ast.walk(function)) - documented


def complexity(function: ast.AST) -> int:
    """Branches, conditional expressions, loops of comprehensions and their conditions, ``and`` and ``or``."""
    number = 1
    for node in ast.walk(function):
        if isinstance(node, BRANCH):
            number += 1
        elif isinstance(node, ast.comprehension):
            number += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            number += len(node.values) - 1
    return number


def positional(function: ast.AST) -> list[str]:
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    return [name for name in names if name not in ("self", "cls")]


def packed_parameters(function: ast.AST) -> list[str]:
    """Parameters that are a tuple without its parts, or that are only taken apart."""
    arguments = function.args
    packed = []
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if argument.annotation is not None and ast.unparse(argument.annotation) == "tuple":
            packed.append(argument.arg)
        uses = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and node.id == argument.arg
        ]
        unpacked = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name)
            and node.value.id == argument.arg
            and isinstance(node.targets[0], ast.Tuple)
        ]
        if unpacked and len(unpacked) == len(uses):
            packed.append(argument.arg)
    return packed


def long_lived_vague_names(function: ast.AST) -> list[str]:
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    looped = {
        id(name)
        for node in ast.walk(function)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    lived = []
    for vague in VAGUE:
        bound = [
            node.lineno
            for node in names
            if node.id == vague and isinstance(node.ctx, ast.Store) and id(node) not in looped
        ]
        if bound:
            last = max(node.lineno for node in names if node.id == vague)
            lived += [vague] if last - min(bound) > SHORT_LIFE else []
    return lived


def assert_none(offenders: list[str], rule: str) -> None:
    assert not offenders, "\n".join([rule, *sorted(offenders)])


def test_functions_are_short():
    offenders = []
    for where, function, lines in functions():
        code = code_lines(function, lines)
        offenders += [f"{where}: {len(code)} lines"] if len(code) > LINES else []
        offenders += [f"{where}: a line too long" for line in code if len(line) > COLUMNS]
    assert_none(offenders, f"functions: at most {LINES} lines of {COLUMNS} columns")


def test_functions_are_not_packed():
    offenders = [
        f"{where}: {syntax_nodes(function)} syntax nodes"
        for where, function, _ in functions()
        if syntax_nodes(function) > NODES
    ]
    assert_none(offenders, f"functions: at most {NODES} syntax nodes")


def test_functions_branch_little():
    offenders = [
        f"{where}: complexity {complexity(function)}"
        for where, function, _ in functions()
        if complexity(function) > COMPLEXITY
    ]
    assert_none(offenders, f"functions: complexity at most {COMPLEXITY}")


def test_functions_take_few_positional_arguments():
    offenders = [
        f"{where}: {len(positional(function))}"
        for where, function, _ in functions()
        if len(positional(function)) > POSITIONAL
    ]
    assert_none(offenders, f"functions: at most {POSITIONAL} positional arguments")


def test_no_argument_is_a_packed_tuple():
    offenders = [
        f"{where}: {name}"
        for where, function, _ in functions()
        for name in packed_parameters(function)
    ]
    assert_none(offenders, "a record with names travels, not a tuple that is taken apart")


def test_what_lives_long_has_a_name_that_says_what_it_is():
    offenders = [
        f"{where}: {name}"
        for where, function, _ in functions()
        for name in long_lived_vague_names(function)
    ]
    assert_none(offenders, f"a binding of more than {SHORT_LIFE} lines is a noun of the field")


def test_files_are_short():
    offenders = [
        f"{path.relative_to(PACKAGE)}: {len(source_of(path)[1])} lines"
        for path in modules()
        if len(source_of(path)[1]) > FILE_LINES
    ]
    assert_none(offenders, f"files: at most {FILE_LINES} lines")


def test_folders_are_small():
    folders = Counter(path.parent for path in modules() if path.name != "__init__.py")
    offenders = [
        f"{folder.relative_to(PACKAGE)}: {number} modules"
        for folder, number in folders.items()
        if number > MODULES_IN_A_FOLDER
    ]
    assert_none(offenders, f"a folder holds at most {MODULES_IN_A_FOLDER} modules")


@pytest.mark.parametrize("stage", STAGES)
def test_comments_say_why(stage):
    code, comments = 0, 0
    for path in sorted((PACKAGE / stage).rglob("*.py")):
        tree, lines = source_of(path)
        documented = docstring_lines(tree)
        texts = [
            line.strip()
            for number, line in enumerate(lines, start=1)
            if line.strip() and number not in documented
        ]
        comments += sum(text.startswith("#") for text in texts)
        code += sum(not text.startswith("#") for text in texts)
    assert code <= MOST_CODE_A_COMMENT * comments
