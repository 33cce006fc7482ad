"""The reviewers' view of a run: the same chapters with all their code, and beside them how the run went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.report.edition.results import ChapterResult
from analysis.report.files.digests import digest_of, package_digests
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.page_words import word
from analysis.report.pages.bind import Page
from analysis.report.review.collected import Collection
from analysis.report.review.comment_pages import remark_of
from analysis.report.review.commented import comments_by_page, with_comments
from analysis.report.review.verdicts import Verdict
from analysis.report.site.approvals import approval_lines, approval_of
from analysis.report.site.drafts import FILE, Draft, draft_of, draft_text
from analysis.report.site.frame import framed, template_text
from analysis.report.site.front_matter import Report
from analysis.report.site.site import chapter_page

# The first line of the data of an inclusion flow.
FLOW = "criterion,left_out,remaining"
SHARED = ("style.css", "report.js", "review.css", "review.js")


NOTHING = Collection(Path())


@dataclass(frozen=True)
class Reviewed:
    """A chapter as a reviewer looks at it: its page, how its run went, its inclusion flow and comments."""

    page: Page
    result: ChapterResult | None
    flow: str
    withheld: int
    comments: int


def review_files(
    report: Report, results: Iterable[ChapterResult], collection: Collection = NOTHING
) -> dict[str, str | bytes]:
    """Every file of the reviewers' folder, which stands beside the public one and leads to its data.

    Parameters
    ----------
    report
        With its pages.
    results
        How the runs of this build went; a chapter that an earlier build ran has none.
    collection
        What reviewers said of earlier drafts.

    Notes
    -----
    Messages of a run may carry a value of a child: they are counted here and stay in the private log.
    """
    run = {(result.name, result.language): result for result in results}
    files: dict[str, str | bytes] = {name: template_text(name) for name in SHARED}
    draft = draft_of(report.edition.path.stem, report.edition.title, report.pages)
    files[FILE] = draft_text(draft)
    said = comments_by_page(report.pages, collection.comments)
    for language in report.languages:
        pages = report.pages_in(language)
        lines = [
            reviewed(page, run.get((page.name, language)), len(said.get((language, page.name), ())))
            for page in pages
        ]
        lost = [
            one
            for one in said.get(None, ())
            if one.language == language or one.language not in report.languages
        ]
        cards = [
            remark_of(one, collection.verdicts.get(one.key, Verdict()), language, "gone")
            for one in lost
        ]
        files[f"{language}/index.html"] = _overview(report, lines, draft, cards)
        for position, page in enumerate(pages):
            given = said.get((language, page.name), ())
            files[f"{language}/{page.name}.html"] = _chapter(
                report, pages, position, draft, (given, collection)
            )
    return files


def _chapter(
    report: Report, pages: Sequence[Page], position: int, draft: Draft, said: tuple
) -> str:
    page = pages[position]
    body, gone = with_comments(_leading_out(page.reviewed, page.language), *said, page.language)
    approval = (
        approval_of(page, report.sign_offs) if approval_lines(report, page.language) else None
    )
    told = {
        "reviewing": word("review.notice", page.language),
        "draft": draft,
        "gone": gone,
        "approval": approval,
    }
    return chapter_page(report, pages, position, body, "reviewed.html.j2", **told)


def _leading_out(body: str, language: str) -> str:
    """A body whose links lead to the public folder, where what it leads to lies."""
    for start in ("data/", "glossary.html", "references.html"):
        body = body.replace(f'href="{start}', f'href="../../public/{language}/{start}')
    return body


def reviewed(page: Page, result: ChapterResult | None, comments: int = 0) -> Reviewed:
    """What a reviewer first asks of a chapter."""
    flows = [exhibit.anchor for exhibit in page.exhibits if exhibit.fields["csv"].startswith(FLOW)]
    withheld = sum(
        line.endswith(",true")
        for exhibit in page.exhibits
        for line in exhibit.fields["csv"].splitlines()
    )
    return Reviewed(page, result, flows[0] if flows else "", withheld, comments)


def _overview(report: Report, lines: Sequence[Reviewed], draft: Draft, lost: Sequence) -> str:
    language = lines[0].page.language
    unsaid = {"path", "notebooks", "texts", "sources", "opt_outs", "contents"}
    settings = report.edition.model_dump(mode="json", exclude=unsaid)
    return framed(
        "review.html.j2",
        report,
        language,
        lines=lines,
        draft=draft,
        lost=lost,
        inputs=report.inputs,
        settings=[(name, _as_text(value)) for name, value in settings.items()],
        package=[(PACKAGE, package_version()), ("SHA-256", digest_of(package_digests()))],
        reviewing=word("review.notice", language),
        switch=[(code, f"../{code}/index.html") for code in report.languages if code != language],
    )


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_as_text(part)}" for key, part in value.items())
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )
