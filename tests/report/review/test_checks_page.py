"""The reviewers' page of checks: warnings, findings in numbers, who is counted, and the record of the run."""

from pathlib import Path

import pytest

from analysis.report.edition.chapters import AbsentChapter
from analysis.report.edition.offer import SourceOffer
from analysis.report.edition.read import read_edition
from analysis.report.edition.results import ChapterResult
from analysis.report.pages.bind import Page
from analysis.report.pages.exhibits import PlacedExhibit
from analysis.report.review.checks_page import Run, checks_files
from analysis.report.site.front_matter import Report
from analysis.terms import label

THIN = "\N{NARROW NO-BREAK SPACE}"
CHECK = {"check": "sex_topography", "severity": "error", "action": "correct_code", "source": "IARC"}
FOUND = CHECK | {"tumours": "1833", "countries": [["NO", 1800], ["XX<b>", 33]], "years": None}
CHECKS = {
    "made": "yes",
    "tumours": 46759,
    "asked": [CHECK | {"check": "quiet_one"}],
    "found": [FOUND],
}
FLOW = "criterion,left_out,remaining,suppressed\nregistered,0,46759,false\nage,,,true\n"


def _page(language, flow):
    fields = {"kind": "table", "csv": flow}
    placed = (
        (PlacedExhibit(fields, "3.1", "Who", "", language, "03_incidence", key="who"),)
        if flow
        else ()
    )
    return Page("03_incidence", language, "", "Rates <b>", "", "", (), exhibits=placed)


@pytest.fixture
def checks_page(write_edition):
    edition = read_edition(write_edition())

    def make(checks=None, results=(), parameters=None, flow=FLOW, language="en", **about):
        pages = tuple(_page(code, flow) for code in ("en", "nb"))
        offer = None if checks is None else SourceOffer(parameters or {}, checks=checks)
        run = Run(offer, tuple(results), {}, {"python": "3.11.2"})
        return checks_files(Report(edition, pages, **about), run)[
            f"{language}/checks.html"
        ].replace(THIN, " ")

    return make


def test_findings_are_told_in_numbers_and_words_and_escaped(checks_page):
    page = checks_page(CHECKS)
    assert (
        label("check.sex_topography", "en") in page
        and label("check_action.correct_code", "en") in page
    )
    assert ">1 833<" in page and "Norway 1 800, XX&lt;b&gt; 33" in page
    assert (
        "not broken down" in page
        and "Checks asked of 46 759 tumours: 2; they found something in 1." in page
    )
    assert "<code>quiet_one</code>, error" in page
    assert label("check.sex_topography", "nb") in checks_page(CHECKS, language="nb")


def test_why_there_are_no_findings_is_said(checks_page):
    assert "were not made in this run" in checks_page()
    large = {"made": "too_large", "tumours": 2_000_000, "asked": [], "found": []}
    assert "2 000 000 tumours is too large" in checks_page(large)
    assert "are counts" in checks_page({"made": "counts", "tumours": 7, "asked": [], "found": []})


def test_warnings_of_the_run_without_what_a_cell_printed(checks_page):
    log = Path("/somewhere/private/logs/en-03.log")
    printed = ChapterResult("03_incidence", "en", "done", 1.0, Path("x"), warnings=2, log=log)
    absent = AbsentChapter(Path("06.ipynb"), "06_survival", ("children",))
    more = {"absent": (absent,), "invented": frozenset({"cases"})}
    page = checks_page(CHECKS, [printed], {"first_year": 1990, "last_year": 2023}, **more)
    assert (
        "03_incidence: messages printed by its cells: 2" in page
        and "private/logs/en-03.log" in page
    )
    assert (
        "/somewhere" not in page
        and "06_survival: Not shown" in page
        and "The sources are invented" in page
    )
    assert "about 1985–2023, the cases are of 1990–2023" in page
    assert "None: every chapter was run" in checks_page(CHECKS)


def test_who_is_counted_as_it_is_published(checks_page):
    page = checks_page(CHECKS)
    assert 'href="03_incidence.html#' in page and "Rates &lt;b&gt;" in page
    assert '<td class="number">46 759</td><td class="number">not shown</td>' in page
    assert "No chapter of this report has an inclusion flow" in checks_page(CHECKS, flow="")


def test_the_record_of_the_run(checks_page):
    source = {"name": "cases.csv", "sha256": "ab" * 32, "rows": 46759}
    page = checks_page(CHECKS, inputs=(source,))
    assert "ab" * 32 in page and "cases.csv" in page and "<code>python 3.11.2</code>" in page
    assert "childhood-cancer-workbench" in page and " UTC" in page
