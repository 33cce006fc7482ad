"""The ``workbench`` command: a thin door to the stages.

Exit codes: 0 done, 1 a chapter failed, 2 bad input or usage, 130 interrupted.
"""

import argparse
import os
import sys
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.terms import ICCC3_GROUPS

TABLES = ("cases", "population", "life_table", "counts")
LISTED = ("country", "year", "period", "sex", "age_group", "site", "iccc3_group")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        As typed after ``workbench``; those of the process where None.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except AnalysisError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has stopped; the interpreter must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted: the public report is as it was", file=sys.stderr)
        return 130


def build(options: argparse.Namespace) -> int:
    """Build an edition of the report; print the page to open."""
    from analysis.register import prepare_sources, require_no_identity_in_files
    from analysis.report import Choice, build_report, check_chapters, read_edition, show_progress

    edition = read_edition(options.edition)
    check_chapters(edition)
    folder = options.output or edition.path.parent.parent / "outputs" / edition.path.stem
    sources, cohort = edition.sources.model_dump(exclude_none=True), Path(folder) / "private" / "cohort"
    opt_outs = edition.opt_outs.model_dump() if edition.opt_outs else None
    intake = prepare_sources(sources, cohort, opt_outs, edition.minimum_cell)
    _warn_of_years(edition.diagnosis_years, intake.parameters)
    choice = Choice(tuple(options.chapter), tuple(options.language), options.jobs)
    finished = build_report(edition, intake, folder, choice, show_progress, require_no_identity_in_files)
    for chapter in finished.absent:
        print(f"- {chapter.name}: not in this edition, its sources lack {', '.join(chapter.missing)}")
    if finished.left_out:
        names = ", ".join(finished.left_out)
        print(f"- left out, their earlier runs rest on other data, code or parameters: {names}")
    failed = [result for result in finished.results if result.status != "done"]
    if failed:
        print(f"{len(failed)} of {len(finished.results)} chapters failed; the public report is as it was")
        return 1
    print(f"chapters run: {len(finished.results)}, in {finished.seconds:.0f} s\n{finished.public / 'index.html'}")
    return 0


def pdf(options: argparse.Namespace) -> int:
    """Print the built report of an edition; say where the PDFs are."""
    from analysis.report import print_report

    for path in print_report(options.folder, tuple(options.language)):
        print(path)
    return 0


def check(options: argparse.Namespace) -> int:
    """Validate one table of a registry and say what it holds."""
    from analysis.register import describe_effects, is_large, mapping_effects, read_table, survey_of, survey_table

    for line in describe_effects(mapping_effects(options.source, options.table, options.mapping)):
        print(line)
    if is_large(options.source):
        _tell(options.table, survey_table(options.source, options.table, options.mapping))
        print("the registry checks compare every tumour with every other: not made of an extract of this size")
        return 0
    frame = read_table(options.source, options.table, options.mapping)
    _tell(options.table, survey_of(frame))
    if options.table == "cases":
        _ask_of_cases(frame, options.report)
    return 0


def _tell(table: str, survey) -> None:
    print(f"{table}: {survey.rows} rows, valid")
    for column in LISTED:
        if column in survey.levels:
            print(f"{column}: {_listed(column, survey)}")
    print("filled columns:")
    for column, filled in survey.filled.items():
        print(f"  {column:<24} {filled / survey.rows:6.1%}" if survey.rows else f"  {column}")


def _ask_of_cases(cases, folder: Path | None) -> None:
    from analysis.register import describe_findings, error_sentences, registry_checks, write_check_report

    findings = registry_checks(cases)
    print("\n".join(describe_findings(findings)))
    for path in write_check_report(findings, folder) if folder else ():
        print(path)
    if errors := error_sentences(findings):
        raise InputError("registry checks", errors)


def propose(options: argparse.Namespace) -> int:
    """Propose a mapping for an extract, to be read and amended; write it, or print it."""
    from analysis.register import propose_mapping

    if options.output and options.output.exists():
        raise InputError(f"mapping {options.output.name}", ["is there already, and is not written over"])
    text = propose_mapping(options.source, options.table)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    print(options.output or text)
    return 0


def dictionary(_options: argparse.Namespace) -> int:
    """Print the data dictionary."""
    from analysis.register import data_dictionary

    print(data_dictionary())
    return 0


def _warn_of_years(asked, parameters) -> None:
    covered = parameters.get("first_year", 0), parameters.get("last_year", 9999)
    if asked and (asked.first < covered[0] or asked.last > covered[1]):
        print(
            f"! the cases are of {covered[0]}–{covered[1]}, the edition of {asked.first}–{asked.last}: "
            "years without a case count as years at risk"
        )


def _listed(column: str, survey) -> str:
    found = sorted(survey.levels[column], key=_place)
    dated = survey.filled.get("diagnosis_date", 0) if column == "year" else 0
    absent = survey.rows - max(survey.filled.get(column, 0), dated)
    missing = f" (missing in {absent} rows)" if absent else ""
    if column == "year" and found:
        return f"{found[0]:.0f}–{found[-1]:.0f}{missing}"
    return (", ".join(map(str, found)) or "none") + missing


def _place(value) -> tuple:
    """Groups in the order of the classification, all else in its own."""
    return (ICCC3_GROUPS.index(value), "") if value in ICCC3_GROUPS else (0, value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench", description="Childhood cancer: from registry tables to a report."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("build", help="build an edition of the report")
    one.add_argument("edition", type=Path, help="the edition's file, such as params/demo.yml")
    one.add_argument("--chapter", action="append", default=[], help="03, 03_incidence or 09_diagnostic_group-I; repeat")
    one.add_argument("--language", action="append", default=[], help="en or nb; repeat")
    one.add_argument("--jobs", type=_jobs, default=0, help="chapters run at a time (all cores)")
    one.add_argument("--output", type=Path, help="the edition's folder (outputs/<edition> beside params)")
    one.set_defaults(command=build)
    one = commands.add_parser("pdf", help="print a built report as a tagged PDF (needs Chromium)")
    one.add_argument("folder", type=Path, help="the edition's folder, such as outputs/demo")
    one.add_argument("--language", action="append", default=[], help="en or nb; repeat (all)")
    one.set_defaults(command=pdf)
    _add_check(commands)
    _add_map(commands)
    one = commands.add_parser("dictionary", help="print the data dictionary")
    one.set_defaults(command=dictionary)
    return parser


def _add_map(commands) -> None:
    one = commands.add_parser("map", help="propose a mapping from an extract's columns and codes to ours")
    one.add_argument("source", help="the extract, a file of any kind that check reads")
    one.add_argument("--table", choices=TABLES, default="cases", help="what the source is (cases)")
    one.add_argument("--output", type=Path, help="the YAML file to write (printed where none is named)")
    one.set_defaults(command=propose)


def _add_check(commands) -> None:
    one = commands.add_parser(
        "check",
        help="validate a table, say what it holds and ask what registries ask of cases",
        description="Ends with 2 where a table is not valid or a registry check found an error; "
        "warnings and queries are listed and end with 0.",
    )
    one.add_argument("source", help="a .csv or .parquet file, or the word demo")
    one.add_argument("--mapping", type=Path, help="YAML from the registry's columns and codes to ours")
    one.add_argument("--table", choices=TABLES, default="cases", help="what the source is (cases)")
    one.add_argument("--report", type=Path, metavar="FOLDER", help="write check.html and check.csv here (cases)")
    one.set_defaults(command=check)


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
