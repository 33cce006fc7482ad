"""The tables that the workbench has validated and written itself: what chapters read."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

# Written into these files and nowhere else; a table in memory does not carry it.
VALIDATED = b"workbench.validated_as"
TOLD = b"workbench.told"
_WRITTEN_AS = {"M": pa.timestamp("ns"), "i": pa.int64(), "f": pa.float64()}


@contextmanager
def open_table(
    path: Path, table: str, told: Mapping | None = None
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Open a table for writing, piece by piece; every piece has the columns of the first.

    Parameters
    ----------
    path
        Of the file; there is none when no piece was written.
    table
        What it is read as: ``"cases"``, ``"population"`` or ``"life_table"``.
    told
        What is known of the table as a whole when its last piece is written: its ``attrs`` when read.
    """
    writers: list[parquet.ParquetWriter] = []

    def write(piece: pd.DataFrame) -> None:
        # Types are fixed beforehand: a piece with nothing in a column would give it no type.
        types = {
            name: _WRITTEN_AS.get(column.dtype.kind, pa.string()) for name, column in piece.items()
        }
        fields = pa.schema(list(types.items()))
        rows = pa.Table.from_pandas(piece, schema=fields, preserve_index=False)
        marked = rows.replace_schema_metadata(
            {**(rows.schema.metadata or {}), VALIDATED: table.encode()}
        )
        if not writers:
            writers.append(parquet.ParquetWriter(path, marked.schema))
        writers[0].write_table(marked.cast(writers[0].schema))

    try:
        yield write
    finally:
        for writer in writers:
            writer.add_key_value_metadata({TOLD: json.dumps(dict(told or {}))})
            writer.close()


# Tables that this process and its forked children find read.
_kept: dict[tuple[Path, str], pd.DataFrame] = {}


def keep_table(path: Path, table: str) -> None:
    """Read a prepared table once for this process and all that are forked from it; nothing may write it meanwhile."""
    frame = _read(path, table)
    if frame is not None:
        _kept[path, table] = frame


def read_prepared(path: Path, table: str) -> pd.DataFrame | None:
    """A table that the workbench wrote itself, already validated; None where the file is any other."""
    frame = _kept.get((path, table))
    # A chapter may change its table; the next one must find it as it was.
    return _read(path, table) if frame is None else frame.copy()


def _read(path: Path, table: str) -> pd.DataFrame | None:
    return pd.read_parquet(path) if _marks_of(path).get(VALIDATED) == table.encode() else None


def read_opted_out(source: str | Path) -> int | None:
    """How many tumours of persons who have opted out intake left out of a table of cases.

    Parameters
    ----------
    source
        A table that ``prepare_sources`` wrote; of any other source nobody has been left out.

    Returns
    -------
    int or None
        None where somebody has, and they are too few to be told.
    """
    path = Path(source)
    if _marks_of(path).get(VALIDATED) is None:
        return 0
    return json.loads(parquet.read_metadata(path).metadata.get(TOLD, b"{}")).get("opted_out", 0)


def _marks_of(path: Path) -> dict[bytes, bytes]:
    """What stands in a Parquet file beside its columns; nothing where it is no such file."""
    if path.suffix != ".parquet" or not path.is_file():
        return {}
    try:
        return parquet.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return {}
