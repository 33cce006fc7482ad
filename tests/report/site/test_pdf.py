"""What is printed, by which browser, and that one report gives one file."""

import pytest

from analysis.errors import AnalysisError, InputError
from analysis.report.site import pdf
from analysis.report.site.pdf import find_browser, print_report

PRINTED = b"/CreationDate (D:20261128115900+00'00')\n/ModDate(D:20261128115901Z)\n20261128115901"


@pytest.fixture
def report(tmp_path):
    (tmp_path / "public").mkdir()
    for name in ("demo-en.html", "demo-nb.html", "index.html"):
        (tmp_path / "public" / name).write_text("x")
    return tmp_path


@pytest.fixture
def browser(monkeypatch):
    """A browser that writes what it is asked to print; its commands."""
    commands = []

    def run(command, **_):
        commands.append(command)
        target = next(part for part in command if part.startswith("--print-to-pdf="))
        with open(target.partition("=")[2], "wb") as file:
            file.write(PRINTED)

    monkeypatch.setattr(pdf.subprocess, "run", run)
    monkeypatch.setattr(pdf.shutil, "which", lambda name: f"/bin/{name}")
    return commands


def test_each_language_is_printed_without_the_day(report, browser):
    paths = print_report(report)
    assert [path.name for path in paths] == ["demo-en.pdf", "demo-nb.pdf"]
    assert paths[0].read_bytes() == (
        b"/CreationDate (D:20000101000000+00'00')\n/ModDate(D:20000101000000Z)\n20261128115901"
    )
    assert sorted(path.name for path in (report / "pdf").iterdir()) == [
        "demo-en.pdf",
        "demo-nb.pdf",
    ]
    assert browser[0][0] == "/bin/chromium"
    assert browser[0][-1] == (report / "public" / "demo-en.html").as_uri()


@pytest.mark.parametrize(("user", "flag"), [(0, True), (1000, False)])
def test_only_root_prints_without_a_sandbox(report, browser, monkeypatch, user, flag):
    monkeypatch.setattr(pdf.os, "geteuid", lambda: user)
    print_report(report, ("nb",))
    assert [("--no-sandbox" in command) for command in browser] == [flag]


def test_the_first_browser_that_is_installed_prints(monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: name if "google" in name else None)
    assert find_browser() == "google-chrome"
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    assert find_browser() is None


def test_what_is_not_built_is_not_printed(report, tmp_path):
    with pytest.raises(InputError, match=r"none in sv in public/"):
        print_report(report, ("sv",))
    with pytest.raises(InputError, match=r"none in public/"):
        print_report(tmp_path / "absent", ("sv",))


def test_without_a_browser_the_page_to_print_is_named(report, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(
        AnalysisError, match=r"chromium, chromium-browser, google-chrome\).*public/demo-nb\.html"
    ):
        print_report(report, ("nb",))


def test_a_browser_that_fails_is_told_by_its_page(report, browser, monkeypatch):
    def fail(*_, **__):
        raise OSError

    monkeypatch.setattr(pdf.subprocess, "run", fail)
    with pytest.raises(AnalysisError, match=r"demo-en\.html could not be printed: OSError"):
        print_report(report)
    assert list((report / "pdf").iterdir()) == []
