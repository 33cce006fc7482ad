"""What is run: every chapter of an edition in every language, its parameters held to its notebook."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.report.edition.model import Chapter, Edition
from analysis.report.files.notebooks import parameters_cell, read_notebook

# What a chapter may not set for itself: the build decides it.
RESERVED = ("language", "cases_source", "population_source", "life_table_source", "diagnosis")
_NO_CELL = "has no cell tagged parameters"


@dataclass(frozen=True)
class ChapterRun:
    """One notebook to be run in one language.

    Attributes
    ----------
    notebook
        The source notebook; it is never written to.
    language
        One of ``LANGUAGES``.
    name
        Of the page and of all files: ``"03_incidence"``, ``"09_diagnostic_group-I"``.
    value
        The value of ``for_each`` that this run is for; empty for a chapter that is run once.
    parameters
        For the notebook's parameters cell.
    """

    notebook: Path
    language: str
    name: str
    value: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AbsentChapter:
    """A chapter that is not run, and what the sources of the edition lack for it."""

    notebook: Path
    name: str
    missing: tuple[str, ...]


def shared_parameters(edition: Edition, sources: Mapping[str, str | int]) -> dict[str, Any]:
    """What every notebook may declare, by name; only ``language`` is added run by run.

    Years are those of the source where the edition does not set them, and 0 where neither has any; the
    closing date is empty where it is not set.
    """
    years = edition.diagnosis_years
    return {
        "cases_source": "",
        "population_source": "",
        "life_table_source": "",
        "diagnosis": "",
        **sources,
        "country": edition.country,
        "countries": list(edition.countries),
        "age_limit": edition.age_limit,
        "first_year": years.first if years else sources.get("first_year", 0),
        "last_year": years.last if years else sources.get("last_year", 0),
        "recent_years": edition.recent_years,
        "adolescents_from": edition.adolescents_from,
        "provisional_year": edition.provisional_year,
        "closing_date": edition.closing_date.isoformat() if edition.closing_date else "",
        "classification": edition.classification,
        "non_malignant_cns": edition.non_malignant_cns,
        "standard": edition.standard_population,
        "rate_per": edition.rate_per,
        "minimum_cell": edition.minimum_cell,
        "independent_counts": dict(edition.independent_counts),
        **_survival_parameters(edition),
        "indicators_from": edition.indicators.first_year,
        "mdt_goal": edition.indicators.mdt_goal,
        "protocol_goal": edition.indicators.protocol_goal,
        "goals_set_by": dict(edition.indicators.goals_set_by),
    }


def _survival_parameters(edition: Edition) -> dict[str, Any]:
    """What the survival chapters declare; so few at risk as may not be published are never enough."""
    return {
        "survival_years": list(edition.survival.years),
        "period_width": edition.survival.period_width,
        "minimum_at_risk": max(edition.survival.minimum_at_risk, edition.minimum_cell),
        "outcome": edition.outcome,
    }


def check_chapters(edition: Edition) -> None:
    """Hold the parameters of every chapter to its notebook's parameters cell.

    Papermill only warns of a parameter that a notebook does not know, and runs its default.

    Raises
    ------
    InputError
        With the faults of all notebooks: no parameters cell, a value that is computed, a parameter
        that is unknown, absent or of another type than the cell's, two runs under one name.
    """
    shared = {**shared_parameters(edition, {}), "language": edition.languages[0]}
    faults = [
        fault for chapter in edition.chapters for fault in _chapter_faults(edition, chapter, shared)
    ]
    names = Counter(name for chapter in edition.chapters for name, _, _ in _variants(chapter))
    faults += [
        f"{name}: two runs would share this name" for name, count in names.items() if count > 1
    ]
    if faults:
        raise InputError(f"chapters of {edition.path.name}", faults)


def chapter_runs(
    edition: Edition, available: Iterable[str], sources: Mapping[str, str | int] | None = None
) -> tuple[tuple[ChapterRun, ...], tuple[AbsentChapter, ...]]:
    """The runs of an edition in reading order, and the chapters that its sources do not carry.

    Parameters
    ----------
    edition
        As read by ``read_edition``.
    available
        What the sources offer: ``children``, ``population``, ``countries``, and every filled column.
    sources
        ``cases_source``, ``population_source``, ``life_table_source``: where chapters read.

    Raises
    ------
    InputError
        See ``check_chapters``.
    """
    check_chapters(edition)
    available, runs, absent = set(available), [], []
    shared = shared_parameters(edition, sources or {})
    for chapter in edition.chapters:
        path = notebook_path(edition, chapter)
        needs = read_notebook(path).metadata.get("workbench", {}).get("needs", [])
        missing = tuple(need for need in needs if need not in available)
        # A registry without stage still gets its report: the chapter is named with what it lacks.
        if missing:
            absent.append(AbsentChapter(path, chapter.notebook, missing))
            continue
        runs += _runs_of(edition, chapter, shared)
    return tuple(runs), tuple(absent)


def notebook_path(edition: Edition, chapter: Chapter) -> Path:
    """Where the notebook of a chapter lies."""
    return edition.notebooks / f"{chapter.notebook}.ipynb"


def declared_parameters(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The literals of a notebook's parameters cell by name, and the faults of that cell."""
    cell = parameters_cell(read_notebook(path))
    if cell is None:
        return {}, [_NO_CELL]
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError as error:
        return {}, [f"the parameters cell is not Python (line {error.lineno})"]
    declared, faults = {}, []
    for statement in statements:
        names, value = _assignment(statement)
        try:
            declared |= dict.fromkeys(names, ast.literal_eval(value))
        except (ValueError, TypeError):
            what = ", ".join(names) or f"line {statement.lineno}"
            faults.append(f"{what}: must be a plain value in the parameters cell, nothing computed")
            declared |= dict.fromkeys(names)
    return declared, faults


def _assignment(statement: ast.stmt) -> tuple[list[str], ast.expr | None]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id], statement.value
    if isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) for target in statement.targets
    ):
        return [target.id for target in statement.targets], statement.value
    return [], None


def _chapter_faults(edition: Edition, chapter: Chapter, shared: Mapping[str, Any]) -> list[str]:
    declared, faults = declared_parameters(notebook_path(edition, chapter))
    if _NO_CELL in faults:
        return [f"{chapter.notebook}: {_NO_CELL}"]
    own = {name: [value] for name, value in chapter.parameters.items()} | chapter.for_each
    for name in own:
        if name in RESERVED:
            faults.append(f"{name}: is set by the build, never by a chapter")
    for name in own:
        if name not in declared:
            faults.append(f"{name}: unknown, the parameters cell does not declare it")
    for name in declared:
        if name not in own and name not in shared:
            faults.append(f"{name}: declared in the parameters cell but not given by the edition")
    values = {name: [value] for name, value in shared.items()} | own
    faults += _type_faults(values, declared)
    return [f"{chapter.notebook}: {fault}" for fault in faults]


def _type_faults(values: Mapping[str, list], declared: Mapping[str, Any]) -> list[str]:
    """What is given by name, one value a run, held to the type of its default."""
    return [
        f"{name}: must be {_type_phrase(declared[name])}, as in the parameters cell"
        for name, of_runs in values.items()
        if name in declared and not all(_same_type(value, declared[name]) for value in of_runs)
    ]


def _same_type(value: Any, default: Any) -> bool:
    if default is None:
        return True
    # To Python True is the whole number 1; to a reader of an edition it is none.
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, list | tuple) and isinstance(value, list | tuple):
        return not default or all(_same_type(entry, default[0]) for entry in value)
    return type(value) is type(default)


def _type_phrase(default: Any) -> str:
    phrases = {
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        list: "a list",
    }
    phrase = phrases.get(type(default), f"a {type(default).__name__}")
    if isinstance(default, list) and default:
        return f"{phrase} of {_type_phrase(default[0])}"
    return phrase


def _variants(chapter: Chapter) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, value and own parameters of each run of a chapter."""
    if not chapter.for_each:
        return [(chapter.notebook, "", dict(chapter.parameters))]
    ((parameter, values),) = chapter.for_each.items()
    return [
        (
            f"{chapter.notebook}-{_file_word(value)}",
            str(value),
            {**chapter.parameters, parameter: value},
        )
        for value in values
    ]


def _file_word(value: Any) -> str:
    return re.sub(r"[^\w.]+", "-", str(value)).strip("-.") or "value"


def _runs_of(edition: Edition, chapter: Chapter, shared: Mapping[str, Any]) -> list[ChapterRun]:
    path = notebook_path(edition, chapter)
    declared, _ = declared_parameters(path)
    runs = []
    for name, value, own in _variants(chapter):
        for language in edition.languages:
            values = {**shared, "language": language, **own}
            # Papermill would warn of each value that the notebook does not declare.
            parameters = {parameter: values[parameter] for parameter in declared}
            runs.append(ChapterRun(path, language, name, value, parameters))
    return runs
