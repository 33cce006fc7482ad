"""The reviewers' page of checks: warnings of the run, what the registry's checks found, who is counted, the record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis.report.edition.chapters import AbsentChapter
from analysis.report.edition.offer import SourceOffer
from analysis.report.edition.results import ChapterResult
from analysis.report.files.digests import digest_of
from analysis.report.files.package import PACKAGE, commit_of, package_version
from analysis.report.files.page_words import needs_sentence, word
from analysis.report.review.reviewers_site import Reviewed, reviewed
from analysis.report.site.frame import framed
from analysis.report.site.front_matter import Report
from analysis.terms import has_label, label

THIN = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class Run:
    """What is known of a run beside its pages: what the sources offered, how chapters went, all code and versions."""

    offer: SourceOffer | None
    results: tuple[ChapterResult, ...]
    digests: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Flow:
    """Who is counted in a chapter: how many were registered and how many remain, as they are published."""

    line: Reviewed
    registered: str
    counted: str


def checks_files(report: Report, run: Run) -> dict[str, str]:
    """The page of checks in every language, by its name in the reviewers' folder.

    Notes
    -----
    Messages of a run may carry a value of a child: they are counted here and stay in the private log.
    """
    record = _record(run)
    return {
        f"{language}/checks.html": _page(report, run, record, language)
        for language in report.languages
    }


def _page(report: Report, run: Run, record: Sequence[tuple[str, str]], language: str) -> str:
    flows = [_flow(reviewed(page, None), language) for page in report.pages_in(language)]
    checks = run.offer.checks if run.offer else {}
    return framed(
        "checks.html.j2",
        report,
        language,
        warnings=list(_warnings(report, run, language)),
        checks=checks,
        sentence=_made(checks, report.edition.minimum_cell, language),
        found=[_in_words(check, language) for check in checks.get("found", ())],
        asked=[_in_words(check, language) for check in checks.get("asked", ())],
        flows=[flow for flow in flows if flow],
        record=[(word(f"checks.{key}", language), text) for key, text in record],
        inputs=[{**source, "rows": said(source.get("rows"))} for source in report.inputs],
        versions=sorted(run.versions.items()),
        reviewing=word("review.notice", language),
        switch=[(code, f"../{code}/checks.html") for code in report.languages if code != language],
    )


def said(number: object) -> str:
    """A whole number with thin spaces between thousands; what is none as it is.

    Examples
    --------
    >>> said(46759).replace(THIN, " "), said("<5")
    ('46 759', '<5')
    """
    if isinstance(number, str) and not number.isdigit():
        return number
    return "" if number is None else f"{int(number):,}".replace(",", THIN)


def _warnings(report: Report, run: Run, language: str) -> Iterable[str]:
    """What a reviewer should know before reading, a sentence each."""
    if report.invented:
        yield word("checks.invented", language)
    yield from (_absence(chapter, language) for chapter in report.absent)
    yield from _years_missing(report, run, language)
    results = [result for result in run.results if result.language == language]
    for result in results:
        if result.warnings:
            log = f"private/logs/{result.log.name}" if result.log else "private/logs"
            count = result.warnings
            yield word("checks.messages", language, name=result.name, count=count, log=log)
    earlier = sum(result.status in ("cached", "bound") for result in results)
    if earlier:
        yield word("checks.earlier", language, count=earlier)


def _years_missing(report: Report, run: Run, language: str) -> Iterable[str]:
    """That the cases do not cover all years of the edition, where that is known."""
    years = report.edition.diagnosis_years
    covered = run.offer.parameters if run.offer else {}
    first, last = covered.get("first_year"), covered.get("last_year")
    if not (years and first and last):
        return
    if years.first < first or years.last > last:
        words = {"first": years.first, "last": years.last, "covered": f"{first}–{last}"}
        yield word("checks.years", language, **words)


def _absence(chapter: AbsentChapter, language: str) -> str:
    return f"{chapter.name}: {needs_sentence(chapter.missing, language)}"


def _made(checks: Mapping, minimum: int, language: str) -> str:
    """Whether the checks were made, of how many tumours, and what is told of small numbers."""
    broken, unanswered = len(checks.get("found", ())), len(checks.get("asked", ()))
    return word(
        f"checks.made_{checks.get('made', 'unknown')}",
        language,
        asked=unanswered + broken,
        found=broken,
        tumours=said(checks.get("tumours", 0)),
        minimum=minimum,
    )


def _in_words(check: Mapping, language: str) -> dict:
    """A check in the words of a language."""
    return {
        **check,
        "what_holds": label(f"check.{check['check']}", language),
        "what_to_do": label(f"check_action.{check['action']}", language),
        "countries": _parts(check.get("countries"), "country", language),
        "years": _parts(check.get("years"), "", language),
        "severity": label(f"severity.{check['severity']}", language),
        "tumours": said(check.get("tumours")),
    }


def _parts(pairs: Sequence | None, column: str, language: str) -> str:
    """A breakdown in a line; that it may not be told where it may not."""
    if pairs is None:
        return word("checks.not_told", language)
    parts = []
    for name, count in pairs:
        key = f"{column}.{name}"
        named = label(key, language) if has_label(key) else name
        parts.append(f"{named} {said(count)}")
    return ", ".join(parts)


def _flow(line: Reviewed, language: str) -> Flow | None:
    """The ends of a chapter's inclusion flow, from its published lines."""
    tables = {exhibit.anchor: exhibit.fields["csv"] for exhibit in line.page.exhibits}
    if not line.flow or line.flow not in tables:
        return None
    rows = [row.split(",") for row in tables[line.flow].splitlines()[1:]]
    remaining = [row[2].removesuffix(".0") for row in rows if len(row) > 2]
    if not remaining:
        return None
    withheld = word("checks.withheld", language)
    return Flow(line, said(remaining[0]) or withheld, said(remaining[-1]) or withheld)


def _record(run: Run) -> list[tuple[str, str]]:
    """When, by which code, in which versions: what is not in the public record is told here."""
    commit, clean = commit_of()
    tree = {"yes": "", "no": "*"}.get(clean, "")
    return [
        ("when", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("package", f"{PACKAGE} {package_version()}"),
        ("code", digest_of(run.digests)),
        *([("commit", commit + tree)] if commit else []),
        ("python", run.versions.get("python", "")),
    ]
