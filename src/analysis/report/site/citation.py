"""How the report is cited, in a sentence and for a reference manager."""

import re

from analysis.report.edition.model import Edition
from analysis.report.files.package import PACKAGE, package_version
from analysis.report.files.page_words import word


def citation_line(edition: Edition, language: str) -> str:
    """One sentence to copy: authors, year, title, publisher, DOI, as far as the edition gives them."""
    citation = edition.citation
    authors = ", ".join(citation.authors)
    year = f"({citation.year})" if citation.year else ""
    publisher = citation.publisher.get(language, "")
    made = word("cite.made", language, package=f"{PACKAGE} {package_version()}".strip())
    parts = [
        f"{authors} {year}".strip(),
        edition.title[language],
        word("cite.edition", language, name=edition.path.stem),
        publisher,
        made,
    ]
    # An institution's name may end with a full stop of its own ("Ltd.").
    line = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return f"{line} https://doi.org/{citation.doi}" if citation.doi else line


def bibtex(edition: Edition, language: str) -> str:
    """The same for a reference manager."""
    citation = edition.citation
    publisher = citation.publisher.get(language, "")
    fields = {
        "title": edition.title[language],
        "author": " and ".join(_author(author) for author in citation.authors),
        "institution": publisher,
        "year": str(citation.year or ""),
        "doi": citation.doi or "",
        "note": f"{PACKAGE} {package_version()}".strip(),
    }
    lines = [f"  {name} = {{{_plain(text)}}}" for name, text in fields.items() if text]
    key = re.sub(r"\W+", "-", f"{edition.path.stem}-{language}")
    return f"@techreport{{{key},\n" + ",\n".join(lines) + "\n}"


def _author(name: str) -> str:
    """A person as family name and initials; what has no initials is an institution."""
    person = re.fullmatch(r"(.+?)\s+([^\W\d_a-zæøåäö]{1,3})", name)
    return f"{person[1]}, {person[2]}" if person else f"{{{name}}}"


def _plain(text: str) -> str:
    # BibTeX reads a backslash as the beginning of a command.
    return re.sub(r"[\\\n]", " ", text)
