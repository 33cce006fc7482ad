"""From a table of estimates to the same table as it may be published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.display.columns import (
    COUNTS,
    DERIVED,
    INTERVAL,
    JUDGEMENTS,
    LIMITS,
    SURVIVALS,
    stratum_columns,
    times_looked_at,
)
from analysis.display.disclosure.age_panels import mark_nested, nested_panels
from analysis.display.disclosure.cells import small_cells
from analysis.display.disclosure.public_table import (
    PROTECTING,
    PUBLISHED,
    SMALL,
    Published,
    Totals,
)
from analysis.display.disclosure.suppressed_counts import (
    checked_counts,
    checked_totals,
    suppression_marks,
)
from analysis.errors import InputError
from analysis.quantities import part_of, quantity, with_trait
from analysis.strata import require_columns

# Estimates that give a count back to who knows the population or what was expected.
NEED_COUNTS = with_trait("needs_counts")


@dataclass(frozen=True)
class Reader:
    """Which totals a reader knows, and from which count on a number may be told."""

    totals: list[list[str]]
    minimum: int


@dataclass(frozen=True)
class PartMarks:
    """Marks of a part and of its whole, and the totals of the part that must not be printed."""

    part: np.ndarray
    whole: np.ndarray
    hidden_totals: tuple


def publish(
    frame: pd.DataFrame,
    minimum: int,
    totals: Totals = None,
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
        The count columns; None takes those of quantities.csv that are there.

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
    counts = _counts_in(fresh, count)
    require_columns(fresh, counts)
    _require_counts(fresh, counts)
    known = _at_one_time(fresh, [[]] if totals is None else checked_totals(totals))
    marks, hidden_totals = _mark_counts(fresh, counts, Reader(known, minimum))
    return _withhold(fresh, marks, hidden_totals)


def _counts_in(frame: pd.DataFrame, count: str | Sequence[str] | None) -> list[str]:
    if isinstance(count, str):
        return [count]
    return list(count or (column for column in COUNTS if column in frame.columns))


def _require_counts(frame: pd.DataFrame, counts: list[str]) -> None:
    bare = [column for column in frame.columns if column in NEED_COUNTS]
    # With a published population a rate is a count, and without one nobody can say whether it is small.
    if bare and not counts:
        raise InputError("table to publish", [f"{bare[0]} must come with the counts it stands on"])


def _at_one_time(frame: pd.DataFrame, totals: list[list[str]]) -> list[list[str]]:
    """The totals, each at each time; those that would be a row by itself are no totals."""
    times = times_looked_at(frame)
    if not times:
        return totals
    dated = [list(dict.fromkeys([*columns, *times])) for columns in totals]
    return [columns for columns in dated if frame.duplicated(columns).any()]


def _mark_counts(
    frame: pd.DataFrame, counts: list[str], reader: Reader
) -> tuple[pd.DataFrame, dict[str, tuple]]:
    """Marks of every count, wholes before their parts, and for each the totals that are hidden."""
    marks, hidden_totals = pd.DataFrame(index=frame.index), {}
    # A part is marked with the marks of its whole, which must be there.
    for column in sorted(counts, key=lambda name: part_of(name) != ""):
        whole, other = part_of(column), quantity(column).withheld_with if quantity(column) else ""
        if other in counts:
            marks[column], hidden_totals[column] = _mark_half(frame, column, other, reader)
        elif whole in counts:
            of_part = _mark_part(frame, column, whole, marks[whole].to_numpy(), reader)
            marks[column], marks[whole] = of_part.part, of_part.whole
            hidden_totals[column] = of_part.hidden_totals
        else:
            mark = mark_nested if nested_panels(frame) else suppression_marks
            marks[column], hidden_totals[column] = mark(
                frame, column, reader.totals, reader.minimum
            )
    return marks, hidden_totals


def _mark_part(
    frame: pd.DataFrame, part: str, whole: str, of_whole: np.ndarray, reader: Reader
) -> PartMarks:
    """Mark a part so that neither it nor the rest of its whole is told where one of them is small."""
    sides = _part_and_rest(frame, part, whole)
    groupings = [*([*columns, "side"] for columns in reader.totals), ["row"]]
    both, hidden = suppression_marks(sides, "n", groupings, reader.minimum)
    of_part, of_rest = both.to_numpy().reshape(2, len(frame))
    given_away = (of_part == PUBLISHED) & ((of_rest != PUBLISHED) | (of_whole != PUBLISHED))
    # Where neither half can hide behind another row, their sum in this row must go as well.
    rows = [values[0] for columns, values in hidden if columns == ("row",)]
    shut = frame.index.isin(rows) & (of_whole == PUBLISHED)
    return PartMarks(
        np.where(given_away, PROTECTING, of_part),
        np.where(shut, PROTECTING, of_whole),
        tuple((columns[:-1], values[:-1]) for columns, values in hidden if columns != ("row",)),
    )


def _part_and_rest(frame: pd.DataFrame, part: str, whole: str) -> pd.DataFrame:
    """The part of each row and what is left of its whole, one below the other, as counts of their own."""
    inside = frame[part].fillna(0)
    rest = frame[whole].fillna(0) - inside
    strata = frame[stratum_columns(frame)].assign(row=frame.index)
    sides = [strata.assign(side=side, n=piece) for side, piece in enumerate((inside, rest))]
    return pd.concat(sides, ignore_index=True)


def _mark_half(
    frame: pd.DataFrame, half: str, other: str, reader: Reader
) -> tuple[np.ndarray, tuple]:
    """Mark one of two halves, as a part of their sum; the other is withheld where this one is."""
    # The halves in one order, so that what is withheld of boys and of girls is the same.
    first, second = (checked_counts(frame, name) for name in sorted((half, other), reverse=True))
    both = frame.drop(columns=["cases", half, other], errors="ignore")
    both = both.assign(met=first, eligible=first + second)
    of_sum, _ = suppression_marks(both, "eligible", reader.totals, reader.minimum)
    halves = _mark_part(both, "met", "eligible", of_sum.to_numpy(), reader)
    withheld = (halves.part != PUBLISHED) | (halves.whole != PUBLISHED)
    # Which of the two is small is told by its own number, not by that of the other.
    small = small_cells(checked_counts(frame, half), reader.minimum)
    marks = np.where(small, SMALL, np.where(withheld, PROTECTING, PUBLISHED))
    return marks.astype(object), halves.hidden_totals


def _withhold(
    frame: pd.DataFrame, marks: pd.DataFrame, hidden_totals: dict[str, tuple]
) -> Published:
    """Blank the marked counts, and on their rows every estimate that stands on them."""
    public = frame.drop(columns="suppressed", errors="ignore")
    # An estimate stands on all the counts of its row.
    withheld = (marks != PUBLISHED).any(axis=1)
    small = (marks == SMALL).any(axis=1)
    of_estimates = np.where(small, SMALL, np.where(withheld, PROTECTING, PUBLISHED)).astype(object)
    for column in marks.columns:
        public[column] = public[column].astype("float64").mask(marks[column] != PUBLISHED)
    derived = [c for c in frame.columns if c in DERIVED and c not in marks.columns]
    for column in derived:
        public[column] = _as_estimate(public[column]).mask(withheld)
    marks = marks.assign(**dict.fromkeys(derived, of_estimates))
    published = Published(public, marks, hidden_totals)
    return _without_certainty(_without_overall(published))


def _as_estimate(column: pd.Series) -> pd.Series:
    """A column that can hold missing values: words as words, all else as numbers."""
    if column.name in JUDGEMENTS:
        return column.astype(object)
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _without_overall(published: Published) -> Published:
    """Without what all units have in common, where their sum is withheld: it would give the sum back."""
    if not published.grand_total_hidden:
        return published
    common = [c for c in ("overall", *LIMITS) if c in published.frame.columns]
    return replace(published, frame=published.frame.assign(**dict.fromkeys(common, np.nan)))


def _without_certainty(published: Published) -> Published:
    """Without intervals of no width: where nobody has died they are a point by convention, and no certainty."""
    public = published.frame
    if not set(INTERVAL) <= set(public.columns) or set(SURVIVALS).isdisjoint(public.columns):
        return published
    certain = public["lower"] == public["upper"]
    blanked = {limit: public[limit].mask(certain) for limit in INTERVAL}
    return replace(published, frame=public.assign(**blanked))
