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
    if not commit:
        return "", ""
    # A tree whose state cannot be read is not called clean.
    is_clean = changed is not None and not changed.strip()
    return commit.strip(), "yes" if is_clean else "no"


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(files("analysis")), *arguments]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return answer.stdout
    except (OSError, subprocess.SubprocessError):
        return None
