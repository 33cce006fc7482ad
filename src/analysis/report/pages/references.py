"""What the chapters cite: one list, named by key, printed with its DOI."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote

import yaml

from analysis.errors import ChapterError
from analysis.report.pages.prose import token

PAGE = "references.html"
_CITED = re.compile(r"\[(@[\w:.-]+(?:\s*;\s*@[\w:.-]+)*)\]")


@dataclass(frozen=True)
class Reference:
    """A work that may be cited; ``doi`` is empty where it has none."""

    key: str
    authors: str
    year: int
    title: str
    source: str
    language: str = "en"
    doi: str = ""

    @property
    def short(self) -> str:
        """``"Fay & Feuer 1997"``: the family names as far as they are few, and the year."""
        names = [self._family(name) for name in self.authors.removesuffix(", et al").split(", ")]
        several = len(names) > 2 or self.authors.endswith(", et al")
        return f"{names[0]} et al. {self.year}" if several else f"{' & '.join(names)} {self.year}"

    @staticmethod
    def _family(name: str) -> str:
        return re.sub(r"\s+[A-ZÆØÅ]{1,3}$", "", name)

    @property
    def address(self) -> str:
        """Where its DOI leads."""
        return f"https://doi.org/{quote(self.doi, safe='/:;().-')}" if self.doi else ""


@cache
def known_references() -> dict[str, Reference]:
    """Every work of ``template/references.yml`` by its key."""
    text = files("analysis.report").joinpath("template/references.yml").read_text(encoding="utf-8")
    return {key: Reference(key, **fields) for key, fields in yaml.safe_load(text).items()}


def cited_keys(text: str) -> list[str]:
    """The keys that a text cites, as ``[@key]`` or ``[@key; @other]``.

    Examples
    --------
    >>> cited_keys("Fay and Feuer's interval [@fay1997; @garwood1936]")
    ['fay1997', 'garwood1936']
    """
    return [key.strip()[1:] for found in _CITED.findall(text) for key in found.split(";")]


def with_citations(text: str, kept: list[str], page: str = PAGE) -> str:
    """The text with a link to the list of references in the place of each citation.

    Raises
    ------
    ChapterError
        A key that the list does not hold.
    """
    unknown = sorted({key for key in cited_keys(text) if key not in known_references()})
    if unknown:
        raise ChapterError(f"the list of references does not hold {', '.join(unknown)}")
    return _CITED.sub(lambda found: token(_citation(found[1], page), kept), text)


def _citation(keys: str, page: str) -> str:
    works = [known_references()[key.strip()[1:]] for key in keys.split(";")]
    links = [
        f'<a class="cite" href="{page}#ref-{work.key}">{html.escape(work.short)}</a>'
        for work in works
    ]
    return f"({'; '.join(links)})"


def listed(keys: Iterable[str]) -> list[Reference]:
    """The works of these keys, each once, by their authors."""
    return sorted(
        (known_references()[key] for key in set(keys)),
        key=lambda work: (work.authors.lower(), work.year),
    )
