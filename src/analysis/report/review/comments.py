"""What reviewers wrote, as W3C Web Annotations: one comment each, read from files and written as one."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analysis.terms import LANGUAGES

CONTEXT = ("http://www.w3.org/ns/anno.jsonld", {"workbench": "urn:childhood-cancer-workbench:"})
EDITION, DRAFT = "workbench:edition", "workbench:draft"
LONGEST_TEXT, LONGEST_QUOTE, LONGEST_NAME = 20_000, 20_000, 200
_SOURCE = re.compile(rf"(?P<language>{'|'.join(LANGUAGES)})/(?P<chapter>\w[\w.-]{{0,199}})\.html")
_ANCHOR = re.compile(r"[\w.-]{0,200}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Comment:
    """What one reviewer said of one place.

    Attributes
    ----------
    id
        An IRI; with the reviewer it tells comments apart.
    reviewer, text
        Who said what, as plain text.
    created, modified
        Moments in UTC, ISO 8601; ``modified`` is that of the last edit.
    chapter, language
        Of the page that it stands on.
    anchor
        Of the paragraph, exhibit or code cell, made of what stands there; may be empty.
    exact, prefix, suffix
        The passage, and what stood before and behind it.
    draft
        The content hash of the draft that was read; may be empty.
    """

    id: str
    reviewer: str
    text: str
    created: str
    modified: str
    chapter: str
    language: str
    anchor: str
    exact: str
    prefix: str = ""
    suffix: str = ""
    draft: str = ""

    @property
    def key(self) -> str:
        """What it is called on pages and in files: made of its id and its reviewer."""
        # Long enough to be known as a digest by whoever looks for identity numbers.
        return "c" + hashlib.sha256(f"{self.id}\0{self.reviewer}".encode()).hexdigest()[:19]

    @property
    def digits(self) -> str:
        """The hexadecimal digits of an id that is a UUID, by which the page that made it knows it; else empty."""
        bare = self.id.removeprefix("urn:uuid:").replace("-", "")
        return bare if re.fullmatch(r"[0-9a-f]{32}", bare) else ""


def comment_of(item: Any) -> tuple[Comment | None, list[str]]:
    """A Web Annotation as a comment; or None, and a sentence for each thing that is wrong with it."""
    if not isinstance(item, dict):
        return None, ["must be an annotation with keys and values"]
    faults: list[str] = []
    target = _mapping(item.get("target"))
    quote, fragment = (
        _selector(target, kind) for kind in ("TextQuoteSelector", "FragmentSelector")
    )
    source = _SOURCE.fullmatch(_plain(target.get("source")))
    found = {
        "id": _said(item.get("id"), "id", LONGEST_NAME, faults),
        "reviewer": _said(
            _mapping(item.get("creator")).get("name"), "creator.name", LONGEST_NAME, faults
        ),
        "text": _said(_body(item.get("body")), "body.value", LONGEST_TEXT, faults),
        "created": _moment(item.get("created"), "created", faults),
        "modified": _moment(item.get("modified", item.get("created")), "modified", faults),
        "exact": _said(
            quote.get("exact"),
            "target.selector, a TextQuoteSelector's exact",
            LONGEST_QUOTE,
            faults,
        ),
        **{side: _plain(quote.get(side))[:LONGEST_NAME] for side in ("prefix", "suffix")},
        "anchor": _plain(fragment.get("value")),
        "draft": _plain(item.get(DRAFT))[:LONGEST_NAME],
    }
    if not source:
        faults.append("target.source must be a page such as en/03_incidence.html")
    if not _ANCHOR.fullmatch(found["anchor"]):
        faults.append(
            "target.selector, a FragmentSelector's value, must be an anchor such as p-377b0a487f"
        )
    return (None, faults) if faults else (Comment(**found, **source.groupdict()), [])


def _mapping(given: Any) -> Mapping:
    return given if isinstance(given, dict) else {}


def _plain(given: Any) -> str:
    return (
        _UNPRINTABLE.sub("", given.replace("\r\n", "\n").replace("\r", "\n"))
        if isinstance(given, str)
        else ""
    )


def _said(given: Any, what: str, longest: int, faults: list[str]) -> str:
    text = _plain(given).strip()
    if not text:
        faults.append(f"{what} must be given as text")
    elif len(text) > longest:
        faults.append(f"{what} must not be longer than {longest} characters; it has {len(text)}")
    return text


def _body(given: Any) -> Any:
    bodies = given if isinstance(given, list) else [given]
    return next(
        (one.get("value") for one in bodies if isinstance(one, dict) and "value" in one), None
    )


def _selector(target: Mapping, kind: str) -> Mapping:
    given = target.get("selector")
    selectors = given if isinstance(given, list) else [given]
    return next((one for one in selectors if isinstance(one, dict) and one.get("type") == kind), {})


def _moment(given: Any, what: str, faults: list[str]) -> str:
    try:
        moment = datetime.fromisoformat(given)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError):
        faults.append(f"{what} must be a moment such as 2026-11-24T09:30:00Z")
        return ""


def merged(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """Each comment once, in its latest words, in the order of chapters and moments."""
    latest: dict[str, Comment] = {}
    for one in comments:
        before = latest.get(one.key)
        if before is None or (one.modified, one.text) > (before.modified, before.text):
            latest[one.key] = one
    return tuple(
        sorted(latest.values(), key=lambda one: (one.language, one.chapter, one.created, one.key))
    )


def annotation_page(edition: str, comments: Iterable[Comment]) -> str:
    """Comments of one edition as an ``AnnotationPage``, JSON text."""
    items = [_annotation(one) for one in comments]
    page = {"@context": CONTEXT, "type": "AnnotationPage", EDITION: edition, "items": items}
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def _annotation(one: Comment) -> dict:
    quote = {
        "type": "TextQuoteSelector",
        "exact": one.exact,
        "prefix": one.prefix,
        "suffix": one.suffix,
    }
    fragment = {"type": "FragmentSelector", "value": one.anchor}
    return {
        "id": one.id,
        "type": "Annotation",
        "motivation": "commenting",
        "creator": {"type": "Person", "name": one.reviewer},
        "created": one.created,
        "modified": one.modified,
        "body": {"type": "TextualBody", "format": "text/plain", "value": one.text},
        "target": {"source": f"{one.language}/{one.chapter}.html", "selector": [fragment, quote]},
        DRAFT: one.draft,
    }
