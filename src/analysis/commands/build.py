"""``workbench build``: one edition, several one after the other, or one again and again."""

from pathlib import Path
from typing import Annotated

from typer import Argument, BadParameter, Option

from analysis import report
from analysis.commands.edition_build import BuildRequest, build_all
from analysis.commands.elsewhere import ClusterRequest, chapters_elsewhere
from analysis.commands.options import (
    CLUSTER,
    Chapters,
    Jobs,
    Languages,
    Memory,
    Quiet,
    Timeout,
)
from analysis.commands.progress import show_of
from analysis.errors import InputError

Editions = Annotated[
    list[Path], Argument(metavar="EDITION", help="Its file, such as params/demo.yml.")
]
Output = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="Of the one edition.",
        show_default="outputs/<edition> beside params",
    ),
]
Again = Annotated[bool, Option("--again", help="Run also chapters of which nothing has changed.")]
Explain = Annotated[
    bool, Option("--explain", help="Say why each chapter will or will not run; run none.")
]
Watch = Annotated[
    bool, Option("--watch", help="Build whenever something is saved, and preview the report.")
]
Port = Annotated[
    int, Option(min=0, metavar="NUMBER", help="Of that preview.", show_default="any free one")
]
Json = Annotated[bool, Option("--json", help="Tell what happens as lines of JSON.")]
Scheduler = Annotated[
    str | None,
    Option(
        metavar="ADDRESS",
        help="Of a dask scheduler whose workers run the chapters.",
        rich_help_panel=CLUSTER,
    ),
]
Slurm = Annotated[
    int | None,
    Option(
        min=1, metavar="JOBS", help="Slurm jobs that run the chapters.", rich_help_panel=CLUSTER
    ),
]
Sbatch = Annotated[
    str,
    Option(
        metavar="FLAGS",
        help='Of one such job: "--account=p33 --mem=32G ...".',
        rich_help_panel=CLUSTER,
    ),
]
Scratch = Annotated[
    str | None,
    Option(
        metavar="FOLDER",
        help="Of each node, for what such a job needs meanwhile.",
        rich_help_panel=CLUSTER,
    ),
]


# Typer reads this signature: a parameter is an option, its default what is not typed.
def build_editions(
    editions: Editions,
    *,
    chapter: Chapters = (),
    language: Languages = (),
    output: Output = None,
    again: Again = False,
    explain: Explain = False,
    watch: Watch = False,
    port: Port = 0,
    jobs: Jobs = None,
    timeout: Timeout = 1800,
    memory: Memory = None,
    quiet: Quiet = False,
    json: Json = False,
    scheduler: Scheduler = None,
    slurm: Slurm = None,
    sbatch: Sbatch = "",
    scratch: Scratch = None,
) -> int:
    """Build an edition of the report, or several one after the other.

    Does what has changed since the last build, and prints the page to open.
    """
    choice = report.Choice(tuple(chapter), tuple(language), jobs or 0, timeout, memory or 0, again)
    show = show_of(json=json, quiet=quiet)
    request = BuildRequest(tuple(editions), choice, show, output, explain=explain, json=json)
    cluster = ClusterRequest(scheduler, slurm, sbatch, scratch)
    _require_one_way(request, cluster, watch)
    if watch:
        # A web server is imported where one is needed.
        from analysis.commands.watch import watch_edition

        return watch_edition(request, port)
    with chapters_elsewhere(request, cluster) as elsewhere:
        return build_all(request, elsewhere)


def _require_one_way(request: BuildRequest, cluster: ClusterRequest, watch: bool) -> None:
    """Refuse options that contradict each other."""
    if cluster.scheduler and cluster.slurm:
        raise BadParameter("either --scheduler or --slurm")
    if len(request.editions) > 1 and (watch or request.output):
        raise InputError("several editions", ["--watch and --output are for one edition"])
    if watch and cluster.asked_for:
        raise InputError(
            "--watch", ["builds on this machine only, not with --scheduler or --slurm"]
        )
