"""What stands in the contents of an edition: computed chapters, hand-written ones, and how all of it is cited."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    StrictInt,
    StrictStr,
    Tag,
    ValidationInfo,
    field_validator,
)

from analysis.report.edition.source_fields import Record, Text
from analysis.terms import LANGUAGES

Year = Annotated[StrictInt, Field(ge=1900, le=2100)]


def require_distinct(values: list) -> None:
    """Refuse a list that says one thing twice."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"must not repeat {', '.join(repeated)}")


class Chapter(Record):
    """A notebook of the edition, with its own parameters; ``for_each`` runs it once a value."""

    notebook: Text
    parameters: dict[Text, Any] = Field(default_factory=dict)
    for_each: dict[Text, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)

    @field_validator("notebook")
    @classmethod
    def _exists(cls, notebook, info: ValidationInfo):
        # The name becomes that of pages and files: no folder, nothing that a shell would read.
        name = notebook.removesuffix(".ipynb")
        folder = info.context["notebooks"]
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ValueError("must be the name of a notebook, without a folder")
        if not (folder / f"{name}.ipynb").is_file():
            raise ValueError(f"must name a notebook that exists: no {name}.ipynb in {folder.name}/")
        return name

    @field_validator("for_each")
    @classmethod
    def _one_parameter(cls, for_each, info: ValidationInfo):
        if len(for_each) > 1:
            raise ValueError("must name one parameter")
        for name, values in for_each.items():
            if name in info.data.get("parameters", {}):
                raise ValueError(f"{name} is given in parameters too")
            require_distinct(values)
        return for_each


class WrittenChapter(Record):
    """A chapter written by hand, a Markdown file for each language: ``foreword.md`` is ``foreword.en.md`` and so on."""

    text: Text

    @field_validator("text")
    @classmethod
    def _exists(cls, text, info: ValidationInfo):
        name, texts = text.removesuffix(".md"), info.context["texts"]
        if not re.fullmatch(r"\w[\w-]*", name):
            raise ValueError("must be the name of a text such as foreword.md, without a folder")
        absent = [
            code
            for code in info.context.get("languages", ())
            if not (texts / f"{name}.{code}.md").is_file()
        ]
        if absent:
            listed = ", ".join(f"{name}.{code}.md" for code in absent)
            raise ValueError(
                f"must be there in every language of the edition: no {listed} in {texts.name}/"
            )
        return name

    def file_name(self, language: str) -> str:
        """``"foreword.en.md"``."""
        return f"{self.text}.{language}.md"

    def path(self, texts: Path, language: str) -> Path:
        """Where its text in a language lies."""
        return texts / self.file_name(language)


def name_of(line: Any) -> str:
    """What a line of the contents is called in the edition's file."""
    return line.text if isinstance(line, WrittenChapter) else line.notebook


class Citation(Record):
    """How the report is to be cited: who wrote it, who publishes it, when, and under which DOI."""

    authors: list[Text] = Field(default_factory=list)
    publisher: dict[Literal[LANGUAGES], Text] = Field(default_factory=dict)
    year: Year | None = None
    doi: Annotated[StrictStr, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None


def _as_listed(entry: Any) -> Any:
    """A line of the contents: ``03_incidence`` is a notebook, ``foreword.md`` a text."""
    # What is no text is checked by the record itself.
    if not isinstance(entry, str):
        return entry
    return {"text": entry} if entry.endswith(".md") else {"notebook": entry}


def _kind_of_line(entry: Any) -> str:
    written = isinstance(entry, WrittenChapter) or (isinstance(entry, dict) and "text" in entry)
    return "chapter-text" if written else "chapter-notebook"


Line = Annotated[
    Annotated[Chapter, Tag("chapter-notebook")] | Annotated[WrittenChapter, Tag("chapter-text")],
    Discriminator(_kind_of_line),
    BeforeValidator(_as_listed),
]
