"""From a table of estimates to the same table as it may be published."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.display.columns import (
    COUNTS,
    DERIVED,
    JUDGEMENTS,
    LIMITS,
    RATES,
    SURVIVALS,
    times_looked_at,
)
from analysis.display.disclosure.age_panels import mark_nested, nested_panels
from analysis.display.disclosure.suppression import PROTECTING, PUBLISHED, SMALL, suppression_marks
from analysis.errors import InputError
from analysis.strata import require_columns

# A part and its whole: what is left of the whole is as telling as the part.
# Estimates that give a count back to who knows the population or what was expected.
RATIOS_OF_COUNTS = (
    "rate_ratio",
    "standardised_rate_ratio",
    "standardised_incidence_ratio",
    "rate_difference",
)
PARTS = {"met": "eligible", "events": "cases", "deaths": "cases"}
# Two halves of a whole that other tables print.
HALVES = ("male_cases", "female_cases")


@dataclass(frozen=True)
class Published:
    """A table as readers may see it, and why something is missing in it.

    ``frame`` has withheld cells missing; ``marks`` has a column for each count and estimate with
    ``"small"``, ``"protecting"`` or ``""``; ``hidden_totals`` a tuple of withheld totals for each count.
    """

    frame: pd.DataFrame
    marks: pd.DataFrame
    hidden_totals: dict[str, tuple]

    @property
    def withheld(self) -> pd.Series:
        """Rows in which something is withheld."""
        return (self.marks != PUBLISHED).any(axis=1)

    def why(self, column: str) -> pd.Series:
        """The marks of a column; of its estimates where the column has none of its own."""
        if column in self.marks.columns:
            return self.marks[column]
        return pd.Series(PUBLISHED, index=self.frame.index, dtype=object)


def publish(
    frame: pd.DataFrame,
    minimum: int,
    totals: Sequence[Sequence[str]] | None = None,
    count: str | Sequence[str] | None = None,
) -> Published:
    """Withhold every small count of a table, what gives it away, and the estimates that stand on it.

    Parameters
    ----------
    frame
        A table of counts and estimates; rates and shares must come with their counts.
    minimum
        Smallest publishable count.
    totals
        Totals printed or known; None takes the grand total as known, ``()`` none.
    count
        The count columns; None takes those of the house that are there.

    Notes
    -----
    Of a part and its whole (``met`` of ``eligible``, ``events`` of ``cases``) the remainder is protected as
    well: with 50 eligible, 48 met would tell that two were not.
    Numbers at risk of the strata add up at one time, not over times: where ``frame`` holds several times
    (``years`` after diagnosis), each total is taken as known at each time.
    Of two age panels that both begin at birth (0–14, 0–17) the ages between them are protected as well.
    Boys and girls of a row (``male_cases``, ``female_cases``) are withheld together: their sum stands in other
    tables, so that either would give the other away.
    """
    fresh = frame.reset_index(drop=True)
    counts = (
        [count]
        if isinstance(count, str)
        else list(count or (c for c in COUNTS if c in fresh.columns))
    )
    require_columns(fresh, counts)
    _require_counts(fresh, counts)
    known = _at_one_time(fresh, [[]] if totals is None else totals)
    marks, hidden_totals = pd.DataFrame(index=fresh.index), {}
    for column in sorted(counts, key=lambda name: name in PARTS):
        whole = PARTS.get(column)
        if column in HALVES and set(HALVES) <= set(counts):
            marks[column], hidden_totals[column] = _mark_half(fresh, column, known, minimum)
        elif whole in counts:
            hidden_totals[column] = _mark_part(fresh, marks, (column, whole), known, minimum)
        else:
            mark = mark_nested if nested_panels(fresh) else suppression_marks
            marks[column], hidden_totals[column] = mark(fresh, column, known, minimum)
    return _blanked(fresh, marks, hidden_totals)


def _at_one_time(frame: pd.DataFrame, totals: Sequence[Sequence[str]]) -> list[list[str]]:
    """The totals, each at each time; those that would be a row by itself are no totals."""
    times = times_looked_at(frame)
    if not times:
        return [list(columns) for columns in totals]
    dated = [list(dict.fromkeys([*columns, *times])) for columns in totals]
    return [columns for columns in dated if frame.duplicated(columns).any()]


def _require_counts(frame: pd.DataFrame, counts: list[str]) -> None:
    bare = [column for column in frame.columns if column in (*RATES, "share", *RATIOS_OF_COUNTS)]
    if bare and not counts:
        raise InputError("table to publish", [f"{bare[0]} must come with the counts it stands on"])


def _mark_part(
    frame: pd.DataFrame, marks: pd.DataFrame, pair: tuple, known: list, minimum: int
) -> tuple:
    """Mark a part (and its whole where both halves must go); answer the totals of the part that are hidden."""
    part, whole = pair
    pieces = [frame[part].fillna(0), frame[whole].fillna(0) - frame[part].fillna(0)]
    strata = frame.drop(
        columns=[c for c in frame.columns if c in (*COUNTS, *DERIVED, "suppressed")]
    )
    sides = [
        strata.assign(row=frame.index, side=side, n=piece) for side, piece in enumerate(pieces)
    ]
    groupings = [*([*columns, "side"] for columns in known), ["row"]]
    both, hidden = suppression_marks(pd.concat(sides, ignore_index=True), "n", groupings, minimum)
    of_part, of_rest = both.iloc[: len(frame)].to_numpy(), both.iloc[len(frame) :].to_numpy()
    marks[part] = pd.Series(of_part, index=frame.index, dtype=object)
    told_by_rest = (of_rest != PUBLISHED) | (marks[whole] != PUBLISHED).to_numpy()
    marks[part] = marks[part].mask((marks[part] == PUBLISHED) & told_by_rest, PROTECTING)
    shut = [values[0] for columns, values in hidden if columns == ("row",)]
    marks.loc[marks.index.isin(shut) & (marks[whole] == PUBLISHED), whole] = PROTECTING
    return tuple((columns[:-1], values[:-1]) for columns, values in hidden if columns != ("row",))


def _mark_half(frame: pd.DataFrame, half: str, known: list, minimum: int) -> tuple:
    """Mark one of two halves, as a part of their sum; the other is marked alike."""
    boys, girls = (pd.to_numeric(frame[name]).fillna(0) for name in HALVES)
    whole = frame.drop(columns=["cases", *HALVES], errors="ignore").assign(
        met=boys, eligible=boys + girls
    )
    marks = pd.DataFrame(index=frame.index)
    marks["eligible"], _ = suppression_marks(whole, "eligible", known, minimum)
    hidden = _mark_part(whole, marks, ("met", "eligible"), known, minimum)
    withheld = (marks != PUBLISHED).any(axis=1)
    small = pd.to_numeric(frame[half]).between(1, minimum - 1)
    return withheld.map({True: PROTECTING, False: PUBLISHED}).astype(object).mask(
        small, SMALL
    ), hidden


def _blanked(
    frame: pd.DataFrame, marks: pd.DataFrame, hidden_totals: dict[str, tuple]
) -> Published:
    public = frame.copy()
    withheld = (marks != PUBLISHED).any(axis=1)
    small = (marks == SMALL).any(axis=1)
    why = (
        pd.Series(PUBLISHED, index=frame.index, dtype=object)
        .mask(withheld, PROTECTING)
        .mask(small, SMALL)
    )
    for column in marks.columns:
        public[column] = public[column].astype("float64").mask(marks[column] != PUBLISHED)
    for column in [c for c in frame.columns if c in DERIVED and c not in marks.columns]:
        words = column in JUDGEMENTS
        plain = (
            public[column].astype(object)
            if words
            else pd.to_numeric(public[column], errors="coerce")
        )
        public[column] = plain.mask(withheld) if words else plain.astype("float64").mask(withheld)
        marks = marks.assign(**{column: why})
    if any(((), ()) in totals for totals in hidden_totals.values()):
        # What all units have in common would give the total back, which is withheld itself.
        public = public.assign(
            **{column: float("nan") for column in ("overall", *LIMITS) if column in public.columns}
        )
    if {"lower", "upper"} <= set(public.columns) and any(
        column in SURVIVALS for column in public.columns
    ):
        # Where nobody has died the interval is a point by convention, which a reader would take for certainty.
        certain = public["lower"] == public["upper"]
        public = public.assign(
            **{limit: public[limit].mask(certain) for limit in ("lower", "upper")}
        )
    return Published(public.drop(columns="suppressed", errors="ignore"), marks, hidden_totals)
