"""The reviewers' view of a run: the same chapters with all their code, and beside them how the run went."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.report.edition.results import ChapterResult
from analysis.report.files.digests import digest_of, package_digests
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.page_words import word
from analysis.report.pages.bind import Page
from analysis.report.review.comment_files import Collection
from analysis.report.review.comment_pages import Remark, remark_html, remark_of
from analysis.report.review.comments import Comment
from analysis.report.review.relocate import PageBlock, Relocation, page_blocks, relocation_of
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
    draft = draft_of(report.edition.path.stem, report.edition.title, report.pages)
    runs = {(run.language, run.name): run for run in results}
    comments = comments_by_page(report.pages, collection.comments)
    review = _Review(report, draft, runs, comments, collection)
    files: dict[str, str | bytes] = {name: template_text(name) for name in SHARED}
    files[FILE] = draft_text(draft)
    for language in report.languages:
        files |= _chapter_files(review, language)
        files[f"{language}/index.html"] = _overview(review, language)
    return files


@dataclass(frozen=True)
class _Review:
    """What the reviewers' pages are made from; runs and comments by language and name of the page."""

    report: Report
    draft: Draft
    runs: Mapping[tuple[str, str], ChapterResult]
    comments: Mapping[tuple[str, str] | None, Sequence[Comment]]
    collection: Collection


def _chapter_files(review: _Review, language: str) -> dict[str, str]:
    report, files = review.report, {}
    pages = report.pages_in(language)
    for position, page in enumerate(pages):
        of_page = review.comments.get((language, page.name), ())
        body, gone = with_comments(page, of_page, review.collection)
        notes = {"draft": review.draft, "gone": gone, **_review_notes(report, page)}
        markup = chapter_page(report, pages, position, body, "reviewed.html.j2", **notes)
        files[f"{language}/{page.name}.html"] = markup
    return files


def _review_notes(report: Report, page: Page) -> dict[str, object]:
    # Who signed a chapter is told where the report tells it of any.
    told = approval_lines(report, page.language)
    return {
        "reviewing": word("review.notice", page.language),
        "approval": approval_of(page, report.sign_offs) if told else None,
    }


def _lost_remarks(review: _Review, language: str) -> list[Remark]:
    """The cards of comments on chapters that are no more; of a language that is no more, in each that is."""
    verdicts = review.collection.verdicts
    return [
        remark_of(comment, verdicts.get(comment.key, Verdict()), language, "gone")
        for comment in review.comments.get(None, ())
        if comment.language == language or comment.language not in review.report.languages
    ]


def _leading_out(body: str, language: str) -> str:
    """A body whose links lead to the public folder, where what it leads to lies."""
    for start in ("data/", "glossary.html", "references.html"):
        body = body.replace(f'href="{start}', f'href="../../public/{language}/{start}')
    return body


def comments_by_page(
    pages: Iterable[Page], comments: Iterable[Comment]
) -> dict[tuple[str, str] | None, list[Comment]]:
    """Comments by the language and name of the page that they belong to now; by None where there is none.

    A chapter that was given another number is the same chapter.
    """
    keys = [(page.language, page.name) for page in pages]
    unnumbered = {(language, _without_number(name)): (language, name) for language, name in keys}
    by_page: dict[tuple[str, str] | None, list[Comment]] = defaultdict(list)
    for comment in comments:
        key = (comment.language, comment.chapter)
        renumbered = unnumbered.get((comment.language, _without_number(comment.chapter)))
        by_page[key if key in keys else renumbered].append(comment)
    return by_page


def _without_number(name: str) -> str:
    return re.sub(r"^\d+_?", "", name)


def with_comments(
    page: Page, comments: Iterable[Comment], collection: Collection
) -> tuple[str, list[Remark]]:
    """The reviewers' body of a page with a card behind each place that was commented on, and the cards without one."""
    body, language = _leading_out(page.reviewed, page.language), page.language
    blocks = page_blocks(body)
    cards: dict[int, str] = defaultdict(str)
    gone = []
    for comment in sorted(comments, key=lambda comment: (comment.created, comment.key)):
        relocation = relocation_of(comment, blocks)
        verdict = collection.verdicts.get(comment.key, Verdict())
        if relocation.block:
            card = _card(relocation, verdict, language)
            cards[relocation.block.end] += remark_html(card, language)
        else:
            gone.append(remark_of(comment, verdict, language, relocation.how))
    # From the end, so that what is put in moves nothing that is still to come.
    for end in sorted(cards, reverse=True):
        body = body[:end] + cards[end] + body[end:]
    return body, gone


def _card(relocation: Relocation, verdict: Verdict, language: str) -> Remark:
    comment, block = relocation.comment, relocation.block
    # Of a part of what stands above, or of what is folded, the card says which.
    part = block.kind == "code" or _is_part(comment, block)
    how = "" if relocation.how == "same" and part else relocation.how
    return remark_of(comment, verdict, language, how)


def _is_part(comment: Comment, block: PageBlock) -> bool:
    quoted = " ".join(comment.exact.split())
    # An exhibit as a whole is quoted by its name, with which it begins.
    return not block.text.startswith(quoted) if block.kind == "exhibit" else quoted != block.text


def reviewed(page: Page, result: ChapterResult | None, comments: int = 0) -> Reviewed:
    """What a reviewer first asks of a chapter."""
    tables = {exhibit.anchor: exhibit.fields["csv"] for exhibit in page.exhibits}
    flows = [anchor for anchor, table in tables.items() if table.startswith(FLOW)]
    rows = [row for table in tables.values() for row in table.splitlines()]
    # The last column says whether a row was withheld.
    withheld = sum(row.endswith(",true") for row in rows)
    return Reviewed(page, result, flows[0] if flows else "", withheld, comments)


def _overview(review: _Review, language: str) -> str:
    report = review.report
    lines = []
    for page in report.pages_in(language):
        key = (language, page.name)
        lines.append(reviewed(page, review.runs.get(key), len(review.comments.get(key, ()))))
    # Paths of this machine are told nowhere; the list of contents is the page itself.
    unsaid = {"path", "notebooks", "texts", "sources", "opt_outs", "contents"}
    settings = report.edition.model_dump(mode="json", exclude=unsaid)
    return framed(
        "review.html.j2",
        report,
        language,
        lines=lines,
        draft=review.draft,
        lost=_lost_remarks(review, language),
        inputs=report.inputs,
        settings=[(name, _as_text(value)) for name, value in settings.items()],
        package=[(PACKAGE, package_version()), ("SHA-256", digest_of(package_digests()))],
        reviewing=word("review.notice", language),
        switch=[(code, f"../{code}/index.html") for code in report.languages if code != language],
    )


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_as_text(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
