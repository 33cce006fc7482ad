"""Where register, cases and report meet for a build: what an edition's sources are, and what its chapters share."""

import os
from collections.abc import Sequence
from pathlib import Path


def preparation_of(edition, folder: Path, siblings: Sequence[Path] = ()):
    """How the sources of an edition are read, and what every chapter finds done.

    ``siblings`` are folders of other editions, whose tables are taken over where they are of the same sources.
    """
    from analysis.report import SourcesTask, Task

    sources = edition.sources.model_dump(exclude_none=True)
    opt_outs = edition.opt_outs.model_dump() if edition.opt_outs else None
    named = [value for given in [*sources.values(), opt_outs or {}] for value in given.values()]
    cohort = folder.resolve() / "private" / "cohort"
    files = sorted({value for value in named if isinstance(value, str) and Path(value).is_file()})
    return SourcesTask(
        "analysis.editions:read_sources",
        (sources, opt_outs, edition.minimum_cell),
        tuple(files),
        lasting=not any("database" in source for source in sources.values()),
        warm=(
            Task(("tables",), "analysis.editions:warm_tables", (cohort, edition.classification)),
        ),
        beside=os.environ.get("WORKBENCH_PSEUDONYM_KEY", ""),
        siblings=tuple(
            one.resolve() / "private" for one in siblings if one.resolve() != folder.resolve()
        ),
    )


def read_sources(sources: dict, opt_outs: dict | None, minimum: int, folder: Path) -> dict:
    """What the sources of an edition give, as plain values (the work of a task)."""
    from analysis.register import prepare_sources, summarise_checks

    intake = prepare_sources(sources, folder, opt_outs, minimum)
    checks = (
        summarise_checks(intake.parameters["cases_source"], minimum)
        if "cases_source" in intake.parameters
        else {}
    )
    return {
        "parameters": intake.parameters,
        "available": sorted(intake.available),
        "invented": sorted(intake.invented),
        "inputs": intake.inputs,
        "checks": checks,
    }


def warm_tables(folder: Path, classification: str) -> None:
    """Read the tables of an edition and take the first steps of its chapters, once for all of them."""
    from analysis.cases import add_age, classify_iccc3, mark_multiple_primaries, remember_steps
    from analysis.register import keep_table, read_extract

    for table in ("cases", "population", "life_table"):
        keep_table(folder / f"{table}.parquet", table)
    cases = read_extract(folder / "cases.parquet")
    with remember_steps():
        mark_multiple_primaries(cases)
        mark_multiple_primaries(add_age(classify_iccc3(cases, classification)))
