"""Killed at any moment, a full disk, two builds at once: the report is whole, and the next build ends it."""

import os
import random
import resource
import signal
import threading
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from analysis.errors import InputError
from analysis.report.build.building import build_report, limits_of
from analysis.report.build.plan import Choice
from analysis.report.edition.read import read_edition
from analysis.report.tasks.forked import branch
from analysis.report.tasks.session import open_session

KILLS = 24
TITLES = ("One", "Other")


@pytest.fixture
def editions(write_edition, small, tmp_path):
    """Two editions that differ in title and age limit, for one folder."""
    made = []
    for title, limit in zip(TITLES, (15, 18), strict=True):
        notebooks = {
            f"0{n}_{n}": [*small.chapter_cells(), new_code_cell("len(range(9))")] for n in (1, 2, 3)
        }
        path = write_edition(
            notebooks,
            chapters=list(notebooks),
            title={"en": title, "nb": title},
            age_limit=limit,
            languages=["en"],
        )
        made.append(read_edition(path.rename(path.with_name(f"{title}.yml"))))
    return made


@pytest.fixture
def start(warm_process, intake, tmp_path):
    """Start a build in a process of its own, with a branch of the warm process that ends with it."""

    def begin(edition, folder=tmp_path / "out"):
        zygote = branch(warm_process)
        pid = os.fork()
        if pid:
            zygote.control.close()
            return pid
        status = 1
        try:
            warm_process.control.close()
            with open_session(folder, limits_of(Choice()), lambda: zygote) as session:
                status = 0 if build_report(edition, intake, session).succeeded else 1
        finally:
            os._exit(status)

    return begin


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def offspring(pid):
    try:
        found = [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []
    return found + [below for child in found for below in offspring(child)]


def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def undisturbed(editions, start, tmp_path):
    """What each edition's report is, and how long a build takes."""
    reports, began = {}, time.monotonic()
    for edition in editions:
        folder = tmp_path / f"whole-{edition.title['en']}"
        assert ended(start(edition, folder)) == 0
        reports[edition.title["en"]] = snapshot(folder / "public")
    return reports, (time.monotonic() - began) / len(editions)


def test_killed_at_any_moment_the_report_is_whole_and_the_next_build_ends_it(
    editions, start, undisturbed, tmp_path, warm_process
):
    reports, usual = undisturbed
    chance, public, left = random.Random(20240229), tmp_path / "out" / "public", set()
    for attempt in range(KILLS):
        before = set(offspring(warm_process.process.pid))
        pid = start(editions[attempt % 2])
        time.sleep(chance.uniform(0, usual))
        below = [one for one in offspring(warm_process.process.pid) if one not in before]
        victim = [pid, *below][chance.randrange(len(below) + 1) if attempt % 2 else 0]
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        finally:
            ended(pid)
            left |= set(below)
        assert not public.exists() or snapshot(public) in reports.values(), (attempt, victim == pid)
    for edition in editions:
        assert ended(start(edition)) == 0
        assert snapshot(public) == reports[edition.title["en"]]
    assert [path.name for path in public.parent.iterdir() if path.name.startswith(".")] == []
    assert list((public.parent / "private").rglob("*.part")) == []
    deadline = time.monotonic() + 10
    while set(offspring(warm_process.process.pid)) & left and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(offspring(warm_process.process.pid)) & left


def test_a_full_disk_leaves_the_report_and_the_next_build_ends_it(
    editions, undisturbed, build_in, intake, tmp_path, warm_process
):
    reports, _ = undisturbed
    folder = tmp_path / "out"
    assert build_in(editions[0], intake, folder).succeeded
    pid = warm_process.process.pid
    unbounded = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1500, unbounded[1]))
    try:
        failed = build_in(editions[1], intake, folder)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unbounded)
    assert {result.fault.message for result in failed.results} == {"OSError: File too large"}
    assert snapshot(folder / "public") == reports[TITLES[0]]
    assert build_in(editions[1], intake, folder).succeeded
    assert snapshot(folder / "public") == reports[TITLES[1]]


def test_a_second_build_waits_for_the_first(editions, start, undisturbed, tmp_path):
    reports, _ = undisturbed
    pids = [start(editions[0]), start(editions[0]), start(editions[0])]
    assert [ended(pid) for pid in pids] == [0, 0, 0]
    assert snapshot(tmp_path / "out" / "public") == reports[TITLES[0]]


def test_an_interrupted_build_leaves_no_process(
    write_edition, small, start, tmp_path, warm_process
):
    before = set(offspring(warm_process.process.pid))
    slow = [*small.chapter_cells(), new_code_cell("import time\ntime.sleep(60)")]
    pid = start(read_edition(write_edition({"03_incidence": slow})))
    deadline = time.monotonic() + 20
    # The branch that this build was given, the one that holds its lock, the one with the first steps taken, and a
    # chapter in two languages.
    while (
        len(set(offspring(warm_process.process.pid)) - before) < 5 and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    below = set(offspring(warm_process.process.pid)) - before
    assert len(below) == 5
    os.kill(pid, signal.SIGINT)
    ended(pid)
    while set(offspring(warm_process.process.pid)) & below and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(offspring(warm_process.process.pid)) & below
    assert not (tmp_path / "out" / "public").exists()
    assert not (tmp_path / "out" / "private" / ".work").exists()


def test_a_clock_that_jumps_changes_nothing(editions, build_in, intake, tmp_path):
    folder = tmp_path / "out"
    build_in(editions[0], intake, folder)
    for path in [*folder.rglob("*"), *(tmp_path / "notebooks").iterdir()]:
        os.utime(path, (0, 4_000_000_000))
    assert {result.status for result in build_in(editions[0], intake, folder).results} == {"cached"}
    notebook = tmp_path / "notebooks" / "01_1.ipynb"
    times = notebook.stat()
    notebook.write_text(notebook.read_text().replace("len(range(9))", "len(range(8))"))
    os.utime(notebook, ns=(times.st_atime_ns, times.st_mtime_ns))
    statuses = [result.status for result in build_in(editions[0], intake, folder).results]
    assert statuses == ["done", "cached", "cached"]


def test_a_folder_that_cannot_be_written_to_is_refused(editions, intake, tmp_path, build_in):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to: Not a directory"):
        build_in(editions[0], intake, tmp_path / "file" / "out")


def test_a_build_stopped_while_it_published_is_put_right(editions, intake, tmp_path, build_in):
    folder = tmp_path / "out"
    whole = snapshot(build_in(editions[0], intake, folder).public)
    (folder / "public").rename(folder / ".public-former")
    (folder / ".public-half").mkdir()
    with open_session(folder, limits_of(Choice())):
        assert snapshot(folder / "public") == whole
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_readers_never_see_a_mixture(editions, build_in, undisturbed, intake, tmp_path):
    reports, _ = undisturbed
    folder, seen, stop = tmp_path / "out", [], threading.Event()
    build_in(editions[0], intake, folder)

    def read():
        while not stop.is_set():
            seen.append((folder / "public" / "index.html").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for edition in [*editions, *editions]:
            build_in(edition, intake, folder)
    finally:
        stop.set()
        reader.join()
    assert set(seen) == {report["index.html"] for report in reports.values()}
