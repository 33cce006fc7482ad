"""Where the tables of an edition come from: files, a database's query, or the demonstration."""

import hashlib
import re
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

Text = Annotated[StrictStr, Field(min_length=1)]
DEMO = "demo"
_ADDRESS = re.compile(
    r"postgres(?:ql)?(?:\+psycopg)?://(?P<user>[^/?]*@)?[^/?@]*/(?P<name>[^/?@]+)(?:\?(.*))?"
)


class Record(BaseModel):
    """A part of an edition: frozen, and without a key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def from_word(key: str) -> BeforeValidator:
    """A record that may be written as one word, the value of its ``key``."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class Source(Record):
    """One table that goes in, with its column mapping: a file, a database's query, or the demonstration.

    The record of a build keeps the name of a database and the hash of its query: neither the server,
    nor the user, nor the query's words.
    """

    file: Text | None = None
    database: (
        Annotated[Text, PlainSerializer(lambda address: _database_name(address), when_used="json")]
        | None
    ) = None
    table: Text | None = None
    query: (
        Annotated[Text, PlainSerializer(lambda query: _sha256(query), when_used="json")] | None
    ) = None
    mapping: Text | dict[str, Any] | None = None

    @field_validator("file", "mapping", mode="after")
    @classmethod
    def _beside_the_edition(cls, name, info: ValidationInfo):
        # A mapping may stand in the edition itself; ``demo`` is no file.
        if not isinstance(name, str) or name == DEMO:
            return name
        return _existing_file(name, info)

    @field_validator("database")
    @classmethod
    def _without_password(cls, database):
        if database is None:
            return None
        parts = _ADDRESS.fullmatch(database)
        if parts is None:
            raise ValueError("must be an address such as postgresql://user@host:5432/name")
        if ":" in (parts["user"] or "") or "password" in database.rpartition("?")[2]:
            raise ValueError("must not hold a password: give it in PGPASSWORD or .pgpass")
        return database

    @model_validator(mode="after")
    def _one_place(self):
        if (self.file is None) == (self.database is None):
            raise ValueError("must have either file or database")
        if self.table is not None and self.query is not None:
            raise ValueError("must have either table or query")
        if self.database is not None and self.table is None and self.query is None:
            raise ValueError("must have a query (or a table) beside its database")
        if (
            self.file is not None
            and not self.file.endswith(".duckdb")
            and (self.table or self.query)
        ):
            raise ValueError("may have a table or a query only beside a database or a .duckdb file")
        return self


class OptOuts(Record):
    """A list of persons who are left out of the cases: a table's column, or one person a line."""

    file: Text
    column: Text | None = None

    @field_validator("file")
    @classmethod
    def _beside_the_edition(cls, name, info: ValidationInfo):
        return _existing_file(name, info)


def _existing_file(name: str, info: ValidationInfo) -> str:
    path = (info.context["folder"] / name).resolve()
    if not path.is_file():
        raise ValueError(f"must name a file that exists, seen from the edition: {name}")
    return str(path)


def _database_name(address: str) -> str:
    return address.split("?")[0].rpartition("/")[2]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


SourceOrDemo = Annotated[Source, from_word("file")]


class Sources(Record):
    """The tables of an edition: cases or counts, and what they are held against."""

    cases: SourceOrDemo | None = None
    counts: SourceOrDemo | None = Field(default=None, validate_default=True)
    population: SourceOrDemo | None = None
    life_table: SourceOrDemo | None = None

    @field_validator("counts")
    @classmethod
    def _either_cases_or_counts(cls, counts, info: ValidationInfo):
        if counts is not None and info.data.get("cases") is not None:
            raise ValueError(
                "must be left out where cases are given: "
                "an edition brings children or counts, not both"
            )
        # Cases that are given but faulty are absent here, and have a fault of their own.
        if counts is None and info.data.get("cases", ...) is None:
            raise ValueError(
                "must be given where cases are not: an edition brings children or counts"
            )
        return counts

    @property
    def demonstration(self) -> bool:
        """Whether whom the edition counts, or the population that they are held against, is invented."""
        counted = (self.cases, self.counts, self.population)
        return any(source is not None and source.file == DEMO for source in counted)
