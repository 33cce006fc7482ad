"""What a build keeps of a chapter in the private folder: its executed notebook, its page, the record of both."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from analysis.report.edition.chapters import ChapterRun

# What the report in ``public`` rests on, and the digests of its files.
PUBLISHED = "published.json"


def executed_path(private: Path, run: ChapterRun) -> Path:
    """Where the executed notebook of a run is kept."""
    return private / "executed" / run.language / f"{run.name}.ipynb"


def page_path(private: Path, run: ChapterRun) -> Path:
    """Where the page of a run is kept."""
    return private / "pages" / run.language / f"{run.name}.json"


def record_path(private: Path, run: ChapterRun) -> Path:
    """Where it is kept what a run rests on."""
    return private / "runs" / run.language / f"{run.name}.json"


def log_path(private: Path, run: ChapterRun) -> Path:
    """Where a run's log is."""
    return private / "logs" / f"{run.language}-{run.name}.log"


def write_whole(path: Path, text: str) -> None:
    """Write a text, whole or not at all: whoever is stopped half-way leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
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
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_record(record: Mapping, path: Path) -> None:
    """Write a record, whole or not at all."""
    write_whole(path, record_text(record))


def record_text(record: Mapping) -> str:
    """A record as it is written."""
    return json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
