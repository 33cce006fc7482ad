"""Small numbers withheld, and whatever would give them away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.display.disclosure.cells import protect, small_cells
from analysis.display.disclosure.public_table import (
    PROTECTING,
    PUBLISHED,
    SMALL,
    Published,
    Totals,
)
from analysis.errors import InputError, rows_phrase
from analysis.strata import require_columns

# Between the words of a row: a character that stands in none of them.
BETWEEN_WORDS = "\x1f"


def suppress_counts(
    frame: pd.DataFrame,
    count: str = "cases",
    totals: Totals = None,
    minimum: int = 5,
    also: Sequence[str] = (),
) -> Published:
    """Withhold counts of 1 to ``minimum`` − 1, and what would let a reader work them out.

    Columns read: ``count``, those of ``totals`` and ``also``. Columns added: ``suppressed`` (boolean).

    Parameters
    ----------
    frame
        One row a cell; rows that are themselves totals do not belong here.
    count
        Column of counts (whole, not negative; missing is a cell that nobody printed).
    totals
        Groupings over which a total is printed or known: ``[[]]`` for the grand total, ``[["country"]]``
        for one total a country, ``[["country"], ["sex"]]`` for both margins. None: no total is known.
    minimum
        Smallest publishable count: 5 in Norway, 3 in Switzerland; 1 withholds nothing.
    also
        Columns that would reveal the count (rate, limits, per cent) and are blanked with it.

    Returns
    -------
    Published
        In ``frame`` the same rows in the same order, with ``count`` and ``also`` missing where ``suppressed``;
        in ``hidden_totals`` those totals of ``count`` that must not be printed either; none in nearly every table.

    Raises
    ------
    InputError
        A count is negative or not whole, or a frame already suppressed holds a small count again.

    Notes
    -----
    Zeros are shown: a zero is about nobody. A registry that hides zeros as well (because "no child
    survived" can be told from "no case" beside another table) would withhold 0 as it does 1; a reader then
    knows less of a withheld cell, so the protection here would still hold.
    Protection assumes that a reader knows this rule and the totals given here, not other tables: where
    two tables share cells, give both their totals. It is exact for one-way and two-way tables; with three
    or more crossing margins it is that of the linear relaxation, which a reader who tries whole numbers
    can narrow a little.
    A frame that is already suppressed comes back unchanged.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4.

    Examples
    --------
    >>> by_sex = pd.DataFrame({"sex": ["male", "female", "other"], "cases": [31, 12, 2]})
    >>> suppress_counts(by_sex, totals=[[]]).frame["cases"].tolist()
    [31.0, nan, nan]
    >>> suppress_counts(by_sex).frame["suppressed"].tolist()
    [False, False, True]
    """
    marks, hidden_totals = suppression_marks(frame, count, totals, minimum)
    public = frame.copy()
    withheld = (marks != PUBLISHED).to_numpy()
    public["suppressed"] = withheld
    # Where nothing is withheld whole numbers stay whole.
    for column in dict.fromkeys([count, *also]):
        if withheld.any():
            public[column] = public[column].astype("float64").mask(withheld)
    return Published(public, marks.to_frame(count), {count: hidden_totals})


def suppression_marks(
    frame: pd.DataFrame,
    count: str = "cases",
    totals: Totals = None,
    minimum: int = 5,
) -> tuple[pd.Series, tuple]:
    """Why each row's count is withheld: ``"small"``, ``"protecting"`` another, or ``""`` (published).

    Returns
    -------
    tuple
        Marks by the index of ``frame``, and the hidden totals, each as (columns, values).

    Notes
    -----
    Of a frame that is already suppressed the counts behind the missing cells are not there any more: a total over
    any of them is hidden.

    Examples
    --------
    >>> suppression_marks(pd.DataFrame({"cases": [31, 12, 2]}), totals=[[]])[0].tolist()
    ['', 'protecting', 'small']
    """
    groupings = checked_totals(totals)
    require_columns(frame, sum(groupings, [count]))
    values = checked_counts(frame, count)
    # Of cells alike the same is withheld in whatever order the rows come.
    order = _canonical_order(frame, values)
    equations, names = _known_totals(frame.iloc[order], groupings)
    # The counts behind the missing cells are gone: nothing can be audited again.
    if "suppressed" in frame.columns:
        withheld = _withheld_before(frame, values, minimum)
        closed = (equations[:, withheld[order]] > 0).any(axis=1)
    else:
        withheld = np.zeros(len(frame), dtype=bool)
        withheld[order], closed = protect(values[order], equations, minimum)
    marks = np.where(withheld, PROTECTING, PUBLISHED).astype(object)
    marks[small_cells(values, minimum)] = SMALL
    hidden_totals = tuple(name for name, shut in zip(names, closed, strict=True) if shut)
    return pd.Series(marks, index=frame.index, dtype=object), hidden_totals


def checked_totals(totals: Totals) -> list[list[str]]:
    """The groupings of the known totals; refused where one is a bare word, which would be taken for its letters."""
    groupings = [] if totals is None else totals
    if isinstance(groupings, str) or any(isinstance(columns, str) for columns in groupings):
        raise InputError("totals", ['must be lists of columns, as in [["country"], ["sex"]]'])
    return [list(columns) for columns in groupings]


def checked_counts(frame: pd.DataFrame, count: str) -> np.ndarray:
    """A column of counts as numbers, missing as 0; refused where negative or not whole."""
    values = pd.to_numeric(frame[count], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    counts = np.nan_to_num(values)
    wrong = np.flatnonzero((counts < 0) | (counts != np.round(counts)))
    if len(wrong):
        raise InputError(
            "counts to publish",
            [f"{count} must be whole and not negative: {rows_phrase(wrong + 1)}"],
        )
    return counts


def group_numbers(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """The number of each row's group, in the order in which groups come; a missing value is a group of its own."""
    if not columns:
        return np.zeros(len(frame), dtype=int)
    # Children of an unknown region are in the total of all as well.
    return frame.groupby(columns, dropna=False, sort=False, observed=True).ngroup().to_numpy()


def _withheld_before(frame: pd.DataFrame, values: np.ndarray, minimum: int) -> np.ndarray:
    """What a suppressed frame has withheld; refused where this would need to be more."""
    again = np.flatnonzero(small_cells(values, minimum))
    if len(again):
        rows = rows_phrase(again + 1)
        fault = f"small counts remain in a suppressed table: {rows}; suppress from the counts"
        raise InputError("counts to publish", [fault])
    return frame["suppressed"].to_numpy(dtype=bool)


def _canonical_order(frame: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """An order that depends on what the rows say and not on where they stand."""
    words = frame.astype(str).agg(BETWEEN_WORDS.join, axis=1) if len(frame) else []
    ranked = sorted(zip(values, words, range(len(frame)), strict=True))
    return np.array([row for _, _, row in ranked], dtype=int)


def _known_totals(
    frame: pd.DataFrame, groupings: list[list[str]]
) -> tuple[np.ndarray, list[tuple]]:
    """An equation for each total (1 where a row is part of it), and what the total is called."""
    equations, names = [np.empty((0, len(frame)))], []
    for columns in groupings:
        groups = group_numbers(frame, columns)
        for number in sorted(set(groups)):
            member = groups == number
            equations.append(member[None, :].astype(float))
            first = frame.iloc[int(np.argmax(member))]
            names.append((tuple(columns), tuple(first[column] for column in columns)))
    return np.vstack(equations), names
