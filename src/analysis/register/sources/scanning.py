"""A source read, mapped and held to the contract piece by piece, so that no source is too large."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.register.contract.faults import Fault, fault_in, merge_faults
from analysis.register.contract.schema import ONE_ROW, SCHEMAS
from analysis.register.contract.validation import absent_fault, find_faults, require_table
from analysis.register.identity.privacy import identity_faults
from analysis.register.mapping.layouts import recognise_layout
from analysis.register.mapping.mapping_file import (
    FileFormat,
    left_out_rows,
    map_columns,
    read_mapping,
)
from analysis.register.mapping.mapping_file import Mapping as Rules
from analysis.register.sources.source_files import read_file

# Two hashes of 64 bits: that two of ten million different identifiers share both will not happen.
HASH_KEYS = ("0123456789123456", "6543210987654321")
DATABASE = ("postgresql://", "postgres://", "postgresql+psycopg://")


@dataclass(frozen=True)
class Origin:
    """Where a table comes from.

    Attributes
    ----------
    place
        A path, or the address of a database.
    rules
        Its mapping; None where it has our column names.
    file_format
        How the file is written and which of its tables is read.
    """

    place: str
    rules: Rules | None
    file_format: FileFormat

    @property
    def is_database(self) -> bool:
        """Whether it is read from a server."""
        return self.place.startswith(DATABASE)

    @property
    def name(self) -> str:
        """What it is called in a message: never an address."""
        return "database" if self.is_database else Path(self.place).name


def locate(source: str | Path | Mapping, mapping: str | Path | Mapping | None = None) -> Origin:
    """From a source as it is given to where it is and how it is read.

    Raises
    ------
    InputError
        The mapping has faults; the source says neither a file nor a database.

    Examples
    --------
    >>> locate({"file": "cohort.duckdb", "table": "cases"}).file_format.table
    'cases'
    """
    source = source if isinstance(source, Mapping) else {"file": source}
    if not (source.get("file") or source.get("database")):
        raise InputError("argument", ["source: must say a file or a database"])
    mapping = source.get("mapping") if mapping is None else mapping
    rules = read_mapping(mapping) if mapping is not None else None
    chosen = {key: source[key] for key in ("table", "query") if source.get(key) is not None}
    file_format = rules.file if rules else FileFormat()
    # What the edition chooses takes the place of both: a table of one and a query of the other clash.
    if chosen:
        file_format = file_format.model_copy(update={"table": None, "query": None} | chosen)
    return Origin(str(source.get("database") or source["file"]), rules, file_format)


def scan(
    origin: Origin,
    table: str,
    take: Callable[[pd.DataFrame], object],
    admit: Callable | None = None,
) -> None:
    """Read a source to its end; give each valid piece to ``take`` as long as nothing has been wrong.

    ``admit``, given a piece and its mapping, returns the rows that anything may see; whatever names a
    person in those rows is a fault, in columns that the mapping does not take as well.

    Raises
    ------
    InputError
        Listing every fault of the source, the mapping and the rows; what ``take`` was given is void then.
    """
    origin, pieces = known_pieces(origin, table)
    scanned = _Scanned(_mapping_faults(origin, table))
    for raw in pieces:
        scanned.rows.append(len(raw))
        raw = admit(raw, origin.rules) if admit else raw
        scanned.of_persons.extend(identity_faults(raw))
        piece, faults, rows = _valid_piece(raw, origin, table)
        if len(piece):
            scanned.of_pieces.append(faults)
            scanned.identities.extend(_identities(piece, rows))
            if scanned.is_sound():
                take(piece)
    sentences = [fault.told() for fault in scanned.faults()]
    if sentences:
        raise InputError(f"{table.replace('_', ' ')} {origin.name}", sentences)


@dataclass(frozen=True)
class _Scanned:
    """What has been wrong with a source so far: its mapping, persons who are named, each of its pieces."""

    of_mapping: list[Fault]
    of_persons: list[Fault] = field(default_factory=list)
    of_pieces: list[list[Fault]] = field(default_factory=list)
    identities: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def is_sound(self) -> bool:
        return not (self.of_mapping or self.of_persons or any(self.of_pieces))

    def faults(self) -> list[Fault]:
        """Every fault, one a sentence, once the source has been read to its end."""
        if not sum(self.rows):
            return merge_faults([self.of_persons, [Fault("has a header and no rows")]])
        of_pieces = self.of_pieces
        if not of_pieces:
            of_pieces = [[Fault("has no rows that count: all of them are left out")]]
        repeated = _repeated(self.identities) if len(self.identities) > 1 else []
        # What a piece knows of its own rows alone is part of what is known of all rows.
        if repeated:
            of_pieces = [
                [fault for fault in faults if not fault.sentence.startswith(ONE_ROW)]
                for faults in of_pieces
            ]
        return merge_faults([self.of_persons, self.of_mapping, *of_pieces, repeated])


def known_pieces(origin: Origin, table: str) -> tuple[Origin, Iterable[pd.DataFrame]]:
    """Open a source: where it comes from, with its layout's mapping where it has none and is known; its pieces."""
    require_table(table)
    if origin.rules is not None:
        return origin, _raw_pieces(origin)
    pieces, rules = recognise_layout(_raw_pieces(origin), table)
    return replace(origin, rules=rules), pieces


def _raw_pieces(origin: Origin) -> Iterator[pd.DataFrame]:
    if not origin.is_database:
        return read_file(Path(origin.place), origin.file_format)
    # The driver is an optional package: it is asked for only where a server is.
    from analysis.register.sources.database import read_database

    return read_database(origin.place, origin.file_format)


def _mapping_faults(origin: Origin, table: str) -> list[Fault]:
    if origin.rules is None:
        return []
    unknown = sorted(set(origin.rules.columns) - set(SCHEMAS[table].columns))
    return [
        Fault(f"the mapping makes {name!r}, which is not a column of {table}") for name in unknown
    ]


def _valid_piece(
    raw: pd.DataFrame, origin: Origin, table: str
) -> tuple[pd.DataFrame, list[Fault], np.ndarray]:
    """A piece in our columns, its faults, and the row number of each of its rows."""
    rows, faults, rules = raw.index.to_numpy() + 1, [], origin.rules
    if rules is not None:
        counted = ~left_out_rows(raw, rules).to_numpy()
        raw, rows = (raw, rows) if counted.all() else (raw[counted], rows[counted])
        raw, faults = map_columns(raw, rules, rows)
    typed, of_contract = find_faults(raw, table, rows)
    # A column that the mapping could not fill has had its fault told: the source has not its own.
    if rules is not None:
        by_mapping = {absent_fault(name) for name in rules.columns}
        of_contract = [fault for fault in of_contract if fault not in by_mapping]
    return typed, faults + of_contract, rows


def _identities(piece: pd.DataFrame, rows: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    if "case_id" not in piece:
        return []
    filled = piece["case_id"].notna().to_numpy()
    names = piece["case_id"].to_numpy(object)[filled]
    hashed = (pd.util.hash_array(names, hash_key=key, categorize=False) for key in HASH_KEYS)
    return [(*hashed, rows[filled])]


def _repeated(identities: list[tuple[np.ndarray, ...]]) -> list[Fault]:
    """Tumours on more than one row, wherever those rows are."""
    first, second, rows = (np.concatenate(column) for column in zip(*identities, strict=True))
    likely = np.flatnonzero(pd.Series(first).duplicated(keep=False))
    pairs = pd.DataFrame({"first": first[likely], "second": second[likely]})
    return fault_in(
        f"{ONE_ROW}; does not hold in", rows[likely][pairs.duplicated(keep=False).to_numpy()]
    )
