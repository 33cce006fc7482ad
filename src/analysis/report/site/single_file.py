"""The whole report of a language as one file: to be mailed, kept, or printed. It loads nothing and runs nothing."""

import html
import re
from collections.abc import Sequence
from urllib.parse import quote

from analysis.report.pages.anchors import with_own_ids
from analysis.report.pages.bind import Page
from analysis.report.pages.glossary import glossary_terms
from analysis.report.pages.references import listed
from analysis.report.site.citation import citation_line
from analysis.report.site.frame import common_variables, environment, template_text
from analysis.report.site.front_matter import Report, contents_entries
from analysis.report.site.policy import content_policy, page_rule

_TERM = re.compile(
    r'<button type="button" class="term" popovertarget="term-([^"]+)">(.*?)</button>', re.DOTALL
)
_DEFINITION = re.compile(r'\n<div class="definition".*?</div>', re.DOTALL)
_HEADING = re.compile(r"(</?h)([2-5])\b")
_PAGE_LINK = re.compile(r'href="([\w.-]+)\.html(?:#([^"]*))?"')
_DATA_LINK = re.compile(
    r'<li><a class="data" href="data/([^"]+)" download>(.*?)</a></li>', re.DOTALL
)


def whole_report(report: Report, language: str) -> str:
    """Cover, contents, every chapter, glossary and references in one page.

    Notes
    -----
    Drawings stand in it as they do in the chapters, data as links that hold them. There is no script, so that a
    mail gateway has nothing to take out.
    """
    pages = report.pages_in(language)
    chapters = [
        {"page": page, "body": inlined_body(page), "anchor": anchor_of(page.name)} for page in pages
    ]
    style, heads = template_text("style.css"), _running_heads(report, pages)
    variables = common_variables(report, language) | {
        "chapters": chapters,
        "entries": contents_entries(pages),
        "terms": glossary_terms(language),
        "works": listed(key for page in pages for key in page.cited),
        "cite": citation_line(report.edition, language),
        "anchor_of": anchor_of,
        "style": style,
        "heads": heads,
        "policy": content_policy((style, heads), alone=True),
    }
    return environment().get_template("whole.html.j2").render(variables)


def anchor_of(name: str) -> str:
    """Where a page stands in the file; an id in a drawing may not begin with a digit."""
    return f"to-{name}"


def inlined_body(page: Page) -> str:
    """The body of a chapter as it stands among others: its ids its own, its links within the file, its data in it."""
    body = _DEFINITION.sub("", page.body)
    body = _TERM.sub(r'<a class="term" href="glossary.html#\1">\2</a>', body)
    body = with_own_ids(body, f"{anchor_of(page.name)}--")
    body = _PAGE_LINK.sub(_link_in_file, body)
    body = _DATA_LINK.sub(lambda link: _data_in_link(link, page), body)
    # The title of the report stands above those of its chapters.
    return _HEADING.sub(lambda heading: f"{heading[1]}{int(heading[2]) + 1}", body)


def _link_in_file(link: re.Match) -> str:
    page, anchor = link.groups()
    return f'href="#{anchor_of(page)}--{anchor}"' if anchor else f'href="#{anchor_of(page)}"'


def _data_in_link(link: re.Match, page: Page) -> str:
    name = html.unescape(link[1])
    # Drawings stand in the file already; their prints would make it too large to be mailed.
    if not name.endswith(".csv"):
        return ""
    content = quote(page.files[name], safe=",:;/ ").replace(" ", "%20")
    address = f"data:text/csv;charset=utf-8,{content}"
    return f'<li><a class="data" href="{address}" download="{link[1]}">{link[2]}</a></li>'


def _running_heads(report: Report, pages: Sequence[Page]) -> str:
    """A page of print says which chapter it is of: each chapter has pages of its own name."""
    title = report.edition.title[pages[0].language]
    rules = [page_rule("@page", title, "")]
    for position, page in enumerate(pages):
        rules.append(page_rule(f"@page c{position}", title, f"{page.number} {page.title}".strip()))
        rules.append(f".c{position} {{ page: c{position} }}")
    # Later than the rule for every page, which would else stand on the cover too.
    return "\n".join(
        [*rules, "@page cover { @top-left { content: none } @top-right { content: none } }"]
    )
