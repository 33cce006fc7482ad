"""What went in and what came out: the record of a build."""

import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from analysis.report.dependencies import digest_of, file_digest, file_digests, installed_versions, package_digests
from analysis.report.edition import Edition
from analysis.report.results import ChapterResult

PACKAGE = "childhood-cancer-workbench"


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
        "package": {
            "name": PACKAGE,
            "version": package_version(),
            "sha256": digest_of(package_digests()),
            "commit": _commit(),
        },
        "python": platform.python_version(),
        "dependencies": dict(sorted(installed_versions().items())),
        "chapters": [
            {"name": one.name, "language": one.language, "status": one.status, "seconds": round(one.seconds, 2)}
            for one in results
        ],
        "public": file_digests(public) if public else {},
    }


def package_version() -> str:
    """The version of the package; empty where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    here = Path(str(files("analysis")))
    try:
        answer = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
