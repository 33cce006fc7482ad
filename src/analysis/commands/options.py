"""Options that commands have in common, or that take more than a word to say."""

import re
from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, BadParameter, Option

LIMITS = "How much a chapter may take"
CLUSTER = "On a cluster"
Table = Annotated[
    Literal["cases", "population", "life_table", "counts"], Option(help="What the source is.")
]


def percent(text: str) -> float:
    """A number of per cent.

    Examples
    --------
    >>> percent("2.5")
    2.5
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 0 or not isfinite(number):
        raise BadParameter("must be a number of per cent, 0 or more")
    return number


def size(text: str) -> int:
    """Bytes, given as a whole number of M or G.

    Examples
    --------
    >>> size("500M"), size("2g")
    (524288000, 2147483648)
    """
    parts = re.fullmatch(r"(\d+)([MG])", text.upper())
    if not parts:
        raise BadParameter("must be a whole number of M or G, such as 500M or 2G")
    return int(parts[1]) * {"M": 2**20, "G": 2**30}[parts[2]]


def edition_file_of(folder: Path) -> Path:
    """The file of an edition that is built in ``outputs/<edition>``: in ``params`` beside ``outputs``."""
    folder = folder.resolve()
    return folder.parent.parent / "params" / f"{folder.name}.yml"


Folder = Annotated[
    Path, Argument(metavar="FOLDER", help="The edition's folder, such as outputs/demo.")
]
# What is taken by default depends on the edition or the machine, and is said in words.
EditionFile = Annotated[
    Path | None,
    Option(
        "--edition",
        metavar="FILE",
        help="The edition's file.",
        show_default="params/<edition>.yml beside outputs",
    ),
]
Languages = Annotated[
    list[str],
    Option("--language", metavar="CODE", help="en, nb …; repeat.", show_default="all"),
]
Chapters = Annotated[
    list[str],
    Option(
        "--chapter",
        metavar="CHAPTER",
        help="03, 03_incidence or 09_diagnostic_group-I; repeat.",
        show_default="all",
    ),
]
Jobs = Annotated[
    int | None,
    Option(
        min=1,
        metavar="NUMBER",
        help="Chapters run at a time.",
        show_default="all cores",
        rich_help_panel=LIMITS,
    ),
]
Timeout = Annotated[
    int,
    Option(min=1, metavar="SECONDS", help="That one chapter may take.", rich_help_panel=LIMITS),
]
Memory = Annotated[
    int | None,
    Option(
        parser=size,
        metavar="SIZE",
        help="That one chapter may hold, 500M or 2G.",
        show_default="its share",
        rich_help_panel=LIMITS,
    ),
]
Quiet = Annotated[bool, Option("--quiet", help="Tell of chapters that fail only.")]
