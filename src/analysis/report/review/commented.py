"""Collected comments at their places in the reviewers' pages of the next draft."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from analysis.report.pages.bind import Page
from analysis.report.review.collected import Collection
from analysis.report.review.comment_pages import Remark, remark_html, remark_of
from analysis.report.review.comments import Comment
from analysis.report.review.relocate import Block, Place, page_blocks, place_of
from analysis.report.review.verdicts import Verdict


def comments_by_page(
    pages: Iterable[Page], comments: Iterable[Comment]
) -> dict[tuple[str, str] | None, list[Comment]]:
    """Comments by the language and name of the page that they belong to now; by None where there is none.

    A chapter that was given another number is the same chapter.
    """
    names = {(page.language, page.name): (page.language, page.name) for page in pages}
    bare = {(language, _without_number(name)): place for (language, name), place in names.items()}
    found: dict[tuple[str, str] | None, list[Comment]] = defaultdict(list)
    for one in comments:
        place = names.get((one.language, one.chapter)) or bare.get(
            (one.language, _without_number(one.chapter))
        )
        found[place].append(one)
    return found


def _without_number(name: str) -> str:
    return re.sub(r"^\d+_?", "", name)


def with_comments(
    body: str, comments: Sequence[Comment], collection: Collection, language: str
) -> tuple[str, list[Remark]]:
    """A body with a card behind each place that was commented on, and the cards whose place is gone."""
    blocks = page_blocks(body)
    placed: dict[int, list[Place]] = defaultdict(list)
    gone = []
    for one in sorted(comments, key=lambda one: (one.created, one.key)):
        place = place_of(one, blocks)
        if place.block:
            placed[place.block.end].append(place)
        else:
            gone.append(
                remark_of(one, collection.verdicts.get(one.key, Verdict()), language, place.how)
            )
    for end in sorted(placed, reverse=True):
        cards = "".join(
            remark_html(_card(place, collection, language), language) for place in placed[end]
        )
        body = body[:end] + cards + body[end:]
    return body, gone


def _card(place: Place, collection: Collection, language: str) -> Remark:
    one, block = place.comment, place.block
    card = remark_of(one, collection.verdicts.get(one.key, Verdict()), language, place.how)
    # Of a part of what stands above, or of what is folded, the card says which.
    part = place.how == "same" and (block.kind == "code" or _is_part(one, block))
    return remark_of(one, card.verdict, language, "") if part else card


def _is_part(one: Comment, block: Block) -> bool:
    quoted = " ".join(one.exact.split())
    # An exhibit as a whole is quoted by its name, with which it begins.
    return not block.text.startswith(quoted) if block.kind == "exhibit" else quoted != block.text
