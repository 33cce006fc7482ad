"""Jobs of Slurm as the workers of a build. The only file that knows dask-jobqueue."""

import argparse
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from dask_jobqueue import SLURMCluster

from analysis.errors import InputError
from analysis.report.cluster.dask_cluster import join_cluster
from analysis.report.tasks.task import Limits

# Whoever waits in Slurm's queue is patient.
PATIENCE = float("inf")
_UNITS = {"K": "KiB", "M": "MiB", "G": "GiB", "T": "TiB"}


@contextmanager
def open_slurm(
    jobs: int, flags: str, limits: Limits, logs: Path, scratch: str | None = None
) -> Iterator[Callable]:
    """Have Slurm start workers, one a job, and end them afterwards; what runs chapters there.

    Parameters
    ----------
    jobs
        How many.
    flags
        As for ``sbatch``, of one job: ``"--account=p33 --cpus-per-task=8 --mem=32G --time=02:00:00"``. What is
        not said is taken from dask's own settings (``jobqueue.slurm``).
    limits
        Of every chapter, as in ``open_cluster``.
    logs
        A private folder for what the jobs print.
    scratch
        A folder of each node for what a worker needs meanwhile.

    Raises
    ------
    InputError
        A flag cannot be understood, or one is absent that a job cannot do without.
    """
    settings = slurm_settings(flags) | {"log_directory": str(logs), "local_directory": scratch}
    with_defaults = dask.config.get("jobqueue.slurm") | settings
    faults = [
        f"{flag} must be given for a job"
        for flag, name in (("--cpus-per-task", "cores"), ("--mem", "memory"))
        if not with_defaults[name]
    ]
    if not shutil.which("sbatch"):
        faults.append("sbatch must be a command here: start the build where jobs are submitted")
    if faults:
        raise InputError("Slurm", faults)
    # Slurm would refuse a folder that is not there, and its jobs may say what only the registry may read.
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Two builds on one login node must not reach for one port.
    dashboard = {"dashboard": False, "dashboard_address": ":0"}
    settings["scheduler_options"] = dashboard | with_defaults["scheduler-options"]
    with _ended_in_order(), SLURMCluster(**settings) as cluster:
        _submit(cluster, jobs)
        with join_cluster(cluster, limits, PATIENCE) as run:
            yield run


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """What asks this process to end, or interrupts it, lets it take its jobs back and say how it ended.

    dask_jobqueue, once imported, makes of an interrupt an end that looks well.
    """

    def stop(number, _frame):
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _submit(cluster: SLURMCluster, jobs: int) -> None:
    """What ``cluster.scale`` does, but that a job which Slurm refuses is not told to nobody."""
    for _ in range(jobs):
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)
    except RuntimeError as error:
        for job in cluster.workers.values():
            if not job.job_id:
                # Else dask waits for it to end.
                job.status = type(job.status).failed
        raise InputError("sbatch", [str(error).strip()]) from None


def slurm_settings(flags: str) -> dict:
    """The flags of ``sbatch`` as dask-jobqueue calls them; those that it does not know go into the job's script.

    Examples
    --------
    >>> slurm_settings("-A p33 --mem=32G --qos=high")
    {'account': 'p33', 'memory': '32GiB', 'processes': 1, 'job_extra_directives': ['--qos=high']}
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for short, long, name in (
        ("-A", "--account", "account"),
        ("-p", "--partition", "queue"),
        ("-c", "--cpus-per-task", "cores"),
        ("-t", "--time", "walltime"),
        ("-J", "--job-name", "job_name"),
    ):
        parser.add_argument(short, long, dest=name, type=int if name == "cores" else str)
    parser.add_argument("--mem", dest="memory", type=_memory)
    try:
        flags_known, others = parser.parse_known_args(shlex.split(flags))
    except (argparse.ArgumentError, ValueError) as error:
        raise InputError("flags for sbatch", [str(error)]) from None
    settings = {name: value for name, value in vars(flags_known).items() if value is not None}
    # One worker a job: a chapter is a process of its own, and needs no second worker for that.
    settings["processes"] = 1
    return settings | {"job_extra_directives": others} if others else settings


def _memory(text: str) -> str:
    """Slurm's megabytes, and units that count in 1024, as dask writes them."""
    number, unit = (text, "M") if text.isdecimal() else (text[:-1], text[-1:].upper())
    if not number.isdecimal() or unit not in _UNITS:
        raise ValueError(text)
    return f"{number}{_UNITS[unit]}"
