"""Run tasks in children of a warm process: see ``zygote``, whose other end this is."""

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Pipe, wait
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.report.tasks.environment import BUILD_ENVIRONMENT
from analysis.report.tasks.running import RunningTask, ended, hear, is_late
from analysis.report.tasks.task import Limits, Message, Task

PACKET = 1 << 20
# Allocators start no thread of their own: what has threads cannot be forked.
WARM_ENVIRONMENT = BUILD_ENVIRONMENT | dict.fromkeys(
    ("MALLOC_CONF", "JE_ARROW_MALLOC_CONF"), "background_thread:false"
)
# Seconds until tasks are looked at again that say nothing: one may have passed its time.
POLL = 0.2
GONE = "the warm process of this build has ended; build again"


@dataclass(frozen=True)
class Zygote:
    """A warm process and the socket that it listens to; ``folder`` is where its children have theirs."""

    control: socket.socket
    folder: Path
    process: subprocess.Popen | None = None


def can_fork() -> bool:
    """Whether this machine can fork warm processes: Linux, with handles on processes."""
    return (
        sys.platform == "linux"
        and hasattr(os, "pidfd_open")
        and not os.environ.get("WORKBENCH_ORDINARY_KERNELS")
    )


def start_zygote(folder: Path, log: Path, kept: Sequence[int] = ()) -> Zygote:
    """Start a warm process; it can be given tasks at once, and runs them as soon as it has imported enough.

    Parameters
    ----------
    folder
        Of this build, for what its tasks leave behind; the caller removes it.
    log
        What the process itself has to say.
    kept
        Descriptors that stay open until every process of the build has ended.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, **WARM_ENVIRONMENT, "IPYTHONDIR": str(folder / "ipython")}
    # Without compiled modules every child would compile the package again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    script = Path(__file__).with_name("zygote.py")
    with theirs, log.open("a", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(script), str(theirs.fileno()), *map(str, kept)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            pass_fds=[theirs.fileno(), *kept],
            cwd=folder,
            start_new_session=True,
        )
    return Zygote(ours, folder, process)


def branch(zygote: Zygote, packages: Sequence[str] = (), kept: Sequence[int] = ()) -> Zygote:
    """A fork of a warm process that has imported these packages: what is warmed in it, the other does not know.

    ``kept`` is as in ``start_zygote``.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        _ask(zygote, {"do": "branch", "packages": list(packages)}, theirs.fileno(), *kept)
    return Zygote(ours, zygote.folder)


def warm_up(zygote: Zygote, task: Task) -> str:
    """Do a task in the warm process itself, so that all later children find it done; the error's type, if any."""
    _ask(zygote, _request(zygote, task, Limits()) | {"do": "warm"})
    answer = zygote.control.recv(PACKET)
    return pickle.loads(answer)["warmed"] if answer else "the warm process ended"


def end_zygote(zygote: Zygote) -> None:
    """End a warm process and all its children, and wait for that."""
    with suppress(OSError):
        # The process reads the end of its requests, ends its children, and closes its own end of the socket.
        zygote.control.shutdown(socket.SHUT_WR)
        zygote.control.settimeout(5)
        while zygote.control.recv(PACKET):
            continue
    zygote.control.close()
    if zygote.process:
        try:
            zygote.process.wait(5)
        except subprocess.TimeoutExpired:
            zygote.process.kill()
            zygote.process.wait()


def run_forked(zygote: Zygote, tasks: Sequence[Task], limits: Limits) -> Iterator[Message]:
    """Run tasks in children of a warm process and tell of them as they go (a ``Runner``).

    Raises
    ------
    AnalysisError
        The warm process itself has ended.
    """
    waiting, running = list(tasks), {}
    try:
        while waiting or running:
            while waiting and len(running) < limits.jobs:
                task = waiting.pop(0)
                running[task.key] = _start(zygote, task, limits)
                yield Message(task.key, "started")
            yield from _listen(zygote, running, limits)
    finally:
        for key in running:
            _kill(zygote, key)


def _start(zygote: Zygote, task: Task, limits: Limits) -> RunningTask:
    pipe, theirs = Pipe(duplex=False)
    with theirs:
        _ask(zygote, _request(zygote, task, limits) | {"do": "fork"}, theirs.fileno())
    return RunningTask(task, pipe, time.monotonic())


def _request(zygote: Zygote, task: Task, limits: Limits) -> dict:
    return {
        "id": task.key,
        "call": task.call,
        "arguments": pickle.dumps(task.arguments),
        "memory": limits.memory,
        "folder": str(zygote.folder / "-".join(task.key)),
        "log": str(task.log) if task.log else "",
    }


def _ask(zygote: Zygote, request: Mapping, *descriptors: int) -> None:
    try:
        socket.send_fds(zygote.control, [pickle.dumps(dict(request))], descriptors)
    except OSError:
        raise AnalysisError(GONE) from None


def _kill(zygote: Zygote, key: tuple[str, ...]) -> None:
    try:
        _ask(zygote, {"do": "kill", "id": key})
    except AnalysisError:
        # Its children have ended with it.
        return


def _listen(
    zygote: Zygote, running: dict[tuple[str, ...], RunningTask], limits: Limits
) -> Iterator[Message]:
    ready = wait([zygote.control, *(task.pipe for task in running.values())], POLL)
    for task in running.values():
        if task.pipe in ready:
            yield from hear(task)
    if zygote.control in ready:
        packet = zygote.control.recv(PACKET)
        # An empty packet is the end of the connection.
        if not packet:
            raise AnalysisError(GONE)
        report = pickle.loads(packet)
        code = os.waitstatus_to_exitcode(report["status"])
        yield ended(running.pop(report["id"]), code, limits)
    for key, task in running.items():
        if is_late(task, limits):
            _kill(zygote, key)
