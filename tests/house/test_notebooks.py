"""The shape of a chapter, held for every notebook and every language.

A chapter is one question in English, with its translations in catalogues beside it; each test names every
chapter and cell that departs from the shape, so that one run shows all there is to mend.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from analysis.register import data_dictionary
from analysis.report import check_translations, prose_messages, read_notebook, translate_notebook
from analysis.terms import LANGUAGES

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("*.ipynb"))
EVERY = sorted(NOTEBOOKS.rglob("*.ipynb"))
FLOW = ("register", "cases", "counts", "estimates", "display")
LAST_HEADING = "What this chapter cannot say"
TABLES = {"children", "population", "life_table", "countries"}
LINES_OF_CODE = 12
# Definitions are the one chapter whose numbers are typed: it states conventions, not results.
DEFINITIONS = "13_methods"
# 0.95 as the level of an interval is a convention, and so may be said.
CONVENTION = re.compile(r"\b95\s?(?:%|per cent|prosent)|\b95-prosent")
TYPED_RESULT = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)\d+[.,]\d{1,2}(?![\w.,]*\d)|\d\s?(?:%|per cent\b|prosent\b)"
)
NAMED_NUMBER = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@cache
def notebook(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell: dict) -> str:
    return "".join(cell["source"])


def tags(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def cells(path: Path, kind: str, tag: str | None = None) -> list[tuple[int, dict]]:
    found = enumerate(notebook(path)["cells"], start=1)
    return [
        (place, cell)
        for place, cell in found
        if cell["cell_type"] == kind and (tag is None or tag in tags(cell))
    ]


def code_trees(path: Path) -> list[tuple[int, ast.Module]]:
    return [(place, ast.parse(source(cell))) for place, cell in cells(path, "code")]


def headings(text: str) -> list[tuple[int, str]]:
    return [
        (len(marks), words.strip())
        for marks, words in re.findall(r"^(#+)\s+(.+)$", text, flags=re.MULTILINE)
    ]


@cache
def prose(path: Path, language: str = "en") -> list[tuple[int, str]]:
    written = translate_notebook(read_notebook(path), path, language)
    return [
        (place, cell.source)
        for place, cell in enumerate(written.cells, 1)
        if cell.cell_type == "markdown"
    ]


def is_parameter(node: ast.stmt) -> bool:
    """Whether a statement gives one name one literal, whose type is that of the parameter."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return False
    try:
        return ast.literal_eval(node.value) is not None
    except ValueError:
        return False


def test_the_chapters_are_there():
    assert [path.stem[:2] for path in CHAPTERS] == [
        f"{number:02}" for number in range(1, len(CHAPTERS) + 1)
    ]
    assert len(CHAPTERS) >= 12


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_stored_without_outputs(path):
    ran = [
        place
        for place, cell in cells(path, "code")
        if cell.get("outputs") or cell.get("execution_count")
    ]
    assert ran == []


@each_chapter
def test_format_and_cell_identifiers(path):
    whole = notebook(path)
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    identifiers = [cell["id"] for cell in whole["cells"]]
    assert len(identifiers) == len(set(identifiers))


@each_chapter
def test_says_what_it_needs(path):
    needs = notebook(path)["metadata"].get("workbench", {}).get("needs")
    assert isinstance(needs, list)
    columns = set(re.findall(r"^\| `(\w+)`", data_dictionary(), flags=re.MULTILINE))
    # A need that nothing offers would leave the chapter out of every report, in silence.
    assert set(needs) <= TABLES | columns


def test_every_language_is_whole():
    check_translations(LANGUAGES, CHAPTERS)


def test_no_catalogue_is_of_a_notebook_that_is_gone():
    assert {path.stem for path in NOTEBOOKS.glob("locale/*/*.po")} == {
        path.stem for path in CHAPTERS
    }
    assert {path.name for path in NOTEBOOKS.glob("locale/*")} == set(LANGUAGES) - {"en"}


@each_chapter
def test_no_two_cells_of_prose_are_alike(path):
    assert len(prose_messages(read_notebook(path))) >= len(prose(path))


@each_chapter
def test_opens_with_its_only_title(path):
    titles = [place for place, text in prose(path) for level, _ in headings(text) if level == 1]
    assert titles == [1]


@each_chapter
@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_ask(path, language):
    second = [
        words for _, text in prose(path, language) for level, words in headings(text) if level == 2
    ]
    assert language != "en" or second[-1] == LAST_HEADING
    assert [words for words in second[:-1] if not words.endswith("?")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chapter_ends_on_the_same_question(language):
    last = {headings(text)[-1][1] for path in CHAPTERS for _, text in prose(path, language)[-1:]}
    assert len(last) == 1


@each_chapter
def test_one_parameters_cell_of_typed_literals_with_a_comment_each(path):
    [(_, cell)] = cells(path, "code", "parameters")
    lines = source(cell).splitlines()
    offenders = [
        ast.unparse(node)
        for node in ast.parse(source(cell)).body
        if not is_parameter(node) or "#" not in lines[node.end_lineno - 1]
    ]
    assert offenders == []


@each_chapter
def test_parameters_come_before_any_other_code(path):
    [(place, _)] = cells(path, "code", "parameters")
    assert place == cells(path, "code")[0][0]


@each_chapter
def test_code_cells_are_short(path):
    offenders = [
        (place, len(lines))
        for place, cell in cells(path, "code")
        if "parameters" not in tags(cell)
        and len(lines := [line for line in source(cell).splitlines() if line.strip()])
        > LINES_OF_CODE
    ]
    assert offenders == []


@each_chapter
def test_nothing_is_defined_and_nothing_loops_for_ever(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.While, ast.Lambda)
    assert [
        p for p, tree in code_trees(path) if any(isinstance(node, kinds) for node in ast.walk(tree))
    ] == []


@each_chapter
def test_imports_are_doors_of_stages_in_the_order_of_the_flow(path):
    nodes = [node for _, tree in code_trees(path) for node in ast.walk(tree)]
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.Import)] == []
    modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    order = [f"analysis.{stage}" for stage in FLOW]
    assert [module for module in modules if module not in order] == []
    assert modules == sorted(modules, key=order.index)


@each_chapter
def test_nothing_is_written_by_a_notebook(path):
    writes = re.compile(
        r"\bopen\(|\.to_(?:csv|parquet|html|excel|json|pickle)\(|savefig\(|\.write\w*\("
    )
    assert [place for place, cell in cells(path, "code") if writes.search(source(cell))] == []


@each_chapter
@pytest.mark.parametrize("language", LANGUAGES)
def test_more_prose_than_code(path, language):
    code = sum(
        len(source(cell)) for _, cell in cells(path, "code") if "parameters" not in tags(cell)
    )
    assert sum(len(text) for _, text in prose(path, language)) > code


@each_chapter
def test_inclusion_flow_is_shown_where_children_are_read(path):
    code = [tree for _, tree in code_trees(path)]
    if "children" not in notebook(path)["metadata"]["workbench"]["needs"] and not any(
        "select_eligible" in ast.unparse(tree) for tree in code
    ):
        return
    shown = [
        ast.unparse(tree.body[-1])
        for tree in code
        if tree.body and isinstance(tree.body[-1], ast.Expr)
    ]
    assert any(re.search(r"\bflow\b", expression) for expression in shown)


@each_chapter
def test_captions_stand_behind_an_exhibit(path):
    offenders, behind = [], None
    for place, cell in enumerate(notebook(path)["cells"], start=1):
        if cell["cell_type"] == "code":
            body = ast.parse(source(cell)).body
            behind = body and isinstance(body[-1], ast.Expr)
        elif "caption" not in tags(cell):
            behind = None
        elif not behind:
            offenders.append(place)
    assert offenders == []


@each_chapter
@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_in_prose_come_from_code(path, language):
    if path.stem == DEFINITIONS:
        return
    offenders = [
        (place, found.group())
        for place, text in prose(path, language)
        if (found := TYPED_RESULT.search(CONVENTION.sub("", NAMED_NUMBER.sub("", text))))
    ]
    assert offenders == []


@pytest.mark.parametrize(
    "sentence", ["rose by 1.9 a year", "16,5 per million", "about 85 % survive", "85 prosent"]
)
def test_a_typed_result_is_noticed(sentence):
    assert TYPED_RESULT.search(sentence)


@pytest.mark.parametrize(
    "sentence", ["C71.6 and 9470/3", "per 1,000,000 person-years", "ICD-O-3.2", "in 1985–2023"]
)
def test_a_code_or_a_unit_is_no_result(sentence):
    assert not TYPED_RESULT.search(CONVENTION.sub("", sentence))
