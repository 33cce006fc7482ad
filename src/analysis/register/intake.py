"""Every source of an edition, read and validated once, before the first chapter runs."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.identity.opt_outs import leave_out_persons, read_opt_outs
from analysis.register.mapping.mapping_file import Mapping as Rules
from analysis.register.sources.extracts import DEMONSTRATION, demonstration_table, read_table
from analysis.register.sources.prepared import open_table
from analysis.register.sources.pseudonyms import add_pseudonyms, pseudonym_key
from analysis.register.sources.survey import Survey, add_surveys, survey_of

READ_AS = {
    "cases": "cases_source",
    "population": "population_source",
    "life_table": "life_table_source",
    "counts": "cases_source",
}


# Bytes beyond which a table does not fit into the memory of an ordinary machine; Parquet is packed.
LARGE = {".csv": 400_000_000, ".parquet": 80_000_000, ".duckdb": 80_000_000}


@dataclass(frozen=True)
class Intake:
    """What the sources of an edition gave.

    Attributes
    ----------
    parameters
        What the sources give to a chapter's parameters: the validated files that it reads
        (``cases_source``, …), ``diagnosis``, the column by which diagnoses are grouped, and
        ``first_year`` and ``last_year``, those of its diagnoses, where it has years.
    available
        What chapters may need: ``children``, ``population``, ``life_table``, ``countries`` (two or
        more), and every column that is filled somewhere.
    invented
        Which sources are the embedded demonstration: ``cases``, ``population``.
    inputs
        One record a source: name, sha256, bytes, rows.
    """

    parameters: dict[str, str | int]
    available: frozenset[str]
    invented: frozenset[str]
    inputs: tuple[dict, ...]


def prepare_sources(
    sources: Mapping[str, Mapping], folder: Path, opt_outs: Mapping | None = None, minimum: int = 5
) -> Intake:
    """Read, map and validate the sources of an edition; write each as Parquet into ``folder``.

    Sources are read in pieces: what is held in memory does not grow with them. Counts that come
    instead of children are written as two tables, cases and person-years, so that a chapter reads
    them as it reads children and a population.

    Parameters
    ----------
    sources
        From ``cases``, ``population``, ``life_table`` or ``counts`` to ``{"file": …, "mapping": …}``
        or ``{"database": …, "query": …, "mapping": …}``.
    folder
        Private: one row is one child. Made when absent.
    opt_outs
        ``{"file": …, "column": …}``, the persons who are left out of the cases before anything else sees
        them; ``attrs["opted_out"]`` of the cases written is the number of their tumours.
    minimum
        Smallest number that may be told: where 1 to ``minimum`` − 1 opted out, ``attrs["opted_out"]`` is None.

    Raises
    ------
    InputError
        Listing the faults of all sources at once; nothing is written then.
    """
    persons = read_opt_outs(**opt_outs) if opt_outs else frozenset()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".intake-", dir=folder.parent) as beside:
        surveys, faults = {}, []
        for table, source in sources.items():
            try:
                gone = persons if table == "cases" else frozenset()
                surveys[table] = _prepare(table, source, Path(beside), gone, minimum)
            except InputError as failure:
                faults += [f"{failure.what}: {fault}" for fault in failure.faults]
        if faults:
            raise InputError("sources", faults)
        inputs = tuple(
            _input_record(table, sources[table], surveys[table], Path(beside)) for table in sources
        )
        folder.mkdir(parents=True, exist_ok=True)
        written = {
            path.stem: path.replace(folder.resolve() / path.name)
            for path in Path(beside).glob("*.parquet")
        }
    available = _available(surveys)
    parameters = _years(surveys) | {READ_AS[table]: str(path) for table, path in written.items()}
    parameters["diagnosis"] = (
        "site" if "site" in available and "children" not in available else "iccc3_group"
    )
    invented = frozenset(table for table, survey in surveys.items() if survey.invented)
    return Intake(parameters, available, invented, inputs)


def is_large(source: str | Path) -> bool:
    """Whether a source is read in pieces and never held as a whole: a file of some hundred megabytes.

    Examples
    --------
    >>> is_large("demo")
    False
    """
    path = Path(source)
    return path.is_file() and path.stat().st_size > LARGE.get(path.suffix.lower(), LARGE[".csv"])


def survey_table(
    source: str | Path | Mapping, table: str, mapping: str | Path | Mapping | None = None
) -> Survey:
    """Read a source of any size, hold it to the contract, and say what it holds; keep none of its rows.

    Parameters
    ----------
    source, mapping
        See `analysis.register.read_extract`.
    table
        ``"cases"``, ``"population"``, ``"life_table"`` or ``"counts"``.

    Raises
    ------
    InputError
        Listing every fault of the file, the mapping and the rows.
    """
    if str(source) == DEMONSTRATION:
        return survey_of(demonstration_table(table), invented=True)
    return _scan_into(source, table, mapping, lambda piece: None)


def split_counts(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part counts into cases by diagnosis and the person-years behind them.

    The person-years stand beside every diagnosis of a stratum; they are kept once.

    Raises
    ------
    InputError
        A stratum has more than one number of person-years.
    """
    strata = [
        column
        for column in ("country", "region", "year", "period", "sex", "age_group")
        if column in counts
    ]
    person_years = counts.groupby(strata, dropna=False, sort=False)["person_years"]
    if (person_years.nunique() > 1).any():
        several = int((person_years.nunique() > 1).sum())
        raise InputError(
            "counts", [f"person_years must be one number a stratum; {several} strata have several"]
        )
    return {
        "cases": counts.drop(columns="person_years"),
        "population": person_years.first().reset_index(),
    }


def _prepare(
    table: str, source: Mapping, folder: Path, persons: frozenset[str], minimum: int
) -> Survey:
    """Write one source as valid Parquet, without those who opted out and with pseudonyms."""
    left_out: list[int] = []
    told: dict[str, int | None] = {}
    key = cache(lambda: pseudonym_key(source))

    def admit(raw: pd.DataFrame, rules: Rules | None) -> pd.DataFrame:
        admitted = leave_out_persons(raw, rules, persons)
        left_out.append(len(raw) - len(admitted))
        told.update(_told(sum(left_out), minimum))
        return admitted

    if table == "counts" or source.get("file") == DEMONSTRATION:
        frame = read_table(DEMONSTRATION if source.get("file") == DEMONSTRATION else source, table)
        frame = admit(frame, None).reset_index(drop=True)
        parts = split_counts(frame) if table == "counts" else {table: frame}
        for name, part in parts.items():
            with open_table(folder / f"{name}.parquet", name, told) as write:
                write(part)
        return survey_of(frame, invented=source.get("file") == DEMONSTRATION)
    # What reads and checks files is loaded only where there is one.
    from analysis.register.sources.scanning import locate

    rules = locate(source).rules
    with open_table(folder / f"{table}.parquet", table, told) as write:
        if table != "cases":
            return _scan_into(source, table, None, write, admit)
        return _scan_into(
            source, table, None, lambda piece: write(add_pseudonyms(piece, rules, key())), admit
        )


def _told(left_out: int, minimum: int) -> dict[str, int | None]:
    if not left_out:
        return {}
    return {"opted_out": left_out if left_out >= minimum else None}


def _scan_into(
    source: str | Path | Mapping,
    table: str,
    mapping: object,
    write: Callable[[pd.DataFrame], object],
    admit: Callable | None = None,
) -> Survey:
    from analysis.register.sources.scanning import locate, scan

    origin, surveys = locate(source, mapping), []

    def take(piece: pd.DataFrame) -> None:
        write(piece)
        surveys[:] = [add_surveys(*surveys, survey_of(piece))]

    scan(origin, table, take, admit)
    return surveys[0]


def _available(surveys: Mapping[str, Survey]) -> frozenset[str]:
    main = surveys.get("cases", surveys.get("counts"))
    available = {column for column, filled in main.filled.items() if filled} if main else set()
    if "cases" in surveys:
        available |= {"children"} | ({"year"} if "diagnosis_date" in available else set())
    available |= {"period"} if "year" in available else set()
    if "counts" in surveys:
        available |= {"population"}
    if main and len(main.levels.get("country", ())) > 1:
        available |= {"countries"}
    return frozenset(available | (set(surveys) & {"population", "life_table"}))


def _years(surveys: Mapping[str, Survey]) -> dict[str, int]:
    """First and last year of diagnosis: years without any diagnosis must not count as years at risk."""
    main = surveys.get("cases", surveys.get("counts"))
    years = main.levels.get("year", ()) if main else ()
    return {"first_year": int(min(years)), "last_year": int(max(years))} if years else {}


def _input_record(table: str, source: Mapping, survey: Survey, folder: Path) -> dict:
    """Name, sha256, bytes and rows of what went in; of a database its name, the query's hash, and what it gave."""
    if source.get("file") == DEMONSTRATION:
        return {
            "name": f"{table} (demonstration)",
            **_digest(folder / f"{table}.parquet"),
            "rows": survey.rows,
        }
    if source.get("file"):
        path = Path(source["file"])
        return {"name": path.name, **_digest(path), "rows": survey.rows}
    # The last part of the address, without its options: neither the server nor the user.
    name = source["database"].split("?")[0].rpartition("/")[2]
    asked = json.dumps([source.get("query"), source.get("table")]).encode()
    given = _digest(folder / f"{'cases' if table == 'counts' else table}.parquet")
    return {
        "name": f"database {name}",
        **given,
        "rows": survey.rows,
        "query_sha256": hashlib.sha256(asked).hexdigest(),
    }


def _digest(path: Path) -> dict:
    with path.open("rb") as content:
        return {
            "sha256": hashlib.file_digest(content, "sha256").hexdigest(),
            "bytes": path.stat().st_size,
        }
