"""PostgreSQL: one query, read-only, without a password in any file. The only file that knows the driver.

The password comes from ``PGPASSWORD``, or from ``.pgpass`` (``PGPASSFILE``), as libpq reads them; it is never
held here, so that no notebook, record or message can show it.
"""

import contextlib
from collections.abc import Iterator, Sequence

import pandas as pd
import psycopg
import sqlalchemy
from sqlalchemy.engine import URL

from analysis.errors import InputError
from analysis.register.mapping.mapping_file import FileFormat
from analysis.strata import require_list

PIECE = 50_000
WHAT = "database"
STATEMENT_SECONDS = 1800
CONNECT_SECONDS = 15
# What an address may say beside host, port, user and name; nothing that runs or sends anything.
ALLOWED_OPTIONS = {
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "gssencmode",
    "target_session_attrs",
}


def read_database(address: str, file_format: FileFormat) -> Iterator[pd.DataFrame]:
    """Run the query and read its rows piece by piece.

    Parameters
    ----------
    address
        ``postgresql://user@host:5432/name``.
    file_format
        With ``query``, one SELECT, or ``table``.

    Raises
    ------
    InputError
        The address has a password or is none; the server cannot be reached; the query is not one
        SELECT, or fails. What the server says is not shown, since it may quote a value.

    Notes
    -----
    The session is read-only, the query is a server-side cursor, which takes one SELECT and nothing
    else, and the transaction is never committed; a query that has run for half an hour is ended by the server.
    """
    engine = _engine(address)
    try:
        with engine.connect() as connection:
            reading = connection.execution_options(
                postgresql_readonly=True, stream_results=True, yield_per=PIECE, no_parameters=True
            )
            with contextlib.closing(reading.exec_driver_sql(_query(engine, file_format))) as answer:
                yield from _pieces(answer)
    except sqlalchemy.exc.SQLAlchemyError as failure:
        raise InputError(WHAT, [_plain_fault(failure)]) from None
    except psycopg.Error as failure:
        raise InputError(WHAT, [_plain_state(failure)]) from None
    finally:
        engine.dispose()


def _engine(address: str) -> sqlalchemy.Engine:
    # One connection and no pool: chapters are forked, and two processes must not share a socket.
    return sqlalchemy.create_engine(
        check_address(address),
        poolclass=sqlalchemy.NullPool,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": _session(),
            "application_name": "workbench",
        },
    )


def _pieces(answer: sqlalchemy.CursorResult) -> Iterator[pd.DataFrame]:
    names, last = _distinct(list(answer.keys())), 0
    for rows in answer.partitions(PIECE):
        index = pd.RangeIndex(last, last + len(rows))
        # As objects: pandas would make floats of whole numbers of which some are missing.
        yield pd.DataFrame([tuple(row) for row in rows], columns=names, index=index, dtype=object)
        last += len(rows)


def count_in_database(address: str, query: str, columns: Sequence[str]) -> pd.DataFrame:
    """Count the rows of a query by some of its columns, where they lie; children stay in the database.

    Parameters
    ----------
    address
        ``postgresql://user@host:5432/name``.
    query
        One SELECT with a row a child and at least these columns: for an event table its strata, ``follow_up_days``,
        ``event`` and, with delayed entry, ``entry_days``.
    columns
        What to count by.

    Returns
    -------
    pandas.DataFrame
        ``columns… cases``, one row a combination that occurs: a count table, which ``event_table`` and ``rate_table``
        take as they take children.

    Raises
    ------
    InputError
        As ``read_database``.

    Notes
    -----
    At exact times of follow-up a row is often one child: what comes back is personal data.
    """
    require_list("columns", columns)
    # A name in quotation marks is a name to the server, whatever is in it.
    names = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    # On lines of its own: a comment at the end of the query must not swallow the bracket.
    observed = f"(\n{query.strip().rstrip(';')}\n) as observed"
    counted = f"select {names}, count(*) as cases from {observed} group by {names}"
    pieces = list(read_database(address, FileFormat(query=counted)))
    if not pieces:
        return pd.DataFrame(columns=[*columns, "cases"])
    return pd.concat(pieces, ignore_index=True).infer_objects()


def check_address(address: str) -> URL:
    """The address, if it says where the database is and no password.

    Raises
    ------
    InputError
        It is no address of a PostgreSQL database, or has a password or an option that is not allowed.

    Examples
    --------
    >>> check_address("postgresql://reader@localhost/registry").database
    'registry'
    """
    try:
        url = sqlalchemy.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise InputError(
            WHAT, ["must be an address such as postgresql://user@host:5432/name"]
        ) from None
    faults = []
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg") or not url.database:
        faults.append("must be an address such as postgresql://user@host:5432/name")
    # An address is written into records and messages; a password would be too.
    if url.password is not None or "password" in url.query:
        faults.append("must not have a password in its address: give it in PGPASSWORD or .pgpass")
    if set(url.query) - ALLOWED_OPTIONS - {"password"}:
        faults.append(f"its address may have no option but {', '.join(sorted(ALLOWED_OPTIONS))}")
    if faults:
        raise InputError(WHAT, faults)
    return url.set(drivername="postgresql+psycopg")


def _session() -> str:
    return f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_SECONDS * 1000}"


def _query(engine: sqlalchemy.Engine, file_format: FileFormat) -> str:
    if file_format.query is not None:
        return file_format.query.strip().rstrip(";")
    if file_format.table is None:
        raise InputError(WHAT, ["the table must be named, as query or table"])
    quote = engine.dialect.identifier_preparer.quote_identifier
    return f"select * from {'.'.join(quote(part) for part in file_format.table.split('.'))}"


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise InputError(WHAT, ["the query gives two columns one name"])
    return names


def _plain_fault(failure: sqlalchemy.exc.SQLAlchemyError) -> str:
    """What went wrong in words that quote nothing of the query, its rows or the address."""
    driver = getattr(failure, "orig", None)
    return _plain_state(driver) if isinstance(driver, psycopg.Error) else "the query cannot be run"


def _plain_state(failure: psycopg.Error) -> str:
    if failure.sqlstate is None:
        password = "the password is read from PGPASSWORD or .pgpass"
        return f"cannot be reached, or refuses the user ({password})"
    kind = {
        "25006": "the query would write: the session is read-only",
        "57014": f"the query has run for {STATEMENT_SECONDS} seconds and was ended",
        "42601": "the query must be one SELECT, and is not",
        "42P11": "the query must be one SELECT that only reads",
    }
    name = type(failure).__name__
    return kind.get(failure.sqlstate, f"the query fails ({name}, SQLSTATE {failure.sqlstate})")
