"""``workbench compare``: what changed between two built editions."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from analysis import display, estimates, report
from analysis.commands.options import Languages, percent

Earlier = Annotated[
    Path, Argument(metavar="EARLIER", help="The earlier edition's folder, such as outputs/2021.")
]
Later = Annotated[
    Path, Argument(metavar="LATER", help="The later edition's folder, such as outputs/2022.")
]
Output = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="A new folder.",
        show_default="private/comparison of the later edition",
    ),
]
Threshold = Annotated[
    float,
    Option(parser=percent, metavar="PERCENT", help="From which a change is large."),
]


def compare_built_editions(
    earlier: Earlier,
    later: Later,
    *,
    output: Output = None,
    threshold: Threshold = 10.0,
    language: Languages = (),
) -> int:
    """Tell what changed between two built editions, by how much and why.

    Writes a page in each language that both editions have, and all changes as CSV. It is private: the
    difference between two published totals can be a small count.
    """
    # Stages share no code: the test and the words for numbers are handed over here.
    words = report.NumberWords(
        display.say_value, display.say_limits, display.value_label, display.say_p
    )
    tools = estimates.revised_count_test, words
    written = report.compare_editions(
        earlier, later, tools, output, threshold / 100, tuple(language)
    )
    if not written.changed:
        print("nothing changed")
    print(written.page)
    return 0
