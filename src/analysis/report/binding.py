"""Executed chapters become the bodies of pages. The only file that knows nbconvert."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from nbconvert.exporters.html import HTMLExporter

from analysis.errors import ChapterError
from analysis.report import prose
from analysis.report.exhibits import PlacedExhibit, exhibit_html, split_caption
from analysis.report.notebooks import exhibits_of, nbformat, tags
from analysis.report.words import word

TEMPLATES = Path(str(files("analysis.report").joinpath("template")))
_HEADING = re.compile(r"<h(?P<level>[1-3])\b[^>]*>(?P<text>.*?)</h(?P=level)>", re.DOTALL)
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAGS = re.compile(r"<(annotation|style|script)\b.*?</\1>|<[^>]+>", re.DOTALL)
_FRAME_IDS = {"text", "toc-title", "about-title"}
_HIDDEN = {"parameters", "injected-parameters", "hidden"}


@dataclass(frozen=True)
class Page:
    """A chapter in one language, ready to be framed.

    Attributes
    ----------
    name, language, value
        As in its run: ``"09_diagnostic_group-I"``, ``"en"``, ``"I"``.
    title, description
        Plain text of the H1 and of the first paragraph.
    body
        HTML without the H1.
    headings
        Anchor and text of every H2.
    series
        Title of the entry that several runs of one notebook share, where the notebook names it.
    files
        Data files by name.
    """

    name: str
    language: str
    value: str
    title: str
    description: str
    body: str
    headings: tuple[tuple[str, str], ...]
    series: str = ""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Chapter number, with the value of a run that has one: ``"3"``, ``"9.I"``; may be empty."""
        return chapter_number(self.name, self.value)


def chapter_number(name: str, value: str = "") -> str:
    """The number of a chapter, from the digits that its file name begins with.

    Examples
    --------
    >>> chapter_number("03_incidence"), chapter_number("09_diagnostic_group-I", "I")
    ('3', '9.I')
    """
    digits = re.match(r"\d+", name)
    return ".".join(part for part in (str(int(digits[0])) if digits else "", value) if part)


def bind_chapter(notebook: nbformat.NotebookNode, name: str, language: str, value: str = "") -> Page:
    """Turn an executed notebook into a page of one language.

    Raises
    ------
    ChapterError
        A number that no exhibit quotes, an exhibit without a caption, a caption without an exhibit,
        a drawing without words, not exactly one H1.
    """
    kept: list[str] = []
    cells = prose.in_language(notebook.cells, language)
    numbers = prose.chapter_numbers(exhibit for cell in cells for exhibit in exhibits_of(cell))
    written, placed = _place_cells(cells, numbers, kept, (name, language, value))
    markup = prose.put_back(_export(written, language), kept)
    title, description, body, headings = _outline(markup)
    return Page(
        name=name,
        language=language,
        value=value,
        title=title,
        description=description,
        body=body,
        headings=headings,
        series=notebook.metadata.get("workbench", {}).get("title", {}).get(language, ""),
        files={exhibit.csv_name: exhibit.fields["csv"] for exhibit in placed},
    )


def _place_cells(cells: Sequence, numbers: dict, kept: list[str], page: tuple[str, str, str]):
    """Cells as they will be read: numbers in the prose, exhibits with their captions, code under them."""
    written, placed, counts = [], [], {"figure": 0, "table": 0}
    captions = _captions(cells)
    for position, cell in enumerate(cells):
        if cell.cell_type == "markdown" and "caption" not in tags(cell):
            written.append(nbformat.v4.new_markdown_cell(prose.set_aside(cell.source, numbers, kept)))
        elif cell.cell_type == "code":
            shown = ""
            for fields in exhibits_of(cell):
                counts[fields["kind"]] += 1
                exhibit = _place(fields, counts[fields["kind"]], captions.get(position, []), numbers, page)
                placed.append(exhibit)
                shown += prose.token(exhibit_html(exhibit), kept)
            _append_code(written, cell, shown)
    return written, placed


def _captions(cells: Sequence) -> dict[int, list[str]]:
    """Caption sources by the position of the code cell that they belong to, in order."""
    captions: dict[int, list[str]] = {}
    shown = None
    for position, cell in enumerate(cells):
        if exhibits_of(cell):
            shown = position
        elif "caption" in tags(cell):
            if shown is None:
                raise ChapterError(f"the caption “{split_caption(cell.source)[0]}” follows no exhibit")
            captions.setdefault(shown, []).append(cell.source)
        else:
            shown = None
    return captions


def _place(fields: dict, count: int, captions: list[str], numbers: dict, page: tuple[str, str, str]) -> PlacedExhibit:
    name, language, value = page
    number = ".".join(part for part in (chapter_number(name, value), str(count)) if part)
    if not captions:
        raise ChapterError(f"{fields['kind']} {number} has no caption in {word('language', language)}")
    title, rest = split_caption(captions.pop(0))
    kept: list[str] = []
    title, rest = (prose.set_aside(text, numbers, kept) for text in (title, rest))
    title, rest = (prose.put_back(_markdown(text), kept) for text in (title, rest))
    return PlacedExhibit(fields, number, title.strip().removeprefix("<p>").removesuffix("</p>"), rest, language, name)


def _append_code(written: list, cell, shown: str) -> None:
    if _HIDDEN & set(tags(cell)):
        return
    if not shown and written and written[-1].cell_type == "code" and not written[-1].metadata.get("shown"):
        written[-1].source += f"\n\n{cell.source}"
    else:
        written.append(nbformat.v4.new_code_cell(cell.source, metadata={"shown": shown}))


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="chapter", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True)


def _export(cells: list, language: str) -> str:
    notebook = nbformat.v4.new_notebook(cells=cells)
    markup, _ = _exporter().from_notebook_node(notebook, resources={"summary": word("computed", language)})
    return markup


def _markdown(source: str) -> str:
    return _exporter().markdown2html({}, source) if source else ""


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, on one line.

    Examples
    --------
    >>> plain_text("<em>Rates</em> &lt; 5")
    'Rates < 5'
    """
    return " ".join(html.unescape(_TAGS.sub("", markup)).split())


def _outline(markup: str) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    found = [heading for heading in _HEADING.finditer(markup) if heading["level"] == "1"]
    if len(found) != 1:
        raise ChapterError(f"a chapter has one title (# …) in each language; this one has {len(found)}")
    title = found[0]
    body = markup[: title.start()] + markup[title.end() :]
    headings: list[tuple[str, str]] = []
    body = _HEADING.sub(lambda heading: _anchored(heading, headings), body)
    opening = _PARAGRAPH.search(body.split("<figure")[0])
    description = plain_text(opening[1]) if opening else ""
    return plain_text(title["text"]), description, body, tuple(headings)


def _anchored(heading: re.Match, headings: list[tuple[str, str]]) -> str:
    if heading["level"] != "2":
        return f"<h3>{heading['text']}</h3>"
    text = plain_text(heading["text"])
    slug = re.sub(r"\W+", "-", text.lower()).strip("-") or "section"
    taken = {*_FRAME_IDS, *(anchor for anchor, _ in headings)}
    anchor = slug if slug not in taken else f"{slug}-{len(headings) + 1}"
    headings.append((anchor, text))
    return f'<h2 id="{anchor}">{heading["text"]}</h2>'
