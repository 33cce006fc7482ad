"""Comments as a reader of pages meets them: a card each, and the page of all that were collected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from analysis.report.files.page_words import word, words_in
from analysis.report.review.comments import Comment
from analysis.report.review.verdicts import STATUSES, Verdict
from analysis.report.site.drafts import Draft, DraftChapter
from analysis.report.site.frame import environment, template_text
from analysis.report.site.front_matter import said_date
from analysis.report.site.policy import content_policy, running_heads
from analysis.terms import LANGUAGES

SHOWN_QUOTE = 400


@dataclass(frozen=True)
class Remark:
    """A comment as a card shows it: in which words its date, its status and what became of its place.

    ``quote`` is empty where the passage stands right above; ``address`` leads to its place, or is empty.
    """

    comment: Comment
    verdict: Verdict
    day: str
    status: str
    became: str = ""
    quote: str = ""
    address: str = ""


def remark_of(
    comment: Comment, verdict: Verdict, language: str, how: str = "", address: str = ""
) -> Remark:
    """The card of a comment; ``how`` says what became of its place, see ``relocate.Relocation``."""
    day = said_date(datetime.fromisoformat(comment.created).date(), language)
    became = "" if how in ("", "same") else word(f"comment.{how}", language)
    quote = comment.exact
    if len(quote) > SHOWN_QUOTE:
        quote = f"{quote[:SHOWN_QUOTE]} …"
    return Remark(
        comment=comment,
        verdict=verdict,
        day=day,
        status=word(f"status.{verdict.status}", language),
        became=became,
        quote="" if how == "same" else quote,
        address=address,
    )


def remark_html(remark: Remark, language: str) -> str:
    """The card as markup."""
    card = environment().get_template("remark.html.j2").module.card
    return str(card(remark, words_in(language)))


def collection_pages(
    draft: Draft, comments: Sequence[Comment], verdicts: Mapping[str, Verdict], pages_beside: bool
) -> dict[str, str]:
    """The page of all comments in each language of the draft, with their style sheets.

    Parameters
    ----------
    draft
        Whose chapters these are; of a draft that is not there the pages tell the comments alone.
    comments, verdicts
        What was said, and what editors made of it by the comment's key.
    pages_beside
        Whether the reviewers' pages lie where they do beside the private part, so that links lead to them.
    """
    languages = list(draft.titles) or list(LANGUAGES)
    names = {code: "index.html" if code == languages[0] else f"{code}.html" for code in languages}
    files = {name: template_text(name) for name in ("style.css", "review.css")}
    for language, name in names.items():
        switch = [(code, other) for code, other in names.items() if code != language]
        content = _content(draft, comments, verdicts, language, pages_beside)
        page = _frame(draft, language) | content | {"switch": switch}
        files[name] = environment().get_template("comments.html.j2").render(page)
    return files


def _frame(draft: Draft, language: str) -> dict[str, Any]:
    """What surrounds the page: there is no edition, only its title."""
    title = draft.titles.get(language, draft.edition)
    heads = running_heads(title, word("comments", language))
    return {
        "language": language,
        "words": words_in(language),
        "word": word,
        "edition": {"title": {language: title}},
        "heads": heads,
        "policy": content_policy((heads,)),
        "reviewing": word("review.notice", language),
        "invented": frozenset(),
        "banner": lambda *_: "",
        "root": "",
        "about": [],
    }


def _content(
    draft: Draft,
    comments: Sequence[Comment],
    verdicts: Mapping[str, Verdict],
    language: str,
    pages_beside: bool,
) -> dict[str, Any]:
    statuses = [verdicts.get(comment.key, Verdict()).status for comment in comments]
    return {
        "statuses": [
            (status, word(f"status.{status}", language), statuses.count(status))
            for status in STATUSES
        ],
        "reviewers": list(dict.fromkeys(comment.reviewer for comment in comments)),
        "chapters": list(_chapters(draft, comments, verdicts, language, pages_beside)),
    }


def _chapters(
    draft: Draft,
    comments: Iterable[Comment],
    verdicts: Mapping[str, Verdict],
    language: str,
    pages_beside: bool,
) -> Iterable[dict[str, Any]]:
    """Comments chapter by chapter, in the order of the report; chapters that it has no more come last."""
    chapters = {(chapter.language, chapter.name): chapter for chapter in draft.chapters}
    order = list(chapters)

    def position(comment: Comment) -> tuple[int, str, str]:
        key = (comment.language, comment.chapter)
        return order.index(key) if key in chapters else len(order), *key

    for (_, code, name), group in groupby(sorted(comments, key=position), key=position):
        chapter = chapters.get((code, name))
        page = f"../../review/{code}/{name}.html" if pages_beside and chapter else ""
        yield {
            "chapter": chapter or DraftChapter(name, code, "", name, name, ""),
            # Without a draft nothing is known of its chapters.
            "gone": bool(order) and chapter is None,
            "remarks": [_linked_remark(comment, verdicts, language, page) for comment in group],
        }


def _linked_remark(
    comment: Comment, verdicts: Mapping[str, Verdict], language: str, page: str
) -> Remark:
    address = f"{page}#{comment.key}" if page else ""
    verdict = verdicts.get(comment.key, Verdict())
    return remark_of(comment, verdict, language, address=address)
