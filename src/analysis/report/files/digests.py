"""What is the same is known by its digest: files, plain values, the package's own code, installed packages."""

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def file_digest(path: str | Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    try:
        with open(path, "rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def file_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder by its path there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in paths}


def digest_of(content: Any) -> str:
    """The SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def package_digests() -> dict[str, str]:
    """The digest of every file of the package, by its path in it."""
    return {
        os.path.relpath(path, PACKAGE_ROOT): file_digest(path)
        for folder, _, names in os.walk(PACKAGE_ROOT)
        for path in (os.path.join(folder, name) for name in names)
        if "__pycache__" not in folder
    }


def installed_versions() -> dict[str, str]:
    """The version of every installed package, read from the names of their folders, and of Python."""
    versions = {"python": sys.version.split()[0]}
    # importlib.metadata would open a file of each package to say what the name of its folder says.
    for folder in sys.path:
        names = os.listdir(folder) if folder and os.path.isdir(folder) else []
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                # What stands first in the path is what is imported.
                versions.setdefault(package_key(package), version)
    return versions


def package_key(package: str) -> str:
    """The name of a package as it is compared: ``Babel-Data`` and ``babel.data`` are one."""
    return re.sub(r"[-_.]+", "_", package).lower()
