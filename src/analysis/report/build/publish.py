"""Put the report together from its pages, and into its place (the work of one task)."""

from pathlib import Path

from analysis.report.build import records
from analysis.report.build.chapter_task import Publication
from analysis.report.build.identity_guard import remembering_guard
from analysis.report.build.kept_pages import read_page
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
from analysis.report.review.collected import comments_folder, read_collection
from analysis.report.review.reviewers_site import review_files
from analysis.report.site.front_matter import Report
from analysis.report.site.site import report_files


def publish_report(asked: Publication, _tell=None) -> None:
    """Frame kept pages into a report and its reviewers' view, look both through, put them in place, and record it.

    Raises
    ------
    AnalysisError
        A file must not be published: the report stays as it was.
    """
    private = asked.folder / "private"
    computed = [read_page(records.page_path(private, run)) for run in asked.runs]
    pages = all_pages(asked.edition, computed, [chapter.name for chapter in asked.absent])
    signed = read_sign_offs(asked.edition.path)
    report = Report(asked.edition, pages, asked.absent, asked.invented, asked.inputs, signed)
    guard = remembering_guard(asked.guard, private, asked.digests, asked.jobs)
    elsewhere = [asked.edition.path.parent, Path.home()]
    versions, made = needed_versions(), report_files(report)
    replace_public(
        made | {METADATA: public_crate(asked, made, versions)}, asked.folder, elsewhere, guard
    )
    checks = checks_files(report, Run(kept_offer(private), asked.results, asked.digests, versions))
    beside = (
        review_files(report, asked.results, read_collection(comments_folder(asked.folder))) | checks
    )
    replace_public(beside, asked.folder, elsewhere, guard, "review")
    write_whole(private / METADATA, private_crate(asked, executed_files(asked)))
    rests = {**asked.rests, "packages": asked.rests["packages"] | versions}
    write_record(
        {"rests": rests, "public": file_digests(asked.folder / "public")},
        private / records.PUBLISHED,
    )
