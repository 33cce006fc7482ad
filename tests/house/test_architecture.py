"""The rules of ARCHITECTURE.md, read from the source with the standard library alone.

Each test gathers every offender before it fails, so that one run shows all there is to mend.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
TESTS = Path(__file__).resolve().parents[1]
STAGES = ("register", "cases", "counts", "estimates", "display", "report")
SHARED_PAGES = ("calendar", "errors", "quantities", "spreadsheets", "strata", "terms")
SHARED_WORDS = {"analysis", *(f"analysis.{page}" for page in SHARED_PAGES)}
ONE_FILE_EACH = (
    {"lifelines"},
    {"matplotlib"},
    {"papermill"},
    {"IPython"},
    {"nbconvert"},
    {"rocrate"},
    {"sqlalchemy", "psycopg"},
    {"duckdb"},
    {"distributed"},
    {"dask_jobqueue"},
)
HEAVY = (
    "matplotlib",
    "lifelines",
    "statsmodels",
    "pandera",
    "papermill",
    "nbconvert",
    "rocrate",
    "distributed",
)
FORBIDDEN_NAMES = {"df", "T", "E", "data", "utils", "helpers"}
# An outside package may ask for a class of its own kind; the house itself asks for none.
INTERFACE_BASES = (
    "Error",
    "Exception",
    "Preprocessor",
    "Exporter",
    "Engine",
    "Provisioner",
    "Client",
    "Manager",
    "Loader",
    "Handler",
    "Plugin",
    "Group",
    "Command",
)
RECORD_BASES = ("BaseModel", "DataFrameModel")
COMMANDS = "analysis.commands"

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_name(path): path for path in sorted((SOURCE / "analysis").rglob("*.py"))}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def every_node(*kinds: type) -> list[tuple[str, ast.AST]]:
    """Each node of these kinds in the source, with the place to look for it."""
    return [
        (f"{name}:{node.lineno}", node)
        for name, path in modules().items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, kinds)
    ]


def imports_of(path: Path, package: str = "") -> set[str]:
    """Modules that a file imports: the submodule where there is one, else the module named."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = (
                package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            )
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {
                inner if (inner := f"{base}.{alias.name}") in modules() else base
                for alias in node.names
            }
    return found


def house_imports(name: str) -> set[str]:
    path = modules()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return {found for found in imports_of(path, package) if found.split(".")[0] == "analysis"}


def stage_of(name: str) -> str:
    return [*name.split("."), ""][1]


def doors() -> dict[str, dict[str, list[str]]]:
    """What each door says that it opens: submodule → names."""
    found = {}
    for stage in (stage for stage in STAGES if f"analysis.{stage}" in modules()):
        calls = [
            node
            for node in ast.walk(tree_of(modules()[f"analysis.{stage}"]))
            if isinstance(node, ast.Call)
        ]
        attached = [
            word.value for call in calls for word in call.keywords if word.arg == "submod_attrs"
        ]
        found[stage] = ast.literal_eval(attached[0]) if attached else {}
    return found


def public_functions() -> list[tuple[str, ast.AST]]:
    found = []
    for name, path in modules().items():
        for node in tree_of(path).body:
            inner = (
                node.body
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
                else [node]
            )
            found += [
                (f"{name}:{one.lineno} {one.name}", one)
                for one in inner
                if isinstance(one, FUNCTION) and not one.name.startswith("_")
            ]
    return found


def assert_none(offenders: list[str], rule: str) -> None:
    assert not offenders, "\n".join([rule, *sorted(offenders)])


def test_every_stage_has_a_door_that_opens():
    offenders = [
        f"analysis.{stage}: no door" for stage in STAGES if f"analysis.{stage}" not in modules()
    ]
    offenders += [
        f"analysis.{stage}.{module}: no {name}"
        for stage, submodules in doors().items()
        for module, names in (submodules or {"": ["nothing attached"]}).items()
        for name in names
        if name not in defined_names(f"analysis.{stage}.{module}")
    ]
    assert_none(offenders, "a door opens on what is there")


def defined_names(name: str) -> set[str]:
    if name not in modules():
        return set()
    found = set()
    for node in tree_of(modules()[name]).body:
        if isinstance(node, (*FUNCTION, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                inner.id
                for target in targets
                for inner in ast.walk(target)
                if isinstance(inner, ast.Name)
            }
    return found


def test_doors_hold_no_code():
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)
    offenders = [
        f"analysis.{stage}:{node.lineno}"
        for stage in doors()
        for node in tree_of(modules()[f"analysis.{stage}"]).body
        if not isinstance(node, allowed)
    ]
    assert_none(offenders, "a door re-exports; it defines nothing")


def test_stages_share_words_never_code():
    offenders = [
        f"{name} imports {found}"
        for name in modules()
        if stage_of(name) in STAGES
        for found in house_imports(name)
        if found not in SHARED_WORDS and stage_of(found) != stage_of(name)
    ]
    assert_none(
        offenders, f"a stage imports itself, {', '.join(SHARED_PAGES)} and outside packages"
    )


def test_the_command_line_meets_stages_at_their_doors():
    doors = SHARED_WORDS | {f"analysis.{stage}" for stage in STAGES}
    offenders = [
        f"{name} imports {found}"
        for name in modules()
        if name.startswith(COMMANDS)
        for found in house_imports(name) - doors
        if not found.startswith(COMMANDS)
    ]
    assert_none(offenders, "the command line imports the doors of stages")


def test_shared_pages_import_no_stage():
    offenders = [
        f"{name} imports {found}"
        for name in SHARED_WORDS
        if name in modules()
        for found in house_imports(name)
        if stage_of(found) in STAGES or found.startswith(COMMANDS)
    ]
    assert_none(offenders, "errors, terms and strata know no stage")


def test_a_test_imports_the_stage_that_it_tests_or_doors():
    inner = {name for name in modules() if name.count(".") >= 2} - {f"{COMMANDS}.app"}
    offenders = [
        f"tests/{path.relative_to(TESTS)} imports {found}"
        for path in sorted(TESTS.rglob("*.py"))
        for found in imports_of(path) & inner
        if path.relative_to(TESTS).parts[0] != stage_of(found)
    ]
    assert_none(offenders, "a stage's own tests import its rooms, all others its door")


def test_one_file_per_outside_package():
    offenders = []
    for packages in ONE_FILE_EACH:
        users = [
            name
            for name, path in modules().items()
            if {n.split(".")[0] for n in imports_of(path)} & packages
        ]
        if len(users) > 1:
            offenders.append(f"{'/'.join(sorted(packages))}: {', '.join(users)}")
    assert_none(offenders, "one file knows each of these packages")


def test_no_import_cycles():
    graph = {name: house_imports(name) & set(modules()) - {name} for name in modules()}
    for stage, submodules in doors().items():
        graph[f"analysis.{stage}"] |= {f"analysis.{stage}.{module}" for module in submodules}
    while free := [name for name, needs in graph.items() if not needs & set(graph)]:
        for name in free:
            del graph[name]
    assert_none(
        [f"{name} ← {', '.join(sorted(needs & set(graph)))}" for name, needs in graph.items()],
        "no cycles",
    )


def test_doors_are_cheap_to_pass():
    offenders = []
    for door in ("analysis", "analysis.commands.app", *(f"analysis.{stage}" for stage in STAGES)):
        program = f"import sys, {door}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        if ended.returncode or ended.stdout.strip():
            offenders.append(
                f"{door}: {ended.stdout.strip() or ended.stderr.strip().splitlines()[-1]}"
            )
    assert_none(offenders, "a door imports no heavy package")


def test_nothing_is_defined_twice():
    offenders = []
    for name, path in modules().items():
        defined = [
            node.name for node in tree_of(path).body if isinstance(node, (*FUNCTION, ast.ClassDef))
        ]
        offenders += [f"{name}: {one}" for one in sorted(set(defined)) if defined.count(one) > 1]
    assert_none(offenders, "a name is defined once in its module")


def test_names_are_the_fields_own():
    offenders = [name for name in modules() if set(name.split(".")) & FORBIDDEN_NAMES]
    for place, node in every_node(ast.Name, ast.arg, *FUNCTION, ast.ClassDef, ast.alias):
        bound = {
            ast.Name: lambda node: node.id if isinstance(node.ctx, ast.Store) else "",
            ast.arg: lambda node: node.arg,
            ast.alias: lambda node: node.asname or "",
        }.get(type(node), lambda node: node.name)(node)
        offenders += [f"{place} {bound}"] if bound in FORBIDDEN_NAMES else []
    assert_none(offenders, f"no name is one of {sorted(FORBIDDEN_NAMES)}")


def test_no_function_bears_its_modules_name():
    offenders = [
        place
        for place, node in public_functions()
        if place.split(":")[0].rpartition(".")[2] == node.name
    ]
    assert_none(offenders, "a function never bears its module's name")


def is_frozen(node: ast.ClassDef) -> bool:
    """Whether a class says ``frozen=True``, in its decorator, its keywords or its model configuration."""
    spoken = [
        word for call in ast.walk(node) if isinstance(call, ast.Call) for word in call.keywords
    ]
    return any(
        word.arg == "frozen" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in [*spoken, *node.keywords]
    )


def test_classes_are_frozen_records():
    classes = {node.name: node for _, node in every_node(ast.ClassDef)}
    offenders = []
    for place, node in every_node(ast.ClassDef):
        bases = {ast.unparse(base).split(".")[-1].split("[")[0] for base in node.bases}
        house = [classes[base] for base in bases if base in classes]
        decorated = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
        record = decorated or bases & {*RECORD_BASES} or house
        frozen = (
            is_frozen(node) or any(is_frozen(base) for base in house) or "DataFrameModel" in bases
        )
        if not (record and frozen) and not any(base.endswith(INTERFACE_BASES) for base in bases):
            offenders.append(f"{place} {node.name}")
    assert_none(
        offenders,
        "classes are frozen records, errors, or what an outside package's interface asks for",
    )


def test_public_functions_are_documented():
    offenders = [place for place, node in public_functions() if not ast.get_docstring(node)]
    assert_none(offenders, "every public function has a docstring")


def test_only_the_command_line_prints():
    offenders = [
        place
        for place, node in every_node(ast.Call)
        if isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not place.startswith(COMMANDS)
    ]
    assert_none(offenders, f"only {COMMANDS} prints")


def test_nothing_is_left_for_later():
    mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + r"Error")
    offenders = [
        f"{name}:{number}"
        for name, path in modules().items()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if mark.search(line)
    ]
    assert_none(offenders, "no unfinished work is left in the source")


def test_what_a_table_notes_of_itself_stands_in_its_columns():
    notebooks = sorted((TESTS.parent / "notebooks").rglob("*.ipynb"))
    offenders = [place for place, node in every_node(ast.Attribute) if node.attr == "attrs"]
    offenders += [
        path.name for path in notebooks if re.search(r"\.attrs\b", path.read_text(encoding="utf-8"))
    ]
    assert_none(offenders, "DataFrame.attrs are lost by the next merge: a note is a column")
