"""A chapter's page read back: its paragraphs, its exhibits with their data, and the code that it shows."""

import csv
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.report.files.page_words import word

_BODY = re.compile(r'<body\b[^>]*\bclass="[^"]*\bchapter\b')
_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
_TITLE = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
_FIGURE = re.compile(r"<figure\b(?=[^>]*\bexhibit\b)([^>]*)>(.*?)</figure>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_NAME = re.compile(r'<(\w+)\b[^>]*\bclass="exhibit-title"[^>]*>(.*?)</\1>', re.DOTALL)
_LABEL = re.compile(r'<span class="exhibit-number">(.*?)</span>', re.DOTALL)
_FILE = re.compile(r'href="(data/[^"]+\.csv)"')
_SHOWN = re.compile(r"<svg\b.*?</svg>|<table\b.*?</table>", re.DOTALL)
# What only a screen reader says, and links to the place itself.
_ASIDE = re.compile(r'<span class="unseen">.*?</span>|<a\b[^>]*>\s*[#¶]\s*</a>', re.DOTALL)
_TAGS = re.compile(r"<(annotation|style|script)\b.*?</\1>|<[^>]+>", re.DOTALL)
_CODE = re.compile(r'<details\b[^>]*\bclass="code"[^>]*>.*?<code\b[^>]*>(.*?)</code>', re.DOTALL)
_NOT_PROSE = re.compile(
    r"<(h1|figure|details|nav|svg|script|style|template|form)\b.*?</\1>", re.DOTALL
)
_BLOCK = re.compile(
    r"</?(?:p|li|ul|ol|div|section|aside|h[2-6]|d[ltd]|blockquote|table|t[rdh]|math)\b[^>]*>"
)
_ABOUT = re.compile(r"<dt\b[^>]*>(.*?)</dt>\s*<dd\b[^>]*>(.*?)</dd>", re.DOTALL)
# What the foot of a page says of the report, under the words that stand before it there.
_BANNER = re.compile(r'<div\b[^>]*\bclass="banner"[^>]*>(.*?)</div>', re.DOTALL)
ABOUT = ("edition", "years", "closing", "age", "standard", "classification", "minimum", "package")


@dataclass(frozen=True)
class PublishedExhibit:
    """A table or figure as it was published.

    Attributes
    ----------
    chapter, anchor
        The name of its page, and its id there.
    kind
        ``"table"`` or ``"figure"``.
    label, title
        ``"Table 3.1"``, and what it is called.
    columns, rows
        Of its data file, as text; empty where there is no file.
    shown
        The markup of its table or drawing.
    """

    chapter: str
    anchor: str
    kind: str
    label: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shown: str


@dataclass(frozen=True)
class PublishedChapter:
    """A chapter: its title (with its number), paragraphs, exhibits; code and parameters, None where not known."""

    name: str
    title: str
    paragraphs: tuple[str, ...]
    exhibits: tuple[PublishedExhibit, ...]
    code: str | None = None
    parameters: Mapping[str, Any] | None = None


def is_chapter(page: str) -> bool:
    """Whether a page is a chapter, and not a list or a cover."""
    return bool(_BODY.search(page))


def read_published_page(name: str, page: str, folder: Path) -> PublishedChapter:
    """Read a chapter's page; its data files are seen from ``folder``."""
    body = _MAIN.search(page)
    main = body[1] if body else ""
    heading = _TITLE.search(main)
    codes = [html.unescape(re.sub(r"<[^>]+>", "", code)) for code in _CODE.findall(main)]
    exhibits = [
        _read_exhibit(name, attributes, markup, folder)
        for attributes, markup in _FIGURE.findall(main)
        if _ID.search(attributes)
    ]
    return PublishedChapter(
        name=name,
        title=_plain(heading[1]) if heading else name,
        paragraphs=_paragraphs(main),
        exhibits=tuple(exhibits),
        # A page that shows no code says nothing of it: that is not the same as a chapter without.
        code="\n\n".join(codes) or None,
    )


def page_about(page: str, language: str) -> dict[str, str]:
    """What a page says of the report that it belongs to, by key; ``banner`` is what stands over every page."""
    facts = {_plain(label): _plain(text) for label, text in _ABOUT.findall(page)}
    labels = {key: word(f"about.{key}", language) for key in ABOUT}
    about = {key: facts[label] for key, label in labels.items() if label in facts}
    banner = _BANNER.search(page)
    return {**about, "banner": _plain(banner[1]) if banner else ""}


def _read_exhibit(chapter: str, attributes: str, body: str, folder: Path) -> PublishedExhibit:
    anchor = _ID.search(attributes)[1]
    name, label, file, shown = (pattern.search(body) for pattern in (_NAME, _LABEL, _FILE, _SHOWN))
    columns, *rows = _read_csv(folder / html.unescape(file[1])) if file else [()]
    return PublishedExhibit(
        chapter=chapter,
        anchor=anchor,
        kind="figure" if re.search(r'class="[^"]*\bfigure\b', attributes) else "table",
        label=_plain(label[1]) if label else anchor,
        title=_plain(_LABEL.sub("", name[2])) if name else anchor,
        columns=columns,
        rows=tuple(rows),
        shown=shown[0] if shown else "",
    )


def _read_csv(path: Path) -> list[tuple[str, ...]]:
    """The lines of a data file, the head first; every line as long as the head."""
    if not path.is_file():
        return [()]
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace"))))
    if not lines:
        return [()]
    width = len(lines[0])
    return [tuple([*line, *[""] * width][:width]) for line in lines]


def _paragraphs(main: str) -> tuple[str, ...]:
    pieces = _BLOCK.split(_NOT_PROSE.sub("\n", main))
    return tuple(text for piece in pieces if (text := _plain(piece)))


def _plain(markup: str) -> str:
    """The text of a piece of HTML on one line; the spaces inside a number stay what they are."""
    return re.sub(r"[ \t\r\n]+", " ", html.unescape(_TAGS.sub("", _ASIDE.sub("", markup)))).strip()
