"""What is done with a report that is built: ``workbench verify`` and ``workbench pdf``."""

from functools import partial

import typer

from analysis import report
from analysis.commands.options import (
    EditionFile,
    Folder,
    Jobs,
    Languages,
    Memory,
    Quiet,
    Timeout,
    edition_file_of,
)
from analysis.commands.preparation import GUARD, preparation_of
from analysis.commands.progress import show_of


def verify_edition(
    folder: Folder,
    *,
    edition: EditionFile = None,
    jobs: Jobs = None,
    timeout: Timeout = 1800,
    memory: Memory = None,
    quiet: Quiet = False,
) -> int:
    """Build an edition anew and say whether its public report is the same, byte for byte.

    Ends with 0 where it is, with 1 where it is not: each file is named with its first difference.
    """
    folder = folder.resolve()
    contents = report.read_edition(edition or edition_file_of(folder))
    verification = report.verify_report(
        contents,
        partial(preparation_of, contents),
        folder,
        report.Choice(jobs=jobs or 0, seconds=timeout, memory=memory or 0),
        show_of(quiet=quiet),
        GUARD,
    )
    differences = verification.differences
    if not differences:
        typer.secho(f"identical: {verification.files} files, byte for byte", fg="green")
        return 0
    print("\n".join(differences))
    typer.secho(f"{len(differences)} of {verification.files} files differ", fg="red")
    for cause in verification.causes:
        print(f"- {cause}")
    return 1


def print_pdf(folder: Folder, *, language: Languages = ()) -> int:
    """Print a built report as a tagged PDF (needs Chromium)."""
    for path in report.print_report(folder, tuple(language)):
        print(path)
    return 0
