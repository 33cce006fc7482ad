"""Text tables (CSV): which encoding, which delimiter, and rows that are whole."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from analysis.errors import InputError, rows_phrase
from analysis.register.mapping.mapping_file import FileFormat

DELIMITERS = ",;\t|"
BLOCK = 1 << 23
UTF_8 = "utf-8-sig"
# Letters of Danish, Estonian, Finnish, Icelandic, Norwegian and Swedish beyond ASCII, and signs of print:
# one byte each, the same in Latin-1 and Windows-1252.
NORTHERN = frozenset("æøåäöüéõðþáíóúýÆØÅÄÖÜÉÕÐÞÁÍÓÚÝ§°´«»\u00a0".encode("latin-1"))
# In Windows-1257 the bytes of these are Lithuanian and Latvian letters (š, ž, į, ķ): they are Icelandic only
# beside letters that are not.
DOUBTFUL = frozenset("ðþáíÐÞÁÍ".encode("latin-1"))
ICELANDIC = frozenset("öéóúýÖÉÓÚÝ".encode("latin-1"))
# Only Windows-1252 has these dashes, quotation marks and the euro sign. Between two letters the same
# bytes are letters of the older DOS code pages, so that one cannot tell.
WINDOWS_SIGNS = frozenset("€…‘’“”–—".encode("cp1252"))
_SIGN_IN_A_WORD = re.compile(rb"[A-Za-z\xc0-\xff][\x80-\x9f][A-Za-z\xc0-\xff]")


def read_text_pieces(path: Path, file_format: FileFormat, what: str) -> Iterator[pd.DataFrame]:
    """Read a text table piece by piece: every column text, empty cells missing, row order kept.

    Raises
    ------
    InputError
        The file is binary, in no encoding that can be told, or has rows that are not whole.

    Notes
    -----
    Without ``file.encoding`` a file is UTF-8, with or without a byte order mark. Where it is not, it
    is read as Windows-1252 (of which Latin-1 is a part) only if all its other letters are those of the
    Nordic languages and Estonian; else the mapping must say the encoding.
    """
    encoding = file_format.encoding or _find_encoding(path, what)
    try:
        names, delimiter = _header(path, encoding, file_format.delimiter, what)
        broken: list[int] = []
        last = 0
        for table in _blocks(path, encoding, delimiter, names, broken):
            piece = table.to_pandas()
            piece.index = pd.RangeIndex(last, last + len(piece))
            last += len(piece)
            if not broken:
                yield _with_decimal_points(piece, file_format.decimal)
    except (pa.ArrowException, csv.Error, OSError):
        raise InputError(what, ["is not a table: its rows cannot be told apart"]) from None
    except (ValueError, LookupError):  # also what a codec says that is not one of text
        raise InputError(
            what, [f"is not text in {encoding}: file.encoding in the mapping must say another"]
        ) from None
    if broken:
        rows = rows_phrase(broken)
        raise InputError(
            what, [f"is not a table: every row must have {len(names)} fields; {rows} do not"]
        )


def _find_encoding(path: Path, what: str) -> str:
    """UTF-8 where the whole file is; Windows-1252 where nothing else can be meant."""
    letters = _Letters()
    with path.open("rb") as lines:
        while block := lines.read(1 << 22):
            if b"\0" in block:
                raise InputError(what, ["is a binary file, not a text table"])
            letters = letters.and_of(block)
    # An open quotation mark would make one cell of the rest of the file, without any error.
    if letters.quotes % 2:
        raise InputError(what, ["has a quotation mark that is not closed"])
    if letters.is_utf_8 and _decodes(letters.decoder, b"", final=True):
        return UTF_8
    if letters.are_northern():
        return "cp1252"
    fault = "is not text in UTF-8, and its encoding cannot be told"
    cure = "say it in the mapping, as file.encoding (latin-1, windows-1252, windows-1257, …)"
    raise InputError(what, [f"{fault}: {cure}"])


@dataclass(frozen=True)
class _Letters:
    """What the bytes of a file say of its encoding, block by block."""

    decoder: codecs.IncrementalDecoder = field(
        default_factory=codecs.getincrementaldecoder("utf-8")
    )
    is_utf_8: bool = True
    beyond_ascii: frozenset[int] = frozenset()
    has_sign_in_a_word: bool = False
    quotes: int = 0

    def and_of(self, block: bytes) -> "_Letters":
        """What all blocks up to this one say."""
        in_a_word = not block.isascii() and _SIGN_IN_A_WORD.search(block) is not None
        return replace(
            self,
            is_utf_8=self.is_utf_8 and _decodes(self.decoder, block),
            beyond_ascii=self.beyond_ascii.union(block.translate(None, bytes(range(128)))),
            has_sign_in_a_word=self.has_sign_in_a_word or in_a_word,
            quotes=self.quotes + block.count(b'"'),
        )

    def are_northern(self) -> bool:
        """Whether every letter is one of Windows-1252 that the northern languages have."""
        letters = self.beyond_ascii
        is_icelandic = not letters & DOUBTFUL or bool(letters & ICELANDIC)
        return letters <= NORTHERN | WINDOWS_SIGNS and is_icelandic and not self.has_sign_in_a_word


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _header(path: Path, encoding: str, delimiter: str | None, what: str) -> tuple[list[str], str]:
    with path.open(encoding=encoding, newline="") as lines:
        head = lines.read(1 << 16)
    if "\0" in head:
        raise InputError(what, ["is a binary file, not a text table"])
    # The line with the names alone: cells below it may hold any sign many times.
    first = head.lstrip("\r\n").splitlines()[0] if head.strip() else ""
    delimiter = delimiter or max(DELIMITERS, key=first.count)
    if len(delimiter) != 1 or not delimiter.isascii():
        raise InputError(what, ["file.delimiter must be one character"])
    names = next(csv.reader([first], delimiter=delimiter), [])
    return name_columns(names, what), delimiter


def name_columns(names: list[str], what: str) -> list[str]:
    """The columns' names without the space around them; a column without a name gets its place.

    Raises
    ------
    InputError
        Two columns have the same name.
    """
    named = [name.strip() or f"(column {place})" for place, name in enumerate(names, start=1)]
    repeated = sum(named.count(name) > 1 for name in dict.fromkeys(named))
    if repeated:
        raise InputError(
            what,
            [f"has {repeated} column name{'s' if repeated > 1 else ''} on more than one column"],
        )
    return named


def _blocks(
    path: Path, encoding: str, delimiter: str, names: list[str], broken: list[int]
) -> Iterator[pa.Table]:
    def note(row: arrow_csv.InvalidRow) -> str:
        broken.append(row.number - 1)  # the header is the first row
        return "skip"

    # Without threads: only then has a row its number, and only then do rows come in their order.
    reading = arrow_csv.ReadOptions(
        use_threads=False,
        block_size=BLOCK,
        column_names=names,
        skip_rows_after_names=1,
        encoding="utf8" if encoding == UTF_8 else encoding,
    )
    parsing = arrow_csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
    )
    # All as text: a code 01 is no number, and what means missing is said by the mapping.
    converting = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    reader = arrow_csv.open_csv(path, reading, parsing, converting)
    for batch in reader:
        yield pa.Table.from_batches([batch])


def _with_decimal_points(piece: pd.DataFrame, decimal: str) -> pd.DataFrame:
    if decimal == ".":
        return piece
    return piece.apply(
        lambda column: column.str.replace(r"^\s*([-+]?\d*),(\d+)\s*$", r"\1.\2", regex=True)
    )
