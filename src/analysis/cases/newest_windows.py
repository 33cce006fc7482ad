"""What is known of the newest years: a window of follow-up for each approach, ready to be set side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.calendar import iso_day
from analysis.cases.windows import diagnosis_dates, select_window
from analysis.strata import require_columns, require_list


@dataclass(frozen=True)
class NewestYears:
    """When follow-up closes, how wide a window is, and what must be known of its children (all in calendar years)."""

    closes: pd.Timestamp
    years: int
    registered_to: int | None
    horizon: int


def select_newest_windows(
    cases: pd.DataFrame,
    approaches: Sequence[str] = ("period",),
    *,
    years: int = 5,
    closing_date: str | date | None = None,
    registered_to: int | None = None,
    horizon: int = 5,
) -> pd.DataFrame:
    """Keep the follow-up that tells most of the newest years, for one approach or for several below one another.

    *Period* is what was seen in the last ``years`` calendar years before follow-up closed. *Cohort* is the last
    ``years`` years of diagnosis whose children could all be followed for ``horizon`` years; *complete* begins with the
    same year of diagnosis and takes all who came later too. *Hybrid* is the band of the period analysis, in which the
    children of the last ``years`` years of diagnosis that are fully registered count from their diagnosis.

    Reads ``diagnosis_date`` or ``year``, ``follow_up_days`` (days) and ``event``; adds ``approach``, ``window`` (its
    first and last year: of diagnosis for a cohort, else of follow-up) and ``entry_days`` (days).

    Parameters
    ----------
    cases
        Cases with follow-up.
    approaches
        Of ``"cohort"``, ``"complete"``, ``"period"`` and ``"hybrid"``, in the order to be shown.
    years
        Calendar years that a window is wide.
    closing_date
        ISO date on which follow-up ends; None for the last day on which anyone was followed.
    registered_to
        Last year of diagnosis that is fully registered, for hybrid analysis; None for the last year of follow-up.
    horizon
        Years of follow-up that a cohort must have had.

    Returns
    -------
    pandas.DataFrame
        The children of each window, one below the other: a child can stand in several. Nobody where no date and no
        year of diagnosis is known.

    Raises
    ------
    MissingStepError
        Follow-up has not been added.
    InputError
        An approach that is not known, a single one where a list is asked for, a closing date that is no ISO date.

    Notes
    -----
    Hybrid analysis leaves out those diagnosed after ``registered_to``. Where the newest years are fully registered it
    is the period analysis.

    References
    ----------
    Brenner, Gefeller. Cancer 1996;78:2004–2010. Brenner, Rachet. Eur J Cancer 2004;40:2494–2501.

    Examples
    --------
    >>> children = pd.DataFrame({"year": [2010, 2021], "follow_up_days": [4900.0, 700.0], "event": [0, 1]})
    >>> windows = select_newest_windows(children, ["cohort", "period"], closing_date="2023-12-31")
    >>> windows[["approach", "window", "year", "entry_days"]].values.tolist()
    [['period', '2019–2023', 2010, 3105.5], ['period', '2019–2023', 2021, 0.0]]
    """
    require_columns(cases, ["follow_up_days", "event"])
    require_list("approaches", approaches)
    closing = iso_day("closing_date", closing_date)
    dates = pd.Series(pd.NaT, cases.index)
    if {"diagnosis_date", "year"} & set(cases.columns):
        dates = diagnosis_dates(cases)
    dated, dates = cases[dates.notna()], dates.dropna()
    if dated.empty:
        words = pd.Series(dtype=object)
        return dated.assign(approach=words, window=words, entry_days=pd.Series(dtype=float))
    newest = NewestYears(
        closes=_last_day(dated, dates) if closing is None else closing,
        years=years,
        registered_to=registered_to,
        horizon=horizon,
    )
    windows = [_window(dated, dates, approach, newest) for approach in approaches]
    return pd.concat(windows, ignore_index=True)


def _last_day(cases: pd.DataFrame, dates: pd.Series) -> pd.Timestamp:
    followed = pd.to_timedelta(cases["follow_up_days"].astype(float), unit="D")
    return (dates + followed).max().normalize()


def _window(
    cases: pd.DataFrame, dates: pd.Series, approach: str, newest: NewestYears
) -> pd.DataFrame:
    last, whole_from = newest.closes.year, None
    first = last - newest.years + 1
    if approach in ("cohort", "complete"):
        # All of a year of diagnosis have been followed for so long only where follow-up closes with the year.
        year_is_open = newest.closes != pd.Timestamp(last, 12, 31)
        followed_to = last - newest.horizon - year_is_open
        first = followed_to - newest.years + 1
        last = followed_to if approach == "cohort" else last
    if approach == "hybrid":
        registered_to = last if newest.registered_to is None else newest.registered_to
        cases = cases[dates.dt.year <= registered_to]
        whole_from = min(registered_to - newest.years + 1, first)
    ends = last if approach == "cohort" else newest.closes.date().isoformat()
    followed, _ = select_window(cases, approach, first, ends, whole_from)
    return followed.assign(approach=approach, window=f"{first}–{last}")
