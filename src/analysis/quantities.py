"""What each column is: a count, a rate, a survival, a stratum; in which unit, and what it goes together with.

``quantities.csv`` has one line a column; ``terms.csv`` has the words for it. Both are of all stages.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

QUANTITIES = Path(__file__).with_name("quantities.csv")

KINDS = {
    "stratum": "what divides children, tumours or estimates",
    "child": "what is known of one child: such rows are personal data",
    "time": "when the numbers of a row were looked at, since diagnosis",
    "count": "a number of children, tumours or events",
    "person_time": "persons, and years in which they were observed",
    "flow": "a number of a flow of inclusion",
    "rate": "cases or persons in a population",
    "survival": "the share still without an event, from all at diagnosis on",
    "risk": "the share with an event, from none at diagnosis on",
    "cumulative_risk": "the share of all children who fall ill by an age: a few in a thousand",
    "share": "the share of those eligible who meet a criterion",
    "change": "a change in a year",
    "deviation": "of a logarithm from its straight line",
    "duration": "a time that survival is summed up in",
    "ratio": "one estimate divided by another: 1 where they are the same",
    "difference": "one estimate less another: 0 where they are the same",
    "hazard": "a risk added up over time, or a step of it",
    "interval": "a limit of the confidence interval of the estimate in front of it",
    "fitted_limit": "a limit of the interval of a fitted rate",
    "limit": "a limit of a funnel",
    "overall": "what all units have in common",
    "spread": "how sure an estimate is, on a scale of its own",
    "expectation": "a number of events or persons that is not a count but an estimate of one",
    "percent": "the share of a table's total",
    "completeness": "the share of all survivors who are registered",
    "year_of_change": "where a trend bends, and between which years that may be",
    "p_value": "the probability of what was seen, or more, where nothing differs",
    "test": "what a test of difference is made of",
    "rank": "a place among units, and between which places it may be",
    "judgement": "a word that is read off numbers",
    "contribution": "what one case adds to a standardised rate",
    "weight": "the share of a standard population",
    "probability": "the probability that a quantile was asked for",
    "degrees": "degrees of freedom of a test",
    "number": "a number of groups, levels or bends",
    "gap": "days since diagnosis between which nobody is followed",
    "mark": "whether a row was withheld, or can no longer be read",
    "note": "what a whole table has in common, the same in each row",
}
# ``estimate``: as the estimate that the column stands beside; ``per``: as the table's column ``per`` says.
UNITS = ("", "days", "years", "proportion", "percent", "per", "estimate")
TRAITS = {
    "additive": "counts of disjoint strata may be added up in a line of totals",
    "curve": "an event table, or a curve made of one, has it beside its strata",
    "followed": "it changes when children have been followed for longer",
    "dividing": "a note that is a stratum where rows differ in it",
    "hidden": "a table has no column of its own for it",
    "needs_counts": "it gives a count back to who knows the population: it must come with its counts",
    "plain": "a year, an age or another number that is written without separators",
    "population": "a population can be divided by it",
}
# An event table of causes has a column for each, ``events_cancer``: a count as ``events`` is.
OF_CAUSE = "events_"


@dataclass(frozen=True)
class Quantity:
    """What one column is.

    ``kind`` is one of ``KINDS``, ``unit`` one of ``UNITS``; ``decimals`` are those that it is printed with. A part of
    a whole (``met`` of ``eligible``) names it in ``part_of``, what must be withheld together names the other in
    ``withheld_with``; ``added_by`` is the step that adds it, as ``counts.event_table``. Empty where there is none.
    """

    column: str
    kind: str
    unit: str = ""
    decimals: int = 0
    part_of: str = ""
    withheld_with: str = ""
    traits: frozenset[str] = frozenset()
    added_by: str = ""


@cache
def every_quantity() -> Mapping[str, Quantity]:
    """Each column of ``quantities.csv`` by its name, in the order of the file; it must not be changed."""
    with QUANTITIES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["decimals"] = int(row["decimals"] or 0)
        row["traits"] = frozenset(row["traits"].split())
    return {row["column"]: Quantity(**row) for row in rows}


def quantity(column: object) -> Quantity | None:
    """What a column is; None where the table does not know it: a stratum of the source's own, or a name.

    Examples
    --------
    >>> quantity("net_survival").unit, quantity("events_cancer").kind, quantity("ward")
    ('proportion', 'count', None)
    """
    return every_quantity().get("events" if is_of_cause(column) else str(column))


def is_of_cause(column: object) -> bool:
    """Whether a column counts the events of one cause, ``events_<cause>``."""
    return str(column).startswith(OF_CAUSE)


@cache
def of_kind(*kinds: str) -> tuple[str, ...]:
    """The columns of these kinds, in the order of the file.

    Examples
    --------
    >>> of_kind("interval", "hazard")
    ('cumulative_hazard', 'excess_hazard', 'lower', 'upper')
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"no kind of quantity is called {unknown[0]}")
    return tuple(column for column, known in every_quantity().items() if known.kind in kinds)


@cache
def with_trait(trait: str) -> tuple[str, ...]:
    """The columns with one of ``TRAITS``, in the order of the file.

    Examples
    --------
    >>> with_trait("hidden")[:3]
    ('lower', 'upper', 'standard_error')
    """
    if trait not in TRAITS:
        raise ValueError(f"no quantity has a trait called {trait}")
    return tuple(column for column, known in every_quantity().items() if trait in known.traits)


def is_count(column: object) -> bool:
    """Whether a column is a number of children, tumours or events."""
    return _has_kind(column, "count")


def is_note(column: object) -> bool:
    """Whether a column says what a whole table has in common."""
    return _has_kind(column, "note")


def note_columns(table) -> list[str]:
    """The columns that a table notes something of itself in: neither strata nor estimates.

    An ``outcome`` in which rows differ is none: curves of two outcomes, one below the other, have it as a stratum.
    """
    return [
        column
        for column in of_kind("note")
        if column in table.columns
        and (column not in with_trait("dividing") or len(_values(table[column])) <= 1)
    ]


def notes_of(table) -> dict[str, object]:
    """What all rows of a table have in common, by its note columns; a missing value says nothing."""
    values = {column: _values(table[column]) for column in note_columns(table)}
    return {column: distinct[0] for column, distinct in values.items() if len(distinct) == 1}


def _values(column) -> list:
    return list(column.dropna().unique())


def is_additive(column: object) -> bool:
    """Whether the counts of disjoint strata may be added up."""
    return str(column) in with_trait("additive")


def decimals_of(column: object) -> int:
    """Decimals that a column is printed with; none where the table does not know it."""
    known = quantity(column)
    return known.decimals if known else 0


def part_of(column: object) -> str:
    """The whole that a column is a part of; empty where there is none."""
    known = quantity(column)
    return known.part_of if known else ""


def added_by(column: object) -> str:
    """The step that adds a column, as ``analysis.counts.event_table``; empty where a source must bring it."""
    known = quantity(column)
    return f"analysis.{known.added_by}" if known and known.added_by else ""


def _has_kind(column: object, kind: str) -> bool:
    known = quantity(column)
    return known is not None and known.kind == kind
