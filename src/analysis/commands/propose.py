"""What a registry reads before its first build: a proposed mapping, and the data dictionary."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from analysis import register
from analysis.commands.options import Table
from analysis.errors import InputError

Extract = Annotated[
    str, Argument(metavar="SOURCE", help="The extract, a file of any kind that check reads.")
]
Output = Annotated[
    Path | None,
    Option(
        metavar="FILE", help="The YAML file to write.", show_default="printed where none is named"
    ),
]


def propose_mapping_file(source: Extract, *, table: Table = "cases", output: Output = None) -> int:
    """Propose a mapping from an extract's columns and codes to ours.

    It is to be read and amended; a file that is there already is not written over.
    """
    if output and output.exists():
        raise InputError(f"mapping {output.name}", ["is there already, and is not written over"])
    mapping = register.propose_mapping(source, table)
    if output:
        output.write_text(mapping, encoding="utf-8")
    print(output or mapping)
    return 0


def print_dictionary() -> int:
    """Print the data dictionary."""
    print(register.data_dictionary())
    return 0
