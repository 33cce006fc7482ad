"""A table as readers may see it, with the reason for each cell that is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

# Why a cell is withheld: it is small itself, it would give a small one away, or it is not withheld.
PUBLISHED, SMALL, PROTECTING = "", "small", "protecting"
# Groupings of which the totals are printed or known: ``[[]]`` for the grand total.
Totals = Sequence[Sequence[str]] | None
GRAND_TOTAL = ((), ())


@dataclass(frozen=True)
class Published:
    """A table as readers may see it, and why something is missing in it.

    ``frame`` has withheld cells missing; ``marks`` has a column for each count and estimate with
    ``"small"``, ``"protecting"`` or ``""``; ``hidden_totals`` a tuple of withheld totals for each count,
    each as (columns, values).
    """

    frame: pd.DataFrame
    marks: pd.DataFrame
    hidden_totals: dict[str, tuple]

    @property
    def withheld(self) -> pd.Series:
        """Rows in which something is withheld."""
        return (self.marks != PUBLISHED).any(axis=1)

    @property
    def grand_total_hidden(self) -> bool:
        """Whether a sum over all rows may not be told."""
        return any(GRAND_TOTAL in totals for totals in self.hidden_totals.values())

    def why(self, column: str) -> pd.Series:
        """The marks of a column; nothing withheld where the column has none."""
        # A name or a year is never withheld: only counts and what stands on them have marks.
        if column in self.marks.columns:
            return self.marks[column]
        return pd.Series(PUBLISHED, index=self.frame.index, dtype=object)

    def with_place(self, x: str) -> "Published":
        """The rows whose place along an axis is known."""
        placed = self.frame[x].notna()
        return replace(self, frame=self.frame[placed], marks=self.marks[placed])


def known_margins(totals: Totals, category: str, series: str | None) -> Totals:
    """The margins of a figure are taken as known: a reader finds them in the tables beside it."""
    if totals is not None:
        return totals
    return [[category], [series]] if series else [[]]
