"""From children to event tables: who is at risk, has the event and is censored at each time."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, rows_phrase
from analysis.strata import number_strata, require_columns


def event_table(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """How many children are at risk, have the event and are censored at each time of follow-up.

    .. math:: n_j = \\#\\{i : entry_i < t_j \\le exit_i\\}, \\quad
              d_j = \\#\\{i : exit_i = t_j, event_i = 1\\}

    Reads ``follow_up_days`` (days), ``event``, optionally ``entry_days`` (days; delayed entry) and the columns
    of ``by``. Adds ``time_days`` (days), ``at_risk``, ``events``, ``censored`` (counts).

    Parameters
    ----------
    cases
        One row a child. ``event`` is 0 or 1; or a categorical whose first category means censored and whose other
        categories are causes, each then counted in a column ``events_<cause>`` as well.
    by
        Stratum columns; empty for the whole. A missing value is a stratum of its own.

    Returns
    -------
    pandas.DataFrame
        ``by… time_days at_risk events censored``, one row for every stratum and distinct time of exit, sorted. With
        ``entry_days`` also ``entered``: those who came under observation since the row before.

    Raises
    ------
    MissingStepError
        Follow-up has not been added, or a column of ``by`` is not there.
    InputError
        Follow-up or event missing, a negative time, an event that is neither 0 nor 1, entry not before exit.

    Notes
    -----
    At exact times a row is often one child: an event table, above all an ungrouped one, is personal data and stays in
    ``outputs/private/``. Events come before censoring at the same time, as in R's ``survfit``; unlike there, times
    that differ by rounding error are kept apart, so give whole days (and 0.5 for a death on the day of diagnosis).

    References
    ----------
    Kalbfleisch, Prentice. The Statistical Analysis of Failure Time Data, 2nd ed., 2002, section 1.4.

    Examples
    --------
    >>> event_table(pd.DataFrame({"follow_up_days": [10, 20, 20], "event": [1, 1, 0]}))
       time_days  at_risk  events  censored
    0       10.0        3       1         0
    1       20.0        2       1         1
    """
    require_columns(cases, ["follow_up_days", "event"])
    exit_days, entry_days, event, causes = _checked_follow_up(cases)
    numbers, strata = number_strata(cases, by)
    time, times = pd.factorize(exit_days, sort=True)
    row, keys = pd.factorize(numbers * max(len(times), 1) + time, sort=True)
    stratum, time = np.divmod(keys, max(len(times), 1))

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(row[chosen], minlength=len(keys))

    events, censored = count(event > 0), count(event == 0)
    leaving = events + censored
    under_observation = leaving if entry_days is None else _entered(stratum, times[time], numbers, entry_days)
    table = (
        strata.iloc[stratum]
        .reset_index(drop=True)
        .assign(
            time_days=times[time].astype(float),
            at_risk=_at_risk(stratum, leaving, None if entry_days is None else under_observation),
            events=events,
            censored=censored,
        )
    )
    if entry_days is not None:
        table["entered"] = under_observation
    return table.assign(**{f"events_{cause}": count(event == code) for code, cause in enumerate(causes, start=1)})


def _at_risk(stratum: np.ndarray, leaving: np.ndarray, entered: np.ndarray | None) -> np.ndarray:
    if not len(stratum):
        return leaving
    gone_before = np.cumsum(leaving) - leaving
    first = np.searchsorted(stratum, stratum)
    if entered is None:
        end = np.searchsorted(stratum, stratum, side="right") - 1
        return gone_before[end] + leaving[end] - gone_before
    come = np.cumsum(entered)
    return (come - come[first] + entered[first]) - (gone_before - gone_before[first])


def _entered(stratum: np.ndarray, times: np.ndarray, numbers: np.ndarray, entry_days: np.ndarray) -> np.ndarray:
    # A complex number sorts by its real part, then by its imaginary part: stratum, then time.
    rows = stratum + 1j * times
    next_row = np.searchsorted(rows, numbers + 1j * entry_days, side="right")
    return np.bincount(next_row, minlength=len(rows))


def _checked_follow_up(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, list]:
    exit_days = cases["follow_up_days"].to_numpy(dtype=float, na_value=np.nan)
    event, causes = _event_codes(cases["event"])
    rules = {
        "follow_up_days: must be filled": np.isnan(exit_days),
        "follow_up_days: must not be negative": exit_days < 0,
        "event: must be 0 or 1, or a categorical, and filled": event < 0,
    }
    entry_days = None
    if "entry_days" in cases.columns:
        entry_days = cases["entry_days"].to_numpy(dtype=float, na_value=np.nan)
        rules["entry_days: must be filled"] = np.isnan(entry_days)
        rules["entry_days: must not be negative"] = entry_days < 0
        rules["entry_days: must be before follow_up_days"] = entry_days >= exit_days
    faults = [f"{rule} in {rows_phrase(np.flatnonzero(broken) + 1)}" for rule, broken in rules.items() if broken.any()]
    if faults:
        raise InputError("event table", faults)
    return exit_days, entry_days, event, causes


def _event_codes(event: pd.Series) -> tuple[np.ndarray, list]:
    if isinstance(event.dtype, pd.CategoricalDtype):
        return event.cat.codes.to_numpy().astype(np.int64), list(event.cat.categories[1:])
    values = pd.to_numeric(event, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(values == 1, 1, np.where(values == 0, 0, -1)), []
