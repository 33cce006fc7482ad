"""A built edition as others find it: its public folder, and what its private folder tells of the run.

Only what stands in ``public/`` must be there. Where the run record or the executed notebooks are not, what they would
have told is not known (None), never guessed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.report.compare.published_pages import (
    PublishedChapter,
    is_chapter,
    page_about,
    read_published_page,
)
from analysis.terms import LANGUAGES

# Cells that no page shows.
_HIDDEN = {"parameters", "injected-parameters", "hidden"}


@dataclass(frozen=True)
class PublishedEdition:
    """An edition that was built.

    Attributes
    ----------
    name
        Of its folder.
    public
        Where its pages are.
    chapters
        By language, then by the name of the page, in reading order.
    about
        By language: what its pages say of the report, by key; ``edition`` is its title.
    record
        The record of the run; empty where there is none.
    """

    name: str
    public: Path
    chapters: Mapping[str, Mapping[str, PublishedChapter]]
    about: Mapping[str, Mapping[str, str]]
    record: Mapping[str, Any]

    def title(self, language: str) -> str:
        """The title of the report, or the name of its folder where the pages do not say."""
        return self.about[language].get("edition") or self.name


def read_published(folder: str | Path) -> PublishedEdition:
    """Read a built edition from its folder, or from a copy of its public folder alone.

    Raises
    ------
    InputError
        The folder is not there, or holds no report.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        fault = "must be a folder that is there, such as outputs/2024"
        raise InputError(f"edition {folder.name}", [fault])
    public = folder / "public" if (folder / "public").is_dir() else folder
    texts = {code: _chapter_pages(public / code) for code in LANGUAGES}
    texts = {code: pages for code, pages in texts.items() if pages}
    if not texts:
        fault = (
            "must hold a built report, with its chapters in public/en or public/nb; build it first"
        )
        raise InputError(f"edition {folder.name}", [fault])
    return PublishedEdition(
        name=public.parent.name if public.name == "public" else public.name,
        public=public,
        chapters={code: _chapters(pages, public, code) for code, pages in texts.items()},
        # Each page says the same of the report: its first chapter stands for all.
        about={code: page_about(next(iter(pages.values())), code) for code, pages in texts.items()},
        record=_read_record(public.parent / "private" / "run.json"),
    )


def _chapters(pages: Mapping[str, str], public: Path, language: str) -> dict[str, PublishedChapter]:
    private = public.parent / "private"
    chapters = {}
    for name, text in pages.items():
        chapter = read_published_page(name, text, public / language)
        chapters[name] = _with_run(chapter, private, language)
    return chapters


def _chapter_pages(folder: Path) -> dict[str, str]:
    """The text of each chapter's page by its name, in the order of the contents."""
    texts = {path.stem: _text(path) for path in sorted(folder.glob("*.html"))}
    contents = re.findall(r'href="([^"/#:]+)\.html"', texts.get("index", ""))
    # The list of contents has the reading order; what it does not name comes behind, by name.
    names = dict.fromkeys([*(name for name in contents if name in texts), *texts])
    return {name: texts[name] for name in names if is_chapter(texts[name])}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _with_run(chapter: PublishedChapter, private: Path, language: str) -> PublishedChapter:
    """The chapter with the code and the parameters of its executed notebook, where that is there."""
    notebook = _read_record(private / "executed" / language / f"{chapter.name}.ipynb")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return chapter
    code = "\n\n".join("".join(cell.get("source", "")) for cell in cells if _is_shown(cell))
    injected = notebook.get("metadata", {}).get("papermill", {}).get("parameters")
    if not injected:
        return replace(chapter, code=code, parameters=None)
    # Language and paths of sources differ between places, and no number with them.
    parameters = {
        name: value
        for name, value in injected.items()
        if name != "language" and not name.endswith("_source")
    }
    return replace(chapter, code=code, parameters=parameters)


def _is_shown(cell: Mapping[str, Any]) -> bool:
    tags = cell.get("metadata", {}).get("tags", [])
    return cell.get("cell_type") == "code" and _HIDDEN.isdisjoint(tags)


def _read_record(path: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
