"""What went in and what came out: the record of a build, and the stamp that a run is known by."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.resources import files
from pathlib import Path

from analysis.report.chapters import ChapterResult
from analysis.report.edition import Edition
from analysis.report.planning import ChapterRun

PACKAGE = "childhood-cancer-workbench"
SOURCE_ENDINGS = {".py", ".csv", ".tsv", ".parquet", ".yml", ".json"}


def file_digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def package_digest() -> str:
    """The SHA-256 of the package's source and tables: what the numbers of a chapter are made with.

    The report stage is left out: it frames chapters and computes nothing in them.
    """
    root = Path(str(files("analysis")))
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.suffix in SOURCE_ENDINGS and inside.parts[0] != "report" and "__pycache__" not in inside.parts:
            total.update(f"{inside.as_posix()}\0{file_digest(path)}\0".encode())
    return total.hexdigest()


def build_stamp(tables: Iterable[Path], package: str) -> str:
    """What every chapter of a build is made from: the tables as read, the package and its dependencies.

    The tables are those that chapters open, so that a changed column mapping tells too.
    """
    dependencies = sorted(f"{one.name}=={one.version}" for one in distributions())
    return _digest(
        {
            "tables": {path.name: file_digest(path) for path in tables if path.is_file()},
            "package": package,
            "dependencies": dependencies,
        }
    )


def run_stamp(run: ChapterRun, build: str) -> str:
    """What one run was made from: its notebook and parameters beside the stamp of the build.

    The parameters carry the whole edition as far as the chapter reads it, so a change of anything
    that it reads gives another stamp; where the sources lie does not.
    """
    told = {name: value for name, value in run.parameters.items() if not name.endswith("_source")}
    return _digest({"build": build, "notebook": file_digest(run.notebook), "parameters": told, "name": run.name})


def run_record(
    edition: Edition, inputs: Iterable[Mapping], results: Iterable[ChapterResult], public: Path | None
) -> dict:
    """The record of a build, as it is kept in the private folder.

    Parameters
    ----------
    edition
        As it was read.
    inputs
        Name, sha256, bytes and rows of every source.
    results
        What became of each run.
    public
        The folder of the public report; None where nothing was published.
    """
    return {
        "edition": edition.model_dump(mode="json", by_alias=True, exclude={"path", "notebooks", "texts"}),
        "edition_sha256": file_digest(edition.path),
        "inputs": [dict(one) for one in inputs],
        "package": {"name": PACKAGE, "version": package_version(), "sha256": package_digest(), "commit": _commit()},
        "python": platform.python_version(),
        "dependencies": {one.name: one.version for one in sorted(distributions(), key=lambda one: one.name.lower())},
        "chapters": [
            {"name": one.name, "language": one.language, "status": one.status, "seconds": round(one.seconds, 2)}
            for one in results
        ],
        "public": _file_digests(public) if public else {},
    }


def write_record(record: Mapping, path: Path) -> None:
    """Write a record, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def package_version() -> str:
    """The version of the package; empty where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def _file_digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): file_digest(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _digest(content: Mapping) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _commit() -> str:
    here = Path(str(files("analysis")))
    try:
        answer = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
