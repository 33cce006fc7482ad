"""A mapping: from a registry's column names, codes, dates and units to ours. It is data, never code."""

from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import InputError, rows_phrase

MISSING_CODES = ("", "NA", "NaN", ".")
# What a mapping file writes for "this code means missing".
NO_VALUE = (None, "", "null", "~")
MONTHS_PER_YEAR = 12


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# YAML reads 1 as a number and yes as true; in an extract both are text.
def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Code = Annotated[str, BeforeValidator(_as_text)]


class FileFormat(_Rules):
    """How the text file is written, where it is not UTF-8 with commas and decimal points."""

    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    decimal: Literal[".", ","] = "."


class ColumnRule(_Rules):
    """Where one of our columns comes from: a column of the extract, or one constant for all rows."""

    column: str | None = None
    constant: Code | None = None
    codes: dict[Code, Code | None] | None = None
    format: str | None = None
    unit: Literal["months"] | None = None
    missing: tuple[Code, ...] = MISSING_CODES

    @model_validator(mode="after")
    def _one_origin(self):
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either column or constant")
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


def map_columns(raw: pd.DataFrame, mapping: Mapping) -> tuple[pd.DataFrame, list[str]]:
    """Bring an extract to our columns and codes.

    Parameters
    ----------
    raw
        The source's own columns, text.
    mapping
        What becomes what.

    Returns
    -------
    tuple
        The frame in our names, and the faults found: absent columns, codes without a translation,
        dates that do not have the stated form (row numbers count the source's rows from 1).
    """
    named = {rule.column for rule in (*mapping.columns.values(), *mapping.leave_out)} - {None}
    absent = named - set(raw.columns)
    faults = [f"the mapping names the column {name!r}, which the extract does not have" for name in sorted(absent)]
    mapped = {}
    for name, rule in mapping.columns.items():
        if rule.column not in absent:
            mapped[name], found = _apply_rule(raw, rule)
            faults += [f"{name}: {fault}" for fault in found]
    return pd.DataFrame(mapped, index=raw.index), faults


def left_out_rows(raw: pd.DataFrame, mapping: Mapping) -> pd.Series:
    """Which rows a mapping leaves out as repeating others; True for those."""
    out = pd.Series(False, index=raw.index)
    for rule in mapping.leave_out:
        if rule.column in raw.columns:
            out |= raw[rule.column].fillna("").astype(str).str.strip().isin(rule.codes)
    return out


def _apply_rule(raw: pd.DataFrame, rule: ColumnRule) -> tuple[pd.Series, list[str]]:
    if rule.column is None:
        return pd.Series(rule.constant, index=raw.index, dtype=object), []
    column = raw[rule.column]
    if column.dtype == object:
        text = column.astype("string").str.strip()
        column = text.mask(text.isin(rule.missing)).astype(object).where(text.notna(), None)
    if rule.codes is not None:
        return _translate(column, rule.codes)
    if rule.format is not None:
        dates = pd.to_datetime(column, format=rule.format, errors="coerce")
        return dates, _faults(column.notna() & dates.isna(), f"must be a date of the form {rule.format}")
    if rule.unit == "months":
        months = pd.to_numeric(column, errors="coerce")
        faults = _faults(column.notna() & months.isna(), "must be a number of months")
        return (months // MONTHS_PER_YEAR).astype("Int64"), faults
    return column, []


def _translate(column: pd.Series, codes: dict) -> tuple[pd.Series, list[str]]:
    if pd.api.types.is_float_dtype(column):
        column = column.astype("Int64")
    text = column.astype("string")
    known = {code: value for code, value in codes.items() if value not in NO_VALUE}
    unknown = text.notna() & ~text.isin(list(codes))
    return text.map(known).astype(object), _faults(unknown, "has a code that the mapping does not translate")


def _faults(wrong: pd.Series, what: str) -> list[str]:
    rows = np.flatnonzero(wrong) + 1
    return [f"{what}; {rows_phrase(rows)}"] if len(rows) else []


def _describe(fault: dict) -> str:
    where = ".".join(str(part) for part in fault["loc"]) or "mapping"
    if fault["type"] == "extra_forbidden":
        return f"{where}: is not a key of a mapping"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"
