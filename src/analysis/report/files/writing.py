"""Files written whole or not at all: a text, a record, a whole folder such as ``public``."""

import ctypes
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from analysis.errors import AnalysisError

Guard = Callable[[Mapping[str, str]], None]
Files = Mapping[str, str | bytes]
FORMER = ".{name}-former"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def write_whole(path: Path, text: str) -> None:
    """Write a text, whole or not at all: whoever is stopped half-way leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its target, since a file can be put in place at one stroke within a file system only.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_record(path: Path) -> Mapping:
    """A record as it was written; empty where there is none, or none that can be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(record: Mapping, path: Path) -> None:
    """Write a record, whole or not at all."""
    write_whole(path, record_text(record))


def record_text(record: Mapping) -> str:
    """A record as it is written."""
    return json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def replace_public(
    files: Files,
    folder: Path,
    private: Iterable[Path] = (),
    guard: Guard | None = None,
    name: str = "public",
) -> None:
    """Put files in the place of ``folder/public``; what was there stays where that cannot be done.

    Parameters
    ----------
    files
        Text, or the bytes of a picture, by name.
    folder
        Of the edition.
    private
        Folders of this machine that no file may name, beside that of the edition.
    guard
        Is given the texts before any is written, and raises where one must not be published.
    name
        Of the folder that is replaced: ``public``, or ``review`` beside it.

    Raises
    ------
    AnalysisError
        A file names a folder of this machine, or the guard refuses.
    """
    require_no_path(files, [folder, *private])
    if guard:
        guard({path: text for path, text in files.items() if isinstance(text, str)})
    part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        _write_files(files, part, folder / name)
        _swap(part, folder / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def require_no_path(files: Files, folders: Iterable[Path]) -> None:
    """A page says nothing of the machine that it was made on."""
    # ``/home`` or ``/data`` alone names nobody, and stands in texts that have nothing to do with a folder.
    private = {str(folder) for folder in folders if len(folder.parts) > 2}
    telling = sorted(
        name
        for name, content in files.items()
        if any((path if isinstance(content, str) else path.encode()) in content for path in private)
    )
    if telling:
        raise AnalysisError(
            f"a folder of this machine is named in {', '.join(telling)}: nothing is published"
        )


def _write_files(files: Files, folder: Path, before: Path) -> None:
    """Write files into a new folder; what is in another one already, byte by byte, is linked."""
    # A report is for others to read, whatever the builder's umask keeps to its owner.
    for name, content in files.items():
        path, raw = folder / name, content.encode("utf-8") if isinstance(content, str) else content
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _linked(before / name, raw, path):
            path.write_bytes(raw)
        path.chmod(0o644)
    subfolders = [path for path in folder.rglob("*") if path.is_dir()]
    for opened in (folder, *subfolders):
        opened.chmod(0o755)


def _linked(before: Path, raw: bytes, path: Path) -> bool:
    """Whether a file was there with these bytes and is now in its new place too; the old goes with its folder."""
    try:
        if before.is_symlink() or before.stat().st_size != len(raw) or before.read_bytes() != raw:
            return False
        os.link(before, path)
    except OSError:  # there was none, or this file system links nothing
        return False
    return True


def _swap(part: Path, public: Path) -> None:
    """Put a finished folder in the place of another: at one stroke where the system can exchange two folders."""
    if not public.exists():
        os.replace(part, public)
        return
    if _exchange(part, public):
        return
    former = public.with_name(FORMER.format(name=public.name))
    os.replace(public, former)
    try:
        os.replace(part, public)
    except OSError:
        os.replace(former, public)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _exchange(folder: Path, other: Path) -> bool:
    # Python has no name for this call; where the C library has none, the folders are renamed one by one.
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return False
    paths = (AT_FDCWD, os.fsencode(folder), AT_FDCWD, os.fsencode(other))
    return rename(*paths, RENAME_EXCHANGE) == 0


def recover_public(folder: Path) -> None:
    """Put right what a build left that was stopped while it published: the last whole report is there again."""
    for name in ("public", "review"):
        former = folder / FORMER.format(name=name)
        if former.exists() and not (folder / name).exists():
            os.replace(former, folder / name)
        for path in folder.glob(f".{name}-*"):
            shutil.rmtree(path, ignore_errors=True)
