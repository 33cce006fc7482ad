"""What a build keeps of a chapter in the private folder: its executed notebook, its page, the record of both."""

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.report.edition.chapters import ChapterRun
from analysis.report.files.writing import write_whole

if TYPE_CHECKING:
    from analysis.report.pages.bind import Page

# What the report in ``public`` was made from, and the digests of its files.
PUBLISHED = "published.json"


def executed_path(private: Path, run: ChapterRun) -> Path:
    """Where the executed notebook of a run is kept."""
    return private / "executed" / run.language / f"{run.name}.ipynb"


def page_path(private: Path, run: ChapterRun) -> Path:
    """Where the page of a run is kept."""
    return private / "pages" / run.language / f"{run.name}.json"


def record_path(private: Path, run: ChapterRun) -> Path:
    """Where it is kept what a run was made from."""
    return private / "runs" / run.language / f"{run.name}.json"


def log_path(private: Path, run: ChapterRun) -> Path:
    """Where a run's log is."""
    return private / "logs" / f"{run.language}-{run.name}.log"


def keep_page(page: "Page", path: Path) -> None:
    """Write a page as one JSON file, whole or not at all; the bytes of pictures as base64."""
    fields = asdict(page)
    pictures = {name: content for name, content in page.files.items() if isinstance(content, bytes)}
    fields["files"] = {name: text for name, text in page.files.items() if name not in pictures}
    fields["pictures"] = {
        name: base64.b64encode(content).decode("ascii") for name, content in pictures.items()
    }
    write_whole(path, json.dumps(fields, ensure_ascii=False))


def read_kept_page(path: Path) -> "Page":
    """A page as it was kept between binding and publishing."""
    # A build that only asks where things are kept does not load nbconvert.
    from analysis.report.pages.bind import Page
    from analysis.report.pages.exhibits import PlacedExhibit

    fields = json.loads(path.read_text(encoding="utf-8"))
    pictures = {name: base64.b64decode(text) for name, text in fields.pop("pictures").items()}
    # JSON has lists where a page has tuples.
    restored = {
        "headings": tuple(tuple(heading) for heading in fields["headings"]),
        "exhibits": tuple(PlacedExhibit(**exhibit) for exhibit in fields["exhibits"]),
        "cited": tuple(fields["cited"]),
        "files": fields["files"] | pictures,
    }
    return Page(**fields | restored)
