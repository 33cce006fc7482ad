"""Where register, cases and report meet for a build: what an edition's sources are, and what its chapters share."""

import os
from collections.abc import Sequence
from pathlib import Path

from analysis import cases, register, report

# Looks through every file that is about to be published.
GUARD = "analysis.register:require_no_identity_in_files"


def preparation_of(edition, folder: Path, siblings: Sequence[Path] = ()):
    """How the sources of an edition are read, and what every chapter finds done.

    ``siblings`` are folders of other editions, whose tables are taken over where they are of the same sources.
    """
    sources = edition.sources.model_dump(exclude_none=True)
    opt_outs = edition.opt_outs.model_dump() if edition.opt_outs else None
    settings = [
        value for source in [*sources.values(), opt_outs or {}] for value in source.values()
    ]
    files = {value for value in settings if isinstance(value, str) and Path(value).is_file()}
    folder = folder.resolve()
    cohort = folder / "private" / "cohort"
    warm = report.Task(
        ("tables",), "analysis.commands.preparation:warm_tables", (cohort, edition.classification)
    )
    others = [sibling.resolve() for sibling in siblings]
    return report.SourcesTask(
        "analysis.commands.preparation:read_sources",
        (sources, opt_outs, edition.minimum_cell),
        tuple(sorted(files)),
        # What a database holds may change without a sign.
        lasting=not any("database" in source for source in sources.values()),
        warm=(warm,),
        # Another key gives other pseudonyms in the same tables.
        beside=os.environ.get("WORKBENCH_PSEUDONYM_KEY", ""),
        siblings=tuple(other / "private" for other in others if other != folder),
    )


def read_sources(sources: dict, opt_outs: dict | None, minimum: int, folder: Path) -> dict:
    """What the sources of an edition give, as plain values (the work of a task)."""
    intake = register.prepare_sources(sources, folder, opt_outs, minimum)
    checks = {}
    if "cases_source" in intake.parameters:
        checks = register.summarise_checks(intake.parameters["cases_source"], minimum)
    return {
        "parameters": intake.parameters,
        "available": sorted(intake.available),
        "invented": sorted(intake.invented),
        "inputs": intake.inputs,
        "checks": checks,
    }


def warm_tables(folder: Path, classification: str) -> None:
    """Read the tables of an edition and take the first steps of its chapters, once for all of them."""
    for table in ("cases", "population", "life_table"):
        register.keep_table(folder / f"{table}.parquet", table)
    children = register.read_extract(folder / "cases.parquet")
    with cases.remember_steps():
        # Chapters mark primaries among all tumours, and among those classified with age.
        cases.mark_multiple_primaries(children)
        classified = cases.classify_iccc3(children, classification)
        cases.mark_multiple_primaries(cases.add_age(classified))
