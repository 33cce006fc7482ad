"""Why a number may have changed: what differs between two runs, as far as their records tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.quantities import with_trait
from analysis.report.compare.published import PublishedEdition
from analysis.report.compare.published_pages import PublishedChapter

# Of the edition file, what no number depends on, and what has a line of its own.
_NOT_PARAMETERS = (
    "title",
    "languages",
    "sources",
    "opt_outs",
    "chapters",
    "diagnosis_years",
    "closing_date",
)
# Parameters of a notebook that follow from the years of the edition.
_OF_YEARS = ("first_year", "last_year", "provisional_year")
_OF_CLOSING = ("closing_date",)
_PAGE_PARAMETERS = ("age", "standard", "classification", "minimum")
FACTS = ("years", "closing", "inputs", "package", "parameters")
# Where rows are of a calendar year, a new year adds rows and changes none.
CALENDAR = ("year", "period", "diagnosis_year", "diagnosis_period", "birth_year")

Differences = tuple[str, ...] | None


@dataclass(frozen=True)
class Causes:
    """What differs, each as sentences of what it was and is: empty where nothing, None where it is not known."""

    years: Differences
    closing: Differences
    inputs: Differences
    package: Differences
    parameters: Differences
    method: Differences = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of what is not known."""
        return tuple(name for name in (*FACTS, "method") if getattr(self, name) is None)


def edition_causes(was: PublishedEdition, now: PublishedEdition, language: str) -> Causes:
    """What differs between two editions as wholes: by their run records, else by what both say on their pages."""
    # A record names an input by its digest and a page by its title: the two can not be held against one another.
    recorded = was.record and now.record
    facts = [
        _recorded(edition.record) if recorded else _printed(edition.about[language])
        for edition in (was, now)
    ]
    return Causes(**{name: _differences(facts[0].get(name), facts[1].get(name)) for name in FACTS})


def chapter_causes(causes: Causes, was: PublishedChapter, now: PublishedChapter) -> Causes:
    """What differs between two runs of a chapter: its own parameters and code where they are known."""
    method = _method(was.code, now.code)
    if was.parameters is None or now.parameters is None:
        return replace(causes, method=method)
    # A chapter that takes no year does not change with the years of the edition.
    names = {*was.parameters, *now.parameters}
    dated = names & {*_OF_YEARS}
    closed = names & {*_OF_CLOSING, "last_year"}
    return replace(
        causes,
        years=causes.years if dated else (),
        closing=causes.closing if closed else (),
        parameters=_differences(_own_parameters(was), _own_parameters(now)),
        method=method,
    )


def _method(was: str | None, now: str | None) -> Differences:
    """That the code differs, which no sentence tells; None where either code is not known."""
    if was is None or now is None:
        return None
    return ("",) if was != now else ()


def _own_parameters(chapter: PublishedChapter) -> dict[str, Any]:
    of_edition = (*_OF_YEARS, *_OF_CLOSING)
    return {name: value for name, value in chapter.parameters.items() if name not in of_edition}


def reasons(
    causes: Causes, columns: Sequence[str], strata: Sequence[str], counts_changed: bool | None
) -> tuple[str, ...]:
    """Why a cell may have changed, as keys of words; ``("not_known",)`` where nothing tells.

    Parameters
    ----------
    causes
        Of the chapter.
    columns, strata
        Of the exhibit; empty for a number in the text.
    counts_changed
        Whether a count in the same row changed; None where the row has none.
    """
    keys = []
    if _has_other_years(causes, columns, strata):
        keys.append("new_year")
    # A count of the same years can only be another where the register was corrected, or added to late.
    if counts_changed and causes.inputs != () and counts_same_years(strata, causes):
        keys.append("corrected")
    if causes.inputs and not keys:
        keys.append("inputs")
    keys += [name for name in ("parameters", "method") if getattr(causes, name)]
    # Another version of the package explains a change only where nothing nearer does.
    if causes.package and not keys:
        keys.append("package")
    return tuple(keys) or ("not_known",)


def _has_other_years(causes: Causes, columns: Sequence[str], strata: Sequence[str]) -> bool:
    """Whether a row is over other years; or over the same, and its children have been followed for longer."""
    if not is_tied(strata):
        return bool(causes.years or causes.closing)
    return bool(causes.closing) and not set(columns).isdisjoint(with_trait("followed"))


def is_tied(strata: Sequence[str]) -> bool:
    """Whether rows are each of their own calendar years, so that another edition's row is of the same ones."""
    return any(column in CALENDAR for column in strata)


def counts_same_years(strata: Sequence[str], causes: Causes) -> bool:
    """Whether a row of both editions counts the same years: it names them, or neither year nor closing moved."""
    return is_tied(strata) or (causes.years == () and causes.closing == ())


def _recorded(record: Mapping[str, Any]) -> dict[str, Any]:
    """Each fact of a run record, None where it does not tell: another version may have written it."""
    edition = _mapping(record.get("edition"))
    years = _mapping(edition.get("diagnosis_years"))
    closing = edition.get("closing_date")
    package = _mapping(record.get("package"))
    digest = package.get("sha256")
    inputs = [source for source in record.get("inputs") or [] if isinstance(source, dict)]
    parameters = {name: value for name, value in edition.items() if name not in _NOT_PARAMETERS}
    facts = {
        "inputs": {
            source.get("name", ""): _Hash(str(source.get("sha256", ""))) for source in inputs
        },
        "parameters": _flat(parameters),
    }
    if {"first", "last"} <= set(years):
        facts["years"] = {"": f"{years['first']}–{years['last']}"}
    if closing:
        facts["closing"] = {"": closing}
    if digest:
        facts["package"] = {"": _Hash(digest, package.get("version", ""))}
    return {name: facts.get(name) or None for name in FACTS}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _printed(about: Mapping[str, str]) -> dict[str, Any]:
    """The facts that a page prints; of inputs and package it prints none."""
    parameters = {name: about[name] for name in _PAGE_PARAMETERS if name in about}
    return {
        "years": {"": about["years"]} if "years" in about else None,
        "closing": {"": about["closing"]} if "closing" in about else None,
        "parameters": parameters or None,
    }


@dataclass(frozen=True)
class _Hash:
    """A digest, of which the first characters are shown: enough to see that two differ."""

    digest: str
    version: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.version, self.digest[:8]) if part)


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        inner = isinstance(value, dict) and value
        flat |= _flat(value, f"{above}{name}.") if inner else {f"{above}{name}": value}
    return flat


def _differences(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Differences:
    """``"minimum_cell: 5 → 3"`` for each that differs; None where either is not known."""
    if was is None or now is None:
        return None
    sentences = []
    for name in dict.fromkeys([*was, *now]):
        before, after = was.get(name), now.get(name)
        if before != after:
            subject = f"{name}: " if name else ""
            sentences.append(f"{subject}{_in_words(before)} → {_in_words(after)}")
    return tuple(sentences)


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None or value == "" else str(value)
