"""From children to event tables: who is at risk, has the event and is censored at each time."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.counts.engines import count_in_engine
from analysis.counts.follow_up_times import FollowUp, checked_follow_up
from analysis.counts.tallies import in_whole_stratum, number_times, running_before, tally
from analysis.quantities import OF_CAUSE, is_of_cause
from analysis.strata import number_strata, repeat_strata, require_columns, require_list

FOLLOW_UP = ("follow_up_days", "event")
ROUNDING = 1e-12


def event_table(
    cases: pd.DataFrame,
    by: Sequence[str] = (),
    weights: str | None = None,
    outcomes: Sequence[str] | None = None,
    entry_rows: bool = False,
) -> pd.DataFrame:
    """How many children are at risk, have the event and are censored at each time of follow-up.

    .. math:: n_j = \\#\\{i : entry_i < t_j \\le exit_i\\}, \\quad
              d_j = \\#\\{i : exit_i = t_j, event_i = 1\\}

    Reads ``follow_up_days`` (days), ``event``, optionally ``entry_days`` (days; delayed entry), ``cases`` (a count:
    how many children a row stands for) and the columns of ``by``. Adds ``time_days`` (days), ``at_risk``, ``events``,
    ``censored`` (counts).

    Parameters
    ----------
    cases
        One row a child, or a count of children (a ``cases`` column). A pandas frame; or any frame that narwhals knows
        (polars, Arrow, DuckDB, PySpark, a database through SQLFrame or Ibis), which is then counted where it lies.
        ``event`` is 0 or 1; or a categorical whose first category means censored and whose other
        categories are causes, each then counted in a column ``events_<cause>`` as well.
    by
        Stratum columns; empty for the whole. A missing value is a stratum of its own.
    weights
        A column of case weights: counts are then sums of weights. Whole numbers say how many children a row stands for.
    outcomes
        The values of an ``event`` that is text, where it is not a categorical: first the one that means censored.
    entry_rows
        With delayed entry, keep a row at each time of entry too, so that the table can be added to others.

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
    Tables of disjoint groups of children add up: see ``add_event_tables``. With weights the estimates are those of the
    weighted children; their standard errors, which take a weight for so many children, are not.

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
    require_list("by", by)
    require_list("outcomes", outcomes)
    rows, weights = count_in_engine(cases, [*by, *FOLLOW_UP], ["entry_days"], weights)
    require_columns(rows, [*FOLLOW_UP, *([weights] if weights else [])])
    follow_up = checked_follow_up(rows, weights, outcomes)
    numbers, strata = number_strata(rows, by)
    # A weight of nought is nobody: such a row would be a time at which nothing happens.
    if follow_up.weight is not None and not follow_up.weight.all():
        numbers, follow_up = numbers[follow_up.weight > 0], follow_up.of(follow_up.weight > 0)
    return table_of_movements(strata, *_movements(numbers, follow_up), entry_rows)


def _movements(numbers: np.ndarray, follow_up: FollowUp) -> tuple[np.ndarray, np.ndarray, dict]:
    """Stratum, time and amounts of all exits, and of all entries after them."""
    leaving, weight = _leaving(follow_up), follow_up.weight
    if follow_up.entry_days is None:
        return numbers, follow_up.exit_days, leaving
    nobody = np.zeros(len(numbers), dtype=np.int64 if weight is None else weight.dtype)
    everyone = nobody + 1 if weight is None else weight
    # Entries follow the exits in one list, so that one pass over the times counts both.
    exits = leaving | {"leaving": everyone}
    amounts = {name: np.concatenate([amount, nobody]) for name, amount in exits.items()}
    amounts["entering"] = np.concatenate([nobody, everyone])
    days = np.concatenate([follow_up.exit_days, follow_up.entry_days])
    return np.concatenate([numbers, numbers]), days, amounts


def _leaving(follow_up: FollowUp) -> dict[str, np.ndarray | None]:
    """Who leaves, who of them has the event, and of which cause; None for one child a row."""
    event, weight = follow_up.event, follow_up.weight

    def amount(chosen: np.ndarray) -> np.ndarray:
        return chosen if weight is None else np.where(chosen, weight, weight.dtype.type(0))

    leaving = {"leaving": weight, "events": amount(event > 0)}
    for code, cause in enumerate(follow_up.causes, start=1):
        leaving[f"{OF_CAUSE}{cause}"] = amount(event == code)
    return leaving


def table_of_movements(
    strata: pd.DataFrame,
    numbers: np.ndarray,
    days: np.ndarray,
    amounts: dict[str, np.ndarray | None],
    entry_rows: bool = False,
) -> pd.DataFrame:
    """The event table of exits (``leaving``, ``events``) and, with delayed entry, entries (``entering``)."""
    time, times = number_times(days)
    rows, sums = tally(numbers * len(times) + time, len(strata) * len(times), amounts)
    stratum, time = np.divmod(rows, max(len(times), 1))
    sums["at_risk"] = _present(stratum, sums["leaving"], sums.get("entering"))
    if "entering" in sums:
        # A time at which somebody only entered has a row of its own on request alone.
        shown = np.flatnonzero((sums["leaving"] > 0) | entry_rows)
        sums = _rows_shown(sums, stratum, shown)
        stratum, time = stratum[shown], time[shown]
    columns = repeat_strata(strata, stratum) | {"time_days": times[time]} | _counts_of_rows(sums)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(stratum)), copy=False)


def _rows_shown(
    sums: dict[str, np.ndarray], stratum: np.ndarray, shown: np.ndarray
) -> dict[str, np.ndarray]:
    """The sums of some rows; who entered in a row between is told in the next one that is shown."""
    entered = _entered_since(stratum, sums["entering"], shown)
    return {name: amount[shown] for name, amount in sums.items()} | {"entered": entered}


def _present(stratum: np.ndarray, leaving: np.ndarray, entering: np.ndarray | None) -> np.ndarray:
    """Who has come before each row's time and not left before it; without delayed entry all come at diagnosis."""
    left = running_before(stratum, leaving)
    if entering is None:
        return in_whole_stratum(stratum, leaving) - left
    return running_before(stratum, entering) - left


def _counts_of_rows(sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """``at_risk events censored``, with delayed entry ``entered``, and the events of each cause."""
    leaving, events = sums["leaving"], sums["events"]
    counts = {
        "at_risk": _without_rounding(sums["at_risk"], leaving),
        "events": events,
        "censored": _without_rounding(leaving - events, 0),
    }
    others = ["entered", *(name for name in sums if is_of_cause(name))]
    return counts | {name: sums[name] for name in others if name in sums}


def _entered_since(stratum: np.ndarray, entering: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """How many have come since the row shown before. Who came at a row's time is at risk from the next row on."""
    since = np.where(np.diff(stratum, prepend=-1), 0, np.roll(entering, 1))
    if not len(shown):
        return since[:0]
    return np.add.reduceat(since, np.concatenate([[0], shown[:-1] + 1]))


def _without_rounding(amount: np.ndarray, least: np.ndarray | int) -> np.ndarray:
    """An amount of weights that the rounding of its sums has brought next to the least it can be is that."""
    if amount.dtype.kind != "f":
        return amount
    near = np.abs(amount - least) <= ROUNDING * np.abs(amount).max(initial=0)
    return np.where(near, least, amount)
