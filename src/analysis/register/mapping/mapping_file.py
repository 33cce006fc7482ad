"""A mapping: from a registry's column names, codes, dates and units to ours. It is data, never code."""

import re
from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import InputError
from analysis.register.contract.coercion import distinct_cells, take_cells
from analysis.register.contract.faults import Fault, fault_in
from analysis.register.mapping.months import TO_MID_MONTH, is_to_the_month, settle_months

MISSING_CODES = ("", "NA", "NaN", ".")
# What a mapping file writes for "this code means missing".
NO_VALUE = (None, "", "null", "~")
MONTHS_PER_YEAR = 12
# What no age in months comes near: beyond it a number is a code, or would not go into an integer.
_MOST_MONTHS = 1e6
_NOWHERE = np.empty(0, dtype=np.int64)


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# YAML reads 1 as a number and yes as true; in an extract both are text.
def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Code = Annotated[str, BeforeValidator(_as_text)]


class FileFormat(_Rules):
    """How the file is written, where that cannot be told from it; which of its sheets or tables is read."""

    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] = "."
    sheet: str | None = None
    table: str | None = None
    query: str | None = None

    @model_validator(mode="after")
    def _one_table(self):
        if self.table is not None and self.query is not None:
            raise ValueError("give either table or query")
        return self


class ColumnRule(_Rules):
    """Where one of our columns comes from: a column of the extract, or one constant for all rows."""

    column: str | None = None
    constant: Code | None = None
    codes: dict[Code, Code | None] | None = None
    format: str | None = None
    characters: str | None = Field(None, pattern=r"^[1-9]\d?-[1-9]\d?$")
    unit: Literal["months", "survival_probability"] | None = None
    pseudonymous: bool = False
    missing: tuple[Code, ...] = MISSING_CODES

    @model_validator(mode="after")
    def _one_origin(self):
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either column or constant")
        # Words such as "mixed" would make pandas guess, each date by itself.
        if self.format is not None and "%" not in self.format:
            raise ValueError("format must say the date's form, such as %d.%m.%Y")
        return self


class LeaveOut(_Rules):
    """Rows of the source that repeat others (totals), named so that they are never counted twice."""

    column: str
    codes: tuple[Code, ...] = Field(min_length=1)
    reason: str


def _as_rule(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Mapping(_Rules):
    """The mapping of one table: our column names on the left, the registry's on the right."""

    columns: dict[str, Annotated[ColumnRule, BeforeValidator(_as_rule)]] = Field(min_length=1)
    file: FileFormat = FileFormat()
    pseudonymous: bool = False
    leave_out: tuple[LeaveOut, ...] = ()


def read_mapping(mapping: str | Path | MappingType) -> Mapping:
    """Read a mapping from a YAML file, or take it from a dictionary.

    Raises
    ------
    InputError
        The file is no YAML, or has unknown keys or values; every fault is listed.

    Examples
    --------
    >>> read_mapping({"columns": {"sex": {"column": "kjonn", "codes": {1: "male", 2: "female"}}}}).columns["sex"].codes
    {'1': 'male', '2': 'female'}
    """
    what = f"mapping {Path(mapping).name}" if isinstance(mapping, str | Path) else "mapping"
    try:
        content = mapping if isinstance(mapping, MappingType) else _read_yaml(Path(mapping))
    except FileNotFoundError:
        raise InputError(what, ["there is no such file"]) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise InputError(what, [f"cannot be read as YAML ({type(failure).__name__})"]) from None
    if not isinstance(content, MappingType):
        raise InputError(what, ["must hold the key columns, with our column names below it"])
    try:
        return Mapping.model_validate(content)
    except ValidationError as failure:
        raise InputError(what, [_describe(fault) for fault in failure.errors()]) from None


def _read_yaml(path: Path) -> object:
    # Every value of a mapping is text. YAML's own types would make NO, Norway's code, into False, and 01 into 1.
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def map_columns(
    raw: pd.DataFrame, mapping: Mapping, rows: np.ndarray
) -> tuple[pd.DataFrame, list[Fault]]:
    """Bring an extract, or a piece of one, to our columns and codes.

    Parameters
    ----------
    raw
        The source's own columns.
    mapping
        What becomes what.
    rows
        The row number of each row in its source, from 1.

    Returns
    -------
    tuple
        The frame in our names, and the faults found: absent columns, codes without a translation,
        dates that do not have the stated form.
    """
    named = {rule.column for rule in (*mapping.columns.values(), *mapping.leave_out)} - {None}
    absent = named - set(raw.columns)
    faults = [
        Fault(f"the mapping names the column {name!r}, which the extract does not have")
        for name in sorted(absent)
    ]
    mapped = {}
    for name, rule in mapping.columns.items():
        if rule.column not in absent:
            mapped[name], wrong, must = _apply_rule(raw, rule)
            faults += fault_in(f"{name}: {must};", rows[wrong])
    to_the_month = [
        name
        for name, rule in mapping.columns.items()
        if rule.format and is_to_the_month(rule.format)
    ]
    frame = pd.DataFrame(mapped, index=raw.index)
    return settle_months(frame, to_the_month) if to_the_month else frame, faults


def left_out_rows(raw: pd.DataFrame, mapping: Mapping) -> pd.Series:
    """Which rows a mapping leaves out as repeating others; True for those."""
    out = pd.Series(False, index=raw.index)
    for rule in mapping.leave_out:
        if rule.column in raw.columns:
            codes, levels = _cells(raw[rule.column])
            # Missing cells have the place -1, the last element: an empty code means them.
            out |= np.append(levels.fillna("").isin(rule.codes).to_numpy(), "" in rule.codes)[codes]
    return out


def _cells(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """The distinct cells as text, whatever the column's type, and which of them each row has."""
    codes, levels = distinct_cells(column)
    return distinct_cells(column.astype(object)) if codes is None else (codes, levels)


def _apply_rule(raw: pd.DataFrame, rule: ColumnRule) -> tuple[pd.Series, np.ndarray, str]:
    """The mapped column, the positions that could not be mapped, and what they must be."""
    if rule.column is None:
        return pd.Series(rule.constant, index=raw.index, dtype=object), _NOWHERE, ""
    column = raw[rule.column]
    if _is_typed(column, rule):
        return column, _NOWHERE, ""
    codes, levels = _cells(column)
    levels = levels.mask(levels.isin(rule.missing)).astype(object).where(levels.notna(), None)
    mapped, must = _map_levels(_part(levels, rule.characters), rule)
    # A code that the mapping itself calls missing is no fault, though nothing becomes of it.
    wrong = levels.notna() & mapped.isna() & ~levels.isin(_emptied(rule))
    cells = pd.Series(take_cells(mapped, codes), index=raw.index)
    return cells, np.flatnonzero(np.append(wrong.to_numpy(dtype=bool), False)[codes]), must


def _is_typed(column: pd.Series, rule: ColumnRule) -> bool:
    """Whether the file itself has dates or numbers that a rule leaves as they are."""
    if column.dtype == object or rule.codes is not None or rule.characters is not None:
        return False
    # A date has no unit to be changed, whatever the mapping says of the column.
    return rule.unit is None or pd.api.types.is_datetime64_any_dtype(column)


def _map_levels(levels: pd.Series, rule: ColumnRule) -> tuple[pd.Series, str]:
    if rule.codes is not None:
        meanings = {code: value for code, value in rule.codes.items() if value not in NO_VALUE}
        return levels.map(meanings).astype(object), "has a code that the mapping does not translate"
    if rule.format is not None:
        return _dates(levels, rule.format), f"must be a date of the form {rule.format}"
    if rule.unit == "months":
        months = pd.to_numeric(levels, errors="coerce").astype("float64")
        whole = (months // MONTHS_PER_YEAR).where(months.abs() < _MOST_MONTHS)
        return whole.astype("Int64"), "must be a number of months"
    if rule.unit == "survival_probability":
        chance = pd.to_numeric(levels, errors="coerce").astype("float64")
        possible = chance.where((chance > 0) & (chance <= 1))
        # Subtracted from 0 rather than negated, so that a chance of 1 is a rate of 0 and not of -0.
        return 0.0 - np.log(possible), "must be a probability above 0 and at most 1"
    return levels, ""


def _part(levels: pd.Series, characters: str | None) -> pd.Series:
    """The characters of a cell from one place to another, where a column holds several codes in one."""
    if characters is None:
        return levels
    first, last = map(int, characters.split("-"))
    part = levels.astype("string").str.slice(first - 1, last)
    return part.astype(object).where(levels.notna(), None)


def _dates(levels: pd.Series, form: str) -> pd.Series:
    try:
        dates = pd.to_datetime(levels, format=form, errors="coerce").astype("datetime64[ns]")
        return dates + TO_MID_MONTH if is_to_the_month(form) else dates
    except (ValueError, TypeError, re.error):  # no such form: then no cell has it
        return pd.Series(pd.NaT, index=levels.index, dtype="datetime64[ns]")


def _emptied(rule: ColumnRule) -> list[str]:
    """Codes that a mapping says are missing."""
    return [code for code, value in (rule.codes or {}).items() if value in NO_VALUE]


def _describe(fault: dict) -> str:
    # Of each fault only its place and its sentence: the whole error would print the values too.
    where = ".".join(str(part) for part in fault["loc"]) or "mapping"
    if fault["type"] == "extra_forbidden":
        return f"{where}: is not a key of a mapping"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"
