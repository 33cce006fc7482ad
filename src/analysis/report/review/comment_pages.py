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
    """The card of a comment; ``how`` says what became of its place, see `analysis.report.Place`."""
    day = said_date(datetime.fromisoformat(comment.created).date(), language)
    became = "" if how in ("", "same") else word(f"comment.{how}", language)
    shown = (
        comment.exact if len(comment.exact) <= SHOWN_QUOTE else f"{comment.exact[:SHOWN_QUOTE]} …"
    )
    quote = "" if how == "same" else shown
    return Remark(
        comment, verdict, day, word(f"status.{verdict.status}", language), became, quote, address
    )


def remark_html(remark: Remark, language: str) -> str:
    """The card as markup."""
    card = environment().get_template("remark.html.j2").module.card
    return str(card(remark, words_in(language)))


def comment_files(
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
        told = _context(draft, comments, verdicts, language, pages_beside) | {"switch": switch}
        files[name] = environment().get_template("comments.html.j2").render(told)
    return files


def _context(
    draft: Draft, comments: Sequence[Comment], verdicts: Mapping, language: str, beside: bool
) -> dict:
    title = draft.titles.get(language, draft.edition)
    heads = running_heads(title, word("comments", language))
    given = [verdicts.get(one.key, Verdict()).status for one in comments]
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
        "statuses": [
            (status, word(f"status.{status}", language), given.count(status)) for status in STATUSES
        ],
        "reviewers": list(dict.fromkeys(one.reviewer for one in comments)),
        "chapters": list(_chapters(draft, comments, verdicts, language, beside)),
    }


def _chapters(
    draft: Draft, comments: Iterable[Comment], verdicts: Mapping, language: str, beside: bool
) -> Iterable[dict[str, Any]]:
    """Comments chapter by chapter, in the order of the report; chapters that it has no more come last."""
    order = {(one.language, one.name): place for place, one in enumerate(draft.chapters)}

    def place(one: Comment) -> tuple:
        return order.get((one.language, one.chapter), len(order)), one.language, one.chapter

    for (at, code, name), group in groupby(sorted(comments, key=place), key=place):
        chapter = (
            draft.chapters[at] if at < len(order) else DraftChapter(name, code, "", name, name, "")
        )
        page = f"../../review/{code}/{name}.html" if beside and at < len(order) else ""
        yield {
            "chapter": chapter,
            "gone": bool(order) and at == len(order),
            "remarks": [
                remark_of(
                    one,
                    verdicts.get(one.key, Verdict()),
                    language,
                    "",
                    f"{page}#{one.key}" if page else "",
                )
                for one in group
            ],
        }
