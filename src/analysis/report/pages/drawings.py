"""A drawing on its page, named and described; and the same drawing as a file of its own."""

import html
import re

from analysis.errors import ChapterError
from analysis.report.pages.anchors import with_own_ids

INK = "#1d2428"
_HEAD = re.compile(r"<svg\b([^>]*)>", re.DOTALL)
_VIEW = re.compile(r'viewBox="([^"]+)"')
_PROLOG = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>", re.DOTALL)
_OWN_NAME = re.compile(r"<(title|desc)\b[^>]*>.*?</\1>", re.DOTALL)
# A namespace is not needed in a page, and reads as an address outside it.
_NAMING = re.compile(
    r"""\s+(?:role|aria-label(?:ledby)?|aria-describedby|xmlns(?::\w+)?)=(["']).*?\1""", re.DOTALL
)
_SPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def accessible_svg(svg: str, anchor: str, title: str, description: str) -> str:
    """Name and describe a drawing, and make its ids its own on the page.

    Parameters
    ----------
    svg
        One inline drawing; what names it already is replaced.
    anchor
        Stands before each of its ids.
    title
        HTML-escaped.
    description
        Plain text.

    Raises
    ------
    ChapterError
        There is no description: a reader who cannot see the drawing would get nothing.
    """
    if not description.strip():
        raise ChapterError(f"{anchor} has no text alternative")
    svg = with_own_ids(_OWN_NAME.sub("", _PROLOG.sub("", svg)), f"{anchor}-")
    svg = _HEAD.sub(lambda found: _NAMING.sub("", found[0]), svg, count=1)
    name = (
        f' role="img" aria-labelledby="{anchor}-title {anchor}-desc">'
        f'<title id="{anchor}-title">{title}</title>'
        f'<desc id="{anchor}-desc">{html.escape(description, quote=False)}</desc>'
    )
    return _HEAD.sub(lambda found: f"<svg{found[1]}{name}", svg, count=1)


def standalone_svg(svg: str, title: str, description: str, language: str) -> str:
    """A drawing as a file: dark ink on white, its size, its name and its words with it.

    Parameters
    ----------
    svg
        As it stands inline, with ``currentColor`` for the page's ink.
    title
        HTML-escaped.
    description
        Plain text.
    language
        Of the words in it.
    """
    svg = _OWN_NAME.sub("", _PROLOG.sub("", svg)).replace("currentColor", INK)
    head = _HEAD.search(svg)
    attributes = re.sub(r'\s(?:width|height)="[^"]*"', "", _NAMING.sub("", head[1]))
    view = _VIEW.search(svg)
    # On a page a drawing is as wide as the text; a file needs a size, or a viewer shows nothing.
    width, height = view[1].split()[2:] if view else ("100%", "100%")
    size = f'width="{width}" height="{height}"'
    opening = (
        f'<svg {_SPACES}{attributes} {size} xml:lang="{language}" role="img">'
        f"<title>{title}</title><desc>{html.escape(description, quote=False)}</desc>"
        '<rect width="100%" height="100%" fill="#ffffff"/>'
    )
    drawing = svg[head.end() :]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}{drawing.strip()}\n'
