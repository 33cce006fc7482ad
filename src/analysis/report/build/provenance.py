"""What went in and what came out: the record of a build."""

import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.report.build.dependencies import page_digest
from analysis.report.edition.chapters import notebook_path
from analysis.report.edition.model import Edition
from analysis.report.edition.results import ChapterResult
from analysis.report.files.digests import (
    digest_of,
    file_digest,
    file_digests,
    installed_versions,
    package_digests,
)
from analysis.report.files.notebooks import read_notebook
from analysis.report.files.package import PACKAGE, commit_of, package_version
from analysis.report.pages.translations import catalogue_of


def run_record(
    edition: Edition,
    inputs: Iterable[Mapping],
    results: Iterable[ChapterResult],
    public: Path | None,
) -> dict:
    """The record of a build, as it is kept in the private folder.

    Parameters
    ----------
    edition
        As it was read.
    inputs
        Name, sha256, bytes and rows of every source.
    results
        What became of each run.
    public
        The folder of the public report; None where nothing was published.
    """
    # Where the edition's files lie is the machine's, not the edition's.
    settings = edition.model_dump(
        mode="json", by_alias=True, exclude={"path", "notebooks", "texts"}
    )
    return {
        "edition": settings,
        "edition_sha256": file_digest(edition.path),
        "inputs": [dict(source) for source in inputs],
        "package": {
            "name": PACKAGE,
            "version": package_version(),
            "sha256": digest_of(package_digests()),
            "commit": commit_of()[0],
        },
        "python": platform.python_version(),
        "dependencies": dict(sorted(installed_versions().items())),
        "chapters": [_chapter_record(result) for result in results],
        "public": file_digests(public) if public else {},
    }


def _chapter_record(result: ChapterResult) -> dict[str, str | float]:
    return {
        "name": result.name,
        "language": result.language,
        "status": result.status,
        "seconds": round(result.seconds, 2),
    }


def chapter_digests(edition: Edition) -> dict[str, str]:
    """The digest of what each notebook, translation and hand-written chapter says, by the name of its file."""
    notebooks = {notebook_path(edition, chapter) for chapter in edition.chapters}
    digests = {path.name: page_digest(read_notebook(path)) for path in notebooks}
    for path in notebooks:
        for language in edition.languages:
            catalogue = catalogue_of(path, language)
            if catalogue.is_file():
                digests[f"{catalogue.parent.name}/{catalogue.name}"] = file_digest(catalogue)
    return digests | {path.name: file_digest(path) for path in edition.text_paths}


def mapping_digests(edition: Edition) -> dict[str, str]:
    """The digest of the mapping of each source that has one."""
    names = type(edition.sources).model_fields
    sources = {name: getattr(edition.sources, name) for name in names}
    digests = {}
    for name, source in sources.items():
        if source and source.mapping:
            # A mapping is a file, or stands in the edition itself.
            written = source.mapping
            is_file = isinstance(written, str)
            digests[name] = file_digest(written) if is_file else digest_of(written)
    return digests
