"""What the search of a report looks through: every section, figure and table of a language, as one file."""

import json
import re
from collections.abc import Iterable, Sequence

from analysis.report.pages.anchors import plain_text
from analysis.report.pages.bind import Page

_SECTION = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
# Exhibits have entries of their own; code and definitions would hide the prose among the hits.
_FIGURE = re.compile(
    r"<figure\b.*?</figure>|<details\b.*?</details>|<div class=\"definition\".*?</div>", re.DOTALL
)


def search_index(pages: Sequence[Page]) -> str:
    """A script that holds what can be found: a list of places with their page, heading, text and kind.

    A script and not a table, since a page that is opened from a folder may load a script beside it but not read
    a file.
    """
    places = [place for page in pages for place in (*_sections(page), *_exhibits(page))]
    numbered = ({"id": number, **place} for number, place in enumerate(places))
    lines = ",\n".join(
        json.dumps(place, ensure_ascii=False, separators=(",", ":")) for place in numbered
    )
    return f"window.reportPlaces=[\n{lines}\n];\n"


def _sections(page: Page) -> Iterable[dict]:
    name = f"{page.number} {page.title}".strip()
    parts = _SECTION.split(_FIGURE.sub(" ", page.body))
    yield {
        "to": f"{page.name}.html",
        "title": name,
        "page": "",
        "text": plain_text(parts[0]),
        "kind": "chapter",
    }
    for anchor, heading, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        place = {"to": f"{page.name}.html#{anchor}", "title": plain_text(heading), "page": name}
        yield place | {"text": plain_text(text), "kind": "section"}


def _exhibits(page: Page) -> Iterable[dict]:
    name = f"{page.number} {page.title}".strip()
    for exhibit in page.exhibits:
        title = f"{exhibit.label} {plain_text(exhibit.title)}"
        text = (
            f"{plain_text(exhibit.caption)} {exhibit.fields.get('alternative', '')[:400]}".strip()
        )
        place = {"to": f"{page.name}.html#{exhibit.anchor}", "title": title, "page": name}
        yield place | {"text": text, "kind": exhibit.fields["kind"]}
