"""Chapters on a dask cluster: the same bytes, also when workers or the builder die, and nothing is left behind."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
from nbformat.v4 import new_code_cell

from analysis.errors import InputError
from analysis.register import demonstration_cases, prepare_sources
from analysis.report.build.building import build_report, limits_of
from analysis.report.build.plan import Choice
from analysis.report.cluster.dask_cluster import open_cluster
from analysis.report.cluster.slurm import open_slurm, slurm_settings
from analysis.report.edition.read import read_edition
from analysis.report.tasks.session import open_session
from analysis.report.tasks.task import Limits

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
}
# Somebody else's machines: zone, language, order of hashes, threads, permissions.
WORKERS = (
    (
        "here",
        0o000,
        ["--nanny"],
        {"TZ": "Asia/Tokyo", "LANG": "nb_NO.UTF-8", "OMP_NUM_THREADS": "4"},
    ),
    (
        "there",
        0o077,
        ["--no-nanny"],
        {"TZ": "America/St_Johns", "LC_ALL": "POSIX", "PYTHONHASHSEED": "7"},
    ),
)
READS = """from analysis.register import read_extract
cases = read_extract(cases_source)
from analysis.display import Exhibit
Exhibit("table", f"<table><thead><tr><th>Cases</th></tr></thead><tbody><tr><th>{len(cases)}</th></tr></tbody></table>",
        "cases\\n1\\n", "All cases.").quoting(n_cases=str(len(cases)))"""
# Waits at a worker as long as it has not been seen to wait, and tells who it is.
WAITS = """import os, pathlib, time
mark = pathlib.Path(os.environ.get("MARK", "."))
if not mark.exists():
    mark.with_suffix(".part").write_text(str(os.getpid()))
    mark.with_suffix(".part").rename(mark)
    time.sleep(100)"""


# The worker is the last process above that is not forked by the workbench.
KILLS = """import re, signal
pid = os.getpid()
while True:
    pid = int(re.search(r"PPid:\\s+(\\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
    command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    if b"zygote" not in command:
        os.kill(pid, signal.SIGKILL)
        break
time.sleep(20)"""


def program(module, *arguments, **options):
    """Start a module of Python in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        **SETTINGS,
        **options.pop("env", {}),
    }
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, **options)


def workbench(*arguments, **options):
    """Start the command."""
    return program(
        "analysis.commands.app",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def ended(process):
    """How a process ended, and what it said."""
    said, _ = process.communicate(timeout=180)
    return process.returncode, said


def until(what, seconds=180):
    """What is asked for, as soon as it is there."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found


def ancestors(pid):
    found = []
    while pid > 1:
        found.append(pid)
        try:
            pid = int(
                re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[
                    1
                ]
            )
        except OSError:
            break
    return found


def worker_of(pid):
    """The dask worker that a chapter's process stands under."""
    for one in ancestors(pid):
        try:
            command = Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        if b"distributed.cli.dask_worker" in command or b"spawn_main" in command:
            return one
    raise AssertionError("no worker")


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers on loopback, as unlike the builder as one machine can make them."""
    home = tmp_path_factory.mktemp("cluster")
    port = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    started, log = [], (home / "log").open("w")

    def start(module, *arguments, **options):
        started.append(
            program(module, *arguments, stdout=log, stderr=log, start_new_session=True, **options)
        )

    def worker(name, umask, flags, surroundings):
        (home / name).mkdir(exist_ok=True)
        mine = {"MARK": str(home / "mark"), **surroundings}
        given = [
            "--nthreads",
            1,
            "--memory-limit",
            "4GiB",
            "--local-directory",
            home / name,
            "--name",
            name,
        ]
        start(
            "distributed.cli.dask_worker",
            address,
            *port,
            *given,
            *flags,
            env=mine,
            cwd=home / name,
            umask=umask,
        )

    start(
        "distributed.cli.dask_scheduler",
        "--port",
        0,
        "--scheduler-file",
        home / "address.json",
        *port,
        cwd=home,
    )
    address = until(lambda: address_in(home / "address.json"))
    for one in WORKERS:
        worker(*one)
    yield SimpleNamespace(address=address, home=home, worker=worker, started=started)
    for process in reversed(started):
        for end in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, end)
                process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
    log.close()


def address_in(path):
    try:
        return json.loads(path.read_text())["address"]
    except (OSError, ValueError):
        return ""


def left_behind(home):
    """What of a build lies in the workers' folders."""
    found = [
        os.path.join(folder, name)
        for folder, *inside in os.walk(home)
        for name in (*inside[0], *inside[1])
    ]
    return [Path(path) for path in found if "/wb" in path]


@pytest.fixture
def waiting(cluster):
    """Says which process runs the chapter that waits, as soon as it does; the next time it does not wait."""
    mark = cluster.home / "mark"
    mark.unlink(missing_ok=True)
    return lambda: int(until(lambda: mark.exists() and mark.read_text()))


@pytest.fixture
def clean(cluster):
    """After a test nothing of it is left at the workers."""
    yield
    until(lambda: not left_behind(cluster.home))


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A registry's own cases, few enough to be read in no time."""
    path = tmp_path_factory.mktemp("registry") / "cases.csv"
    cases = demonstration_cases()
    cases[cases["country"] == "NO"].head(200).to_csv(path, index=False)
    return {"cases": str(path)}


@pytest.fixture
def prepared(sources, tmp_path):
    """What a build makes of them."""
    return prepare_sources({"cases": {"file": sources["cases"]}}, tmp_path / "cohort")


@pytest.fixture
def edition(write_edition, small, sources):
    """The file of three chapters: one that reads the cases, one that can be told to wait, one without any of it."""
    reads = small.chapter_cells(parameters=f'{small.parameters}\ncases_source = ""')
    reads[5] = new_code_cell(READS)
    waits = [*small.chapter_cells("Waits"), new_code_cell(WAITS)]
    notebooks = {"01_reads": reads, "02_waits": waits, "03_plain": small.chapter_cells()}
    return write_edition(
        notebooks, chapters=list(notebooks), languages=["en", "nb"], sources=sources
    )


@pytest.fixture
def build_there(cluster, warm_process, clean):
    """Build an edition, its chapters on the cluster; the rest as in ``build_in``."""

    def build(edition, intake, folder, seconds=60.0, show=None):
        choice = Choice()
        with (
            open_cluster(cluster.address, Limits(0, seconds)) as elsewhere,
            open_session(
                folder.resolve(), limits_of(choice), lambda: warm_process, elsewhere
            ) as session,
        ):
            return build_report(edition, intake, session, choice, show)

    return build


@pytest.fixture
def builders(build_in, build_there):
    """How an edition is built here, and there."""
    return build_in, build_there


def test_the_bytes_are_the_same_although_a_worker_is_killed(
    cluster, edition, prepared, waiting, builders, tmp_path
):
    told, seen, (build_in, build_there) = [], [], builders

    def show(messages, _decisions):
        for message in messages:
            told.append((message.key[0], message.what, message.cell))
            yield message

    def kill():
        chapter = waiting()
        seen.extend((path, path.stat().st_mode & 0o777) for path in left_behind(cluster.home))
        os.kill(worker_of(chapter), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    far = build_there(read_edition(edition), prepared, tmp_path / "far", show=show)
    killer.join()
    assert far.succeeded
    assert [what for name, what, _ in told if name == "02_waits"].count("started") == 3
    assert ("02_waits", "cell", 4) in told
    assert {mode for path, mode in seen if path.name.startswith("wb")} == {0o700}
    tables = [mode for path, mode in seen if path.name == "cases.parquet"]
    assert tables and {mode & 0o077 for mode in tables} == {0}

    here = build_in(read_edition(edition), prepared, tmp_path / "here")
    assert here.succeeded
    assert contents(far.public) == contents(here.public)
    executed = (tmp_path / "far" / "private" / "executed" / "en" / "01_reads.ipynb").read_text()
    assert "/given/" not in executed and "/wb" not in executed
    again = build_in(read_edition(edition), prepared, tmp_path / "far")
    assert [result.status for result in again.results] == ["cached"] * 6


def test_a_chapter_that_fails_is_named_and_so_is_one_that_ends_its_worker(
    write_edition, small, intake, build_there, tmp_path
):
    faults = {
        "01_late": "import time\ntime.sleep(50)",
        "02_wrong": "1 / 0",
        "03_deadly": f"import os, pathlib, time\n{KILLS}",
    }
    notebooks = {
        name: [*small.chapter_cells(), new_code_cell(source)] for name, source in faults.items()
    }
    edition = read_edition(write_edition(notebooks, chapters=list(notebooks), languages=["en"]))
    built = build_there(edition, intake, tmp_path / "out", 4.0)
    late, wrong, deadly = (result.fault.message for result in built.results)
    assert late == "took longer than 4 s (--timeout) and was stopped"
    assert wrong == "ZeroDivisionError at: 1 / 0"
    assert deadly == "2 workers died while they ran it; their own logs say how"
    assert not built.succeeded and not built.public.exists()


def test_a_worker_with_other_code_is_refused(cluster, edition, intake, build_there, tmp_path):
    other = shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__")
    )
    (other / "analysis" / "strata.py").write_text(
        (ROOT / "src/analysis/strata.py").read_text() + "\n"
    )
    cluster.worker("other", 0o022, ["--no-nanny"], {"PYTHONPATH": str(other)})
    try:
        until(
            lambda: re.search(r"Register worker.*name: other", (cluster.home / "log").read_text())
        )
        with pytest.raises(
            InputError,
            match=r"worker tcp://\S+: 1 fault\n  - the code of analysis must be the same",
        ):
            build_there(read_edition(edition), intake, tmp_path / "out")
    finally:
        cluster.started[-1].kill()
        cluster.started[-1].wait()


def test_a_builder_that_is_killed_leaves_workers_clean(cluster, edition, waiting, clean):
    builder = workbench("build", edition, "--scheduler", cluster.address, "--quiet")
    chapter = waiting()
    assert left_behind(cluster.home)
    builder.kill()
    ended(builder)
    until(lambda: not left_behind(cluster.home) and not Path(f"/proc/{chapter}").exists())


def test_where_no_scheduler_answers_nothing_is_built(edition, intake, build_in, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with (
            dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
            pytest.raises(InputError, match=f"scheduler {address}: 1 fault\n  - cannot be reached"),
            open_cluster(address, Limits()),
        ):
            pass


def test_without_dask_the_command_says_how_it_is_installed(edition, tmp_path):
    (tmp_path / "distributed.py").write_text(
        "raise ModuleNotFoundError('No module', name='distributed')"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    for asked in (["--scheduler", "tcp://127.0.0.1:1"], ["--slurm", "2"]):
        code, said = ended(workbench("build", edition, *asked, env={"PYTHONPATH": path}))
        assert code == 2
        assert (
            "distributed is not installed: install it with pip install 'childhood-cancer-workbench[cluster]'"
            in said
        )


SBATCH = """#!{python}
# Starts what it is given to submit, and says so as sbatch does.
import os, pathlib, subprocess, sys
script = pathlib.Path(sys.argv[1]).read_text()
pathlib.Path("{home}", "script").write_text(script)
log = open("{home}/jobs.log", "a")
process = subprocess.Popen(["bash", "-c", script], stdout=log, stderr=log, start_new_session=True)
print("Submitted batch job", process.pid)
"""
SCANCEL = """#!{python}
import os, signal, sys
for job in sys.argv[1:]:
    try:
        os.killpg(int(job), signal.SIGTERM)
    except ProcessLookupError:
        pass
"""


def test_editions_are_built_by_jobs_of_slurm(edition, tmp_path):
    for name, script in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (tmp_path / name).write_text(script.format(python=sys.executable, home=tmp_path))
        (tmp_path / name).chmod(0o755)
    (tmp_path / "mark").touch()
    (tmp_path / "scratch").mkdir()
    other = edition.with_name("other.yml")
    other.write_text(edition.read_text().replace("age_limit: 18", "age_limit: 15"))
    flags = "--account=p33 -p normal --cpus-per-task=2 --mem=2G --time=00:10:00 --qos=high"
    env = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "MARK": str(tmp_path / "mark"),
        **SETTINGS,
    }
    asked = ["--slurm", 1, "--sbatch", flags, "--scratch", tmp_path / "scratch", "--quiet"]
    code, said = ended(
        workbench(
            "build", edition, other, *asked, env=env | {"DASK_JOBQUEUE__SLURM__INTERFACE": "lo"}
        )
    )
    assert code == 0, said
    assert said.count("chapters: run 6;") == 2
    script = (tmp_path / "script").read_text()
    for line in (
        "-A p33",
        "-p normal",
        "--cpus-per-task=2",
        "--mem=2G",
        "-t 00:10:00",
        "--qos=high",
    ):
        assert f"#SBATCH {line}\n" in script
    assert "--nthreads 2 --memory-limit 2.00GiB" in script
    sent = re.findall(r"Starting Worker plugin workbench-\w+-", (tmp_path / "jobs.log").read_text())
    assert len(sent) == 1
    until(lambda: not left_behind(tmp_path / "scratch"))


def test_flags_of_sbatch_that_cannot_be_understood_are_refused(tmp_path, monkeypatch):
    for flags in ("--mem=lots", "--cpus-per-task=many", "--time", "'"):
        with pytest.raises(InputError, match="flags for sbatch"):
            slurm_settings(flags)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as refused, open_slurm(1, "--mem=500", Limits(), tmp_path):
        pass
    assert [fault.split()[0] for fault in refused.value.faults] == ["--cpus-per-task", "sbatch"]


def test_a_job_that_slurm_refuses_ends_the_build(tmp_path, monkeypatch):
    (tmp_path / "sbatch").write_text(
        "#!/bin/sh\necho 'Invalid account or account/partition combination' >&2\nexit 1\n"
    )
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with (
        pytest.raises(InputError, match="Invalid account"),
        open_slurm(1, "-c 1 --mem=500", Limits(), tmp_path),
    ):
        pass
