"""The title of a chapter, its headings and paragraphs with ids, and what introduces it."""

import re
from dataclasses import dataclass

from analysis.errors import ChapterError
from analysis.report.files.page_words import word
from analysis.report.pages import prose
from analysis.report.pages.anchors import (
    anchored_paragraphs,
    plain_text,
    reachable_tables,
    slug,
    unused,
)

_HEADING = re.compile(r"<h(?P<level>[1-3])\b[^>]*>(?P<text>.*?)</h(?P=level)>", re.DOTALL)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
# Ids of the frame around every chapter; no heading may take one of them.
_FRAME_IDS = {"text", "toc-title", "about-title", "search", "search-found", "findings-title"}


@dataclass(frozen=True)
class Outline:
    """A chapter taken apart.

    Attributes
    ----------
    title, description
        Plain text of the H1 and of the first paragraph, which search engines show.
    body
        Markup without the H1, what was set aside still aside.
    headings
        Anchor and text of every H2.
    """

    title: str
    description: str
    body: str
    headings: tuple[tuple[str, str], ...]


def outline_of(markup: str, aside: list[str], language: str) -> Outline:
    """Take the title out of a chapter, and give its headings, paragraphs and tables what leads to them.

    Parameters
    ----------
    markup
        As Markdown became HTML, with tokens for what was set aside.
    aside
        What the tokens stand for.
    language
        Of the chapter.

    Raises
    ------
    ChapterError
        There is not exactly one title.
    """
    titles = [heading for heading in _HEADING.finditer(markup) if heading["level"] == "1"]
    if len(titles) != 1:
        raise ChapterError(
            f"a chapter has one title (# …) in each language; this one has {len(titles)}"
        )
    (title,) = titles
    body = markup[: title.start()] + markup[title.end() :]
    headings: list[tuple[str, str]] = []
    taken = set(_FRAME_IDS)
    body = _HEADING.sub(lambda heading: _anchored(heading, headings, taken, aside), body)
    # A chapter that opens with a figure introduces itself by nothing, not by words behind the figure.
    opening = _PARAGRAPH.search(body.split("<figure")[0])
    description = plain_text(prose.put_back(opening[1], aside)) if opening else ""
    body = anchored_paragraphs(reachable_tables(body, word("table", language)), taken)
    title_text = plain_text(prose.put_back(title["text"], aside))
    return Outline(title_text, description, body, tuple(headings))


def _anchored(
    heading: re.Match, headings: list[tuple[str, str]], taken: set[str], aside: list[str]
) -> str:
    """A heading with an id of its words; those of the second level are listed."""
    if 'id="findings-title"' in heading[0]:
        return heading[0]
    level, text = heading["level"], heading["text"]
    # The link to a heading must outlive a new number in it.
    anchor = unused(slug(prose.without_tokens(plain_text(text))), taken)
    if level == "2":
        headings.append((anchor, plain_text(prose.put_back(text, aside))))
    return f'<h{level} id="{anchor}">{text}</h{level}>'
