"""Put the report together from its pages, and into its place (the work of one task)."""

import json
from importlib import import_module
from pathlib import Path

from analysis.report import kept
from analysis.report.binding import Page
from analysis.report.dependencies import file_digests, loaded_modules, opened_files, read_files, state_of
from analysis.report.pages import Report, report_files
from analysis.report.publication import replace_public
from analysis.report.work import Publication


def publish_report(asked: Publication, _tell=None) -> None:
    """Frame kept pages into a report, look it through, put it in place, and record it.

    Raises
    ------
    AnalysisError
        A file must not be published: the report stays as it was.
    """
    opened_files()
    private = asked.folder / "private"
    pages = tuple(_read_page(kept.page_path(private, run)) for run in asked.runs)
    files = report_files(Report(asked.edition, pages, asked.absent, asked.invented))
    module, _, name = asked.guard.partition(":")
    guard = getattr(import_module(module), name) if module else None
    replace_public(files, asked.folder, [asked.edition.path.parent, Path.home()], guard)
    used = loaded_modules(engine_only=False) | read_files(private)[0]
    rests = {**asked.rests, "modules": state_of(used, asked.digests)}
    kept.write_record({"rests": rests, "public": file_digests(asked.folder / "public")}, private / kept.PUBLISHED)


def _read_page(path: Path) -> Page:
    fields = json.loads(path.read_text(encoding="utf-8"))
    return Page(**fields | {"headings": tuple(tuple(heading) for heading in fields["headings"])})
