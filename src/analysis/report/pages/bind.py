"""Executed chapters become the bodies of pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.errors import ChapterError
from analysis.report.files.notebooks import exhibits_of, nbformat, tags
from analysis.report.files.page_text import without_placeholders
from analysis.report.files.page_words import word
from analysis.report.pages import prose
from analysis.report.pages.anchors import content_id
from analysis.report.pages.exhibits import PlacedExhibit, exhibit_html, split_caption
from analysis.report.pages.glossary import with_terms
from analysis.report.pages.markdown import cells_markup, markup_of
from analysis.report.pages.outline import outline_of
from analysis.report.pages.references import cited_keys, with_citations

# Code that shows nothing stands between these, to be left out of the readers' pages.
_CODE = re.compile("\ue002(.*?)\ue003", re.DOTALL)
# The last of what a chapter says of itself under its title: *Data:* … *Method:* …, in any language.
_METHOD = re.compile(r".*\*[^*\n]+:\*\s*(.+?)\s*(?:\n\s*\n|\Z)", re.DOTALL)
# Cells that belong to the exhibit before them.
_WITH_EXHIBITS = {"caption", "method"}
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
    def notebook(self) -> str:
        """The name that the pages of one notebook share, which is run for several values."""
        return self.name.removesuffix(f"-{self.value}") if self.value else self.name

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
    aside: list[str] = []
    cells = notebook.cells
    numbers = prose.chapter_numbers(exhibit for cell in cells for exhibit in exhibits_of(cell))
    placed = _placed_exhibits(cells, numbers, _Run(name, language, value))
    readable = _readable_cells(cells, placed, numbers, aside)
    outline = outline_of(cells_markup(_findings_first(readable), language), aside, language)
    body = prose.put_back(with_terms(outline.body, language), aside)
    exhibits = tuple(exhibit for of_cell in placed.values() for exhibit in of_cell)
    return Page(
        name=name,
        language=language,
        value=value,
        title=outline.title,
        description=outline.description,
        body=_CODE.sub("", body),
        headings=outline.headings,
        series=notebook.metadata.get("workbench", {}).get("title", ""),
        files={name: content for exhibit in exhibits for name, content in exhibit.files().items()},
        reviewed=_CODE.sub(r"\1", body),
        exhibits=exhibits,
        numbers=numbers,
        cited=_cited(cells),
    )


def _cited(cells: Sequence) -> tuple[str, ...]:
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return tuple(dict.fromkeys(key for text in texts for key in cited_keys(text)))


@dataclass(frozen=True)
class _Run:
    """Of which notebook, in which language and for which value a page is."""

    name: str
    language: str
    value: str


@dataclass(frozen=True)
class _ExhibitTexts:
    """What stands around an exhibit, as it is written; ``caption`` is None where there is none."""

    caption: str | None
    method: str
    code: str


def _placed_exhibits(
    cells: Sequence, numbers: Mapping[str, str], run: _Run
) -> dict[int, list[PlacedExhibit]]:
    """The exhibits of a chapter with their captions, by the position of the code cell that made them."""
    captions, methods = _behind_exhibits(cells, "caption"), _behind_exhibits(cells, "method")
    usual_method = _usual_method(cells)
    counts = {"figure": 0, "table": 0}
    placed: dict[int, list[PlacedExhibit]] = {}
    for position, cell in enumerate(cells):
        waiting = captions.get(position, [])
        method = "\n\n".join(methods.get(position, [])) or usual_method
        for fields in exhibits_of(cell):
            counts[fields["kind"]] += 1
            # A cell may show several exhibits; their captions follow it in the same order.
            texts = _ExhibitTexts(waiting.pop(0) if waiting else None, method, cell.source)
            exhibit = _placed(fields, counts[fields["kind"]], texts, numbers, run)
            placed.setdefault(position, []).append(exhibit)
    return placed


def _readable_cells(
    cells: Sequence,
    placed: Mapping[int, Sequence[PlacedExhibit]],
    numbers: Mapping[str, str],
    aside: list[str],
) -> list:
    """Cells as they will be read: numbers in the prose, exhibits in their places, code under them."""
    readable: list = []
    for position, cell in enumerate(cells):
        labels = set(tags(cell))
        if cell.cell_type == "markdown" and not _WITH_EXHIBITS & labels:
            text = prose.set_aside(with_citations(cell.source, aside), numbers, aside)
            metadata = {"findings": "findings" in labels}
            readable.append(nbformat.v4.new_markdown_cell(text, metadata=metadata))
        elif cell.cell_type == "code":
            markups = [exhibit_html(exhibit) for exhibit in placed.get(position, ())]
            shown = "".join(prose.token(markup, aside) for markup in markups)
            _append_code(readable, cell, shown)
    return readable


def _usual_method(cells: Sequence) -> str:
    """What a chapter says of its method under its title."""
    opening = next((cell.source for cell in cells if cell.cell_type == "markdown"), "")
    method = _METHOD.search(opening)
    return method[1][:1].upper() + method[1][1:] if method else ""


def _findings_first(readable: list) -> list:
    """The main findings right under the title, wherever in the notebook they are written."""
    return sorted(readable, key=lambda cell: not cell.metadata.get("findings"))


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
        elif not _WITH_EXHIBITS & set(tags(cell)):
            shown = None
    return sources


def _placed(
    fields: Mapping, count: int, texts: _ExhibitTexts, numbers: Mapping[str, str], run: _Run
) -> PlacedExhibit:
    number = ".".join(part for part in (chapter_number(run.name, run.value), str(count)) if part)
    if texts.caption is None:
        language = word("language", run.language)
        raise ChapterError(f"{fields['kind']} {number} has no caption in {language}")
    title, caption = split_caption(texts.caption)
    # Next year's title has other numbers in it, and is still the title of the same exhibit.
    key = content_id("x", f"{fields['kind']} {without_placeholders(title)}")
    rendered_title = _rendered(title, numbers).strip()
    return PlacedExhibit(
        fields=fields,
        number=number,
        title=rendered_title.removeprefix("<p>").removesuffix("</p>"),
        caption=_rendered(caption, numbers),
        language=run.language,
        chapter=run.name,
        method=_rendered(texts.method, numbers),
        code=texts.code,
        key=key,
    )


def _rendered(text: str, numbers: Mapping[str, str]) -> str:
    aside: list[str] = []
    with_tokens = prose.set_aside(with_citations(text, aside), numbers, aside)
    return prose.put_back(markup_of(with_tokens), aside)


def _append_code(readable: list, cell, shown: str) -> None:
    """Add a code cell; one that shows nothing joins the one before it, as a reader takes them together."""
    if shown:
        readable.append(nbformat.v4.new_code_cell(cell.source, metadata={"shown": shown}))
        return
    if _HIDDEN & set(tags(cell)):
        return
    previous = readable[-1] if readable else None
    if previous and previous.cell_type == "code" and not previous.metadata.get("shown"):
        previous.source += f"\n\n{cell.source}"
    else:
        readable.append(nbformat.v4.new_code_cell(cell.source))
