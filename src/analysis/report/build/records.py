"""What a build keeps of a chapter in the private folder: its executed notebook, its page, the record of both."""

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
