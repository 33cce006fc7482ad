"""``workbench check``: validate one table of a registry and say what it holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from analysis import register
from analysis.commands.options import Table
from analysis.errors import InputError
from analysis.terms import ICCC3_GROUPS

LISTED = ("country", "year", "period", "sex", "age_group", "site", "iccc3_group")
Source = Annotated[
    str, Argument(metavar="SOURCE", help="A .csv or .parquet file, or the word demo.")
]
Mapping = Annotated[
    Path | None,
    Option(metavar="FILE", help="YAML from the registry's columns and codes to ours."),
]
CheckReport = Annotated[
    Path | None,
    Option(metavar="FOLDER", help="Write check.html and check.csv here (cases)."),
]


def check_table(
    source: Source, *, mapping: Mapping = None, table: Table = "cases", report: CheckReport = None
) -> int:
    """Validate a table, say what it holds and ask what registries ask of cases.

    Ends with 2 where a table is not valid or a registry check found an error; warnings and queries are
    listed and end with 0.
    """
    effects = register.mapping_effects(source, table, mapping)
    for line in register.describe_effects(effects):
        print(line)
    # An extract that memory may not hold is read in pieces, and only described.
    if register.is_large(source):
        _print_survey(table, register.survey_table(source, table, mapping))
        print(
            "the registry checks compare every tumour with every other: "
            "not made of an extract of this size"
        )
        return 0
    rows = register.read_table(source, table, mapping)
    _print_survey(table, register.survey_of(rows))
    if table == "cases":
        _ask_of_cases(rows, report)
    return 0


def _ask_of_cases(cases, folder: Path | None) -> None:
    findings = register.registry_checks(cases)
    print("\n".join(register.describe_findings(findings)))
    for path in register.write_check_report(findings, folder) if folder else ():
        print(path)
    # The whole list has been printed by then, and its files are written.
    if errors := register.error_sentences(findings):
        raise InputError("registry checks", errors)


def _print_survey(table: str, survey) -> None:
    print("\n".join(survey_lines(table, survey)))


def survey_lines(table: str, survey) -> Iterator[str]:
    """What a valid table holds: its rows, the levels of its strata, how far each column is filled."""
    yield f"{table}: {survey.rows} rows, valid"
    for column in LISTED:
        if column in survey.levels:
            yield f"{column}: {_levels(column, survey)}"
    yield "filled columns:"
    for column, filled in survey.filled.items():
        yield f"  {column:<24} {filled / survey.rows:6.1%}" if survey.rows else f"  {column}"


def _levels(column: str, survey) -> str:
    """The levels of a column in their order, years as a span, and in how many rows there is none."""
    levels = sorted(survey.levels[column], key=_place)
    # A date of diagnosis gives a year too.
    dated = survey.filled.get("diagnosis_date", 0) if column == "year" else 0
    absent = survey.rows - max(survey.filled.get(column, 0), dated)
    missing = f" (missing in {absent} rows)" if absent else ""
    if column == "year" and levels:
        return f"{levels[0]:.0f}–{levels[-1]:.0f}{missing}"
    return (", ".join(map(str, levels)) or "none") + missing


def _place(level) -> tuple[int, object]:
    """Groups in the order of the classification, all else in its own."""
    return (ICCC3_GROUPS.index(level), "") if level in ICCC3_GROUPS else (0, level)
