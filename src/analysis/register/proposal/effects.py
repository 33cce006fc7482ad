"""What each mapped column became: codes as they were translated, rows filled and missing. No other value is told."""

from collections import Counter
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.register.contract.coercion import distinct_cells, take_cells
from analysis.register.contract.schema import SCHEMAS
from analysis.register.mapping.mapping_file import (
    NO_VALUE,
    ColumnRule,
    Mapping,
    left_out_rows,
    map_columns,
)
from analysis.register.sources.extracts import DEMONSTRATION
from analysis.register.sources.scanning import known_pieces, locate


@dataclass(frozen=True)
class Effect:
    """What one of our columns was made of, and what came of it."""

    column: str
    rule: ColumnRule
    codes: Counter
    filled: int
    missing: int


def mapping_effects(
    source: str | Path | MappingType, table: str, mapping: str | Path | MappingType | None = None
) -> tuple[Effect, ...]:
    """Say for each mapped column what it became; empty where the source has our own columns.

    Parameters
    ----------
    source, mapping
        See `analysis.register.read_extract`; a layout that is known counts as mapped.
    table
        ``"cases"``, ``"population"``, ``"life_table"`` or ``"counts"``.

    Returns
    -------
    tuple of Effect
        In the mapping's order: how many rows have each code that the mapping translates, and how many rows
        are filled and missing afterwards. Rows that the mapping leaves out are not counted.

    Raises
    ------
    InputError
        The source cannot be read, or the mapping is none.
    """
    if str(source) == DEMONSTRATION:
        return ()
    origin, pieces = known_pieces(locate(source, mapping), table)
    if origin.rules is None:
        return ()
    columns = origin.rules.columns
    codes, filled, rows = {name: Counter() for name in columns}, Counter(), 0
    for raw in pieces:
        counted = raw[~left_out_rows(raw, origin.rules)]
        mapped = _mapped(counted, origin.rules)
        filled.update(mapped.count().to_dict())
        rows += len(counted)
        for name, rule in columns.items():
            codes[name].update(_codes_found(counted, rule, _own_codes(table, name)))
    return tuple(
        Effect(name, rule, codes[name], filled[name], rows - filled[name])
        for name, rule in columns.items()
    )


def _mapped(raw: pd.DataFrame, rules: Mapping) -> pd.DataFrame:
    # Faults are told by the check that reads the source; here only what came of it.
    return map_columns(raw, rules, raw.index.to_numpy() + 1)[0]


def describe_effects(effects: tuple[Effect, ...]) -> list[str]:
    """One line a column: ours ← theirs, each code with what it became and in how many rows, filled, missing.

    Examples
    --------
    >>> rule = ColumnRule(column="kjonn", codes={"1": "male", "2": "female"})
    >>> describe_effects((Effect("sex", rule, Counter({"1": 3, "2": 2}), 5, 1),))
    ['sex ← kjonn: 1 → male (3), 2 → female (2); 5 filled, 1 missing']
    """
    return [
        f"{effect.column} ← {_origin(effect.rule)}: {_codes_told(effect)}"
        f"{effect.filled} filled, {effect.missing} missing"
        for effect in effects
    ]


def _own_codes(table: str, column: str) -> tuple[str, ...]:
    """The codes of one of our columns, where the data dictionary lists them."""
    checks = SCHEMAS[table].columns[column].checks if column in SCHEMAS[table].columns else []
    return tuple(
        str(code) for check in checks for code in check.statistics.get("allowed_values", ())
    )


def _codes_found(raw: pd.DataFrame, rule: ColumnRule, ours: tuple[str, ...]) -> dict[str, int]:
    """Rows by code, of those codes alone that the mapping translates, or that are ours already."""
    # A cell of which only a part is taken is no code itself, and may hold anything.
    telling = rule.codes or (ours if rule.characters is None else ())
    if not telling or rule.column not in raw:
        return {}
    places, levels = distinct_cells(raw[rule.column].astype(object))
    cells = pd.Series(take_cells(levels, places), dtype=object)
    return cells[cells.isin(list(telling))].value_counts().to_dict()


def _origin(rule: ColumnRule) -> str:
    if rule.column is None:
        return f"constant {rule.constant}"
    unit = rule.unit and rule.unit.replace("_", " ")
    characters = rule.characters and f"characters {rule.characters}"
    reading = ", ".join(filter(None, [rule.format, unit, characters]))
    return f"{rule.column} ({reading})" if reading else rule.column


def _codes_told(effect: Effect) -> str:
    if not effect.codes:
        return ""
    became = {
        code: "missing" if meaning in NO_VALUE else meaning
        for code, meaning in (effect.rule.codes or {}).items()
    }
    lines = [
        f"{code} → {became.get(code, code)} ({rows})" for code, rows in sorted(effect.codes.items())
    ]
    return ", ".join(lines) + "; "
