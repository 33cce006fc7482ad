"""What stands around the code: make's targets, the README, and what may not be committed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from analysis.register import read_extract
from analysis.report import read_edition

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = {"help", "report", "test", "lint", "lab", "bench", "mutants", "messages", "lock", "clean"}
FURNITURE = (
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    ".ci/run",
    ".editorconfig",
    ".gitattributes",
    ".pre-commit-config.yaml",
    "outputs/README.md",
)
# Written in parts, so that the patterns do not find themselves.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:home|Users|root|work|tmp/bash_jobs)/[\w.-]+|[A-Z]:\\(?:Users)\\"
)
REGISTRY_HOST = re.compile(
    r"(?:test\.)?pypi\.org|files\.pythonhosted\.org|conda\.anaconda\.org|registry\.npmjs\.org"
)


def tracked() -> list[Path]:
    """Files that git holds, as paths from the root."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git work tree: nothing tells which files are the project's")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[Path, str]:
    """Tracked files that are text."""
    found = {}
    for path in tracked():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            found[path] = content.decode("utf-8")
    return found


def tracked_outputs(paths: list[Path]) -> list[str]:
    return [
        str(path)
        for path in paths
        if path.parts[0] == "outputs" and path != Path("outputs/README.md")
    ]


def test_make_help_lists_every_target():
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split())
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True
    )
    assert phony == TARGETS
    assert set(re.findall(r"^  make (\w+) +\S", listed.stdout, re.MULTILINE)) == TARGETS


def test_help_is_what_make_alone_says():
    alone = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True
    )
    assert "make report" in alone.stdout


# An interpreter that says it is 3.9 and would make an environment all the same.
OLD_PYTHON = """#!/bin/sh
if [ "$1" = -c ]; then exec {python} -c "import sys; sys.version_info = (3, 9, 0); sys.version = '3.9.0 (old)'; $2"; fi
mkdir -p .venv/bin
"""


def test_an_old_python_is_refused_in_one_sentence(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    old = tmp_path / "old-python"
    old.write_text(OLD_PYTHON.format(python=sys.executable))
    old.chmod(0o755)
    ended = subprocess.run(
        ["make", ".venv/.installed", f"PYTHON={old}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stderr.startswith(f"Python 3.11 or newer is needed; {old} is 3.9.0")
    assert not (tmp_path / ".venv").exists()


def test_the_furniture_stands():
    assert [
        name
        for name in FURNITURE
        if not (ROOT / name).is_file() or not (ROOT / name).stat().st_size
    ] == []
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_readme_names_the_two_commands_and_shows_a_page():
    assert re.search(r"^make report$", README, re.MULTILINE)
    assert re.search(r"^make test$", README, re.MULTILINE)
    assert (ROOT / re.search(r"!\[[^\]]+\]\((docs/[^)]+)\)", README).group(1)).is_file()


def test_readme_has_one_line_on_speed_between_its_marks():
    assert re.search(r"<!-- bench:start -->\n.+?\n<!-- bench:end -->", README, re.DOTALL)
    assert README.count("<!-- bench:") == 2


def yaml_examples() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_edition_in_the_readme_is_an_edition(tmp_path):
    (tmp_path / "params").mkdir()
    (tmp_path / "registry").mkdir()
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    edition = next(example for example in yaml_examples() if "chapters:" in example)
    for name in re.findall(r"\.\./registry/[\w.]+", edition):
        (tmp_path / "params" / name).touch()
    (tmp_path / "params" / "2025.yml").write_text(edition, encoding="utf-8")
    read = read_edition(tmp_path / "params" / "2025.yml")
    assert (read.country, read.languages, len(read.chapters)) == ("NO", ["nb", "en"], 2)


def test_the_mapping_in_the_readme_maps(tmp_path):
    mapping = yaml.safe_load(next(example for example in yaml_examples() if "columns:" in example))
    extract = tmp_path / "cases.csv"
    extract.write_text(
        "tumour_no;child_no;kjonn;fodt;diagnosedato;statusdato;status;icdo3_topografi;icdo3_morfologi;icdo3_atferd\n"
        "t1;c1;2;01.02.2010;03.04.2015;05.06.2020;L;C71.6;9470;3\n",
        encoding="latin-1",
    )
    [case] = read_extract(extract, mapping).to_dict("records")
    assert (case["country"], case["sex"], case["vital_status"], case["morphology"]) == (
        "NO",
        "female",
        "alive",
        "9470",
    )
    assert case["diagnosis_date"].isoformat() == "2015-04-03T00:00:00"


def test_links_of_the_pages_lead_somewhere():
    pages = [
        ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
    ]
    links = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)", page.read_text())
    ]
    assert links
    assert [(page, link) for page, link in links if not (ROOT / link).exists()] == []


def test_the_version_is_one():
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    ).group(1)
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_hooks_call_the_one_environment():
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    assert {hook["language"] for hook in repositories[0]["hooks"]} == {"system"}


def test_no_tracked_file_knows_a_machine_or_a_package_registry():
    offenders = [
        f"{path}: {found.group()}"
        for path, text in texts().items()
        for pattern in (MACHINE_PATH, REGISTRY_HOST)
        if (found := pattern.search(text))
    ]
    assert offenders == []


def test_no_output_is_committed():
    assert tracked_outputs(tracked()) == []
    assert tracked_outputs([Path("outputs/demo/public/index.html"), Path("outputs/README.md")]) == [
        "outputs/demo/public/index.html"
    ]


def test_git_ignores_what_a_build_writes():
    tracked()
    for path in (
        "outputs/demo/private/cases.parquet",
        "outputs/demo/public/index.html",
        ".venv/pyvenv.cfg",
    ):
        assert (
            subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode
            == 0
        ), path
