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
    name = _mapping(item.get("creator")).get("name")
    fields = {
        "id": _text(item.get("id"), "id", LONGEST_NAME, faults),
        "reviewer": _text(name, "creator.name", LONGEST_NAME, faults),
        "text": _text(_body(item.get("body")), "body.value", LONGEST_TEXT, faults),
        "created": _moment(item.get("created"), "created", faults),
        "modified": _moment(item.get("modified", item.get("created")), "modified", faults),
        **_passage(_mapping(item.get("target")), faults),
        "draft": _plain(item.get(DRAFT))[:LONGEST_NAME],
    }
    return (None, faults) if faults else (Comment(**fields), [])


def _passage(target: Mapping, faults: list[str]) -> dict[str, str]:
    """The page of a comment, and what of it is commented on."""
    quote = _selector(target, "TextQuoteSelector")
    anchor = _plain(_selector(target, "FragmentSelector").get("value"))
    what = "target.selector, a TextQuoteSelector's exact"
    passage = {
        "exact": _text(quote.get("exact"), what, LONGEST_QUOTE, faults),
        "prefix": _plain(quote.get("prefix"))[:LONGEST_NAME],
        "suffix": _plain(quote.get("suffix"))[:LONGEST_NAME],
        "anchor": anchor,
    }
    source = _SOURCE.fullmatch(_plain(target.get("source")))
    if not source:
        faults.append("target.source must be a page such as en/03_incidence.html")
    # An anchor is written into a page: what could end an attribute there is none.
    if not _ANCHOR.fullmatch(anchor):
        faults.append(
            "target.selector, a FragmentSelector's value, must be an anchor such as p-377b0a487f"
        )
    return passage | source.groupdict() if source else passage


def _mapping(value: Any) -> Mapping:
    return value if isinstance(value, dict) else {}


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _text(value: Any, what: str, longest: int, faults: list[str]) -> str:
    text = _plain(value).strip()
    if not text:
        faults.append(f"{what} must be given as text")
    elif len(text) > longest:
        faults.append(f"{what} must not be longer than {longest} characters; it has {len(text)}")
    return text


def _body(value: Any) -> Any:
    bodies = value if isinstance(value, list) else [value]
    texts = (body.get("value") for body in bodies if isinstance(body, dict) and "value" in body)
    return next(texts, None)


def _selector(target: Mapping, kind: str) -> Mapping:
    value = target.get("selector")
    selectors = [_mapping(selector) for selector in (value if isinstance(value, list) else [value])]
    return next((selector for selector in selectors if selector.get("type") == kind), {})


def _moment(value: Any, what: str, faults: list[str]) -> str:
    try:
        moment = datetime.fromisoformat(value)
        # Without a time zone it is taken to be in UTC.
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError):
        faults.append(f"{what} must be a moment such as 2026-11-24T09:30:00Z")
        return ""


def merged(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """Each comment once, in its latest words, in the order of chapters and moments."""
    latest: dict[str, Comment] = {}
    for comment in comments:
        before = latest.get(comment.key)
        # Of two edits at the same moment either may be the later one: the words decide, the same for everybody.
        if before is None or (comment.modified, comment.text) > (before.modified, before.text):
            latest[comment.key] = comment
    return tuple(sorted(latest.values(), key=_reading_order))


def _reading_order(comment: Comment) -> tuple[str, ...]:
    return comment.language, comment.chapter, comment.created, comment.key


def annotation_page(edition: str, comments: Iterable[Comment]) -> str:
    """Comments of one edition as an ``AnnotationPage``, JSON text."""
    items = [_annotation(comment) for comment in comments]
    page = {"@context": CONTEXT, "type": "AnnotationPage", EDITION: edition, "items": items}
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def _annotation(comment: Comment) -> dict:
    source = f"{comment.language}/{comment.chapter}.html"
    fragment = {"type": "FragmentSelector", "value": comment.anchor}
    quote = {
        "type": "TextQuoteSelector",
        "exact": comment.exact,
        "prefix": comment.prefix,
        "suffix": comment.suffix,
    }
    return {
        "id": comment.id,
        "type": "Annotation",
        "motivation": "commenting",
        "creator": {"type": "Person", "name": comment.reviewer},
        "created": comment.created,
        "modified": comment.modified,
        "body": {"type": "TextualBody", "format": "text/plain", "value": comment.text},
        "target": {"source": source, "selector": [fragment, quote]},
        DRAFT: comment.draft,
    }
