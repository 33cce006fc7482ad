"""The ``workbench`` command: a thin door to the stages.

Exit codes: 0 done, 1 a chapter failed, 2 bad input or usage, 130 interrupted.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from analysis import commands, review_commands
from analysis.errors import AnalysisError, InputError

TABLES = ("cases", "population", "life_table", "counts")


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
    except OSError as error:
        print(f"a file cannot be read or written: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: the public report is as it was", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench", description="Childhood cancer: from registry tables to a report."
    )
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    one = added.add_parser(
        "build", help="build an edition of the report, or several one after the other"
    )
    one.add_argument(
        "editions",
        type=Path,
        nargs="+",
        metavar="EDITION",
        help="its file, such as params/demo.yml",
    )
    one.add_argument(
        "--chapter",
        action="append",
        default=[],
        help="03, 03_incidence or 09_diagnostic_group-I; repeat",
    )
    one.add_argument("--language", action="append", default=[], help="en, nb …; repeat")
    one.add_argument(
        "--output", type=Path, help="the one edition's folder (outputs/<edition> beside params)"
    )
    one.add_argument(
        "--again", action="store_true", help="run also chapters of which nothing has changed"
    )
    one.add_argument(
        "--explain", action="store_true", help="say why each chapter will or will not run; run none"
    )
    one.add_argument(
        "--watch", action="store_true", help="build whenever something is saved, and preview it"
    )
    one.add_argument("--port", type=int, default=0, help="of the preview of --watch (any free one)")
    _add_limits(one)
    one.add_argument("--json", action="store_true", help="tell what happens as lines of JSON")
    _add_cluster(one)
    one.set_defaults(command=commands.build)
    for add in (_add_verify, _add_compare, _add_review):
        add(added)
    one = added.add_parser("pdf", help="print a built report as a tagged PDF (needs Chromium)")
    one.add_argument("folder", type=Path, help="the edition's folder, such as outputs/demo")
    one.add_argument("--language", action="append", default=[], help="en, nb …; repeat (all)")
    one.set_defaults(command=commands.pdf)
    _add_check(added)
    _add_map(added)
    _add_messages(added)
    one = added.add_parser("dictionary", help="print the data dictionary")
    one.set_defaults(command=commands.dictionary)
    return parser


def _add_messages(added) -> None:
    one = added.add_parser(
        "messages",
        help="bring the catalogues of translations up to date with the English texts",
        description="What is new waits for its translation, what has changed is marked as fuzzy, what is gone is "
        "removed. A language without catalogues gets empty ones.",
    )
    one.add_argument(
        "notebooks",
        type=Path,
        nargs="?",
        default=Path("notebooks"),
        help="their folder (notebooks)",
    )
    one.add_argument(
        "--language", action="append", default=[], help="such as sv; repeat (all that are there)"
    )
    one.set_defaults(command=commands.messages)


def _add_verify(added) -> None:
    one = added.add_parser(
        "verify",
        help="build an edition anew and say whether its public report is the same, byte for byte",
        description="Ends with 0 where it is, with 1 where it is not: each file is named with its first difference.",
    )
    one.add_argument("folder", type=Path, help="the edition's folder, such as outputs/demo")
    one.add_argument("--edition", type=Path, help="its file (params/<edition>.yml beside outputs)")
    _add_limits(one)
    one.set_defaults(command=commands.verify)


def _add_compare(added) -> None:
    one = added.add_parser(
        "compare",
        help="what changed between two built editions, by how much and why",
        description="Writes a page in each language that both editions have, and all changes as CSV. It is private: "
        "the difference between two published totals can be a small count.",
    )
    one.add_argument(
        "earlier", type=Path, help="the earlier edition's folder, such as outputs/2021"
    )
    one.add_argument("later", type=Path, help="the later edition's, such as outputs/2022")
    one.add_argument(
        "--output", type=Path, help="a new folder (private/comparison of the later edition)"
    )
    one.add_argument(
        "--threshold",
        type=_percent,
        default=10.0,
        help="per cent from which a change is large (10)",
    )
    one.add_argument("--language", action="append", default=[], help="en, nb …; repeat")
    one.set_defaults(command=commands.compare)


def _add_review(added) -> None:
    review = added.add_parser("review", help="collect reviewers' comments, or sign off chapters")
    steps = review.add_subparsers(required=True, metavar="STEP")
    one = steps.add_parser(
        "collect",
        help="merge the files that reviewers exported into a page and a CSV",
        description="Comments that were collected before stay, with the status and answer that an editor gave them "
        "in the CSV (open, answered, resolved, declined). The next build shows them at their places.",
    )
    one.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="exported from the reviewers' pages (.json)",
    )
    one.add_argument(
        "--edition", type=Path, metavar="FOLDER", help="the edition's folder (outputs/<edition>)"
    )
    one.add_argument(
        "--output", type=Path, metavar="FOLDER", help="write here (private/comments of the edition)"
    )
    one.set_defaults(command=review_commands.collect)
    one = steps.add_parser(
        "sign-off",
        help="record who approves which chapter as it reads now",
        description="Writes <edition>.sign-offs.json beside the edition's file; the next build shows it on the cover. "
        "A chapter that changes afterwards is no longer approved.",
    )
    one.add_argument("folder", type=Path, help="the edition's folder, such as outputs/demo")
    one.add_argument(
        "--chapter", action="append", default=[], help="03, 03_incidence or foreword; repeat"
    )
    one.add_argument("--language", action="append", default=[], help="en or nb; repeat")
    one.add_argument(
        "--all", action="store_true", help="every chapter and language that is not narrowed above"
    )
    one.add_argument("--name", required=True, help="who signs")
    one.add_argument("--role", default="", help="in which role, such as reference group")
    one.add_argument(
        "--edition",
        type=Path,
        metavar="FILE",
        help="its file (params/<edition>.yml beside outputs)",
    )
    one.set_defaults(command=review_commands.sign_off)


def _add_limits(one: argparse.ArgumentParser) -> None:
    one.add_argument("--jobs", type=_jobs, default=0, help="chapters run at a time (all cores)")
    one.add_argument(
        "--timeout",
        type=_jobs,
        default=1800,
        metavar="SECONDS",
        help="that one chapter may take (1800)",
    )
    one.add_argument(
        "--memory", type=_bytes, default=0, help="that one chapter may hold, 500M or 2G (its share)"
    )
    one.add_argument("--quiet", action="store_true", help="tell of chapters that fail only")


def _add_cluster(one: argparse.ArgumentParser) -> None:
    where = one.add_mutually_exclusive_group()
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a dask scheduler whose workers run the chapters"
    )
    where.add_argument(
        "--slurm", type=_jobs, metavar="JOBS", help="Slurm jobs that run the chapters"
    )
    one.add_argument(
        "--sbatch",
        default="",
        metavar="FLAGS",
        help='of one such job: "--account=p33 --mem=32G ..."',
    )
    one.add_argument(
        "--scratch", metavar="FOLDER", help="of each node, for what such a job needs meanwhile"
    )


def _add_map(added) -> None:
    one = added.add_parser(
        "map", help="propose a mapping from an extract's columns and codes to ours"
    )
    one.add_argument("source", help="the extract, a file of any kind that check reads")
    one.add_argument("--table", choices=TABLES, default="cases", help="what the source is (cases)")
    one.add_argument(
        "--output", type=Path, help="the YAML file to write (printed where none is named)"
    )
    one.set_defaults(command=commands.propose)


def _add_check(added) -> None:
    one = added.add_parser(
        "check",
        help="validate a table, say what it holds and ask what registries ask of cases",
        description="Ends with 2 where a table is not valid or a registry check found an error; "
        "warnings and queries are listed and end with 0.",
    )
    one.add_argument("source", help="a .csv or .parquet file, or the word demo")
    one.add_argument(
        "--mapping", type=Path, help="YAML from the registry's columns and codes to ours"
    )
    one.add_argument("--table", choices=TABLES, default="cases", help="what the source is (cases)")
    one.add_argument(
        "--report", type=Path, metavar="FOLDER", help="write check.html and check.csv here (cases)"
    )
    one.set_defaults(command=commands.check)


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of per cent, 0 or more")
    return number


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)([MG])", text.upper())
    if not found:
        raise argparse.ArgumentTypeError("must be a whole number of M or G, such as 500M or 2G")
    return int(found[1]) * {"M": 2**20, "G": 2**30}[found[2]]


if __name__ == "__main__":
    sys.exit(main())
