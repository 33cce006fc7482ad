"""What a worker keeps for a build that is directed from elsewhere: a private folder, files, a warm process."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.report.build import records
from analysis.report.cluster.remote_jobs import (
    Delivery,
    Order,
    deliver,
    moved_task,
    moved_work,
    place_of,
)
from analysis.report.files.digests import digest_of, installed_versions, package_digests
from analysis.report.tasks.forked import (
    Zygote,
    branch,
    can_fork,
    end_zygote,
    run_warm,
    start_zygote,
    warm_up,
)
from analysis.report.tasks.spawned import run_ordinary
from analysis.report.tasks.task import Limits, Message, Task
from analysis.report.tasks.zygote import ALL


@dataclass(frozen=True)
class Station:
    """A worker's part in a build.

    Attributes
    ----------
    folder
        Its own, which nobody else can enter.
    held
        A pipe that every process of the station holds; when the last has ended the folder goes.
    sweeper
        The process that removes the folder then.
    warm
        Warm processes: under an empty name the first of all, under an edition's private folder that
        in which its first tasks are done.
    lock
        Of ``warm``, as several chapters begin at a time.
    gate, closed
        Nothing is started any more when it is closed; the gate is held while something is.
    """

    folder: Path
    held: int
    sweeper: subprocess.Popen
    warm: dict[str, Zygote] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gate: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)


def demands_of(versions: Mapping[str, str]) -> dict[str, str]:
    """What must be the same at every worker: the versions of what a report needs, and the code of the package."""
    return {**versions, "code": digest_of(package_digests())}


def require_same(demands: Mapping[str, str], name: str) -> None:
    """Hold this interpreter against what the builder has.

    Raises
    ------
    InputError
        Naming what differs: results of other code or other versions could be other than the builder's.
    """
    here = {**installed_versions(), "code": digest_of(package_digests())}
    faults = [
        f"{package} must be {version}, as where the build was started, and is {here.get(package, 'absent')}"
        for package, version in demands.items()
        if package != "code" and here.get(package) != version
    ]
    if here["code"] != demands["code"]:
        faults.insert(
            0, "the code of analysis must be the same as where the build was started, file by file"
        )
    if faults:
        raise InputError(f"worker {name}", faults)


def open_station(scratch: str | Path) -> Station:
    """Make a folder that only this user can enter, and start what removes it when all is over."""
    if not can_fork() and multiprocessing.current_process().daemon:
        raise AnalysisError(
            "this worker cannot fork and may not start processes: start it with --no-nanny"
        )
    folder = Path(tempfile.mkdtemp(prefix="wb", dir=scratch)).resolve()
    reading, held = os.pipe()
    script = str(Path(__file__).with_name("cleanup.py"))
    sweeper = subprocess.Popen(
        [sys.executable, "-I", "-S", script, str(folder)],
        stdin=reading,
        cwd="/",
        start_new_session=True,
    )
    os.close(reading)
    station = Station(folder, held, sweeper)
    if can_fork():
        _start(station)
    return station


def _start(station: Station) -> None:
    with station.gate:
        if station.closed.is_set():
            raise AnalysisError("this build has ended")
        station.warm[""] = start_zygote(
            station.folder, station.folder / "build.log", [station.held]
        )


def close_station(station: Station) -> None:
    """End all processes of a station; its folder is gone afterwards."""
    with station.gate:
        station.closed.set()
    _forget(station)
    os.close(station.held)
    with suppress(subprocess.TimeoutExpired):
        station.sweeper.wait(10)


def store(station: Station, contents: Mapping[str, bytes]) -> None:
    """Keep files by their digest."""
    for digest, content in contents.items():
        path = station.folder / digest
        if not path.exists():
            part = path.with_suffix(".part")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            part.replace(path)


def make_there(station: Station, order: Order, limits: Limits) -> Iterator[Message | Delivery]:
    """Make a chapter at a station; what it tells as it goes, and its delivery.

    Raises
    ------
    AnalysisError
        The station's warm process has ended, or a file that the chapter needs is not here.
    """
    place = station.folder / order.place / "private"
    work = moved_work(order, place, can_fork())
    task = replace(order.task, arguments=(work,), log=records.log_path(place, work.run))
    try:
        _set_out(station, order, place)
        for message in _run(station, order, task, limits, place):
            yield deliver(message, work) if message.what == "ended" else message
    finally:
        deliver(Message(task.key, "ended"), work)
        if station.closed.is_set():
            # The folder is gone but for what this chapter has written since.
            shutil.rmtree(station.folder, ignore_errors=True)


def _set_out(station: Station, order: Order, place: Path) -> None:
    """Lay out the private folder of an order's edition, with the files that it needs."""
    for name in ("logs", ".work"):
        (place / name).mkdir(parents=True, exist_ok=True)
    for path, digest in order.files.items():
        there = place_of(path, order, place)
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            _lay(station.folder / digest, there)


def _lay(stored: Path, there: Path) -> None:
    """Have a file in two places, on a file system without hard links as a copy."""
    part = there.with_name(f"{there.name}.{threading.get_ident()}.part")
    try:
        os.link(stored, part)
    except OSError:
        shutil.copyfile(stored, part)
    part.replace(there)


def _run(
    station: Station, order: Order, task: Task, limits: Limits, place: Path
) -> Iterator[Message]:
    if not can_fork():
        return run_ordinary([task], limits)
    return _run_in_branch(station, order, task, limits, place)


def _run_in_branch(
    station: Station, order: Order, task: Task, limits: Limits, place: Path
) -> Iterator[Message]:
    """A branch serves one thread: what it says of its children is for who listens to it."""
    warm = _warmed(station, order, place)
    try:
        own = branch(warm)
        try:
            yield from run_warm(own, [task], limits)
        finally:
            end_zygote(own)
    except AnalysisError:
        with station.lock:
            if station.warm.get(order.place) == warm:
                _forget(station)
        raise


def _warmed(station: Station, order: Order, place: Path) -> Zygote:
    """The warm process of an edition, which has done its first tasks; begun by whoever comes first."""
    with station.lock:
        if "" not in station.warm:
            _start(station)
        if order.place not in station.warm:
            zygote = replace(branch(station.warm[""], ALL), folder=place / ".work")
            for task in order.first:
                # Where one fails each chapter does it itself.
                warm_up(zygote, moved_task(task, order, place))
            station.warm[order.place] = zygote
        return station.warm[order.place]


def _forget(station: Station) -> None:
    """End all warm processes; the next chapter starts them anew."""
    for zygote in reversed(list(station.warm.values())):
        end_zygote(zygote)
    station.warm.clear()
