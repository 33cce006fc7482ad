"""Chapters on a cluster. The only file that knows dask.distributed.

The builder sends the files that chapters need to every worker once, and those that join later get them too; a
chapter is then one dask task, which a worker does in a process of its own (see ``worker``). What a worker holds
for a build is given up as soon as the builder asks, or is gone.
"""

import asyncio
import logging
import queue
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from distributed import Client, KilledWorker, WorkerPlugin, get_worker

from analysis.errors import AnalysisError, InputError
from analysis.report.build.run_crates import needed_versions
from analysis.report.cluster.remote_jobs import (
    JobEvents,
    JobResult,
    RemoteJob,
    remote_jobs_of,
    take_over,
)
from analysis.report.cluster.worker import (
    close_worker_session,
    demands_of,
    make_chapter_at,
    open_worker_session,
    require_same,
    store,
)
from analysis.report.tasks.running import in_short
from analysis.report.tasks.task import Limits, Message, Task, share_of_memory

LOG = logging.getLogger("workbench")
# Seconds between two questions of a worker whether its builder is still there, and of a builder what workers are there;
# and until it says that there are none.
ASKED_EVERY, COUNTED_EVERY, TOLD_AFTER = 2.0, 1.0, 5.0
NO_WORKER = "the cluster has no worker; the build goes on when one is there (Ctrl-C ends it)"
# How often a chapter is begun again at a worker that still lives but whose warm process has died.
RETRIES = 2


class SessionPlugin(WorkerPlugin):
    """A worker's session for a build, from the moment that the builder or the worker came until one of them goes."""

    def __init__(self, mark: str, demands: Mapping[str, str]):
        self.mark, self.demands = mark, demands

    def setup(self, worker) -> None:
        """Hold the worker to what the builder has, and open its session."""
        require_same(self.demands, worker.address)
        self.session = open_worker_session(worker.local_directory)
        self.watch = asyncio.get_running_loop().create_task(_give_up_when_alone(worker, self.mark))

    def teardown(self, worker) -> None:
        """Close the session, if it could be opened."""
        if hasattr(self, "session"):
            self.watch.cancel()
            close_worker_session(self.session)


class FilesPlugin(WorkerPlugin):
    """Files that chapters need, by digest: every worker gets them once."""

    def __init__(self, session: str, contents: Mapping[str, bytes]):
        self.session, self.contents = session, dict(contents)

    def setup(self, worker) -> None:
        """Write the files into the worker's session."""
        store(_session_of(worker, self.session), self.contents)
        self.contents.clear()


async def _give_up_when_alone(worker, name: str) -> None:
    """Have all workers close their sessions when the scheduler does not know the builder's mark any more."""
    missed = 0
    while missed < 2:
        await asyncio.sleep(ASKED_EVERY)
        with suppress(OSError):
            status = await worker.scheduler.get_task_status(keys=[name])
            missed = 0 if status[name] else missed + 1
    # Not of the watch, which ends when its session is closed.
    worker.loop.add_callback(_send_away, worker, name)


async def _send_away(worker, name: str) -> None:
    """Have the scheduler forget a builder, and all workers with it; one of them is the first to say so."""
    # The session's own plugin was registered first, and goes last.
    for plugin in [plugin for plugin in reversed(worker.plugins) if plugin.startswith(name)]:
        with suppress(OSError, ValueError):
            await worker.scheduler.unregister_worker_plugin(name=plugin)


def _session_of(worker, name: str):
    plugin = worker.plugins.get(name)
    if not hasattr(plugin, "session"):
        fault = f"worker {worker.address} has no part in this build; its own log says why"
        raise AnalysisError(fault)
    return plugin.session


@dataclass(frozen=True)
class Cluster:
    """A scheduler with its workers, as a build holds it.

    ``name`` marks all that belongs to the builder; ``limits`` are those of chapters, where no jobs means as many
    as the workers take, and no memory their share of it; ``patience`` is how many seconds no worker may be there;
    ``sent`` has the digests of the files that workers have, and ``plugins`` what was registered with them.
    """

    client: Client
    name: str
    limits: Limits
    patience: float
    sent: set[str] = field(default_factory=set)
    plugins: list[str] = field(default_factory=list)


@contextmanager
def open_cluster(address: str, limits: Limits) -> Iterator[Callable]:
    """Take part in a dask cluster; what runs chapters there (see ``run_on_cluster``).

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://host:8786`` or, with dask's own settings for it, ``tls://host:8786``.
    limits
        Of every chapter: no jobs means as many at a time as the workers take, no memory their share of a worker's.

    Raises
    ------
    InputError
        The address is none, no scheduler answers, or a worker has other code or other versions than this interpreter.
    """
    # What is no address leaves a client behind that never ends.
    if not re.fullmatch(r"(tcp|tls|ws|wss|ucx)://\S+:\d+", address):
        raise InputError(f"scheduler {address}", ["must be an address such as tcp://host:8786"])
    with join_cluster(address, limits, limits.seconds) as run:
        yield run


@contextmanager
def join_cluster(address, limits: Limits, patience: float) -> Iterator[Callable]:
    """The same for a scheduler's address or a cluster of dask's own making; ``patience`` is in seconds."""
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"scheduler {address}", [f"cannot be reached: {error}"]) from None
    with client, _worker_sessions(client, limits, patience) as run:
        yield run


@contextmanager
def _worker_sessions(client: Client, limits: Limits, patience: float) -> Iterator[Callable]:
    """Have a session at every worker meanwhile."""
    name = f"workbench-{uuid.uuid4().hex}"
    cluster = Cluster(client, name, limits, patience)
    # While the scheduler knows this mark, the builder lives.
    mark = client.submit(str, name, key=name)
    try:
        _register(cluster, SessionPlugin(name, demands_of(needed_versions())), name)
        yield partial(run_on_cluster, cluster)
    finally:
        for plugin in reversed(cluster.plugins):
            with suppress(OSError, ValueError, TimeoutError):
                client.unregister_worker_plugin(plugin)
        mark.release()


def _register(cluster: Cluster, plugin: WorkerPlugin, name: str) -> None:
    cluster.plugins.append(name)
    try:
        cluster.client.register_plugin(plugin, name=name)
    except ModuleNotFoundError as error:
        fault = f"must have what is installed where the build was started: {error}"
        raise InputError("workers", [fault]) from None


def _send(cluster: Cluster, contents: Mapping[str, bytes]) -> None:
    """Give files to all workers, those that come later among them; what they have is not sent again."""
    new = {digest: content for digest, content in contents.items() if digest not in cluster.sent}
    if new:
        name = f"{cluster.name}-{len(cluster.plugins)}"
        _register(cluster, FilesPlugin(cluster.name, new), name)
        cluster.sent.update(new)


def run_on_cluster(
    cluster: Cluster, tasks: Sequence[Task], first: Sequence[Task], private: Path
) -> Iterator[Message]:
    """Make chapters at the workers of a cluster and tell of them as they go.

    Parameters
    ----------
    cluster
        As opened.
    tasks
        Of chapters, those that take longest first.
    first
        Tasks that all of them find done.
    private
        The edition's private folder here, which takes what comes back.
    """
    jobs, contents = remote_jobs_of(tasks, first, private)
    _send(cluster, contents)
    events = JobEvents(f"{cluster.name}-{uuid.uuid4().hex}")
    cluster.client.subscribe_topic(events.topic, events.put)
    waiting, running = list(jobs), {}
    capacity = _capacity(cluster)
    try:
        while waiting or running:
            free = max(next(capacity) - len(running), 0)
            begun, waiting = waiting[:free], waiting[free:]
            running.update({_submit(cluster, job, events): job for job in begun})
            # Workers are counted again from time to time, also where nothing is said.
            with suppress(queue.Empty):
                event = events.arrived.get(timeout=COUNTED_EVERY)
                yield from _messages_of(event, running)
    finally:
        if running:
            cluster.client.cancel(list(running), force=True)
        cluster.client.unsubscribe_topic(events.topic)


def _submit(cluster: Cluster, job: RemoteJob, events: JobEvents):
    key = "-".join((events.topic, *job.task.key))
    arguments = (job, cluster.name, events.topic, cluster.limits)
    # dask keeps what a pure function gave under its key; a chapter is made each time that it is asked for.
    future = cluster.client.submit(make_at_worker, *arguments, key=key, retries=RETRIES, pure=False)
    future.add_done_callback(events.arrived.put)
    return future


def make_at_worker(job: RemoteJob, name: str, topic: str, limits: Limits) -> JobResult:
    """Make a chapter at this worker, telling on ``topic`` how it goes (one dask task)."""
    worker = get_worker()
    threads = worker.state.nthreads
    of_worker = (worker.memory_manager.memory_limit or 0) // threads
    own = replace(limits, jobs=1, memory=limits.memory or of_worker or share_of_memory(threads))
    for message in make_chapter_at(_session_of(worker, name), job, own):
        if isinstance(message, JobResult):
            return message
        worker.log_event(topic, [list(message.key), message.what, message.cell, message.cells])
    raise AnalysisError("the chapter has not ended")


def _capacity(cluster: Cluster) -> Iterator[int]:
    """How many chapters may be at work, whenever that is asked: no worker is given one that it cannot begin."""
    empty_since = warned_of = None
    while True:
        threads = _threads_of(cluster)
        if threads:
            empty_since = None
        elif empty_since is None:
            empty_since = time.monotonic()
        if empty_since is not None:
            seconds = time.monotonic() - empty_since
            if seconds > cluster.patience:
                raise AnalysisError(f"the cluster has had no worker for {cluster.patience:g} s")
            if seconds > TOLD_AFTER and warned_of != empty_since:
                LOG.warning(NO_WORKER)
                warned_of = empty_since
        yield min(threads, cluster.limits.jobs or threads)


def _threads_of(cluster: Cluster) -> int:
    try:
        return sum(cluster.client.nthreads().values())
    except (OSError, TimeoutError):
        fault = "the cluster's scheduler does not answer any more; build again"
        raise AnalysisError(fault) from None


def _messages_of(event, running: dict) -> Iterator[Message]:
    """A message as it is, and of a future that is done what it came to."""
    if isinstance(event, Message):
        # What a chapter said before its worker died may arrive after its end.
        if event.key in (job.task.key for job in running.values()):
            yield event
        return
    job = running.pop(event)
    try:
        yield take_over(event.result(), job)
    except KilledWorker as error:
        times = error.allowed_failures + 1
        fault = f"{times} workers died while they ran it; their own logs say how"
        yield Message(job.task.key, "ended", fault=fault)
    except AnalysisError as error:
        yield Message(job.task.key, "ended", error=error)
    except Exception as error:
        fault = f"the cluster did not bring it to an end ({in_short(error)})"
        yield Message(job.task.key, "ended", fault=fault)
