"""Why a number may have changed: what differs between two runs, as far as their records tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.report.compare.published import PublishedEdition
from analysis.report.compare.published_pages import PublishedChapter

# Of the edition file, what no number rests on, and what has a line of its own.
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
FOLLOWED = (
    "at_risk",
    "time_days",
    "survival",
    "net_survival",
    "relative_survival",
    "conditional_survival",
    "events",
)

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
    recorded = was.record and now.record
    facts = [
        _recorded(edition.record) if recorded else _printed(edition.about[language])
        for edition in (was, now)
    ]
    return Causes(**{name: _differences(facts[0].get(name), facts[1].get(name)) for name in FACTS})


def chapter_causes(causes: Causes, was: PublishedChapter, now: PublishedChapter) -> Causes:
    """What differs between two runs of a chapter: its own parameters and code where they are known."""
    method = None if was.code is None or now.code is None else ("",) if was.code != now.code else ()
    if was.parameters is None or now.parameters is None:
        return Causes(
            causes.years, causes.closing, causes.inputs, causes.package, causes.parameters, method
        )
    own = [dict(chapter.parameters) for chapter in (was, now)]
    apart = (*_OF_YEARS, *_OF_CLOSING)
    return Causes(
        years=causes.years if any(name in one for one in own for name in _OF_YEARS) else (),
        closing=causes.closing
        if any(name in one for one in own for name in (*_OF_CLOSING, "last_year"))
        else (),
        inputs=causes.inputs,
        package=causes.package,
        parameters=_differences(
            *({name: one[name] for name in one if name not in apart} for one in own)
        ),
        method=method,
    )


def reasons(
    causes: Causes, columns: tuple[str, ...], strata: tuple[str, ...], counts_changed: bool | None
) -> tuple:
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
    tied = is_tied(strata)
    found = []
    if (causes.years and not tied) or (
        causes.closing and (not tied or set(columns) & set(FOLLOWED))
    ):
        found.append("new_year")
    same_years = tied or (causes.years == () and causes.closing == ())
    if counts_changed and same_years and causes.inputs != ():
        found.append("corrected")
    if causes.inputs and not found:
        found.append("inputs")
    found += [name for name in ("parameters", "method") if getattr(causes, name)]
    if causes.package and not found:
        found.append("package")
    return tuple(found) or ("not_known",)


def is_tied(strata: tuple[str, ...]) -> bool:
    """Whether rows are each of their own calendar years, so that another edition's row is of the same ones."""
    return any(column in CALENDAR for column in strata)


def _recorded(record: Mapping[str, Any]) -> dict[str, Any]:
    edition = record.get("edition") if isinstance(record.get("edition"), dict) else {}
    years = edition.get("diagnosis_years") or {}
    package = record.get("package") if isinstance(record.get("package"), dict) else {}
    inputs = [one for one in record.get("inputs") or [] if isinstance(one, dict)]
    parameters = {name: value for name, value in edition.items() if name not in _NOT_PARAMETERS}
    return {
        "years": {"": f"{years['first']}–{years['last']}"}
        if {"first", "last"} <= set(years)
        else None,
        "closing": {"": edition["closing_date"]} if edition.get("closing_date") else None,
        "inputs": {one.get("name", ""): _Hash(str(one.get("sha256", ""))) for one in inputs}
        or None,
        "package": {"": _Hash(package["sha256"], package.get("version", ""))}
        if package.get("sha256")
        else None,
        "parameters": _flat(parameters) or None,
    }


def _printed(about: Mapping[str, str]) -> dict[str, Any]:
    return {
        "years": {"": about["years"]} if "years" in about else None,
        "closing": {"": about["closing"]} if "closing" in about else None,
        "parameters": {name: about[name] for name in _PAGE_PARAMETERS if name in about} or None,
    }


@dataclass(frozen=True)
class _Hash:
    """A digest, told by its first signs."""

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
    names = [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]
    return tuple(
        f"{f'{name}: ' if name else ''}{_said(was.get(name))} → {_said(now.get(name))}"
        for name in names
    )


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None or value == "" else str(value)
