"""Places that a reader can point at: ids made of what stands there, so that they outlive edits elsewhere.

Numbers are left out of account: a paragraph keeps its id when next year's figures stand in it.
"""

import hashlib
import html
import itertools
import re

_TAGS = re.compile(r"<(annotation|style|script)\b.*?</\1>|<[^>]+>", re.DOTALL)
_SET_ASIDE = re.compile("\ue000\\d+\ue001")
# A line of a list ends where its own list begins; one that holds paragraphs has its ids on them.
_PLACE = re.compile(r"<p>(?P<p>.*?)</p>|<li>(?!\s*<p>)(?P<li>.*?)(?=</li>|<[uo]l>)", re.DOTALL)


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, on one line.

    Examples
    --------
    >>> plain_text("<em>Rates</em> &lt; 5")
    'Rates < 5'
    """
    return " ".join(html.unescape(_TAGS.sub("", markup)).split())


def content_id(prefix: str, text: str) -> str:
    """An id of a text: the same wherever it stands, another where it says something else.

    Examples
    --------
    >>> content_id("p", "Two  words") == content_id("p", "Two words")
    True
    """
    words = " ".join(_SET_ASIDE.sub("", text).split())
    return f"{prefix}-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


def slug(text: str, fallback: str = "section") -> str:
    """A text as the end of a link.

    Examples
    --------
    >>> slug("How many?")
    'how-many'
    """
    return re.sub(r"\W+", "-", text.lower()).strip("-") or fallback


def unused(anchor: str, taken: set[str]) -> str:
    """The id, or the id with the next free number; it is taken from then on."""
    free, count = anchor, 1
    while free in taken:
        count += 1
        free = f"{anchor}-{count}"
    taken.add(free)
    return free


def anchored_paragraphs(markup: str, taken: set[str]) -> str:
    """Paragraphs and lines of lists with ids of their own.

    Parameters
    ----------
    markup
        As Markdown becomes HTML, with what was set aside still aside.
    taken
        Ids that stand on the page; those made here are added.

    Examples
    --------
    >>> anchored_paragraphs("<p>One.</p><p>One.</p>", set()).count('id="p-')
    2
    """

    def with_id(passage: re.Match) -> str:
        kind = "p" if passage["p"] is not None else "li"
        own = unused(content_id("p", plain_text(passage[kind])), taken)
        return passage[0].replace(f"<{kind}>", f'<{kind} id="{own}">', 1)

    return _PLACE.sub(with_id, markup)


_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ALIGNED = re.compile(r' style="text-align: ?(\w+);?"')


def reachable_tables(markup: str, name: str) -> str:
    """Tables of the prose in a region that scrolls and that the keyboard reaches, their heads with a scope.

    Examples
    --------
    >>> reachable_tables("<table><th>A</th></table>", "Table")
    '<div class="scroll" role="region" tabindex="0" aria-label="Table 1"><table><th scope="col">A</th></table></div>'
    """
    counter = itertools.count(1)

    def in_region(table: re.Match) -> str:
        # A style in a page would be refused by its content security policy.
        markup = _ALIGNED.sub(_class_of_alignment, table[0])
        markup = markup.replace("<th", '<th scope="col"').replace('<th scope="col"ead', "<thead")
        label = f"{name} {next(counter)}"
        region = f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">'
        return f"{region}{markup}</div>"

    return _TABLE.sub(in_region, markup)


def _class_of_alignment(style: re.Match) -> str:
    return ' class="number"' if style[1] == "right" else ""


_ID = re.compile(r"""(\s(?:id|for|popovertarget|data-anchor)=)(["'])([^"']*)\2""")
_POINTING = re.compile(r"""(\saria-(?:labelledby|describedby|controls)=)(["'])([^"']*)\2""")
_LINK = re.compile(r"""(\s(?:xlink:)?href=)(["'])#([^"']*)\2""")
_URL = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")


def with_own_ids(markup: str, prefix: str) -> str:
    """The same markup with a prefix before each id and each reference to one.

    Examples
    --------
    >>> with_own_ids('<a id="x" href="#x">', "chapter-")
    '<a id="chapter-x" href="#chapter-x">'
    """
    markup = _ID.sub(rf"\g<1>\g<2>{prefix}\g<3>\g<2>", markup)
    markup = _POINTING.sub(lambda pointing: _prefixed(pointing, prefix), markup)
    markup = _LINK.sub(rf"\g<1>\g<2>#{prefix}\g<3>\g<2>", markup)
    return _URL.sub(rf"url(#{prefix}\g<2>)", markup)


def _prefixed(pointing: re.Match, prefix: str) -> str:
    """An attribute that names several ids, each with the prefix."""
    attribute, quotation_mark, names = pointing.groups()
    own = " ".join(prefix + name for name in names.split())
    return f"{attribute}{quotation_mark}{own}{quotation_mark}"
