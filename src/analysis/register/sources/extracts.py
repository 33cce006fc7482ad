"""Read a registry's tables through a column mapping into the data contract."""

from collections.abc import Mapping as MappingType
from pathlib import Path

import pandas as pd

from analysis.errors import InputError

DEMONSTRATION = "demo"
Source = str | Path | MappingType


def read_extract(source: Source, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read a table of cases, one row a tumour, and hold it to the data contract.

    Parameters
    ----------
    source
        ``"demo"`` for the invented demonstration cohort; a file (.csv, .xlsx, .parquet, .dta,
        .sas7bdat, .duckdb); a PostgreSQL address without a password; or a source as an edition
        writes it, with ``file`` or ``database``, ``table`` or ``query``, and ``mapping``.
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


def read_population(
    source: Source, mapping: str | Path | MappingType | None = None
) -> pd.DataFrame:
    """Read a population table: mean persons of the year by country, year, sex and age; see `read_extract`."""
    return read_table(source, "population", mapping)


def read_life_table(
    source: Source, mapping: str | Path | MappingType | None = None
) -> pd.DataFrame:
    """Read a life table: yearly mortality rate by country, year, sex and age; see `read_extract`."""
    return read_table(source, "life_table", mapping)


def read_counts(source: Source, mapping: str | Path | MappingType | None = None) -> pd.DataFrame:
    """Read counts that come instead of children: cases and person-years by stratum; see `read_extract`."""
    return read_table(source, "counts", mapping)


def read_table(
    source: Source, table: str, mapping: str | Path | MappingType | None = None
) -> pd.DataFrame:
    """Read one of the four tables of the contract by its name; see `read_extract`."""
    if str(source) == DEMONSTRATION:
        return demonstration_table(table)
    from analysis.register.sources.prepared import read_prepared

    # An edition's source is always validated; a path alone may be a table that the workbench prepared.
    prepared = (
        None if isinstance(source, MappingType) or mapping else read_prepared(Path(source), table)
    )
    if prepared is not None:
        return prepared
    # What reads and checks files is loaded only where there is one.
    from analysis.register.sources.scanning import locate, scan

    pieces: list[pd.DataFrame] = []
    scan(locate(source, mapping), table, pieces.append)
    return pieces[0] if len(pieces) == 1 else pd.concat(pieces, ignore_index=True)


def demonstration_table(table: str) -> pd.DataFrame:
    """The invented demonstration's table of this name.

    Raises
    ------
    InputError
        The demonstration has no such table.
    """
    from analysis.register.demonstration import cohort

    makers = {
        "cases": cohort.demonstration_cases,
        "population": cohort.demonstration_population,
        "life_table": cohort.demonstration_life_table,
    }
    if table not in makers:
        raise InputError("demonstration", [f"has no {table}"])
    return makers[table]()
