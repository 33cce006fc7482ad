"""Propose a mapping for an extract from its column names and values, as YAML for a person to read and amend."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from analysis.errors import InputError
from analysis.register.contract.schema import SCHEMAS
from analysis.register.contract.validation import require_table
from analysis.register.mapping.layouts import find_layout
from analysis.register.mapping.mapping_file import FileFormat, read_mapping
from analysis.register.proposal.evidence import (
    Cells,
    behaviour_with_morphology,
    fit_values,
    is_identity_name,
    look_at,
    name_likeness,
)
from analysis.register.sources.source_files import read_file

# Columns whose values alone are telling, whatever their name.
TOLD_BY_VALUES = ("topography", "morphology")
BY_VALUES = 0.5
SURE = 1.0
FEW_CODES = 15
SEEN = 1_000  # rows that show how decimals are written
SHORT_CODE = r"\d{1,2}|[A-Za-zÆØÅÄÖæøåäö]"
DECIMAL_COMMA = r"[-+]?\d+,\d+"
HINTS = {
    "country": '{constant: "NO"}  # one country; for several: {column: …, codes: {1: "NO", 2: SE}}',
    "case_id": "{column: …}  # one number a tumour",
    "person_id": "{column: …}  # one pseudonym a child",
    "behaviour": "{constant: 3}  # where only malignant tumours are sent",
}


@dataclass(frozen=True)
class Guess:
    """One proposed line: our column, the rule that makes it, how sure (0–1) and why."""

    ours: str
    rule: dict
    sure: float
    why: str


def propose_mapping(source: str | Path, table: str = "cases") -> str:
    """Propose how a file becomes one of the four tables.

    Parameters
    ----------
    source
        A file of any kind that `analysis.register.read_extract` takes. Its first piece is looked at.
    table
        ``"cases"``, ``"population"``, ``"life_table"`` or ``"counts"``.

    Returns
    -------
    str
        A mapping in YAML. A comment above each line says why, and how sure; columns that nothing was found for
        are listed as comments, as are required columns that nothing fits. Names of columns and codes that are
        known are written, other values never.

    Raises
    ------
    InputError
        The file cannot be read, has no rows, or none of its columns is known.
    """
    require_table(table)
    path = Path(source)
    piece = next(iter(read_file(path, FileFormat())), None)
    if piece is None or piece.empty:
        raise InputError(f"extract {path.name}", ["has a header and no rows"])
    comma = _has_decimal_comma(piece)
    if comma:
        piece = piece.apply(_with_decimal_points)
    cells = {str(column): look_at(piece[column]) for column in piece.columns}
    guesses = _guess(cells, table)
    if not guesses:
        raise InputError(
            f"extract {path.name}", [f"none of its columns is known as one of a table of {table}"]
        )
    text = _written(path.name, table, guesses, cells, comma)
    # A proposal that a build would refuse is worse than none.
    read_mapping(yaml.load(text, Loader=yaml.BaseLoader))
    return text


def _has_decimal_comma(piece: pd.DataFrame) -> bool:
    texts = [
        column.dropna().astype(str).str.strip()
        for _, column in piece.head(SEEN).items()
        if column.dtype == object
    ]
    return any(len(text) and text.str.fullmatch(DECIMAL_COMMA).mean() > 1 / 2 for text in texts)


def _with_decimal_points(column: pd.Series) -> pd.Series:
    return column.str.replace(",", ".") if column.dtype == object else column


def _guess(cells: Mapping[str, Cells], table: str) -> list[Guess]:
    """At most one guess for each of our columns, each of theirs used once, the surest first to choose."""
    chosen = _of_known_layout(cells, table)
    used = {guess.rule["column"] for guess in chosen.values()}
    for guess in sorted(_candidates(cells, table), key=lambda guess: -guess.sure):
        if guess.ours not in chosen and guess.rule["column"] not in used:
            chosen[guess.ours] = guess
            used.add(guess.rule["column"])
    for further in (_joined_behaviour(chosen, cells), _one_tumour_a_child(chosen, cells)):
        if further is not None and further.ours in SCHEMAS[table].columns:
            chosen[further.ours] = further
    return [chosen[name] for name in SCHEMAS[table].columns if name in chosen]


def _of_known_layout(cells: Mapping[str, Cells], table: str) -> dict[str, Guess]:
    """What a layout that is known by its columns makes of them; nothing where none is."""
    layout = find_layout(cells, table, automatic=False)
    if layout is None:
        return {}
    why = f"a column of the layout {layout['name']}"
    return {
        name: Guess(name, rule, SURE, why)
        for name, rule in layout["columns"].items()
        if rule["column"] in cells
    }


def _candidates(cells: Mapping[str, Cells], table: str) -> list[Guess]:
    """Every pair of ours and theirs that name and values allow."""
    pairs = [
        _guess_pair(ours, column.metadata["kind"], theirs, seen)
        for ours, column in SCHEMAS[table].columns.items()
        for theirs, seen in cells.items()
    ]
    return [guess for guess in pairs if guess is not None]


def _guess_pair(ours: str, kind: str, theirs: str, seen: Cells) -> Guess | None:
    likeness = name_likeness(theirs, ours)
    # Most values could be those of many columns; only codes of ICD-O are told from all others.
    if not likeness and ours not in TOLD_BY_VALUES:
        return None
    fit = fit_values(ours, kind, theirs, seen)
    if fit is None:
        return None
    by_name = "its name is known" if likeness == 1 else "its name is like a known one"
    why = by_name if likeness else "by its values"
    rule = {"column": theirs} | fit.rule
    return Guess(ours, rule, likeness or BY_VALUES, f"{why}; {fit.why}")


def _joined_behaviour(chosen: Mapping[str, Guess], cells: Mapping[str, Cells]) -> Guess | None:
    if "behaviour" in chosen or "morphology" not in chosen:
        return None
    theirs = chosen["morphology"].rule["column"]
    characters = behaviour_with_morphology(cells[theirs])
    if characters is None:
        return None
    rule = {"column": theirs, "characters": characters}
    why = "the behaviour stands with the morphology"
    return Guess("behaviour", rule, chosen["morphology"].sure, why)


def _one_tumour_a_child(chosen: Mapping[str, Guess], cells: Mapping[str, Cells]) -> Guess | None:
    """Where no column numbers the tumours and no child has two, the child's pseudonym does."""
    if "case_id" in chosen or "person_id" not in chosen:
        return None
    theirs = chosen["person_id"].rule["column"]
    # Only the first rows were looked at: a child with two tumours may come later.
    if len(cells[theirs].counts) < cells[theirs].rows:
        return None
    why = "no child has two rows in what was looked at"
    return Guess("case_id", {"column": theirs}, BY_VALUES, why)


def _written(
    name: str, table: str, guesses: list[Guess], cells: Mapping[str, Cells], comma: bool
) -> str:
    rows = max(seen.rows for seen in cells.values())
    of_table = "" if table == "cases" else f" --table {table}"
    looked_at = f"its column names and its first {rows:,} rows"
    lines = [
        f"# A proposal: {_plain(name)} as a table of {table}, from {looked_at}.",
        "# Read each line: only you know whether it is right. Then see what every column becomes:",
        f"#   workbench check EXTRACT{of_table} --mapping THIS_FILE",
    ]
    automatic = find_layout(cells, table)
    lines += [f"# It needs none: {automatic['name']} is read as it is."] if automatic else []
    lines += ["file: {decimal: ','}"] if comma else []
    lines += ["columns:"]
    for guess in guesses:
        lines += [
            f"  # {_how_sure(guess.sure)}: {guess.why}",
            f"  {guess.ours}: {_plain(guess.rule)}",
        ]
    lines += [*_to_fill_in(table, guesses), *_not_used(table, guesses, cells)]
    return "\n".join(lines) + "\n"


def _to_fill_in(table: str, guesses: list[Guess]) -> list[str]:
    made = {guess.ours for guess in guesses}
    absent = [
        name
        for name, column in SCHEMAS[table].columns.items()
        if column.required and name not in made
    ]
    lines = [f"  # {name}: {HINTS.get(name, '{column: …}')}" for name in absent]
    head = "  # Required, and nothing fits: fill in, and take the mark (#) away."
    return [head, *lines] if lines else []


def _not_used(table: str, guesses: list[Guess], cells: Mapping[str, Cells]) -> list[str]:
    made, used = {guess.ours for guess in guesses}, {guess.rule["column"] for guess in guesses}
    lines = [
        f"#   {_plain(name)}{_could_be(table, name, cells[name], made)}"
        for name in cells
        if name not in used
    ]
    return ["# Columns of the extract that nothing is made of:", *lines] if lines else []


def _could_be(table: str, theirs: str, seen: Cells, made: set[str]) -> str:
    """What an unused column is called like, and its codes where they are short and few: never other values."""
    if is_identity_name(theirs):
        return "  (an identity number, by its name: an extract with identity numbers is refused)"
    likeness = {
        name: name_likeness(theirs, name) for name in SCHEMAS[table].columns if name not in made
    }
    best = max(likeness, key=likeness.get, default=None)
    if best is None or not likeness[best]:
        return ""
    codes = sorted(seen.counts.index)
    # One or two characters, few of them: neither a name nor a number of a person.
    few = 0 < len(codes) <= FEW_CODES and seen.counts.index.str.fullmatch(SHORT_CODE).all()
    advice = f"say what its codes mean: {', '.join(codes)}" if few else "its values do not fit"
    return f"  (called like {best}; {advice})"


def _how_sure(sure: float) -> str:
    return "sure" if sure == SURE else "likely" if sure > BY_VALUES else "perhaps"


def _plain(value: object) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6
    )
    text = text.removesuffix("\n").removesuffix("\n...")
    # JSON is YAML too, and keeps a strange name on its line.
    return json.dumps(value) if "\n" in text else text
