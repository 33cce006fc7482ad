"""A chapter runs in a process and a folder of its own, with this interpreter, and tells where it stopped."""

import os
import re
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from analysis.report.build.chapter_task import ChapterTask
from analysis.report.edition.chapters import ChapterRun
from analysis.report.files.notebooks import read_notebook
from analysis.report.tasks.forked import run_forked
from analysis.report.tasks.spawned import run_spawned
from analysis.report.tasks.task import Limits, Task


@pytest.fixture
def run_work(tmp_path, small, warm_process):
    """Run code cells as a chapter, forked, or ``ordinary`` in a kernel; the message that ends it."""

    def run(*sources, ordinary=False, limits=None, name="03_incidence", language="nb"):
        path = tmp_path / "note{books}" / f"{name}.ipynb"
        small.write_notebook(path, [*small.chapter_cells()[:3], *map(new_code_cell, sources)])
        chapter = ChapterRun(path, language, name, "", {"language": language, "age_limit": 15})
        log = tmp_path / "private" / "logs" / f"{language}-{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        work = ChapterTask(chapter, tmp_path / "private", {}, {}, forked=not ordinary)
        task = Task(
            (name, language), "analysis.report.build.chapter_task:make_chapter", (work,), log
        )
        limits = limits or Limits()
        messages = (
            run_spawned([task], limits) if ordinary else run_forked(warm_process, [task], limits)
        )
        return [message for message in messages if message.what == "ended"][-1]

    return run


@pytest.fixture
def run_cells(run_work):
    return lambda *sources, **more: run_work(*sources, **more).outcome


def outputs(result):
    return "".join(
        o.get("text", "")
        for cell in read_notebook(result.executed).cells
        for o in cell.get("outputs", [])
    )


@pytest.mark.parametrize("ordinary", [False, True])
def test_parameters_interpreter_and_folder(run_cells, tmp_path, ordinary):
    cell = "import os, sys\nprint(language, age_limit, sys.executable, os.listdir(), hash('a'))"
    result = run_cells(cell, ordinary=ordinary)
    assert result.status == "done", result
    assert f"nb 15 {sys.executable} []" in outputs(result)
    assert result.executed == tmp_path / "private" / "executed" / "nb" / "03_incidence.ipynb"


def test_a_forked_chapter_gives_what_an_ordinary_kernel_gives(run_cells, small):
    cells = [
        "import asyncio, pandas as pd\nprint('a')\nawait asyncio.sleep(0)\npd.DataFrame({'a': [1]})",
        "from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\n_ = 1\nprint(hash('a'))\n{'a': (1, 2)}",
        "%matplotlib inline\nimport multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    print(pool.map(abs, [-1]))",
        small.exhibit("figure").source,
    ]
    seen = []
    for ordinary in (False, True):
        result = run_cells(*cells, ordinary=ordinary)
        assert "no caption" in result.fault.message, result.log.read_text()
        codes = [cell for cell in read_notebook(result.executed).cells if cell.cell_type == "code"]
        seen.append(
            [sorted(str(o.get("data") or {o.name: o.text}) for o in cell.outputs) for cell in codes]
        )
    assert seen[0] == seen[1]


@pytest.mark.parametrize("ordinary", [False, True])
def test_what_a_cell_prints_goes_to_the_log(run_cells, ordinary):
    result = run_cells("import warnings\nwarnings.warn('careful')", ordinary=ordinary)
    assert result.warnings == 1
    assert "careful" in result.log.read_text()


@pytest.mark.parametrize("ordinary", [False, True])
def test_a_failing_cell_is_told_without_what_it_holds(run_cells, ordinary):
    cells = ["born = '2011-03-04'", "x = 1\nraise ValueError(f'no {born}')\ny = 2\nz = 3"]
    result = run_cells(*cells, ordinary=ordinary)
    assert result.status == "failed"
    assert result.fault.cell == 4
    assert result.fault.message == "ValueError at: raise ValueError(f'no {born}')"
    assert "2011" not in result.fault.source
    assert "z = 3" not in result.fault.source
    assert "2011-03-04" in result.log.read_text()
    assert not result.executed.exists()


def test_an_error_of_the_house_is_told_in_full(run_cells):
    result = run_cells(
        "from analysis.errors import MissingStepError\nraise MissingStepError('event: added by a step')"
    )
    assert "MissingStepError: event: added by a step" in result.fault.message


def test_a_cell_that_is_no_python_is_told(run_cells):
    assert "SyntaxError at:" in run_cells("1 +\n2 =").fault.message


@pytest.mark.parametrize(
    ("end", "words"), [("_exit(9)", "with code 9"), ("kill(os.getpid(), 11)", "SIGSEGV")]
)
def test_a_process_that_dies_is_told_with_the_cell_that_it_was_in(run_work, end, words):
    message = run_work("a = 1", f"import os\nos.{end}")
    assert message.outcome is None
    assert words in message.fault
    assert (message.cell, message.cells) == (4, 4)


def test_a_kernel_that_dies_is_a_failed_chapter(run_cells):
    result = run_cells("import os\nos._exit(9)", ordinary=True)
    assert "the kernel stopped" in result.fault.message


@pytest.mark.parametrize("ordinary", [False, True])
def test_a_chapter_that_takes_too_long_is_stopped(run_work, ordinary):
    began = time.monotonic()
    limits = Limits(seconds=6 if ordinary else 0.5)
    message = run_work("import time\ntime.sleep(60)", limits=limits, ordinary=ordinary)
    assert "took longer than" in message.fault
    assert "(--timeout)" in message.fault
    assert time.monotonic() - began < 30


def test_memory_is_bounded(run_cells):
    bound = Limits(memory=2**30)
    few = run_cells("rows = bytearray(10**8); len(rows)", limits=bound)
    assert few.status == "done", few
    many = run_cells("rows = bytearray(3 * 10**9); len(rows)", limits=bound)
    assert "MemoryError" in many.fault.message


def test_what_a_chapter_leaves_running_ends_with_it(run_cells, tmp_path):
    beside = tmp_path / "beside"
    source = (
        "import subprocess, sys, threading, time\n"
        "handles = [open('/dev/null') for _ in range(50)]\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"_ = open({str(beside)!r}, 'w').write(str(child.pid))"
    )
    began = time.monotonic()
    assert run_cells(source).status == "done"
    assert time.monotonic() - began < 20
    deadline = time.monotonic() + 10
    while _alive(int(beside.read_text())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(int(beside.read_text()))


def _alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_two_chapters_share_no_state(run_cells):
    run_cells(
        "import os, matplotlib\nmatplotlib.rcParams['axes.linewidth'] = 9\nos.environ['LEFT'] = '1'\nleft = 1"
    )
    cell = "import os, matplotlib as m\nprint(m.rcParams['axes.linewidth'], os.environ.get('LEFT'), 'left' in dir())"
    assert "0.8 None False" in outputs(run_cells(cell, name="04_other"))


def test_random_numbers_are_those_of_the_chapter(run_cells):
    cell = "import random, numpy\nprint(random.random(), numpy.random.random())"
    first, again = outputs(run_cells(cell)), outputs(run_cells(cell, language="en"))
    assert first == again
    assert outputs(run_cells(cell, name="04_other")) != first


def test_temporary_files_go_with_the_build(run_cells, warm_process):
    cell = (
        "import tempfile\nprint(tempfile.mkdtemp(), tempfile.NamedTemporaryFile(delete=False).name)"
    )
    places = re.findall(r"/\S+", outputs(run_cells(cell)))
    assert len(places) == 2
    assert all(Path(place).is_relative_to(warm_process.folder) for place in places)


def test_the_warm_process_has_one_thread_and_nothing_of_the_package(warm_process, tmp_path):
    pid = warm_process.process.pid
    seen = [
        message.outcome
        for message in run_forked(warm_process, [_probe()], Limits())
        if message.what == "ended"
    ]
    assert seen == [True]
    assert len(os.listdir(f"/proc/{pid}/task")) == 1


def _probe():
    return Task(("probe", "en"), "operator:truth", ())
