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
    read_page,
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
        raise InputError(
            f"edition {folder.name}", ["must be a folder that is there, such as outputs/2024"]
        )
    public = folder / "public" if (folder / "public").is_dir() else folder
    private = public.parent / "private"
    pages = {code: _chapter_pages(public / code) for code in LANGUAGES}
    pages = {code: found for code, found in pages.items() if found}
    if not pages:
        faults = [
            "must hold a built report, with its chapters in public/en or public/nb; build it first"
        ]
        raise InputError(f"edition {folder.name}", faults)
    return PublishedEdition(
        name=public.parent.name if public.name == "public" else public.name,
        public=public,
        chapters={
            code: {
                name: _with_run(read_page(name, text, public / code), private, code)
                for name, text in found.items()
            }
            for code, found in pages.items()
        },
        about={code: page_about(next(iter(found.values())), code) for code, found in pages.items()},
        record=_read_record(private / "run.json"),
    )


def _chapter_pages(folder: Path) -> dict[str, str]:
    """The text of each chapter's page by its name, in the order of the contents."""
    texts = {path.stem: _text(path) for path in sorted(folder.glob("*.html"))}
    listed = re.findall(r'href="([^"/#:]+)\.html"', texts.get("index", ""))
    ordered = dict.fromkeys([*(name for name in listed if name in texts), *texts])
    return {name: texts[name] for name in ordered if is_chapter(texts[name])}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _with_run(chapter: PublishedChapter, private: Path, language: str) -> PublishedChapter:
    """The chapter with the code and the parameters of its executed notebook, where that is there."""
    notebook = _read_record(private / "executed" / language / f"{chapter.name}.ipynb")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return chapter
    sources = [
        "".join(cell.get("source", ""))
        for cell in cells
        if cell.get("cell_type") == "code"
        and not _HIDDEN & set(cell.get("metadata", {}).get("tags", []))
    ]
    given = notebook.get("metadata", {}).get("papermill", {}).get("parameters")
    parameters = {
        name: value
        for name, value in (given or {}).items()
        if name != "language" and not name.endswith("_source")
    }
    return replace(chapter, code="\n\n".join(sources), parameters=parameters if given else None)


def _read_record(path: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
