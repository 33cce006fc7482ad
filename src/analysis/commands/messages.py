"""``workbench messages``: bring the catalogues of translations up to date."""

import os
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from analysis import report
from analysis.terms import LANGUAGES

Notebooks = Annotated[Path, Argument(metavar="NOTEBOOKS", help="The chapters' folder.")]
Catalogues = Annotated[
    list[str],
    Option(
        "--language",
        metavar="CODE",
        help="Such as sv; repeat.",
        show_default="all that are there",
    ),
]


def update_messages(notebooks: Notebooks = Path("notebooks"), *, language: Catalogues = ()) -> int:
    """Bring the catalogues of translations up to date with the English texts.

    What is new waits for its translation, what has changed is marked as fuzzy, what is gone is removed. A
    language without catalogues gets empty ones.
    """
    chapters = sorted(notebooks.glob("*.ipynb"))
    # English, the first, is what the others are translated from.
    for code in language or LANGUAGES[1:]:
        for path, left in report.update_catalogues(code, chapters).items():
            state = f"{left} to translate or to look at" if left else "whole"
            print(f"{os.path.relpath(path)}: {state}")
    return 0
