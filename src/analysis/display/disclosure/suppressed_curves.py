"""Curves of survival and incidence for the public: no exact day, no end that tells of a few."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.columns import HAZARDS, INTERVAL, RISKS, SURVIVALS
from analysis.display.disclosure.public_table import PUBLISHED
from analysis.display.disclosure.suppressed_counts import group_numbers, suppression_marks
from analysis.strata import curve_strata, each_stratum, require_columns
from analysis.terms import DAYS_PER_YEAR

MONTHS = 12
# Days by which a month in whole numbers may miss an exact time.
ROUNDING = 1e-9
# Strata of one and the same children: each cause has the risk set of all.
SAME_CHILDREN = ("cause", "cause_of_death", "outcome")


@dataclass(frozen=True)
class PublicCurve:
    """A curve as readers may see it; the strata too small to be shown, and those that were once empty."""

    frame: pd.DataFrame
    withheld_strata: tuple[tuple, ...]
    emptied_strata: tuple[tuple, ...]


def suppress_curve(curve: pd.DataFrame, minimum: int = 5) -> PublicCurve:
    """A survival or incidence curve for the public: monthly, ending where fewer than ``minimum`` are at risk.

    Columns read: ``by… time_days at_risk``, what it is a curve of (``survival``, ``net_survival``,
    ``cumulative_incidence`` …), ``lower``, ``upper``, ``emptied``; ``events``, ``censored`` and
    ``standard_error`` are left out, since a monthly count of them is a small number.

    Returns
    -------
    PublicCurve
        In ``frame``: ``by… time_days at_risk``, the curve, ``lower upper``, a row a month (365.25/12 days) from 0;
        ``at_risk`` at whole years only, else missing. Strata in which fewer than ``minimum`` entered the curve are
        absent and named in ``withheld_strata``, those whose risk set became empty under delayed entry (``emptied``
        is true somewhere) in ``emptied_strata``, each a tuple of its values.

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
    >>> public = suppress_curve(curve).frame
    >>> len(public), public["survival"].iloc[[0, 4, -1]].tolist()
    (30, [1.0, 0.95, 0.95])
    """
    of = [column for column in curve_columns(curve) if column not in INTERVAL] or ["survival"]
    require_columns(curve, ["time_days", "at_risk", *of, *INTERVAL])
    by = curve_strata(curve)
    monthly = each_stratum(curve, by, lambda rows: _monthly(rows, curve_columns(curve)))
    readable = _until_few(monthly, by, minimum)
    public = monthly.assign(at_risk=_numbers_told(monthly, by, minimum))[readable]
    public = public.reset_index(drop=True)
    return PublicCurve(public, _too_small(curve, by, minimum), _emptied(curve, by))


def curve_columns(curve: pd.DataFrame) -> list[str]:
    """What a curve is of, and the limits of its band."""
    return [
        column for column in (*SURVIVALS, *RISKS, *HAZARDS, *INTERVAL) if column in curve.columns
    ]


def at_whole_years(monthly: pd.DataFrame) -> pd.Series:
    """Which rows of a monthly curve are whole years after diagnosis."""
    return (monthly["time_days"] * MONTHS / DAYS_PER_YEAR).round() % MONTHS == 0


def _too_small(curve: pd.DataFrame, by: list[str], minimum: int) -> tuple[tuple, ...]:
    """The strata in which fewer than ``minimum`` were ever at risk."""
    largest = each_stratum(curve, by, lambda rows: pd.DataFrame({"n": [rows["at_risk"].max()]}))
    # A stratum without a number at risk is too small as well.
    return _named(largest[~(largest["n"] >= minimum)], by)


def _emptied(curve: pd.DataFrame, by: list[str]) -> tuple[tuple, ...]:
    """The strata in which nobody was left under observation before others entered."""
    if "emptied" not in curve.columns:
        return ()
    emptied = curve["emptied"].fillna(False).astype(bool)
    return _named(curve.loc[emptied, by].drop_duplicates(), by)


def _named(strata: pd.DataFrame, by: list[str]) -> tuple[tuple, ...]:
    return tuple(tuple(row) for row in strata[by].itertuples(index=False))


def _until_few(monthly: pd.DataFrame, by: list[str], minimum: int) -> pd.Series:
    """Rows from where ``minimum`` are at risk to where they no longer are, or where the curve may not be read."""
    of = [column for column in curve_columns(monthly) if column not in INTERVAL]
    enough = (monthly["at_risk"] >= minimum) & monthly[of].notna().all(axis=1)
    numbers = group_numbers(monthly, by)
    begun = enough.groupby(numbers).cummax()
    # A curve with a hole would show by its ends how many there were in it.
    fallen = (begun & ~enough).groupby(numbers).cummax()
    return enough & ~fallen.astype(bool)


def _numbers_told(monthly: pd.DataFrame, by: list[str], minimum: int) -> pd.Series:
    """Numbers at risk at whole years, without those that would give a small one of another stratum away."""
    keys = [column for column in by if column not in SAME_CHILDREN]
    yearly = monthly.loc[at_whole_years(monthly), [*keys, "time_days", "at_risk"]]
    # The number at risk of one and the same children is one number, whatever curves stand on it.
    numbers = pd.Series(group_numbers(yearly, [*keys, "time_days"]), index=yearly.index)
    once = yearly[~numbers.duplicated()]
    marks, _ = suppression_marks(once, "at_risk", [["time_days"]] if keys else [], minimum)
    hidden = numbers.isin(numbers[marks.index][marks != PUBLISHED])
    return yearly["at_risk"].mask(hidden).reindex(monthly.index)


def _monthly(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The curve and the number at risk at every month."""
    # A stratum without rows has no time from which months could be counted.
    if rows.empty:
        return pd.DataFrame(columns=["time_days", "at_risk", *columns], dtype=float)
    rows = rows.sort_values("time_days")
    times = rows["time_days"].to_numpy(dtype=float)
    months = np.arange(np.floor(times[-1] * MONTHS / DAYS_PER_YEAR) + 1)
    days = months * DAYS_PER_YEAR / MONTHS
    # At risk at a time are those under observation just before it: of the first row from there on.
    following = np.searchsorted(times, days - ROUNDING, side="left")
    passed = np.searchsorted(times, days + ROUNDING, side="right") - 1
    grid = {"time_days": days, "at_risk": rows["at_risk"].to_numpy(dtype=float)[following]}
    start = 1.0 if set(columns) & set(SURVIVALS) else 0.0
    for column in columns:
        reached = rows[column].to_numpy(dtype=float)[passed]
        grid[column] = np.where(passed >= 0, reached, start)
    return pd.DataFrame(grid)
