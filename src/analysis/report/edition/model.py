"""What an edition of the report may say: one frozen record, checked key by key.

Each check looks only at keys above it that are themselves sound, so that one reading lists every fault.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    field_validator,
)

from analysis.report.edition.contents import (
    Chapter,
    Citation,
    Line,
    WrittenChapter,
    Year,
    name_of,
    require_distinct,
)
from analysis.report.edition.source_fields import OptOuts, Record, Sources, Text, from_word
from analysis.report.files.page_words import plain_language
from analysis.terms import LANGUAGES

STANDARD_POPULATIONS = ("world-1960", "who-2000", "european-1976", "european-2013", "nordic-2000")
RATE_UNITS = (1_000, 10_000, 100_000, 1_000_000)
CLASSIFICATIONS = ("2005", "2008", "2017")
# The birthdays to which children and adolescents are counted: ages 0–14, 0–17 and 0–19.
AGE_LIMITS = (15, 18, 20)
# Nobody in the invented cohort is older.
DEMONSTRATED_AGES = 18
Count = Annotated[StrictInt, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]


def _plain_country(code: Any) -> Any:
    # A YAML 1.1 reader turns a bare NO, Norway's code, into False.
    return "NO" if code is False else code


Country = Annotated[StrictStr, Field(pattern=r"^[A-Z]{2}$"), BeforeValidator(_plain_country)]


def _known_unit(rate_per: int) -> int:
    if rate_per not in RATE_UNITS:
        raise ValueError(f"must be one of {', '.join(map(str, RATE_UNITS))}")
    return rate_per


class DiagnosisYears(Record):
    """First and last year of diagnosis, both included."""

    first: Year
    last: Year

    @field_validator("last")
    @classmethod
    def _in_order(cls, last, info: ValidationInfo):
        if last < info.data.get("first", last):
            raise ValueError(f"must not be before the first year ({info.data['first']})")
        return last


class Survival(Record):
    """Years after diagnosis at which survival is told, the width of a period, and how many must be at risk."""

    years: list[Count] = Field(default=[1, 5, 10], min_length=1)
    period_width: Count = 5
    minimum_at_risk: Count = 10

    @field_validator("years")
    @classmethod
    def _ascending(cls, years):
        if sorted(set(years)) != years:
            raise ValueError("must ascend, each year once")
        return years


class Indicators(Record):
    """Goals of the process indicators (proportions), who set them, and the first year of diagnosis they concern."""

    first_year: Year = 2019
    mdt_goal: Share = 0.8
    protocol_goal: Share = 0.4
    goals_set_by: dict[Literal[LANGUAGES], Text] = Field(default_factory=dict)


class Edition(Record):
    """An edition of the report, sound as a whole; ``read_edition`` makes it from a file."""

    path: Path
    notebooks: Path
    texts: Path
    languages: list[Annotated[Literal[LANGUAGES], BeforeValidator(plain_language)]] = Field(
        min_length=1
    )
    title: dict[Literal[LANGUAGES], Text]
    sources: Sources
    opt_outs: Annotated[OptOuts, from_word("file")] | None = None
    countries: list[Country] = Field(min_length=1)
    country: Country
    age_limit: StrictInt = 18
    diagnosis_years: DiagnosisYears | None = None
    closing_date: date | None = None
    recent_years: Count = 10
    adolescents_from: Annotated[StrictInt, Field(ge=0)] = 2019
    provisional_years: Annotated[StrictInt, Field(ge=0)] = 1
    classification: Annotated[
        Literal[CLASSIFICATIONS], BeforeValidator(lambda v: str(v) if type(v) is int else v)
    ] = "2017"
    standard_population: Literal[STANDARD_POPULATIONS] = "world-1960"
    non_malignant_cns: StrictBool = True
    rate_per: Annotated[StrictInt, AfterValidator(_known_unit)] = 1_000_000
    survival: Survival = Survival()
    indicators: Indicators = Indicators()
    outcome: Literal["death", "relapse"] = "death"
    minimum_cell: Count = 5
    independent_counts: dict[Country, Count] = Field(default_factory=dict)
    citation: Citation = Citation()
    contents: list[Line] = Field(min_length=1, alias="chapters")

    @field_validator("opt_outs")
    @classmethod
    def _from_children(cls, opt_outs, info: ValidationInfo):
        if opt_outs and "sources" in info.data and info.data["sources"].cases is None:
            raise ValueError("must be left out where cases are not given: counts have no persons")
        return opt_outs

    @field_validator("languages", "countries")
    @classmethod
    def _distinct(cls, values):
        require_distinct(values)
        return values

    @field_validator("title")
    @classmethod
    def _in_every_language(cls, title, info: ValidationInfo):
        absent = [language for language in info.data.get("languages", []) if language not in title]
        if absent:
            raise ValueError(
                f"must be given in every language of the edition: {', '.join(absent)} is absent"
            )
        return title

    @field_validator("citation")
    @classmethod
    def _published_in_every_language(cls, citation, info: ValidationInfo):
        absent = [
            language
            for language in info.data.get("languages", [])
            if language not in citation.publisher
        ]
        if citation.publisher and absent:
            listed = ", ".join(absent)
            raise ValueError(
                f"publisher must be given in every language of the edition: {listed} is absent"
            )
        return citation

    @field_validator("country")
    @classmethod
    def _among_countries(cls, country, info: ValidationInfo):
        if country not in info.data.get("countries", [country]):
            raise ValueError("must be one of countries")
        return country

    @field_validator("age_limit")
    @classmethod
    def _known_limit(cls, age_limit, info: ValidationInfo):
        if age_limit not in AGE_LIMITS:
            raise ValueError(f"must be {', '.join(map(str, AGE_LIMITS[:-1]))} or {AGE_LIMITS[-1]}")
        # Sources that are faulty are absent here, and have a fault of their own.
        sources = info.data.get("sources")
        if age_limit > DEMONSTRATED_AGES and sources and sources.demonstration:
            raise ValueError(
                f"must not pass {DEMONSTRATED_AGES} where a source is demo, which has nobody older"
            )
        return age_limit

    @field_validator("closing_date", mode="before")
    @classmethod
    def _a_date(cls, closing_date):
        # A moment is a date to isinstance, and YAML makes one of a date with an hour.
        if closing_date is None or type(closing_date) is date:
            return closing_date
        try:
            return date.fromisoformat(closing_date)
        except (TypeError, ValueError):
            raise ValueError("must be a date such as 2023-12-31") from None

    @field_validator("closing_date")
    @classmethod
    def _after_the_last_diagnosis(cls, closing_date, info: ValidationInfo):
        # Whoever is diagnosed after the closing date has no follow-up at all.
        years = info.data.get("diagnosis_years")
        if closing_date and years and closing_date.year < years.last:
            raise ValueError(f"must not be before the last year of diagnosis ({years.last})")
        return closing_date

    @field_validator("contents")
    @classmethod
    def _each_once(cls, contents):
        repeated = sorted({name_of(line) for line in contents if contents.count(line) > 1})
        if repeated:
            raise ValueError(f"must not repeat {', '.join(repeated)}")
        if not any(isinstance(line, Chapter) for line in contents):
            raise ValueError(
                "must name a notebook: a report of hand-written chapters alone computes nothing"
            )
        return contents

    @property
    def chapters(self) -> list[Chapter]:
        """The computed chapters, in reading order."""
        return [line for line in self.contents if isinstance(line, Chapter)]

    @property
    def text_paths(self) -> list[Path]:
        """Where the hand-written chapters lie, in every language of the edition."""
        written = [line for line in self.contents if isinstance(line, WrittenChapter)]
        return [
            chapter.path(self.texts, language) for chapter in written for language in self.languages
        ]

    @property
    def provisional_year(self) -> int:
        """The first year of diagnosis that is provisional; 0 where none is."""
        if not self.diagnosis_years or not self.provisional_years:
            return 0
        # An edition of few years may be provisional as a whole.
        return max(
            self.diagnosis_years.last - self.provisional_years + 1, self.diagnosis_years.first
        )
