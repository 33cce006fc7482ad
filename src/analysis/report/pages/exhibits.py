"""An exhibit on its page: number, title, caption, words for who cannot see it, data for who can compute."""

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.report.files.page_words import word
from analysis.report.pages.anchors import content_id
from analysis.report.pages.drawings import accessible_svg, standalone_svg

# Lines of a table, its head among them, that are printed on one page.
SHORT = 18
_RANGE = re.compile(r"(?:\bages\s)?\d+–\d+(?:\sår\b)?")


@dataclass(frozen=True)
class PlacedExhibit:
    """An exhibit with its place in the report.

    Attributes
    ----------
    fields
        As display made it: kind, body, csv, alternative, notes, numbers, picture.
    number
        ``"3.1"``: chapter, and place among the figures (or tables) of the chapter.
    title, caption
        Rendered HTML of the caption cell: its first line, and the rest.
    language, chapter
        The page that it stands on.
    method
        Rendered HTML on how it was computed; may be empty.
    code
        The cell that made it.
    key
        Of its title without the numbers in it: by this it is known again where its number has changed.
    """

    fields: Mapping
    number: str
    title: str
    caption: str
    language: str
    chapter: str
    method: str = ""
    code: str = ""
    key: str = ""

    @property
    def anchor(self) -> str:
        """``"figure-3-1"``: the id on the page, and the end of the data file's name."""
        return f"{self.fields['kind']}-{self.number.replace('.', '-')}"

    @property
    def label(self) -> str:
        """``"Figure 3.1"`` in the language of the page."""
        return f"{word(self.fields['kind'], self.language)} {self.number}"

    @property
    def plain_title(self) -> str:
        """The title as text, HTML-escaped."""
        return html.escape(html.unescape(re.sub(r"<[^>]+>", "", self.title)), quote=False)

    @property
    def name(self) -> str:
        """Label and title, HTML-escaped."""
        return f"{self.label}. {self.plain_title}"

    @property
    def is_drawn(self) -> bool:
        """Whether there is a drawing, and not a sentence in its place."""
        return "<svg" in self.fields["body"]

    def file_name(self, ending: str) -> str:
        """The name of its data (``csv``) or its picture (``svg``, ``png``)."""
        return f"{self.chapter}-{self.anchor}.{ending}"

    @property
    def endings(self) -> tuple[str, ...]:
        """What there is of it: data, and of a drawing the drawing and its print."""
        if not self.is_drawn:
            return ("csv",)
        return ("csv", "svg", "png") if self.fields.get("picture") else ("csv", "svg")

    @property
    def csv_name(self) -> str:
        """The file name of its data."""
        return self.file_name("csv")

    def files(self) -> dict[str, str | bytes]:
        """Its data, and its picture as drawing and as print, by file name."""
        contents: dict[str, str | bytes] = {"csv": self.fields["csv"]}
        if "svg" in self.endings:
            fields = self.fields
            drawing = standalone_svg(
                fields["body"], self.name, fields["alternative"], self.language
            )
            contents["svg"] = drawing
        if "png" in self.endings:
            contents["png"] = base64.b64decode(self.fields["picture"])
        return {self.file_name(ending): contents[ending] for ending in self.endings}


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
    classes = f"exhibit {fields['kind']}{' short' if _is_short(fields) else ''}"
    notes = [f'<p class="note">{html.escape(note)}</p>' for note in fields.get("notes", ())]
    foot = f"{_downloads(exhibit)}{_in_words(exhibit)}{_computed(exhibit)}"
    parts = [
        # A comment is found by the key, which outlives a new number; a link leads to the id.
        f'<figure class="{classes}" id="{anchor}" data-anchor="{exhibit.key or anchor}">',
        _head(exhibit),
        f'<div class="caption">{exhibit.caption}</div>' if exhibit.caption else "",
        "</figcaption>",
        f'<p class="sideways">{word("sideways", exhibit.language)}</p>',
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{anchor}-name">',
        f"{_body(exhibit)}</div>",
        *notes,
        f'<div class="exhibit-foot">{foot}</div></figure>',
    ]
    return "\n".join(part for part in parts if part)


def _head(exhibit: PlacedExhibit) -> str:
    anchor, label = exhibit.anchor, exhibit.label
    link = html.escape(word("link_to", exhibit.language, label=label))
    title = unbroken_ranges(exhibit.title)
    return (
        f'<figcaption><div class="exhibit-head"><p class="exhibit-title" id="{anchor}-name">'
        f'<span class="exhibit-number">{label}</span> <span>{title}</span></p>'
        f'<a class="anchor" href="#{anchor}" aria-label="{link}">#</a></div>'
    )


def _is_short(fields: Mapping) -> bool:
    """Whether it is a table that a printed page holds whole."""
    return fields["kind"] == "table" and fields["body"].count("<tr") <= SHORT


def unbroken_ranges(markup: str) -> str:
    """Markup in which no line ends within a range of numbers, nor between it and what is counted.

    Examples
    --------
    >>> unbroken_ranges("Rates, 0–14 år")
    'Rates, <span class="unbroken">0–14 år</span>'
    """
    parts = re.split(r"(<[^>]+>)", markup)
    return "".join(
        part if part.startswith("<") else _RANGE.sub(r'<span class="unbroken">\g<0></span>', part)
        for part in parts
    )


def code_html(source: str) -> str:
    """A code cell with an id of what it does, reached by the keyboard where it is wider than the page."""
    anchor = content_id("code", source)
    code = html.escape(source, quote=False)
    return f'<pre tabindex="0" data-anchor="{anchor}"><code>{code}</code></pre>'


def _body(exhibit: PlacedExhibit) -> str:
    body = exhibit.fields["body"]
    if not exhibit.is_drawn:
        return body
    return accessible_svg(body, exhibit.anchor, exhibit.name, exhibit.fields["alternative"])


def _downloads(exhibit: PlacedExhibit) -> str:
    links = []
    for ending in exhibit.endings:
        address = html.escape(exhibit.file_name(ending))
        # A screen reader lists links alone: each must say of which exhibit it is.
        words = f'{word(ending, exhibit.language)}<span class="unseen">: {exhibit.label}</span>'
        links.append(f'<li><a class="data" href="data/{address}" download>{words}</a></li>')
    return f'<ul class="downloads">{"".join(links)}</ul>'


def _in_words(exhibit: PlacedExhibit) -> str:
    alternative = exhibit.fields.get("alternative", "").strip()
    if not alternative:
        return ""
    return (
        f'<details class="in-words"><summary>{word("in_words", exhibit.language)}</summary>'
        f"<p>{html.escape(alternative, quote=False)}</p></details>"
    )


def _computed(exhibit: PlacedExhibit) -> str:
    """How it was computed: the method in words and formulas, and the code."""
    if not exhibit.method and not exhibit.code:
        return ""
    method = f'<div class="method">{exhibit.method}</div>' if exhibit.method else ""
    code = code_html(exhibit.code) if exhibit.code else ""
    summary = word("computed", exhibit.language)
    return f'<details class="computed"><summary>{summary}</summary>{method}{code}</details>'
