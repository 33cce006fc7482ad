"""An exhibit on its page: number, title, caption, words for who cannot see it, data for who can compute."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.errors import ChapterError
from analysis.report.words import word

_SVG_ID = re.compile(r"""(\bid=|\bhref=|\bxlink:href=|\baria-labelledby=|\baria-describedby=)(["'])([^"']*)\2""")
_SVG_URL = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")
_SVG_HEAD = re.compile(r"<svg\b([^>]*)>", re.DOTALL)
_SVG_OWN_NAME = re.compile(r"<(title|desc)\b[^>]*>.*?</\1>", re.DOTALL)
# A namespace is not needed in a page, and reads as an address outside it.
_NAMING_ATTRIBUTE = re.compile(
    r"""\s+(?:role|aria-label(?:ledby)?|aria-describedby|xmlns(?::\w+)?)=(["']).*?\1""", re.DOTALL
)


@dataclass(frozen=True)
class PlacedExhibit:
    """An exhibit with its place in the report.

    Attributes
    ----------
    fields
        As display made it: kind, body, csv, alternative, notes, numbers.
    number
        ``"3.1"``: chapter, and place among the figures (or tables) of the chapter.
    title, caption
        Rendered HTML of the caption cell: its first line, and the rest.
    language, chapter
        The page that it stands on.
    """

    fields: Mapping
    number: str
    title: str
    caption: str
    language: str
    chapter: str

    @property
    def anchor(self) -> str:
        """``"figure-3-1"``: the id on the page, and the end of the data file's name."""
        return f"{self.fields['kind']}-{self.number.replace('.', '-')}"

    @property
    def csv_name(self) -> str:
        """The file name of its data."""
        return f"{self.chapter}-{self.anchor}.csv"


def split_caption(source: str) -> tuple[str, str]:
    """Title and caption of a caption cell: its first line, and the rest.

    Examples
    --------
    >>> split_caption("### Cases by group\\n\\nWith 95 % intervals.")
    ('Cases by group', 'With 95 % intervals.')
    """
    title, _, rest = source.strip().partition("\n")
    return title.strip().lstrip("#").strip().removeprefix("**").removesuffix("**"), rest.strip()


def exhibit_html(exhibit: PlacedExhibit) -> str:
    """The exhibit as a ``<figure>``: title above, body in a region that scrolls, words and data below."""
    fields, anchor = exhibit.fields, exhibit.anchor
    label = f"{word(fields['kind'], exhibit.language)} {exhibit.number}"
    parts = [
        f'<figure class="exhibit {fields["kind"]}" id="{anchor}">',
        f'<figcaption><p class="exhibit-title" id="{anchor}-name"><span class="exhibit-number">{label}</span> '
        f"<span>{exhibit.title}</span></p>",
        f'<div class="caption">{exhibit.caption}</div>' if exhibit.caption else "",
        "</figcaption>",
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{anchor}-name">',
        f"{_body(exhibit, label)}</div>",
        *(f'<p class="note">{html.escape(note)}</p>' for note in fields.get("notes", ())),
        '<div class="exhibit-foot">',
        _in_words(exhibit),
        f'<a class="data" href="data/{html.escape(exhibit.csv_name)}" download>{word("data", exhibit.language)}'
        f'<span class="unseen">: {label}</span></a>',
        "</div></figure>",
    ]
    return "\n".join(part for part in parts if part)


def _body(exhibit: PlacedExhibit, label: str) -> str:
    body = exhibit.fields["body"]
    if "<svg" not in body:
        return body
    plain_title = html.escape(html.unescape(re.sub(r"<[^>]+>", "", exhibit.title)), quote=False)
    return accessible_svg(body, exhibit.anchor, f"{label}. {plain_title}", exhibit.fields["alternative"])


def accessible_svg(svg: str, anchor: str, title: str, description: str) -> str:
    """Name and describe a drawing, and make its ids its own on the page.

    Parameters
    ----------
    svg
        One inline drawing; what names it already is replaced.
    anchor
        Stands before each of its ids.
    title
        HTML-escaped.
    description
        Plain text.

    Raises
    ------
    ChapterError
        There is no description: a reader who cannot see the drawing would get nothing.
    """
    if not description.strip():
        raise ChapterError(f"{anchor} has no text alternative")
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", svg, flags=re.DOTALL)
    svg = _SVG_OWN_NAME.sub("", svg)
    svg = _SVG_ID.sub(lambda found: f"{found[1]}{found[2]}{_own_id(found[1], found[3], anchor)}{found[2]}", svg)
    svg = _SVG_URL.sub(lambda found: f"url(#{anchor}-{found[2]})", svg)
    svg = _SVG_HEAD.sub(lambda found: _NAMING_ATTRIBUTE.sub("", found[0]), svg, count=1)
    name = (
        f' role="img" aria-labelledby="{anchor}-title {anchor}-desc">'
        f'<title id="{anchor}-title">{title}</title>'
        f'<desc id="{anchor}-desc">{html.escape(description, quote=False)}</desc>'
    )
    return _SVG_HEAD.sub(lambda found: f"<svg{found[1]}{name}", svg, count=1)


def _own_id(attribute: str, value: str, anchor: str) -> str:
    if "href" in attribute:
        return f"#{anchor}-{value[1:]}" if value.startswith("#") else value
    return " ".join(f"{anchor}-{name}" for name in value.split())


def _in_words(exhibit: PlacedExhibit) -> str:
    alternative = exhibit.fields.get("alternative", "").strip()
    if not alternative:
        return ""
    return (
        f'<details class="in-words"><summary>{word("in_words", exhibit.language)}</summary>'
        f"<p>{html.escape(alternative, quote=False)}</p></details>"
    )
