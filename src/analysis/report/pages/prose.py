"""The prose of a chapter: numbers from code, mathematics that needs no script.

What must reach the page untouched by markdown (a number, a formula, an exhibit) is set aside as a
token of private-use characters and put back after the markdown has become HTML.
"""

import html
import re
from collections.abc import Iterable, Mapping

import latex2mathml.converter

from analysis.errors import ChapterError
from analysis.report.files.notebooks import nbformat
from analysis.report.files.page_text import PLACEHOLDER, number_names

# A code span or block is matched first, so that a dollar sign in code stays one.
_MATHS = re.compile(
    r"(?P<code>(?P<fence>`+)(?!`).*?(?<!`)(?P=fence)(?!`))"
    r"|(?<!\\)\$\$(?P<block>.+?)\$\$"
    r"|(?<![\\$])\$(?P<inline>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)",
    re.DOTALL,
)
_PER_CENT = re.compile(r"(?<=[\d}]) (?=%)")
_TOKEN = re.compile("\ue000(\\d+)\ue001")


def source_title(notebook: nbformat.NotebookNode) -> str:
    """The title of a notebook that is not run: of its series, or its heading without the numbers it asks for."""
    series = notebook.metadata.get("workbench", {}).get("title", "")
    if series:
        return series
    cells = (cell for cell in notebook.cells if cell.cell_type == "markdown")
    lines = (line for cell in cells for line in cell.source.splitlines() if line.startswith("# "))
    return " ".join(PLACEHOLDER.sub("", next(lines, "")).removeprefix("# ").split())


def chapter_numbers(exhibits: Iterable[Mapping]) -> dict[str, str]:
    """The numbers that the exhibits of a chapter quote, by name.

    Raises
    ------
    ChapterError
        Two exhibits quote different numbers under one name.
    """
    numbers: dict[str, str] = {}
    for exhibit in exhibits:
        for name, number in exhibit.get("numbers", {}).items():
            if numbers.setdefault(name, number) != number:
                raise ChapterError(f"two exhibits quote different numbers as {name}")
    return numbers


def without_tokens(text: str) -> str:
    """A text without what was set aside from it."""
    return _TOKEN.sub("", text)


def set_aside(text: str, numbers: Mapping[str, str], kept: list[str]) -> str:
    """Replace numbers and formulas by tokens; what they stand for is appended to ``kept`` as HTML.

    A per cent sign stays on the line of its number.

    Raises
    ------
    ChapterError
        The text asks for a number that no exhibit of the chapter quotes.

    Examples
    --------
    >>> kept = []
    >>> put_back(set_aside("**{{ cases }}**", {"cases": "<5"}, kept), kept)
    '**&lt;5**'
    """
    unknown = sorted({name for name in number_names(text) if name not in numbers})
    if unknown:
        raise ChapterError(f"no exhibit of the chapter quotes a number called {', '.join(unknown)}")
    text = _kept_together(text)
    text = _MATHS.sub(lambda found: found["code"] or token(_mathml(found), kept), text)
    return PLACEHOLDER.sub(
        lambda found: token(html.escape(_kept_together(str(numbers[found[1]]))), kept), text
    )


def _kept_together(text: str) -> str:
    return _PER_CENT.sub("\N{NO-BREAK SPACE}", text)


def token(markup: str, kept: list[str]) -> str:
    """Keep ``markup`` and return the token that stands for it."""
    kept.append(markup)
    return f"\ue000{len(kept) - 1}\ue001"


def put_back(text: str, kept: list[str]) -> str:
    """Put what was set aside in the place of its tokens."""
    return _TOKEN.sub(lambda found: kept[int(found[1])], text)


def _mathml(found: re.Match) -> str:
    formula, display = (found["block"], "block") if found["block"] else (found["inline"], "inline")
    try:
        markup = latex2mathml.converter.convert(formula.strip(), display=display)
    except Exception as error:
        raise ChapterError(
            f"the formula {formula.strip()} cannot be read: {type(error).__name__}"
        ) from None
    return re.sub(r'\s+xmlns="[^"]*"', "", markup, count=1)
