"""Read a registry's tables (CSV, Parquet) through a column mapping into the data contract."""

import csv
from collections.abc import Mapping as MappingType
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.mapping import FileFormat, left_out_rows, map_columns, read_mapping

DEMONSTRATION = "demo"
VALIDATED = "validated_as"
DELIMITERS = ",;\t|"


def read_extract(source: str | Path, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read a table of cases, one row a tumour, and hold it to the data contract.

    Parameters
    ----------
    source
        ``"demo"`` for the invented demonstration cohort, or a ``.csv`` or ``.parquet`` file.
    mapping
        A YAML file or a dictionary from the registry's columns and codes to ours; none where the
        file has our column names.

    Returns
    -------
    pandas.DataFrame
        The columns of the data dictionary that the source has, typed, in the source's row order.

    Raises
    ------
    InputError
        Listing every fault of the file, the mapping and the rows.

    Examples
    --------
    >>> cases = read_extract("demo")
    >>> cases["country"].nunique()
    8
    """
    return read_table(source, "cases", mapping)


def read_population(source: str | Path, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read a population table: mean persons of the year by country, year, sex and age; see `read_extract`."""
    return read_table(source, "population", mapping)


def read_life_table(source: str | Path, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read a life table: yearly mortality rate by country, year, sex and age; see `read_extract`."""
    return read_table(source, "life_table", mapping)


def read_counts(source: str | Path, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read counts that come instead of children: cases and person-years by stratum; see `read_extract`."""
    return read_table(source, "counts", mapping)


def read_table(source: str | Path, table: str, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read one of the four tables of the contract by its name; see `read_extract`."""
    if str(source) == DEMONSTRATION:
        return _demonstration(table)
    path = Path(source)
    rules = read_mapping(mapping) if mapping is not None else None
    raw = read_raw(path, rules.file if rules else FileFormat())
    if raw.attrs.get(VALIDATED) == table:
        return raw
    # The checks stand between the file and every number; what they need is loaded only here.
    from analysis.register.schema import SCHEMAS, absent_fault, find_faults

    faults: list[str] = []
    if rules is not None:
        counted = ~left_out_rows(raw, rules)
        raw, faults = map_columns(raw, rules)
        unknown = sorted(set(rules.columns) - set(SCHEMAS[table].columns))
        faults += [f"the mapping makes {name!r}, which is not a column of {table}" for name in unknown]
        raw = raw[counted]
    typed, found = find_faults(raw, table, raw.index.to_numpy() + 1)
    if rules is not None:  # a column that the mapping could not fill has had its fault told
        found = [fault for fault in found if fault not in {absent_fault(name) for name in rules.columns}]
    if faults + found:
        raise InputError(f"{table.replace('_', ' ')} {path.name}", dict.fromkeys(faults + found))
    typed.attrs[VALIDATED] = table
    return typed


def read_raw(path: Path, file_format: FileFormat) -> pd.DataFrame:
    """Read a file as it is: text columns from CSV, typed columns from Parquet, row order kept.

    Raises
    ------
    InputError
        The file is absent, empty, of an unknown kind, binary, or not a table.
    """
    what = f"extract {path.name}"
    if not path.is_file():
        raise InputError(what, ["there is no such file"])
    if path.stat().st_size == 0:
        raise InputError(what, ["is an empty file"])
    reader = {".csv": _read_csv, ".txt": _read_csv, ".tsv": _read_csv, ".parquet": _read_parquet}.get(
        path.suffix.lower()
    )
    if reader is None:
        raise InputError(what, [f"must be a .csv or .parquet file, is {path.suffix or 'without a suffix'}"])
    raw = reader(path, file_format, what)
    if raw.empty:
        raise InputError(what, ["has a header and no rows"])
    return raw


def _read_parquet(path: Path, file_format: FileFormat, what: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):
        raise InputError(what, ["is not a Parquet file"]) from None


def _read_csv(path: Path, file_format: FileFormat, what: str) -> pd.DataFrame:
    try:
        with path.open(encoding=file_format.encoding, newline="") as lines:
            head = lines.read(1 << 16)
        if "\0" in head:
            raise InputError(what, ["is a binary file, not a text table"])
        delimiter = file_format.delimiter or max(DELIMITERS, key=head.split("\n", 1)[0].count)
        raw = pd.read_csv(
            path, sep=delimiter, encoding=file_format.encoding, dtype=str, keep_default_na=False, na_values=[""],
            quoting=csv.QUOTE_MINIMAL, index_col=False,
        )  # fmt: skip
    except (UnicodeDecodeError, LookupError):
        fault = f"is not text in {file_format.encoding} (file.encoding in the mapping says another, e.g. latin-1)"
        raise InputError(what, [fault]) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as failure:
        raise InputError(what, [f"is not a table: {_parser_fault(failure)}"]) from None
    raw.columns = raw.columns.str.strip()
    if file_format.decimal == ",":
        raw = raw.apply(lambda column: column.str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True))
    return raw


def _parser_fault(failure: Exception) -> str:
    """The parser's own words where they name a line, never where they could quote one."""
    words = str(failure)
    return words[words.find("Expected") :].strip() if "Expected" in words else "its rows cannot be told apart"


def _demonstration(table: str) -> pd.DataFrame:
    from analysis.register import synthetic

    makers = {
        "cases": synthetic.demonstration_cases,
        "population": synthetic.demonstration_population,
        "life_table": synthetic.demonstration_life_table,
    }
    if table not in makers:
        raise InputError("demonstration", [f"has no {table}"])
    return makers[table]()
