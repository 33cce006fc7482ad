"""DuckDB files, opened read-only: one table, or one query that can reach nothing else.

The only file that knows duckdb.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from analysis.errors import InputError
from analysis.register.mapping.mapping_file import FileFormat

PIECE = 100_000
MEMORY = "1GB"


def read_duckdb(path: Path, file_format: FileFormat, what: str) -> Iterator[pa.RecordBatch]:
    """Read the table or the query that the source names; the only table where there is one and none is named.

    Raises
    ------
    InputError
        No DuckDB file; the table is not there; the query is not one SELECT, or fails.

    Notes
    -----
    The file is opened read-only and the engine may not leave it: a query can neither write nor read
    another file. What the engine says of a failing query is not shown, since it may quote a value.
    """
    settings = {"enable_external_access": "false", "memory_limit": MEMORY, "threads": "2"}
    try:
        connection = duckdb.connect(str(path), read_only=True, config=settings)
    except duckdb.Error:
        raise InputError(
            what, ["is not a DuckDB file, is damaged, or is open for writing elsewhere"]
        ) from None
    try:
        # Else the query itself could give the engine back what was taken from it.
        connection.execute("set lock_configuration = true")
        query = _only_select(connection, _query(connection, file_format, what), what)
        yield from connection.sql(query).to_arrow_reader(PIECE)
    except (duckdb.Error, pa.ArrowException) as failure:
        raise InputError(what, [f"the query fails ({type(failure).__name__})"]) from None
    finally:
        connection.close()


def _query(connection: duckdb.DuckDBPyConnection, file_format: FileFormat, what: str) -> str:
    if file_format.query is not None:
        return file_format.query
    tables = connection.execute("select table_name from information_schema.tables").fetchall()
    names = [name for (name,) in tables]
    table = file_format.table
    if table is None and len(names) == 1:
        table = names[0]
    if table not in names:
        fault = "must be named, as table or query" if table is None else "is not in the file"
        listed = ", ".join(sorted(names)) or "none"
        raise InputError(what, [f"the table {fault}; its tables are {listed}"])
    quoted = table.replace('"', '""')
    return f'select * from "{quoted}"'


def _only_select(connection: duckdb.DuckDBPyConnection, query: str, what: str) -> duckdb.Statement:
    # The engine reads the query, since no pattern can tell a SELECT from what only looks like one.
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(what, ["the query must be one SELECT"])
    return statements[0]
