"""Markdown and cells become HTML. The only file that knows nbconvert."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from analysis.report.files.notebooks import nbformat
from analysis.report.files.page_words import word
from analysis.report.pages.exhibits import code_html

TEMPLATES = Path(str(files("analysis.report").joinpath("template")))
# A printed report may lead to a DOI; another address would be gone some day, and is printed behind its words.
_FOREIGN_LINK = re.compile(
    r'<a href="((?!https://doi\.org/)[a-z]+:[^"]*)"[^>]*>(.*?)</a>', re.DOTALL
)


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="chapter",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        filters={"code_html": code_html},
    )


def cells_markup(cells: list, language: str) -> str:
    """The markup of prose and code cells in the template of a chapter, its words in a language."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    words = {"summary": word("computed", language), "findings": word("findings", language)}
    markup, _ = _exporter().from_notebook_node(notebook, resources=words)
    return markup


def markup_of(source: str) -> str:
    """The markup of a piece of Markdown as notebooks have it; empty where it is."""
    return _exporter().markdown2html({}, source) if source else ""


def text_markup(source: str) -> str:
    """Markdown in which HTML is text, and links lead to a DOI or within the report."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return _FOREIGN_LINK.sub(r"\2 (\1)", MarkdownWithMath(renderer=renderer).render(source))
