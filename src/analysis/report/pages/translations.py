"""The prose of a notebook in another language: English in the notebook, translated in a catalogue beside it.

The catalogue of ``notebooks/03_incidence.ipynb`` in bokmål is ``notebooks/locale/nb/03_incidence.po``; its messages are
whole cells, so that a translator has the sentences around a number, and may order them as the language wants.
"""

from pathlib import Path

from analysis.errors import ChapterError
from analysis.report.files.notebooks import nbformat, tags
from analysis.terms import SOURCE_LANGUAGE, read_catalogue


def catalogue_of(notebook: Path, language: str) -> Path:
    """Where the translations of a notebook into a language are."""
    return notebook.parent / "locale" / language / f"{notebook.stem}.po"


def prose_messages(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What of a notebook is translated, in order, each with a word for the translator on what it is."""
    series = notebook.metadata.get("workbench", {}).get("title", "")
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source]
    title = {series: "title of the series"} if series else {}
    return title | {cell.source: ", ".join(tags(cell)) for cell in prose}


def translate_notebook(
    notebook: nbformat.NotebookNode, path: Path, language: str
) -> nbformat.NotebookNode:
    """A notebook whose prose and title are in a language; the one given stays as it is.

    Parameters
    ----------
    notebook
        As it is written, or as it was run.
    path
        Of the notebook as it is written: its catalogues are beside it.
    language
        One of ``LANGUAGES``.

    Raises
    ------
    ChapterError
        Some of its prose has no translation.
    """
    if language == SOURCE_LANGUAGE:
        return notebook
    translations = read_catalogue(catalogue_of(path, language))
    english = prose_messages(notebook)
    missing = [f"“{first_words(text)}”" for text in english if ("", text) not in translations]
    if missing:
        raise ChapterError(f"no translation into {language} of {', '.join(missing)}")
    cells = []
    for cell in notebook.cells:
        source = translations.get(("", cell.source), cell.source)
        cells.append(nbformat.NotebookNode({**cell, "source": source}))
    about = dict(notebook.metadata.get("workbench", {}))
    if about.get("title"):
        about["title"] = translations["", about["title"]]
    metadata = {**notebook.metadata, "workbench": about}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def first_words(text: str, length: int = 60) -> str:
    """Enough of a text to find it by.

    Examples
    --------
    >>> first_words("## Who is counted?\\n\\nEvery registered tumour …")
    '## Who is counted?'
    """
    line = text.strip().partition("\n")[0]
    return line if len(line) <= length else f"{line[:length].rstrip()}…"
