"""Every source of an edition, read and validated once, before the first chapter runs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.extracts import DEMONSTRATION, VALIDATED, read_table

INVENTED_PREFIX = "demo-"
READ_AS = {
    "cases": "cases_source",
    "population": "population_source",
    "life_table": "life_table_source",
    "counts": "cases_source",
}


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


def prepare_sources(sources: Mapping[str, Mapping], folder: Path) -> Intake:
    """Read, map and validate the sources of an edition; write each as Parquet into ``folder``.

    Counts that come instead of children are written as two tables, cases and person-years, so that
    a chapter reads them as it reads children and a population.

    Parameters
    ----------
    sources
        From ``cases``, ``population``, ``life_table`` or ``counts`` to ``{"file": …, "mapping": …}``.
    folder
        Private: one row is one child. Made when absent.

    Raises
    ------
    InputError
        Listing the faults of all sources at once; nothing is written then.
    """
    tables, faults = {}, []
    for table, source in sources.items():
        try:
            tables[table] = read_table(source["file"], table, source.get("mapping"))
        except InputError as failure:
            faults += [f"{failure.what}: {fault}" for fault in failure.faults]
    if faults:
        raise InputError("sources", faults)
    inputs = tuple(_input_record(table, sources[table], frame) for table, frame in tables.items())
    available, years = _available(tables), _years(tables)
    invented = frozenset(table for table, frame in tables.items() if _is_invented(table, sources[table], frame))
    if "counts" in tables:
        tables |= split_counts(tables.pop("counts"))
    folder.mkdir(parents=True, exist_ok=True)
    parameters = years | {READ_AS[table]: str(_write(frame, table, folder)) for table, frame in tables.items()}
    parameters["diagnosis"] = "site" if "site" in available and "children" not in available else "iccc3_group"
    return Intake(parameters, available, invented, inputs)


def split_counts(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part counts into cases by diagnosis and the person-years behind them.

    The person-years stand beside every diagnosis of a stratum; they are kept once.

    Raises
    ------
    InputError
        A stratum has more than one number of person-years.
    """
    strata = [column for column in ("country", "region", "year", "period", "sex", "age_group") if column in counts]
    person_years = counts.groupby(strata, dropna=False, sort=False)["person_years"]
    if (person_years.nunique() > 1).any():
        several = int((person_years.nunique() > 1).sum())
        raise InputError("counts", [f"person_years must be one number a stratum; {several} strata have several"])
    return {
        "cases": counts.drop(columns="person_years"),
        "population": person_years.first().reset_index(),
    }


def _available(tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    main = tables.get("cases", tables.get("counts"))
    available = {column for column in main.columns if main[column].notna().any()} if main is not None else set()
    if "cases" in tables:
        available |= {"children"} | ({"year"} if "diagnosis_date" in available else set())
    available |= {"period"} if "year" in available else set()
    if "counts" in tables:
        available |= {"population"}
    if main is not None and main["country"].nunique() > 1:
        available |= {"countries"}
    return frozenset(available | (set(tables) & {"population", "life_table"}))


def _years(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """First and last year of diagnosis: years without any diagnosis must not count as years at risk."""
    main = tables.get("cases", tables.get("counts"))
    if main is None:
        return {}
    dated = [main["diagnosis_date"].dt.year] if "diagnosis_date" in main else []
    sent = [main["year"].astype("float64")] if "year" in main else []
    years = [year for column in dated + sent for year in (column.min(), column.max()) if pd.notna(year)]
    return {"first_year": int(min(years)), "last_year": int(max(years))} if years else {}


def _is_invented(table: str, source: Mapping, frame: pd.DataFrame) -> bool:
    """The mark travels with the rows: invented children stay invented when saved and read again."""
    if str(source["file"]) == DEMONSTRATION:
        return True
    return table == "cases" and bool(frame["case_id"].str.startswith(INVENTED_PREFIX).any())


def _input_record(table: str, source: Mapping, frame: pd.DataFrame) -> dict:
    path = Path(source["file"])
    if str(path) == DEMONSTRATION:
        content = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
        return {
            "name": f"{table} (demonstration)",
            "sha256": _sha256(content),
            "bytes": len(content),
            "rows": len(frame),
        }
    content = path.read_bytes()
    return {"name": path.name, "sha256": _sha256(content), "bytes": len(content), "rows": len(frame)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(frame: pd.DataFrame, table: str, folder: Path) -> Path:
    path = (folder / f"{table}.parquet").resolve()
    frame.attrs[VALIDATED] = table
    part = path.with_suffix(".part")
    frame.to_parquet(part, index=False)
    part.replace(path)
    return path
