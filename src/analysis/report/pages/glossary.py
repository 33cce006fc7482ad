"""The words of the field, explained: on a page of their own, and where a page first uses one.

They are written in English in ``glossary.yml`` and translated in ``glossary.po``, where one message holds a word
with the other ways in which it stands in a sentence.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from analysis.report.files.page_words import word
from analysis.terms import translate_words

GLOSSARY = Path(__file__).parents[1] / "template" / "glossary.yml"
FORMS = "; "
PAGE = "glossary.html"
_PIECE = re.compile(r"(<[^>]+>)")
_TAG_NAME = re.compile(r"</?([a-z0-9]+)")
# Within these a word is a name, a link or a sign, and stays as it is.
_CLOSED = {
    "a",
    "button",
    "h1",
    "h2",
    "h3",
    "h4",
    "code",
    "pre",
    "math",
    "svg",
    "summary",
    "table",
    "figure",
    "script",
}
_OPEN_TO_TERMS = {"p", "li", "td", "blockquote"}


@dataclass(frozen=True)
class Term:
    """A word with what it means; ``forms`` are the ways in which it stands in a sentence."""

    key: str
    term: str
    text: str
    forms: tuple[str, ...]


@cache
def glossary_messages() -> dict[str, str]:
    """What of the glossary is translated, by key: ``"rate.forms"`` (the word first) and ``"rate.text"``."""
    messages = {}
    for key, entry in yaml.safe_load(GLOSSARY.read_text(encoding="utf-8")).items():
        messages[f"{key}.forms"] = FORMS.join([entry["term"], *entry["forms"]])
        messages[f"{key}.text"] = entry["text"]
    return messages


@cache
def glossary_terms(language: str) -> tuple[Term, ...]:
    """The terms of ``template/glossary.yml`` in one language, by the alphabet."""
    messages = translate_words(glossary_messages(), "glossary", language)
    terms = []
    for name, text in messages.items():
        key, _, part = name.rpartition(".")
        if part == "forms":
            forms = tuple(text.split(FORMS))
            terms.append(Term(key, forms[0], messages[f"{key}.text"], forms))
    return tuple(sorted(terms, key=lambda term: term.term.lower()))


@cache
def _pattern(language: str) -> tuple[re.Pattern, dict[str, Term]]:
    forms = {form.lower(): term for term in glossary_terms(language) for form in term.forms}
    # The first that fits is taken: "net survival" must be looked for before "survival".
    longest_first = sorted(forms, key=len, reverse=True)
    alternatives = "|".join(map(re.escape, longest_first))
    pattern = re.compile(rf"(?<![\w-])({alternatives})(?![\w-])", re.IGNORECASE)
    return pattern, forms


def with_terms(markup: str, language: str) -> str:
    """The same markup, each term a button where it first stands, and what the buttons show at its end.

    The definition opens by key, pointer or touch without a script; ``Escape`` closes it.

    Parameters
    ----------
    markup
        The body of a page. Headings, links, tables, drawings, code and formulas are left as they are.
    language
        Of the page.
    """
    pattern, forms = _pattern(language)
    used: dict[str, Term] = {}

    def button(form: re.Match) -> str:
        term = forms[form[1].lower()]
        if term.key in used:
            return form[0]
        used[term.key] = term
        target = f"term-{term.key}"
        return f'<button type="button" class="term" popovertarget="{target}">{form[1]}</button>'

    pieces = [
        pattern.sub(button, piece) if is_open else piece for piece, is_open in _pieces_of(markup)
    ]
    return "".join(pieces) + _definitions(list(used.values()), language)


def _pieces_of(markup: str) -> Iterator[tuple[str, bool]]:
    """Tags and the text between them, each with whether a term in it may be made a button."""
    closed = opened = 0
    for piece in _PIECE.split(markup):
        if not piece.startswith("<"):
            yield piece, opened > 0 and closed == 0
            continue
        if not piece.endswith("/>"):
            step = -1 if piece.startswith("</") else 1
            name = _TAG_NAME.match(piece)
            closed += step * bool(name and name[1] in _CLOSED)
            opened += step * bool(name and name[1] in _OPEN_TO_TERMS)
        yield piece, False


def _definitions(terms: Sequence[Term], language: str) -> str:
    return "".join(
        f'\n<div class="definition" id="term-{term.key}" popover>'
        f"<p><dfn>{html.escape(term.term)}</dfn> {html.escape(term.text)}</p>"
        f'<p><a href="{PAGE}#{term.key}">{word("glossary", language)}</a></p></div>'
        for term in terms
    )
