"""What is known of the newest years: a window of follow-up for each approach, ready to be set side by side."""

from collections.abc import Sequence

import pandas as pd

from analysis.cases.windows import diagnosis_dates, select_window
from analysis.strata import require_columns


def select_newest_windows(
    cases: pd.DataFrame,
    approaches: Sequence[str] = ("period",),
    years: int = 5,
    closing_date: str = "",
    registered_to: int = 0,
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
        ISO date on which follow-up ends; empty for the last day on which anyone was followed.
    registered_to
        Last year of diagnosis that is fully registered, for hybrid analysis; 0 for the last year of follow-up.
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
        An approach that is not known.

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
    [['period', '2019–2023', 2010, 3104.5], ['period', '2019–2023', 2021, 0.0]]
    """
    require_columns(cases, ["follow_up_days", "event"])
    dates = (
        diagnosis_dates(cases)
        if {"diagnosis_date", "year"} & set(cases.columns)
        else pd.Series(pd.NaT, cases.index)
    )
    dated, dates = cases[dates.notna()], dates.dropna()
    if dated.empty:
        empty = {
            "approach": pd.Series(dtype=object),
            "window": pd.Series(dtype=object),
            "entry_days": pd.Series(dtype=float),
        }
        return dated.assign(**empty)
    closes = pd.Timestamp(closing_date) if closing_date else _last_day(dated, dates)
    windows = [
        _window(dated, dates, approach, closes, (years, registered_to, horizon))
        for approach in approaches
    ]
    stacked = pd.concat(windows, ignore_index=True)
    stacked.attrs = dict(cases.attrs)
    return stacked


def _last_day(cases: pd.DataFrame, dates: pd.Series) -> pd.Timestamp:
    return (
        (dates + pd.to_timedelta(cases["follow_up_days"].astype(float), unit="D")).max().normalize()
    )


def _window(
    cases: pd.DataFrame,
    dates: pd.Series,
    approach: str,
    closes: pd.Timestamp,
    sizes: tuple[int, int, int],
) -> pd.DataFrame:
    years, registered_to, horizon = sizes
    last, whole_from = closes.year, None
    first = last - years + 1
    if approach in ("cohort", "complete"):
        # All of a year of diagnosis have been followed for so long only where follow-up closes with the year.
        followed_to = last - horizon - (closes != pd.Timestamp(last, 12, 31))
        first = followed_to - years + 1
        last = followed_to if approach == "cohort" else last
    if approach == "hybrid":
        registered_to = registered_to or last
        cases = cases[dates.dt.year <= registered_to]
        whole_from = min(registered_to - years + 1, first)
    ends = last if approach == "cohort" else closes.date().isoformat()
    return select_window(cases, approach, first, ends, whole_from)[0].assign(
        approach=approach, window=f"{first}–{last}"
    )
