"""Executed chapters become the bodies of pages. The only file that knows nbconvert."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from analysis.errors import ChapterError
from analysis.report.files.notebooks import exhibits_of, nbformat, tags
from analysis.report.files.page_text import without_placeholders
from analysis.report.files.page_words import word
from analysis.report.pages import prose
from analysis.report.pages.anchors import (
    anchored_paragraphs,
    content_id,
    plain_text,
    reachable_tables,
    slug,
    unused,
)
from analysis.report.pages.exhibits import PlacedExhibit, code_html, exhibit_html, split_caption
from analysis.report.pages.glossary import with_terms
from analysis.report.pages.references import cited_keys, with_citations

TEMPLATES = Path(str(files("analysis.report").joinpath("template")))
_HEADING = re.compile(r"<h(?P<level>[1-3])\b[^>]*>(?P<text>.*?)</h(?P=level)>", re.DOTALL)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
# Code that shows nothing stands between these, to be left out of the readers' pages.
_CODE = re.compile("\ue002(.*?)\ue003", re.DOTALL)
# The last of what a chapter says of itself under its title: *Data:* … *Method:* …, in any language.
_METHOD = re.compile(r".*\*[^*\n]+:\*\s*(.+?)\s*(?:\n\s*\n|\Z)", re.DOTALL)
_FRAME_IDS = {"text", "toc-title", "about-title", "search", "search-found", "findings-title"}
_FOREIGN_LINK = re.compile(
    r'<a href="((?!https://doi\.org/)[a-z]+:[^"]*)"[^>]*>(.*?)</a>', re.DOTALL
)
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
        Data and pictures by name.
    reviewed
        The body with all code, for reviewers.
    exhibits
        Figures and tables in reading order.
    numbers
        What its exhibits quote, by name.
    cited
        Keys of the works that it cites.
    """

    name: str
    language: str
    value: str
    title: str
    description: str
    body: str
    headings: tuple[tuple[str, str], ...]
    series: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)
    reviewed: str = ""
    exhibits: tuple[PlacedExhibit, ...] = ()
    numbers: dict[str, str] = field(default_factory=dict)
    cited: tuple[str, ...] = ()

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


def bind_chapter(
    notebook: nbformat.NotebookNode, name: str, language: str, value: str = ""
) -> Page:
    """Turn an executed notebook, whose prose is in a language, into a page.

    Raises
    ------
    ChapterError
        A number that no exhibit quotes, an exhibit without a caption, a caption without an exhibit,
        a drawing without words, not exactly one H1.
    """
    kept: list[str] = []
    cells = notebook.cells
    numbers = prose.chapter_numbers(exhibit for cell in cells for exhibit in exhibits_of(cell))
    written, placed = _place_cells(cells, numbers, kept, (name, language, value))
    markup = _export(_findings_first(written), language)
    title, description, body, headings = _outline(markup, kept, language)
    body = prose.put_back(with_terms(body, language), kept)
    return Page(
        name=name,
        language=language,
        value=value,
        title=title,
        description=description,
        body=_CODE.sub("", body),
        headings=headings,
        series=notebook.metadata.get("workbench", {}).get("title", ""),
        files={name: content for exhibit in placed for name, content in exhibit.files().items()},
        reviewed=_CODE.sub(r"\1", body),
        exhibits=tuple(placed),
        numbers=numbers,
        cited=_cited(cells),
    )


def bind_text(source: str, name: str, language: str, numbers: Mapping[str, str]) -> Page:
    """Turn a hand-written chapter in Markdown into a page; what looks like HTML in it is text.

    Parameters
    ----------
    source
        Markdown with one ``#`` title; ``{{ 03_incidence.cases }}`` quotes a computed chapter.
    name, language
        Of the page.
    numbers
        All that may be quoted, by chapter and name.

    Raises
    ------
    ChapterError
        A number that no chapter quotes, an unknown work, a picture, not exactly one title.
    """
    kept: list[str] = []
    # What is set aside comes back as it is; a reader's own private-use characters must not call for it.
    cited = with_citations(re.sub("[\ue000-\ue003]", "", source), kept)
    markup = _plain_markdown(prose.set_aside(cited, numbers, kept))
    if "<img" in markup:
        raise ChapterError("a hand-written chapter takes no picture")
    title, description, body, headings = _outline(
        f'<div class="prose">{markup}</div>', kept, language
    )
    body = prose.put_back(with_terms(body, language), kept)
    found = tuple(cited_keys(source))
    return Page(name, language, "", title, description, body, headings, reviewed=body, cited=found)


def _cited(cells: Sequence) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            key for cell in cells if cell.cell_type == "markdown" for key in cited_keys(cell.source)
        )
    )


def _place_cells(cells: Sequence, numbers: dict, kept: list[str], page: tuple[str, str, str]):
    """Cells as they will be read: numbers in the prose, exhibits with their captions, code under them."""
    written, placed, counts = [], [], {"figure": 0, "table": 0}
    captions, methods = _behind_exhibits(cells, "caption"), _behind_exhibits(cells, "method")
    usual = _usual_method(cells)
    for position, cell in enumerate(cells):
        if cell.cell_type == "markdown" and not {"caption", "method"} & set(tags(cell)):
            text = prose.set_aside(with_citations(cell.source, kept), numbers, kept)
            written.append(
                nbformat.v4.new_markdown_cell(text, metadata={"findings": "findings" in tags(cell)})
            )
        elif cell.cell_type == "code":
            shown = ""
            for fields in exhibits_of(cell):
                counts[fields["kind"]] += 1
                about = (
                    captions.get(position, []),
                    "\n\n".join(methods.get(position, [])) or usual,
                    cell.source,
                )
                placed.append(_place(fields, counts[fields["kind"]], about, numbers, page))
                shown += prose.token(exhibit_html(placed[-1]), kept)
            _append_code(written, cell, shown)
    return written, placed


def _usual_method(cells: Sequence) -> str:
    """What a chapter says of its method under its title."""
    opening = next((cell.source for cell in cells if cell.cell_type == "markdown"), "")
    found = _METHOD.search(opening)
    return found[1][:1].upper() + found[1][1:] if found else ""


def _findings_first(written: list) -> list:
    """The main findings right under the title, wherever in the notebook they are written."""
    return sorted(written, key=lambda cell: not cell.metadata.get("findings"))


def _behind_exhibits(cells: Sequence, kind: str) -> dict[int, list[str]]:
    """Captions (or methods) by the position of the code cell that they belong to, in order."""
    sources: dict[int, list[str]] = {}
    shown = None
    for position, cell in enumerate(cells):
        if exhibits_of(cell):
            shown = position
        elif kind in tags(cell):
            if shown is None:
                raise ChapterError(
                    f"the {kind} “{split_caption(cell.source)[0]}” follows no exhibit"
                )
            sources.setdefault(shown, []).append(cell.source)
        elif not {"caption", "method"} & set(tags(cell)):
            shown = None
    return sources


def _place(
    fields: dict, count: int, about: tuple, numbers: dict, page: tuple[str, str, str]
) -> PlacedExhibit:
    (name, language, value), (captions, method, code) = page, about
    number = ".".join(part for part in (chapter_number(name, value), str(count)) if part)
    if not captions:
        raise ChapterError(
            f"{fields['kind']} {number} has no caption in {word('language', language)}"
        )
    title, rest = split_caption(captions.pop(0))
    key = content_id("x", f"{fields['kind']} {without_placeholders(title)}")
    title, rest, method = (_rendered(text, numbers) for text in (title, rest, method))
    title = title.strip().removeprefix("<p>").removesuffix("</p>")
    return PlacedExhibit(fields, number, title, rest, language, name, method, code, key)


def _rendered(text: str, numbers: dict) -> str:
    kept: list[str] = []
    return prose.put_back(
        _markdown(prose.set_aside(with_citations(text, kept), numbers, kept)), kept
    )


def _append_code(written: list, cell, shown: str) -> None:
    if shown:
        written.append(nbformat.v4.new_code_cell(cell.source, metadata={"shown": shown}))
    elif _HIDDEN & set(tags(cell)):
        return
    elif written and written[-1].cell_type == "code" and not written[-1].metadata.get("shown"):
        written[-1].source += f"\n\n{cell.source}"
    else:
        written.append(nbformat.v4.new_code_cell(cell.source))


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="chapter",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        filters={"code_html": code_html},
    )


def _export(cells: list, language: str) -> str:
    notebook = nbformat.v4.new_notebook(cells=cells)
    said = {"summary": word("computed", language), "findings": word("findings", language)}
    markup, _ = _exporter().from_notebook_node(notebook, resources=said)
    return markup


def _markdown(source: str) -> str:
    return _exporter().markdown2html({}, source) if source else ""


def _plain_markdown(source: str) -> str:
    """Markdown in which HTML is text, and links lead to a DOI or within the report."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return _FOREIGN_LINK.sub(r"\2 (\1)", MarkdownWithMath(renderer=renderer).render(source))


def _outline(
    markup: str, kept: list[str], language: str
) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    found = [heading for heading in _HEADING.finditer(markup) if heading["level"] == "1"]
    if len(found) != 1:
        raise ChapterError(
            f"a chapter has one title (# …) in each language; this one has {len(found)}"
        )
    title = found[0]
    body = markup[: title.start()] + markup[title.end() :]
    headings: list[tuple[str, str]] = []
    taken = set(_FRAME_IDS)
    body = _HEADING.sub(lambda heading: _anchored(heading, headings, taken, kept), body)
    opening = _PARAGRAPH.search(body.split("<figure")[0])
    description = plain_text(prose.put_back(opening[1], kept)) if opening else ""
    body = anchored_paragraphs(reachable_tables(body, word("table", language)), taken)
    return plain_text(prose.put_back(title["text"], kept)), description, body, tuple(headings)


def _anchored(
    heading: re.Match, headings: list[tuple[str, str]], taken: set[str], kept: list[str]
) -> str:
    """A heading with an id of its words; those of the second level are listed."""
    if 'id="findings-title"' in heading[0]:
        return heading[0]
    text = plain_text(prose.put_back(heading["text"], kept))
    anchor = unused(slug(prose.without_tokens(plain_text(heading["text"]))), taken)
    if heading["level"] == "2":
        headings.append((anchor, text))
    return f'<h{heading["level"]} id="{anchor}">{heading["text"]}</h{heading["level"]}>'
