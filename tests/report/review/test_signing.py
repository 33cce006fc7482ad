"""Who approved what: recorded by content, void when a chapter changes, shown on the cover."""

import json
from dataclasses import replace
from datetime import date

import pytest

from analysis.errors import InputError
from analysis.report.edition.read import read_edition
from analysis.report.edition.sign_off_record import read_sign_offs, sign_offs_path
from analysis.report.pages.bind import Page
from analysis.report.review.reviewers_site import review_files
from analysis.report.review.signing import Asked, sign_chapters
from analysis.report.site.approvals import approval_lines
from analysis.report.site.drafts import chapter_digest, draft_of
from analysis.report.site.front_matter import Report
from analysis.report.site.site import report_files

TODAY = date(2026, 11, 24)


def page(name, language="en", title="Incidence", body='<p id="p-1">Text.</p>', value=""):
    return Page(name, language, value, title, "", body, (), reviewed=body)


PAGES = (
    page("foreword"),
    page("03_incidence"),
    page("09_group-I", value="I"),
    page("09_group-II", value="II"),
    page("03_incidence", "nb", "Forekomst"),
)


@pytest.fixture
def edition(write_edition):
    return read_edition(write_edition())


def sign(edition, name="Kari", chapters=("03_incidence",), languages=("en",), pages=PAGES, **more):
    draft = draft_of("small", {}, pages)
    return sign_chapters(
        edition.path, draft, Asked(chapters, languages, **more), (name, "chair"), TODAY
    )


def test_what_is_signed_is_recorded_beside_the_edition(edition):
    [one] = sign(edition)
    assert (one.chapter, one.language, one.name, one.date) == (
        "03_incidence",
        "en",
        "Kari",
        "2026-11-24",
    )
    assert one.sha256 == chapter_digest(PAGES[1])
    assert sign_offs_path(edition.path).name == "small.sign-offs.json"
    assert read_sign_offs(edition.path) == (one,)
    assert sign(edition) == []
    assert [two.name for two in sign(edition, "Ola  \n Ås")] == ["Ola Ås"]


@pytest.mark.parametrize(
    ("asked", "signed"),
    [
        ({"chapters": ("9",)}, ["09_group-I", "09_group-II"]),
        ({"chapters": ("09_group-II", "foreword.md")}, ["foreword", "09_group-II"]),
        (
            {"chapters": (), "everything": True},
            ["foreword", "03_incidence", "09_group-I", "09_group-II"],
        ),
        (
            {"chapters": ("03",), "languages": (), "everything": True},
            ["03_incidence", "03_incidence"],
        ),
        ({"languages": ("no",)}, ["03_incidence"]),
    ],
)
def test_which_chapters_are_signed(edition, asked, signed):
    assert [one.chapter for one in sign(edition, **asked)] == signed


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"chapters": ()}, "name a chapter with --chapter, or say --all"),
        ({"languages": ()}, r"name the language with --language \(en, nb\), or say --all"),
        ({"chapters": ("77",)}, "chapter 77: must be one of foreword, 03_incidence, 09_group"),
        ({"chapters": ("foreword",), "languages": ("nb",)}, "chapter foreword: must be one of"),
        ({"languages": ("sv",)}, "language sv: must be one of en, nb"),
        ({"name": " \n"}, "--name must say who signs"),
        ({"name": "x" * 201}, "must not be longer than 200"),
    ],
)
def test_what_cannot_be_signed_is_said_and_nothing_is_written(edition, asked, fault):
    with pytest.raises(InputError, match=fault):
        sign(edition, **asked)
    assert not sign_offs_path(edition.path).exists()


def test_a_draft_of_another_edition_is_refused(edition):
    with pytest.raises(
        InputError, match="the folder holds the edition other, and the file is small.yml"
    ):
        sign_chapters(
            edition.path, draft_of("other", {}, PAGES), Asked(("03",), ("en",)), ("Kari", ""), TODAY
        )
    with pytest.raises(InputError, match="name the edition's file with --edition"):
        absent = edition.path.with_name("absent.yml")
        sign_chapters(
            absent, draft_of("absent", {}, PAGES), Asked(("03",), ("en",)), ("Kari", ""), TODAY
        )


@pytest.mark.parametrize(
    "record",
    ["{", "[]", '{"sign_offs": 3}', '{"sign_offs": [3]}', '{"sign_offs": [{"chapter": "x"}]}'],
)
def test_a_record_that_is_none_is_refused(edition, record):
    sign_offs_path(edition.path).write_text(record)
    with pytest.raises(InputError, match="sign-offs small.sign-offs.json"):
        read_sign_offs(edition.path)


def test_a_record_with_wrong_values_is_refused_by_number(edition):
    [one] = sign(edition)
    faulty = [
        vars(one),
        vars(replace(one, sha256="abc")),
        vars(replace(one, date="soon")),
        vars(replace(one, name=" ")),
    ]
    sign_offs_path(edition.path).write_text(json.dumps({"sign_offs": faulty}))
    with pytest.raises(InputError) as raised:
        read_sign_offs(edition.path)
    assert [fault.split(":")[0] for fault in raised.value.faults] == [
        "sign-off 2",
        "sign-off 3",
        "sign-off 4",
    ]


def states(report, language="en"):
    return {line.page.name: line.state for line in approval_lines(report, language)}


def test_a_change_after_the_signature_voids_that_chapter_alone(edition):
    signed = tuple(sign(edition, chapters=("03", "foreword")))
    report = Report(edition, PAGES, sign_offs=signed)
    assert states(report) == {
        "foreword": "approved", "03_incidence": "approved", "09_group-I": "unsigned", "09_group-II": "unsigned",
    }  # fmt: skip
    assert states(report, "nb") == {"03_incidence": "unsigned"}
    changed = replace(PAGES[1], body="<p>Other text.</p>")
    report = Report(edition, (PAGES[0], changed, *PAGES[2:]), sign_offs=signed)
    [line] = [line for line in approval_lines(report, "en") if line.page.name == "03_incidence"]
    [one] = line.signatures
    assert (line.state, one.was, one.now) == (
        "void",
        signed[1].sha256[:8],
        chapter_digest(changed)[:8],
    )
    again = sign(edition, pages=(PAGES[0], changed))
    assert states(replace(report, sign_offs=(*signed, *again)))["03_incidence"] == "approved"


def test_an_unsigned_report_says_nothing_of_approval(edition):
    report = Report(edition, PAGES)
    assert approval_lines(report, "en") == []
    shown = [
        text for text in report_files(report).values() if isinstance(text, str) and "<main" in text
    ]
    assert not any('class="approvals"' in text for text in shown)


def test_the_cover_tells_who_signed_and_what_has_changed(edition):
    signed = (*sign(edition, "<b>Kari</b>"), *sign(edition, "Ola", ("foreword",)))
    changed = (replace(PAGES[0], body="<p>New.</p>"), *PAGES[1:])
    report = Report(edition, changed, sign_offs=signed)
    files, beside = report_files(report), review_files(report, [])
    for cover in (files["index.html"], files["small-en.html"], beside["en/index.html"]):
        assert "&lt;b&gt;Kari&lt;/b&gt;" in cover and "<b>Kari" not in cover and "chair" in cover
        assert (
            "24 November 2026: approved<" in cover
            and f"3 <small>({chapter_digest(PAGES[1])[:8]})" in cover
        )
        was, now = chapter_digest(PAGES[0])[:8], chapter_digest(changed[0])[:8]
        assert (
            "no longer valid, the chapter has changed" in cover
            and f"<small>({was} → {now})" in cover
        )
        assert "Not yet approved" in cover and "✗" in cover
    assert (
        "Ikke godkjent ennå" in files["index.html"]
        and "Ikke godkjent ennå" in files["small-nb.html"]
    )
    assert "void, the chapter has changed" in beside["en/foreword.html"]
    assert "not yet approved" in beside["en/09_group-I.html"]


def test_readers_pages_have_nothing_of_the_review(edition):
    files = report_files(Report(edition, PAGES))
    assert not {"review.js", "review.css", "draft.json"} & set(files)
    assert not any(
        mark in text
        for name, text in files.items()
        if name.endswith(".html")
        for mark in ("review.", "<template", "remark", "<dialog")
    )
    assert {"review.js", "review.css", "draft.json"} < set(review_files(Report(edition, PAGES), []))
