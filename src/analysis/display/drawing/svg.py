"""A drawing made fit for a page: small, its ids its own, its ink the page's, its words beside it."""

import hashlib
import re
from html import escape

from analysis.display.drawing.style import FAMILY, INK

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_HEAD = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_VIEW = re.compile(r'viewBox="([^"]+)"')
_ID = re.compile(r'(\bid="|href="#|url\(#)([^")]+)')
_LETTERS = str.maketrans("0123456789", "ghijklmnop")

# So many markers alike say their style once, on their group.
_RUN = re.compile(r'<g>((?:<use [^>]*?style="[^"]*"/>){4,})</g>')
_STYLE = re.compile(r' style="([^"]*)"')


def inline_svg(drawing: str, alternative: str) -> str:
    """The drawing without prolog and metadata, coordinates to a tenth, as wide as its column.

    Parameters
    ----------
    drawing
        An SVG document whose text is text.
    alternative
        What a reader who cannot see it is told.
    """
    box = _VIEW.search(drawing)[1]
    body = drawing[_HEAD.search(drawing).end() :].rsplit("</svg>", 1)[0]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = _NUMBER.sub(_rounded, body)
    body = body.replace(INK, "currentColor")
    # The drawing's own style sheet would reach the whole page; what it says stands on the root instead.
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r" font-family: [^;\"]+;?|(?<=[ ;\"])text-anchor: start;? ?", "", body)
    body = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", body)
    # A path says L once for a run of points.
    body = re.sub(
        r"(?<=[\d.]) \nL (?=-?[\d.])", " ", re.sub(r"M ([-\d.]+ [-\d.]+) \nL ", r"M\1L", body)
    )
    body = re.sub(r">\s+<", "><", body)
    body = _STYLE.sub(_as_attributes, _RUN.sub(_once, body))
    body = _with_own_ids(body, alternative)
    words = escape(alternative, quote=True)
    root = f'viewBox="{box}" width="100%" font-family="{FAMILY}" stroke-linejoin="round"'
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    told = f"<desc>{escape(alternative, quote=False)}</desc>"
    return f'<svg {spaces} {root} role="img" aria-label="{words}">{told}{body}</svg>'


def _with_own_ids(body: str, alternative: str) -> str:
    """Ids that no other drawing has, without the digits of a hash: ten of them can be an identity number."""
    digest = hashlib.sha256((body + alternative).encode()).hexdigest()[:8]
    prefix = "x" + digest.translate(_LETTERS)
    used = list(dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', body)))
    body = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", body)
    return _ID.sub(lambda found: f"{found[1]}{prefix}-{used.index(found[2]) + 1}", body)


def _once(found: re.Match) -> str:
    styles = set(re.findall(r' style="[^"]*"', found[1]))
    if len(styles) > 1:
        return found[0]
    style = styles.pop()
    return f"<g{style}>{found[1].replace(style, '')}</g>"


def _as_attributes(found: re.Match) -> str:
    """A style as presentation attributes: a page under a strict policy obeys no style in a tag."""
    said = dict(part.split(":", 1) for part in found[1].split(";") if part.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in said.items())


def _rounded(found: re.Match) -> str:
    short = f"{float(found[0]):.1f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
