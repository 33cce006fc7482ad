"""A preview that reloads, on this machine alone."""

import http.client
import shutil
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from analysis.commands.preview import preview_server


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
