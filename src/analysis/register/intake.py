"""Every source of an edition, read and validated once, before the first chapter runs."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.identity.opt_outs import leave_out_persons, read_opt_outs
from analysis.register.mapping.mapping_file import Mapping as Rules
from analysis.register.sources.extracts import DEMONSTRATION, demonstration_table, read_table
from analysis.register.sources.input_records import input_record
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
        them; ``read_opted_out`` reads the number of their tumours from the cases written.
    minimum
        Smallest number that may be told: where 1 to ``minimum`` − 1 opted out, that number is not written.

    Raises
    ------
    InputError
        Listing the faults of all sources at once; nothing is written then.
    """
    persons = read_opt_outs(**opt_outs) if opt_outs else frozenset()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder and not in it: what was there stays until all sources have been found valid.
    with tempfile.TemporaryDirectory(prefix=".intake-", dir=folder.parent) as beside:
        surveys = _prepare_all(sources, Path(beside), persons, minimum)
        inputs = tuple(
            input_record(table, sources[table], surveys[table], Path(beside)) for table in sources
        )
        folder.mkdir(parents=True, exist_ok=True)
        written = {
            path.stem: path.replace(folder.resolve() / path.name)
            for path in Path(beside).glob("*.parquet")
        }
    available = _available(surveys)
    parameters = {READ_AS[table]: str(path) for table, path in written.items()}
    parameters |= _years(surveys) | {"diagnosis": _diagnosis_column(available)}
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
    # Without dropna=False the strata with an unknown region or sex would be lost.
    person_years = counts.groupby(strata, dropna=False, sort=False)["person_years"]
    several = int((person_years.nunique() > 1).sum())
    if several:
        fault = f"person_years must be one number a stratum; {several} strata have several"
        raise InputError("counts", [fault])
    return {
        "cases": counts.drop(columns="person_years"),
        "population": person_years.first().reset_index(),
    }


@dataclass(frozen=True)
class _OptOuts:
    """The persons who have opted out of a table, and how many of its rows were theirs so far."""

    persons: frozenset[str]
    minimum: int
    # Filled while the table is written; what is in it then is noted in the file.
    notes: dict[str, int | None] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)

    def admit(self, raw: pd.DataFrame, rules: Rules | None) -> pd.DataFrame:
        """The rows of everyone else."""
        admitted = leave_out_persons(raw, rules, self.persons)
        self.rows.append(len(raw) - len(admitted))
        left_out = sum(self.rows)
        if left_out:
            # A small number of persons could be recognised; that there were some may be said.
            self.notes["opted_out"] = left_out if left_out >= self.minimum else None
        return admitted


def _prepare_all(
    sources: Mapping[str, Mapping], folder: Path, persons: frozenset[str], minimum: int
) -> dict[str, Survey]:
    """Write every source as valid Parquet; the faults of all of them are told at once."""
    surveys, faults = {}, []
    for table, source in sources.items():
        opt_outs = _OptOuts(persons if table == "cases" else frozenset(), minimum)
        try:
            surveys[table] = _prepare(table, source, folder, opt_outs)
        except InputError as failure:
            faults += [f"{failure.what}: {fault}" for fault in failure.faults]
    if faults:
        raise InputError("sources", faults)
    return surveys


def _prepare(table: str, source: Mapping, folder: Path, opt_outs: _OptOuts) -> Survey:
    """Write one source as valid Parquet, without those who opted out and with pseudonyms."""
    if table == "counts" or source.get("file") == DEMONSTRATION:
        return _prepare_whole(table, source, folder, opt_outs)
    # What reads and checks files is loaded only where there is one.
    from analysis.register.sources.scanning import locate

    rules = locate(source).rules
    # The whole extract is read for a key: once, and only where there are children.
    key = cache(lambda: pseudonym_key(source))
    with open_table(folder / f"{table}.parquet", table, opt_outs.notes) as write:

        def write_pseudonymous(piece: pd.DataFrame) -> None:
            write(add_pseudonyms(piece, rules, key()))

        take = write_pseudonymous if table == "cases" else write
        return _scan_into(source, table, None, take, opt_outs.admit)


def _prepare_whole(table: str, source: Mapping, folder: Path, opt_outs: _OptOuts) -> Survey:
    """Write a table that is small, or invented, and therefore held in memory."""
    is_invented = source.get("file") == DEMONSTRATION
    frame = read_table(DEMONSTRATION if is_invented else source, table)
    frame = opt_outs.admit(frame, None).reset_index(drop=True)
    parts = split_counts(frame) if table == "counts" else {table: frame}
    for name, part in parts.items():
        with open_table(folder / f"{name}.parquet", name, opt_outs.notes) as write:
            write(part)
    return survey_of(frame, invented=is_invented)


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
    # A column that is there and empty makes no chapter possible.
    available = {column for column, filled in main.filled.items() if filled} if main else set()
    if "cases" in surveys:
        available |= {"children"} | ({"year"} if "diagnosis_date" in available else set())
    available |= {"period"} if "year" in available else set()
    if "counts" in surveys:
        available |= {"population"}
    if main and len(main.levels.get("country", ())) > 1:
        available |= {"countries"}
    return frozenset(available | (set(surveys) & {"population", "life_table"}))


def _diagnosis_column(available: frozenset[str]) -> str:
    # Counts may come by site alone; children are always classified.
    return "site" if "site" in available and "children" not in available else "iccc3_group"


def _years(surveys: Mapping[str, Survey]) -> dict[str, int]:
    """First and last year of diagnosis: years without any diagnosis must not count as years at risk."""
    main = surveys.get("cases", surveys.get("counts"))
    years = main.levels.get("year", ()) if main else ()
    return {"first_year": int(min(years)), "last_year": int(max(years))} if years else {}
