"""The reviewers' view of a run: the same chapters with all their code, and beside them how the run went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.report.binding import Page
from analysis.report.dependencies import digest_of, package_digests
from analysis.report.frames import framed, template_text
from analysis.report.front_matter import Report
from analysis.report.pages import chapter_page
from analysis.report.provenance import PACKAGE, package_version
from analysis.report.results import ChapterResult
from analysis.report.words import word

# The first line of the data of an inclusion flow.
FLOW = "criterion,left_out,remaining"


@dataclass(frozen=True)
class Reviewed:
    """A chapter as a reviewer looks at it: its page, how its run went, where its inclusion flow stands."""

    page: Page
    result: ChapterResult | None
    flow: str
    withheld: int


def review_files(report: Report, results: Iterable[ChapterResult]) -> dict[str, str | bytes]:
    """Every file of the reviewers' folder, which stands beside the public one and leads to its data.

    Parameters
    ----------
    report
        With its pages.
    results
        How the runs of this build went; a chapter that an earlier build ran has none.

    Notes
    -----
    Messages of a run may carry a value of a child: they are counted here and stay in the private log.
    """
    run = {(result.name, result.language): result for result in results}
    files: dict[str, str | bytes] = {name: template_text(name) for name in ("style.css", "report.js")}
    for language in report.languages:
        pages = report.pages_in(language)
        lines = [reviewed(page, run.get((page.name, language))) for page in pages]
        files[f"{language}/index.html"] = _overview(report, lines)
        for position, page in enumerate(pages):
            body = page.reviewed.replace('href="data/', f'href="../../public/{language}/data/')
            body = body.replace('href="glossary.html', f'href="../../public/{language}/glossary.html')
            body = body.replace('href="references.html', f'href="../../public/{language}/references.html')
            notice = word("review.notice", language)
            files[f"{language}/{page.name}.html"] = chapter_page(report, pages, position, body, reviewing=notice)
    return files


def reviewed(page: Page, result: ChapterResult | None) -> Reviewed:
    """What a reviewer first asks of a chapter."""
    flows = [exhibit.anchor for exhibit in page.exhibits if exhibit.fields["csv"].startswith(FLOW)]
    withheld = sum(line.endswith(",true") for exhibit in page.exhibits for line in exhibit.fields["csv"].splitlines())
    return Reviewed(page, result, flows[0] if flows else "", withheld)


def _overview(report: Report, lines: Sequence[Reviewed]) -> str:
    language = lines[0].page.language
    unsaid = {"path", "notebooks", "texts", "sources", "opt_outs", "contents"}
    settings = report.edition.model_dump(mode="json", exclude=unsaid)
    return framed(
        "review.html.j2",
        report,
        language,
        lines=lines,
        inputs=report.inputs,
        settings=[(name, _as_text(value)) for name, value in settings.items()],
        package=[(PACKAGE, package_version()), ("SHA-256", digest_of(package_digests()))],
        reviewing=word("review.notice", language),
        switch=[(code, f"../{code}/index.html") for code in report.languages if code != language],
    )


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_as_text(part)}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
