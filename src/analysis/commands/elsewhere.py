"""What runs chapters on other machines, where that is asked for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial

from analysis import report
from analysis.commands.edition_build import BuildRequest
from analysis.errors import InputError


@dataclass(frozen=True)
class ClusterRequest:
    """A dask scheduler that runs already, or a number of Slurm jobs with their flags and scratch folder."""

    scheduler: str | None = None
    slurm: int | None = None
    sbatch: str = ""
    scratch: str | None = None

    @property
    def asked_for(self) -> bool:
        """Whether chapters are to run elsewhere at all."""
        return bool(self.scheduler or self.slurm)


@contextmanager
def chapters_elsewhere(request: BuildRequest, cluster: ClusterRequest) -> Iterator[Callable | None]:
    """What runs chapters elsewhere, if that is asked for; it is sought when the first of them must run."""
    if request.explain or not cluster.asked_for:
        yield None
        return
    opening = _opening_of(request, cluster)
    with ExitStack() as stack:
        # A cluster that cannot be reached matters only to a build in which a chapter must run.
        opened = cache(lambda: stack.enter_context(opening()))
        yield lambda *tasks: opened()(*tasks)


def _opening_of(request: BuildRequest, cluster: ClusterRequest) -> Callable:
    choice = request.choice
    limits = report.Limits(choice.jobs, choice.seconds, choice.memory)
    try:
        if cluster.scheduler:
            # Taking the name imports dask, which an installation may lack.
            return partial(report.open_cluster, cluster.scheduler, limits)
        logs = request.logs / "slurm"
        return partial(
            report.open_slurm, cluster.slurm, cluster.sbatch, limits, logs, cluster.scratch
        )
    except ModuleNotFoundError as error:
        install = "install it with pip install 'childhood-cancer-workbench[cluster]'"
        raise InputError("cluster", [f"{error.name} is not installed: {install}"]) from None
