"""Groups at risk together at the times of events, and the chi-square test of what happened to them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.errors import InputError, rows_phrase
from analysis.strata import curve_strata, number_strata, require_columns, require_list


def risk_sets(
    events: pd.DataFrame, strata: Sequence[str], counted: Sequence[str]
) -> tuple[pd.DataFrame, list[tuple[np.ndarray, ...]]]:
    """Groups with their ``children``; and within each of ``strata`` how many are at risk and have the events counted.

    The groups are formed by the stratum columns that are not among ``strata``. Each array has a row a group and a
    column a time at which any of ``counted`` happened to anyone in the stratum.
    """
    require_list("strata", strata)
    require_columns(events, ["time_days", "events", "censored", *strata, *counted])
    of_groups = [column for column in curve_strata(events) if column not in strata]
    numbers, groups = number_strata(events, of_groups)
    rows = _rows_of_numbers(events, counted).assign(group=numbers)
    leaving = np.bincount(numbers, rows["leaving"], minlength=len(groups))
    layers, _ = number_strata(events, strata)
    pieces = [
        _at_risk_and_counted(layer, len(groups), counted) for _, layer in rows.groupby(layers)
    ]
    return groups.assign(children=leaving.round().astype(np.int64)), pieces


def _rows_of_numbers(events: pd.DataFrame, counted: Sequence[str]) -> pd.DataFrame:
    names = dict.fromkeys(["time_days", "events", "censored", *counted])
    rows = pd.DataFrame({name: events[name].to_numpy(dtype=float) for name in names})
    has_entry = "entered" in events.columns
    return rows.assign(
        row=np.arange(1, len(rows) + 1),
        leaving=rows["events"] + rows["censored"],
        entered=events["entered"].to_numpy(dtype=float) if has_entry else 0.0,
    )


def _at_risk_and_counted(
    rows: pd.DataFrame, groups: int, counted: Sequence[str]
) -> tuple[np.ndarray, ...]:
    happened = rows[list(counted)].to_numpy().any(axis=1)
    times = np.unique(rows["time_days"].to_numpy()[happened])
    # At risk at a time are those who leave then or later, less those who have yet to enter.
    at_risk = _now_and_later(_between_times(rows, "leaving", times, groups, side="right"))
    if rows["entered"].any():
        _refuse_unknown_entry(rows, times)
        at_risk -= _now_and_later(_between_times(rows, "entered", times, groups, side="left"))
    return at_risk, *(_of_times(times, rows[happened], groups, name) for name in counted)


def _between_times(
    rows: pd.DataFrame, counts: str, times: np.ndarray, groups: int, *, side: str
) -> np.ndarray:
    """Counts of each group from one time to the next; those before the first time are left out."""
    interval = np.searchsorted(times, rows["time_days"].to_numpy(), side=side)
    cell = rows["group"].to_numpy() * (len(times) + 1) + interval
    table = np.bincount(cell, rows[counts].to_numpy(), minlength=groups * (len(times) + 1))
    return table.reshape(groups, -1)[:, 1:]


def _now_and_later(table: np.ndarray) -> np.ndarray:
    return table[:, ::-1].cumsum(axis=1)[:, ::-1]


def _of_times(times: np.ndarray, rows: pd.DataFrame, groups: int, counts: str) -> np.ndarray:
    number = np.searchsorted(times, rows["time_days"].to_numpy())
    cell = rows["group"].to_numpy() * len(times) + number
    table = np.bincount(cell, rows[counts].to_numpy(), minlength=groups * len(times))
    return table.reshape(groups, -1)


def _refuse_unknown_entry(rows: pd.DataFrame, times: np.ndarray) -> None:
    ordered = rows.sort_values(["group", "time_days"])
    before = ordered.groupby("group")["time_days"].shift(fill_value=-np.inf)
    # Entered since the group's row before, with a time of an event in between: at risk at it or not?
    first_after = np.searchsorted(times, before, "right")
    unclear = np.searchsorted(times, ordered["time_days"], "left") > first_after
    rows_unclear = ordered.loc[unclear & (ordered["entered"] > 0), "row"]
    if len(rows_unclear):
        rule = (
            "entered: with delayed entry each group must have a row at every time of an event, "
            "not so before"
        )
        raise InputError("log-rank test", [f"{rule} {rows_phrase(rows_unclear)}"])


def chi_square_row(groups: int, statistic: float, degrees: int) -> pd.DataFrame:
    """One row with a chi-square test; missing without a degree of freedom."""
    p_value = float(chdtrc(degrees, statistic)) if degrees else np.nan
    row = {
        "strata": groups,
        "test_statistic": statistic,
        "degrees_of_freedom": degrees,
        "p_value": p_value,
    }
    return pd.DataFrame(row, index=[0])


def quadratic_form(difference: np.ndarray, variance: np.ndarray) -> tuple[float, int]:
    """Z' V⁻ Z and its degrees of freedom, where the rows of V sum to zero over groups at risk together.

    Of each set of groups that covariances join, one is left out; what remains has full rank.
    """
    groups = np.arange(len(variance))
    joined = (variance != 0) | (groups[:, None] == groups)
    for _ in range(len(groups).bit_length()):
        joined = joined.astype(float) @ joined > 0
    # The first of each set is left out: its row is the sum of the others, with the other sign.
    counted = joined.argmax(axis=1) != groups if len(groups) else np.zeros(0, dtype=bool)
    if not counted.any():
        return np.nan, 0
    part = difference[counted]
    solved = np.linalg.solve(variance[np.ix_(counted, counted)], part)
    return float(part @ solved), int(counted.sum())
