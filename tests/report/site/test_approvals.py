"""What is said of approval: who signed, and whether the chapter still reads as it was signed."""

from types import SimpleNamespace

import pytest

from analysis.report.edition.sign_off_record import SignOff
from analysis.report.pages.bind import Page
from analysis.report.site.approvals import (
    Approval,
    Signature,
    approval_lines,
    approval_of,
    by_signer,
    state_words,
)
from analysis.report.site.drafts import chapter_digest

PAGE = Page("03_rates", "en", "", "Rates", "", "<p>a</p>", ())
OTHER = Page("04_survival", "en", "", "Survival", "", "<p>b</p>", ())


def signature(name, state="approved"):
    return Signature(name, "", "1 May 2026", state, "", "")


def sign_off(name="Kari", sha256=None, page=PAGE):
    sha256 = sha256 or chapter_digest(page)
    return SignOff(page.name, page.language, sha256, name, "editor", "2026-05-01")


@pytest.mark.parametrize(
    ("states", "state", "mark"),
    [
        ((), "unsigned", "○"),
        (("approved",) * 2, "approved", "✓"),
        (("approved", "void"), "void", "✗"),
    ],
)
def test_one_signature_that_is_void_makes_the_chapter_so(states, state, mark):
    approval = Approval(PAGE, tuple(signature("A", one) for one in states))
    assert (approval.state, approval.mark) == (state, mark)


def test_a_signature_holds_for_what_was_read():
    (holding,) = approval_of(PAGE, (sign_off(),)).signatures
    (void,) = approval_of(PAGE, (sign_off(sha256="0" * 64),)).signatures
    assert (holding.state, void.state) == ("approved", "void")
    digest = chapter_digest(PAGE)[:8]
    assert (void.name, void.role, void.day) == ("Kari", "editor", "1 May 2026")
    assert (void.was, void.now) == ("0" * 8, digest)
    assert "00000000" in state_words("void", "en", void.was, void.now)


def test_an_edition_that_nobody_signed_says_nothing_of_it():
    def report(*sign_offs):
        pages = (PAGE, OTHER)
        return SimpleNamespace(sign_offs=sign_offs, pages=pages, pages_in=lambda _: list(pages))

    assert approval_lines(report(), "en") == []
    lines = approval_lines(report(sign_off()), "en")
    assert [(line.page.name, line.state) for line in lines] == [
        ("03_rates", "approved"),
        ("04_survival", "unsigned"),
    ]


def test_what_does_not_hold_any_more_comes_first_and_people_stay_in_order():
    lines = [
        Approval(PAGE, (signature("Z"), signature("B", "void"))),
        Approval(OTHER, (signature("A"), signature("Z"))),
    ]
    groups = by_signer(lines)
    assert [[(page.name, one.name) for page, one in group] for group in groups] == [
        [("03_rates", "B")],
        [("03_rates", "Z"), ("04_survival", "Z")],
        [("04_survival", "A")],
    ]
