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
        found=[_in_words(one, language) for one in checks.get("found", ())],
        asked=[_in_words(one, language) for one in checks.get("asked", ())],
        flows=[flow for flow in flows if flow],
        record=[(word(f"checks.{key}", language), text) for key, text in record],
        inputs=[{**one, "rows": said(one.get("rows"))} for one in report.inputs],
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
    covered = (
        (run.offer.parameters.get(name) for name in ("first_year", "last_year"))
        if run.offer
        else (None, None)
    )
    first, last = covered
    asked = report.edition.diagnosis_years
    if asked and first and last and (asked.first < first or asked.last > last):
        years = {"first": asked.first, "last": asked.last, "covered": f"{first}–{last}"}
        yield word("checks.years", language, **years)
    of_language = [one for one in run.results if one.language == language]
    for one in of_language:
        if one.warnings:
            log = f"private/logs/{one.log.name}" if one.log else "private/logs"
            yield word("checks.messages", language, name=one.name, count=one.warnings, log=log)
    earlier = sum(one.status in ("cached", "bound") for one in of_language)
    if earlier:
        yield word("checks.earlier", language, count=earlier)


def _absence(chapter: AbsentChapter, language: str) -> str:
    return f"{chapter.name}: {needs_sentence(chapter.missing, language)}"


def _made(checks: Mapping, minimum: int, language: str) -> str:
    """Whether the checks were made, of how many tumours, and what is told of small numbers."""
    made = checks.get("made", "unknown")
    numbers = {"tumours": said(checks.get("tumours", 0)), "minimum": minimum}
    asked = len(checks.get("asked", ())) + len(checks.get("found", ()))
    return word(
        f"checks.made_{made}", language, asked=asked, found=len(checks.get("found", ())), **numbers
    )


def _in_words(one: Mapping, language: str) -> dict:
    """A check in the words of a language."""
    texts = {
        "what_holds": label(f"check.{one['check']}", language),
        "what_to_do": label(f"check_action.{one['action']}", language),
    }
    parts = {
        "countries": _parts(one.get("countries"), "country", language),
        "years": _parts(one.get("years"), "", language),
    }
    severity = label(f"severity.{one['severity']}", language)
    return {**one, **texts, **parts, "severity": severity, "tumours": said(one.get("tumours"))}


def _parts(pairs: Sequence | None, column: str, language: str) -> str:
    """A breakdown in a line; that it may not be told where it may not."""
    if pairs is None:
        return word("checks.not_told", language)
    named = [
        (label(key, language) if has_label(key := f"{column}.{name}") else name, count)
        for name, count in pairs
    ]
    return ", ".join(f"{name} {said(count)}" for name, count in named)


def _flow(line: Reviewed, language: str) -> Flow | None:
    """The ends of a chapter's inclusion flow, from its published lines."""
    found = (
        [exhibit for exhibit in line.page.exhibits if exhibit.anchor == line.flow]
        if line.flow
        else []
    )
    if not found:
        return None
    remaining = [
        row.split(",")[2] for row in found[0].fields["csv"].splitlines()[1:] if row.count(",") >= 2
    ]
    told = [
        said(text.removesuffix(".0")) or word("checks.withheld", language) for text in remaining
    ]
    return Flow(line, told[0], told[-1]) if told else None


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
