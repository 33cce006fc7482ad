"""Watching what an author saves, and a preview that reloads, on this machine alone."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from analysis.report.build.preview import preview_server
from analysis.report.build.watch import saved_changes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def preview(tmp_path):
    public = tmp_path / "public"
    (public / "en").mkdir(parents=True)
    (public / "index.html").write_text("<html><body><p>One</p></body></html>")
    (public / "en" / "table.csv").write_text("a,b\n")
    builds = [1]
    with preview_server(public, lambda: builds[0]) as address:
        yield address.removesuffix("index.html"), public, builds


def body(address, **headers):
    with urlopen(Request(address, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def test_pages_are_served_with_a_script_that_is_in_no_file(preview):
    address, public, builds = preview
    assert "<p>One</p><script>" in body(address).replace("\n", "")
    assert body(f"{address}index.html") == body(address)
    assert "script" not in (public / "index.html").read_text()
    assert body(f"{address}en/table.csv") == "a,b\n"
    assert body(f"{address}.built") == "1"
    builds[0] = 2
    assert body(f"{address}.built") == "2"


def test_the_folder_may_be_replaced_while_it_is_served(preview):
    address, public, _ = preview
    public.rename(public.with_name("former"))
    with pytest.raises(HTTPError):
        body(address)
    shutil.copytree(public.with_name("former"), public)
    (public / "index.html").write_text("<html><body><p>Two</p></body></html>")
    assert "<p>Two</p>" in body(address)


def test_only_this_machine_is_served_and_under_its_own_name_only(preview):
    address, public, _ = preview
    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(HTTPError, match="403"):
        body(address, Host="registry.example:80")
    (public.parent / "private.txt").write_text("secret")
    connection = http.client.HTTPConnection("127.0.0.1", int(address.rsplit(":", 1)[1].strip("/")))
    connection.request("GET", "/../private.txt")
    assert connection.getresponse().status == 404
    connection.close()


def test_what_is_saved_is_told_once_it_rests(tmp_path):
    notebook, other = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    notebook.write_text("1")
    told = saved_changes(lambda: tmp_path.glob("*.ipynb"), every=0.05)
    assert next(told) == []

    def save():
        for text in ("12", "123"):
            notebook.write_text(text)
            time.sleep(0.01)
        other.write_text("new")

    author = threading.Thread(target=save)
    author.start()
    seen = set(next(told))
    author.join()
    if seen != {notebook, other}:
        seen |= set(next(told))
    assert seen == {notebook, other}


def test_a_saved_file_is_known_by_its_content_not_by_its_time(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text("1")
    told = saved_changes(lambda: [path], every=0.05)
    assert next(told) == []

    def save():
        time.sleep(0.2)
        os.utime(path, (0, 0))
        time.sleep(0.3)
        path.write_text("2")
        os.utime(path, (0, 0))

    author = threading.Thread(target=save)
    author.start()
    began = time.monotonic()
    assert next(told) == [path]
    assert time.monotonic() - began > 0.4
    author.join()


def test_watching_an_edition_builds_it_again_and_reloads(write_edition, small, tmp_path):
    cells = small.chapter_cells()
    edition = write_edition({"03_incidence": cells}, languages=["en"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "analysis.cli",
        "build",
        edition,
        "--watch",
        "--port",
        port,
        "--quiet",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    watching = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        address = _next_address(watching)
        assert "How many children?" in body(f"{address}en/03_incidence.html")
        before = body(f"{address}.built")
        cells[0].source = "# Incidence\n\nHow many girls?"
        small.write_notebook(tmp_path / "notebooks" / "03_incidence.ipynb", cells)
        _next_address(watching)
        assert "How many girls?" in body(f"{address}en/03_incidence.html")
        assert body(f"{address}.built") != before
    finally:
        watching.send_signal(2)
        assert watching.wait(20) == 130
        watching.stdout.close()


def _next_address(watching):
    for line in watching.stdout:
        if line.startswith("http://127.0.0.1:"):
            return line.split()[0].removesuffix("index.html")
    raise AssertionError("the watching command ended")
