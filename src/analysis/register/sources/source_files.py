"""The files of a registry, whatever program wrote them, as pieces of at most some hundred thousand rows.

A piece has the columns of the file; its index is each row's place in the file, from 0.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from analysis.errors import InputError
from analysis.register.mapping.mapping_file import FileFormat
from analysis.register.sources.text_files import name_columns, read_text_pieces

PIECE = 100_000
_WHOLE_NUMBERS = {
    pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(), pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip


def read_file(path: Path, file_format: FileFormat) -> Iterator[pd.DataFrame]:
    """Read a file as it is, piece by piece, row order kept.

    Raises
    ------
    InputError
        The file is absent, empty, of an unknown kind, damaged, or not a table.
    """
    what = f"extract {path.name}"
    if not path.is_file():
        raise InputError(what, ["there is no such file"])
    if path.stat().st_size == 0:
        raise InputError(what, ["is an empty file"])
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kind = f"is {path.suffix}" if path.suffix else "has no suffix"
        raise InputError(what, [f"must be a {', '.join(_READERS)} file, {kind}"])
    return reader(path, file_format, what)


def numbered(pieces: Iterable[pd.DataFrame], what: str) -> Iterator[pd.DataFrame]:
    """The same pieces, their rows numbered on from piece to piece and their columns named."""
    last = 0
    for piece in pieces:
        piece.columns = name_columns([str(name) for name in piece.columns], what)
        piece.index = pd.RangeIndex(last, last + len(piece))
        last += len(piece)
        yield piece


def from_arrow(batch: pa.RecordBatch) -> pd.DataFrame:
    """Columns as they are: whole numbers stay whole where some are missing, codes lose no digit."""
    frame = pa.Table.from_batches([batch]).to_pandas(
        types_mapper=_WHOLE_NUMBERS.get, date_as_object=False, ignore_metadata=True
    )
    # A category is read as the text that it stands for, as a code list may differ from piece to piece.
    words = [
        name for name, column in frame.items() if isinstance(column.dtype, pd.CategoricalDtype)
    ]
    return frame.astype(dict.fromkeys(words, object))


def _read_parquet(path: Path, _file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    try:
        with parquet.ParquetFile(path) as source:
            yield from numbered(
                (from_arrow(batch) for batch in source.iter_batches(batch_size=PIECE)), what
            )
    except (pa.ArrowException, OSError, ValueError):
        raise InputError(what, ["is not a Parquet file, or a damaged one"]) from None


def _read_workbook(path: Path, file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    from analysis.register.sources.workbooks import read_workbook

    return read_workbook(path, file_format, what)


def _read_stata(path: Path, _file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    """Labelled values come as their codes, which is what a mapping translates."""
    try:
        with pd.read_stata(path, convert_categoricals=False, chunksize=PIECE) as pieces:
            yield from numbered(pieces, what)
    except InputError:
        raise
    except Exception:  # the parser has no error of its own for a damaged file
        raise InputError(what, ["is not a Stata file, or a damaged one"]) from None


def _read_sas(path: Path, file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    try:
        encoding = file_format.encoding or "infer"
        with pd.read_sas(path, format="sas7bdat", encoding=encoding, chunksize=PIECE) as pieces:
            yield from numbered(pieces, what)
    except InputError:
        raise
    except Exception:  # the parser has no error of its own for a damaged file
        raise InputError(what, ["is not a SAS file, or a damaged one"]) from None


def _read_duckdb(path: Path, file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    from analysis.register.sources.columnar import read_duckdb

    return numbered((from_arrow(batch) for batch in read_duckdb(path, file_format, what)), what)


_READERS = {
    ".csv": read_text_pieces, ".txt": read_text_pieces, ".tsv": read_text_pieces,
     ".xlsx": _read_workbook, ".parquet": _read_parquet,
    ".dta": _read_stata, ".sas7bdat": _read_sas, ".duckdb": _read_duckdb,
}  # fmt: skip
