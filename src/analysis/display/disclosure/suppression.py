"""Small numbers withheld, and whatever would give them away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.display.columns import HAZARDS, INTERVAL, RISKS, SURVIVALS
from analysis.display.disclosure.cells import protect
from analysis.errors import InputError, rows_phrase
from analysis.strata import curve_strata, each_stratum, require_columns
from analysis.terms import DAYS_PER_YEAR

PUBLISHED, SMALL, PROTECTING = "", "small", "protecting"
# Strata of one and the same children: each cause has the risk set of all.
SAME_CHILDREN = ("cause", "cause_of_death", "outcome")


def suppress_counts(
    frame: pd.DataFrame,
    count: str = "cases",
    totals: Sequence[Sequence[str]] | None = None,
    minimum: int = 5,
    also: Sequence[str] = (),
) -> pd.DataFrame:
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
    pandas.DataFrame
        The same rows in the same order, with ``count`` and ``also`` missing where ``suppressed``.
        ``attrs["hidden_totals"]`` names the totals that must not be printed either, each a tuple of
        (columns, values); empty in nearly every table.

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
    >>> suppress_counts(by_sex, totals=[[]])["cases"].tolist()
    [31.0, nan, nan]
    >>> suppress_counts(by_sex)["suppressed"].tolist()
    [False, False, True]
    """
    marks, hidden_totals = suppression_marks(frame, count, totals, minimum)
    public = frame.copy()
    withheld = (marks != PUBLISHED).to_numpy()
    public["suppressed"] = withheld
    for column in dict.fromkeys([count, *also]):
        if withheld.any():
            public[column] = public[column].astype("float64").mask(withheld)
    public.attrs = {**frame.attrs, "hidden_totals": hidden_totals}
    return public


def suppression_marks(
    frame: pd.DataFrame,
    count: str = "cases",
    totals: Sequence[Sequence[str]] | None = None,
    minimum: int = 5,
) -> tuple[pd.Series, tuple]:
    """Why each row's count is withheld: ``"small"``, ``"protecting"`` another, or ``""`` (published).

    Returns
    -------
    tuple
        Marks by the index of ``frame``, and the hidden totals as in :func:`suppress_counts`.

    Examples
    --------
    >>> suppression_marks(pd.DataFrame({"cases": [31, 12, 2]}), totals=[[]])[0].tolist()
    ['', 'protecting', 'small']
    """
    require_columns(frame, [count, *(column for grouping in totals or () for column in grouping)])
    values = checked_counts(frame, count)
    if "suppressed" in frame.columns:
        return _marks_of_suppressed(frame, values, minimum)
    order = _canonical_order(frame, values)
    equations, names = _known_totals(frame.iloc[order], totals or ())
    withheld, closed = protect(values[order], equations, minimum)
    hidden = np.zeros(len(frame), dtype=bool)
    hidden[order] = withheld
    small = (values > 0) & (values < minimum)
    marks = np.where(small, SMALL, np.where(hidden, PROTECTING, PUBLISHED))
    hidden_totals = tuple(name for name, shut in zip(names, closed, strict=True) if shut)
    return pd.Series(marks, index=frame.index, dtype=object), hidden_totals


def checked_counts(frame: pd.DataFrame, count: str) -> np.ndarray:
    """A column of counts as numbers, missing as 0; refused where negative or not whole."""
    values = pd.to_numeric(frame[count], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    whole = np.nan_to_num(values)
    wrong = np.flatnonzero((whole < 0) | (whole != np.round(whole)))
    if len(wrong):
        raise InputError(
            "counts to publish",
            [f"{count} must be whole and not negative: {rows_phrase(wrong + 1)}"],
        )
    return whole


def _marks_of_suppressed(
    frame: pd.DataFrame, values: np.ndarray, minimum: int
) -> tuple[pd.Series, tuple]:
    again = np.flatnonzero((values > 0) & (values < minimum))
    if len(again):
        fault = f"small counts remain in a suppressed table: {rows_phrase(again + 1)}; suppress from the counts"
        raise InputError("counts to publish", [fault])
    marks = np.where(frame["suppressed"].astype(bool), PROTECTING, PUBLISHED)
    return pd.Series(marks, index=frame.index, dtype=object), frame.attrs.get("hidden_totals", ())


def _canonical_order(frame: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """An order that depends on what the rows say and not on where they stand."""
    said = frame.astype(str).agg("\x1f".join, axis=1) if len(frame) else pd.Series(dtype=str)
    return np.array(
        sorted(range(len(frame)), key=lambda row: (values[row], said.iloc[row])), dtype=int
    )


def _known_totals(
    frame: pd.DataFrame, totals: Sequence[Sequence[str]]
) -> tuple[np.ndarray, list[tuple]]:
    rows, names = [np.empty((0, len(frame)))], []
    for columns in map(list, totals):
        groups = _group_numbers(frame, columns)
        for number in sorted(set(groups)):
            member = groups == number
            rows.append(member[None, :].astype(float))
            first = frame.iloc[int(np.argmax(member))]
            names.append((tuple(columns), tuple(first[column] for column in columns)))
    return np.vstack(rows), names


def _group_numbers(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    if not columns:
        return np.zeros(len(frame), dtype=int)
    return frame.groupby(columns, dropna=False, sort=False, observed=True).ngroup().to_numpy()


def suppress_curve(curve: pd.DataFrame, minimum: int = 5) -> pd.DataFrame:
    """A survival or incidence curve for the public: monthly, ending where fewer than ``minimum`` are at risk.

    Columns read: ``by… time_days at_risk``, what it is a curve of (``survival``, ``net_survival``,
    ``cumulative_incidence`` …), ``lower``, ``upper``, ``emptied``; ``events``, ``censored`` and
    ``standard_error`` are left out, since a monthly count of them is a small number.

    Returns
    -------
    pandas.DataFrame
        ``by… time_days at_risk``, the curve, ``lower upper``, a row a month (365.25/12 days) from 0; ``at_risk`` at
        whole years only, else missing. Strata in which fewer than ``minimum`` entered the curve are absent and
        named in ``attrs["withheld_strata"]``, those whose risk set became empty under delayed entry (``emptied`` is
        true somewhere) in ``attrs["emptied_strata"]``, each a tuple of its values.

    Notes
    -----
    Exact times of death are personal; the month of a step is taken to be public once ``minimum`` or more
    are at risk. ``at_risk`` at time t counts those under observation just before t, as in the event table;
    differences between two printed numbers at risk mix deaths, censoring and late diagnoses, and are
    taken not to identify. A stratum's size is the largest number at risk that its curve shows.
    At any one time the numbers at risk of the strata add up to that of all children, which is taken as
    known: where a stratum has 1 to ``minimum`` − 1 left, the number of another is missing as well.
    Under delayed entry the number at risk may fall below ``minimum`` and rise again: the curve ends at the fall.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [100.0, 900.0], "at_risk": [20, 6], "survival": [0.95, 0.80],
    ...                       "lower": [0.7, 0.5], "upper": [0.99, 0.9]})
    >>> len(suppress_curve(curve)), suppress_curve(curve)["survival"].iloc[[0, 4, -1]].tolist()
    (30, [1.0, 0.95, 0.95])
    """
    of = [column for column in curve_columns(curve) if column not in INTERVAL] or ["survival"]
    require_columns(curve, ["time_days", "at_risk", *of, *INTERVAL])
    by = curve_strata(curve)
    sizes = each_stratum(
        curve, by, lambda rows: pd.DataFrame({"entered_curve": [rows["at_risk"].max()]})
    )
    few = ~(sizes["entered_curve"] >= minimum)
    monthly = each_stratum(curve, by, lambda rows: _monthly(rows, curve_columns(curve)))
    told = _numbers_told(monthly, by, minimum)
    public = monthly.assign(at_risk=told)[_until_few(monthly, by, minimum)].reset_index(drop=True)
    public.attrs = {
        **curve.attrs,
        "withheld_strata": _named(sizes[few], by),
        "emptied_strata": _emptied(curve, by),
    }
    return public


def curve_columns(curve: pd.DataFrame) -> list[str]:
    """What a curve is of, and the limits of its band."""
    return [
        column for column in (*SURVIVALS, *RISKS, *HAZARDS, *INTERVAL) if column in curve.columns
    ]


def _named(strata: pd.DataFrame, by: list[str]) -> tuple:
    return tuple(tuple(row) for row in strata[by].itertuples(index=False))


def _emptied(curve: pd.DataFrame, by: list[str]) -> tuple:
    """The strata in which nobody was left under observation before others entered."""
    if "emptied" not in curve.columns:
        return ()
    return _named(curve.loc[curve["emptied"].fillna(False).astype(bool), by].drop_duplicates(), by)


def _until_few(monthly: pd.DataFrame, by: list[str], minimum: int) -> pd.Series:
    """Rows from where ``minimum`` are at risk to where they no longer are, or where the curve may not be read."""
    of = [column for column in curve_columns(monthly) if column not in INTERVAL]
    enough = (monthly["at_risk"] >= minimum) & monthly[of].notna().all(axis=1)
    numbers = _group_numbers(monthly, by)
    begun = enough.groupby(numbers).cummax()
    fallen = (begun & ~enough).groupby(numbers).cummax()
    return enough & ~fallen.astype(bool)


def _numbers_told(monthly: pd.DataFrame, by: list[str], minimum: int) -> pd.Series:
    """Numbers at risk at whole years, without those that would give a small one of another stratum away."""
    keys = [column for column in by if column not in SAME_CHILDREN]
    yearly = monthly.loc[at_whole_years(monthly), [*keys, "time_days", "at_risk"]]
    once = yearly.drop_duplicates([*keys, "time_days"])
    marks, _ = suppression_marks(once, "at_risk", [["time_days"]] if keys else [], minimum)
    same = _group_numbers(yearly, [*keys, "time_days"])
    hidden = pd.Series(same, index=yearly.index).isin(
        pd.Series(same, index=yearly.index)[marks.index][marks != PUBLISHED]
    )
    return yearly["at_risk"].mask(hidden).reindex(monthly.index)


def at_whole_years(monthly: pd.DataFrame) -> pd.Series:
    """Which rows of a monthly curve are whole years after diagnosis."""
    return (monthly["time_days"] * 12 / DAYS_PER_YEAR).round() % 12 == 0


def _monthly(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The curve and the number at risk at every month."""
    rows = rows.sort_values("time_days")
    times = rows["time_days"].to_numpy(dtype=float)
    months = np.arange(np.floor(times[-1] * 12 / DAYS_PER_YEAR) + 1 if len(times) else 0)
    days = months * DAYS_PER_YEAR / 12
    at_risk = (
        rows["at_risk"].to_numpy(dtype=float)[np.searchsorted(times, days - 1e-9, side="left")]
        if len(rows)
        else days
    )
    passed = np.searchsorted(times, days + 1e-9, side="right") - 1
    grid = {"time_days": days, "at_risk": at_risk}
    start = 1.0 if set(columns) & set(SURVIVALS) else 0.0
    for column in columns:
        reached = rows[column].to_numpy(dtype=float)[passed] if len(rows) else days
        grid[column] = np.where(passed >= 0, reached, start)
    return pd.DataFrame(grid)
