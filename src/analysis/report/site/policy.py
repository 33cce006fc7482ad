"""What a page may load and run: its own files and nothing else, said in the page itself."""

import base64
import hashlib
import re


def content_policy(
    styles: tuple[str, ...] = (), scripts: tuple[str, ...] = (), alone: bool = False
) -> str:
    """The content security policy of a page.

    Parameters
    ----------
    styles, scripts
        Those that stand in the page; each is allowed by its hash and by nothing else.
    alone
        The page is a single file, which loads nothing.

    Notes
    -----
    A folder on a shared drive is opened as ``file:``, which not every browser takes for the page's own origin.
    """
    own = "" if alone else "'self' file: "
    rules = {
        "default-src": "'none'",
        "style-src": (own + " ".join(map(_hash_of, styles))).strip() or "'none'",
        "script-src": (own + " ".join(map(_hash_of, scripts))).strip() or "'none'",
        "img-src": f"{own}data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in rules.items())


def _hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def css_string(text: str) -> str:
    """A text as a string of a style sheet, whatever stands in it.

    Examples
    --------
    >>> print(css_string('a"b</style>'))
    "a\\22 b\\3c \\2f style\\3e "
    """
    return '"' + re.sub(r"[^\w .,:;–()-]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def running_heads(left: str, right: str) -> str:
    """The style that prints a report's title and a chapter's above each page."""
    return page_rule("@page", left, right)


def page_rule(pages: str, left: str, right: str) -> str:
    """What stands above the pages of one name (``@page``, ``@page c3``).

    Examples
    --------
    >>> page_rule("@page", "A", "B")
    '@page { @top-left { content: "A" } @top-right { content: "B" } }'
    """
    heads = {"top-left": left, "top-right": right}
    boxes = " ".join(f"@{place} {{ content: {css_string(text)} }}" for place, text in heads.items())
    return f"{pages} {{ {boxes} }}"
