"""Which package this is: its name, its version, and the commit of the code that runs."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

PACKAGE = "childhood-cancer-workbench"


@cache
def package_version() -> str:
    """The version of the package; empty where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def commit_of() -> tuple[str, str]:
    """The commit of the code that runs, and whether its tree is clean (``yes`` or ``no``); empty where unknown."""
    commit, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return (
        ("", "")
        if not commit
        else (commit.strip(), "no" if changed is None or changed.strip() else "yes")
    )


def _git(*asked: str) -> str | None:
    here = str(files("analysis"))
    try:
        return subprocess.run(
            ["git", "-C", here, *asked], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
