"""Watching what an author saves."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from analysis.commands.watch import saved_changes, watched_paths

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def seconds():
    """No test here waits for ever for something that is never told."""
    if os.name == "nt":
        yield
        return

    def give_up(*_):
        raise TimeoutError("nothing was told")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def after():
    """Do something while a watcher waits; the first thing that it tells then."""

    def tell(telling, *steps):
        author = threading.Thread(target=lambda: [step() for step in steps])
        author.start()
        saved = next(telling)
        author.join()
        return saved

    return tell


def test_what_is_saved_together_is_told_together(tmp_path, after):
    notebook, other = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    notebook.write_text("1")
    telling = saved_changes(lambda: tmp_path.glob("*.ipynb"))
    assert next(telling) == []
    saved = after(
        telling,
        lambda: notebook.write_text("12"),
        lambda: (tmp_path / "notes.txt").write_text("not watched"),
        lambda: other.write_text("new"),
    )
    assert saved == [notebook, other]
    assert after(telling, other.unlink) == [other]


def test_what_is_saved_while_its_reader_is_at_work_is_told_afterwards(tmp_path):
    notebook = tmp_path / "a.ipynb"
    notebook.write_text("1")
    telling = saved_changes(lambda: [notebook])
    next(telling)
    notebook.write_text("2")
    assert next(telling) == [notebook]


def test_files_of_another_folder_are_watched_when_they_belong_to_it(tmp_path, after):
    (tmp_path / "more").mkdir()
    watched = [tmp_path / "a.ipynb"]
    watched[0].write_text("1")
    telling = saved_changes(lambda: list(watched))
    assert next(telling) == []
    watched.append(tmp_path / "more" / "cases.csv")
    watched[1].write_text("1")
    assert next(telling) == []
    assert after(telling, lambda: watched[1].write_text("2")) == [watched[1]]
    assert after(telling, lambda: watched[0].write_text("2")) == [watched[0]]


def test_the_edition_its_notebooks_texts_sources_and_the_package_are_watched(tmp_path):
    names = ("small.yml", "01_a.ipynb", "foreword.en.md", "cases.csv")
    own = [tmp_path / name for name in names]
    for path in own:
        path.touch()
    (tmp_path / "notes.txt").touch()
    edition = SimpleNamespace(path=own[0], notebooks=tmp_path, text_paths=[own[2]])
    watched = watched_paths(edition, [str(own[3]), str(tmp_path / "absent.csv")])
    assert {path for path in watched if tmp_path in path.parents} == set(own)
    package = {path for path in watched if tmp_path not in path.parents}
    assert ROOT / "src" / "analysis" / "terms.csv" in package
    assert not any("__pycache__" in path.parts or path.is_dir() for path in package)


def test_watching_an_edition_builds_it_again_until_interrupted(edition, tmp_path):
    command = [sys.executable, "-m", "analysis.commands.app", "build", str(edition())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    watching = subprocess.Popen(
        [*command, "--watch", "--quiet"], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        address, _ = _next_address(watching)
        assert "One" in _page(f"{address}en/01_a.html")
        first = _page(f"{address}.built")
        notebook = tmp_path / "notebooks" / "01_a.ipynb"
        notebook.write_text(notebook.read_text().replace("# One", "# Two"))
        _, saved = _next_address(watching)
        assert saved == ["saved: 01_a.ipynb"]
        assert "Two" in _page(f"{address}en/01_a.html")
        assert _page(f"{address}.built") != first
    finally:
        watching.send_signal(2)
        assert watching.wait(20) == 130
        watching.stdout.close()


def _page(address):
    with urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def _next_address(watching):
    """The address that stands after the next build, and the files that were said to be saved before it."""
    saved = []
    for line in watching.stdout:
        if line.startswith("http://127.0.0.1:"):
            return line.split()[0].removesuffix("index.html"), saved
        saved += [line.strip()] if line.startswith("saved:") else []
    raise AssertionError("the watching command ended")
