"""Put the report together from its pages, and into its place (the work of one task)."""

from collections.abc import Mapping
from pathlib import Path

from analysis.report.build import records
from analysis.report.build.identity_guard import remembering_guard
from analysis.report.build.report_task import ReportTask
from analysis.report.build.ro_crate import METADATA
from analysis.report.build.run_crates import (
    executed_files,
    needed_versions,
    private_crate,
    public_crate,
)
from analysis.report.build.sources import kept_offer
from analysis.report.edition.sign_off_record import read_sign_offs
from analysis.report.files.digests import file_digests
from analysis.report.files.writing import replace_public, write_record, write_whole
from analysis.report.pages.hand_written import all_pages
from analysis.report.review.checks_page import Run, checks_files
from analysis.report.review.comment_files import comments_folder, read_collection
from analysis.report.review.reviewers_site import review_files
from analysis.report.site.front_matter import Report
from analysis.report.site.site import report_files


def publish_report(task: ReportTask, _tell=None) -> None:
    """Frame kept pages into a report and its reviewers' view, look both through, put them in place, and record it.

    Raises
    ------
    AnalysisError
        A file must not be published: the report stays as it was.
    """
    private = task.folder / "private"
    guard = remembering_guard(task.guard, private, task.digests, task.jobs)
    elsewhere = [task.edition.path.parent, Path.home()]
    versions = needed_versions()
    report = _report_of(task)
    public = report_files(report)
    public[METADATA] = public_crate(task, public, versions)
    replace_public(public, task.folder, elsewhere, guard)
    replace_public(_review_of(task, report, versions), task.folder, elsewhere, guard, "review")
    write_whole(private / METADATA, private_crate(task, executed_files(task)))
    # Written last: a build that is stopped before it publishes anew.
    rests = {**task.rests, "packages": task.rests["packages"] | versions}
    published = {"rests": rests, "public": file_digests(task.folder / "public")}
    write_record(published, private / records.PUBLISHED)


def _report_of(task: ReportTask) -> Report:
    private = task.folder / "private"
    computed = [records.read_kept_page(records.page_path(private, run)) for run in task.runs]
    pages = all_pages(task.edition, computed, [chapter.name for chapter in task.absent])
    signed = read_sign_offs(task.edition.path)
    return Report(task.edition, pages, task.absent, task.invented, task.inputs, signed)


def _review_of(
    task: ReportTask, report: Report, versions: Mapping[str, str]
) -> dict[str, str | bytes]:
    """What reviewers are shown beside the report: its pages with comments, and the page of checks."""
    offer = kept_offer(task.folder / "private")
    comments = read_collection(comments_folder(task.folder))
    pages = review_files(report, task.results, comments)
    return pages | checks_files(report, Run(offer, task.results, task.digests, versions))
