"""Which follow-up an analysis of survival counts: cohort, complete, period and hybrid windows of calendar time."""

import re
from dataclasses import dataclass

import pandas as pd

from analysis.calendar import middle_of_year
from analysis.cases.eligibility import Criterion, select_eligible
from analysis.cases.followup import HALF_A_DAY
from analysis.errors import InputError
from analysis.strata import require_columns

APPROACHES = ("cohort", "complete", "period", "hybrid")


@dataclass(frozen=True)
class Window:
    """A window of calendar time: its approach, first and last day, and from when children count whole."""

    approach: str
    opens: pd.Timestamp
    closes: pd.Timestamp
    whole_from: pd.Timestamp

    @property
    def is_of_follow_up(self) -> bool:
        """Whether the window cuts follow-up, not years of diagnosis."""
        return self.approach in ("period", "hybrid")


def select_window(
    cases: pd.DataFrame,
    approach: str,
    first: int | str,
    last: int | str,
    whole_from: int | str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the follow-up that a cohort, complete, period or hybrid analysis of survival counts.

    Think of each child as a line that rises to the right, calendar time to the right and time since diagnosis upwards
    (a Lexis diagram). *Cohort* takes the lines that begin between ``first`` and ``last``, whole. *Complete* takes
    all that begin from ``first`` on, as far as ``last``. *Period* cuts out the upright band between ``first`` and
    ``last``: whatever is in it of any line, so that the first year after diagnosis comes from the newest diagnoses and
    the tenth from children diagnosed ten years ago. *Hybrid* is the same band, and below it, slanting to the left, the
    lines of those diagnosed from ``whole_from`` on: where the newest children are not yet registered, the first years
    after diagnosis come from the latest who are.

    Reads ``diagnosis_date``, or ``year`` where no dates are sent (diagnosed in the middle of it), ``follow_up_days``
    (days), ``event`` and ``entry_days`` where it is there. Adds ``entry_days`` (days from diagnosis to where
    observation begins, 0 for those followed from diagnosis); ``follow_up_days`` ends with the window, and what happened
    after it is not known in it.

    Parameters
    ----------
    cases
        Cases with follow-up.
    approach
        ``"cohort"``, ``"complete"``, ``"period"`` or ``"hybrid"``.
    first, last
        First and last year of the window, or its first and last day ("2019-07-01"), both within it: of diagnosis for a
        cohort, of diagnosis and follow-up for complete analysis, of follow-up for period and hybrid analysis.
    whole_from
        Hybrid analysis only: from which year or day of diagnosis on children count from their diagnosis.

    Returns
    -------
    tuple
        The cases in the window, and the flow of those who are not: ``criterion left_out remaining``, as
        ``select_eligible`` gives it.

    Raises
    ------
    MissingStepError
        Follow-up has not been added, or there is neither date nor year of diagnosis.
    InputError
        An approach that is not known, a window that ends before it begins, ``whole_from`` missing or out of place.

    Notes
    -----
    A day of the window begins half a day before its count, so that one who dies on the first day of a window dies in
    it, and the risk sets of windows that follow one another add up to those of all follow-up. Follow-up of no days
    stays half a day. Period estimates foretell the survival of those diagnosed now, if hazards stay as they were in the
    window. In small groups a risk set may empty early: `analysis.estimates.emptied_risk_sets`. For hybrid
    analysis leave out beforehand, with ``diagnosed_between``, the years whose diagnoses are not all registered.

    References
    ----------
    Brenner, Gefeller. Cancer 1996;78:2004–2010 (period). Brenner, Rachet. Eur J Cancer 2004;40:2494–2501 (hybrid).

    Examples
    --------
    >>> children = pd.DataFrame({"diagnosis_date": pd.to_datetime(["2010-01-01", "2014-12-31", "2015-03-01"]),
    ...                          "follow_up_days": [3000.0, 100.0, 20.0], "event": [1, 1, 0]})
    >>> window, flow = select_window(children, "period", 2015, 2016)
    >>> window[["entry_days", "follow_up_days", "event"]].values.tolist()
    [[1825.5, 2556.0, 0.0], [0.5, 100.0, 1.0], [0.0, 20.0, 0.0]]
    """
    require_columns(cases, ["follow_up_days", "event"])
    window = _checked_window(approach, first, last, whole_from)
    cases = cases.reset_index(drop=True)
    diagnosed = diagnosis_dates(cases)
    # Entry before exit: a window may end before it begins for a child, and the criteria say so.
    observed = _enter(cases, _days_until_observed(diagnosed, window))
    if approach != "cohort":
        observed = _leave(observed, _days_between(diagnosed, window.closes))
    return select_eligible(observed, _window_criteria(diagnosed, window))


def _days_until_observed(diagnosed: pd.Series, window: Window) -> pd.Series:
    """Days from diagnosis to the first day that counts; negative where that is the diagnosis itself."""
    if not window.is_of_follow_up:
        return pd.Series(0.0, index=diagnosed.index)
    days = _days_between(diagnosed, window.opens)
    if window.approach == "hybrid":
        days = days.mask(diagnosed >= window.whole_from, 0.0)
    return days


def _window_criteria(diagnosed: pd.Series, window: Window) -> list[Criterion]:
    in_time = diagnosed <= window.closes
    name = "diagnosed_before_window_end"
    if not window.is_of_follow_up:
        in_time &= diagnosed >= window.opens
        name = "diagnosed_in_window"
    return [
        Criterion(name, (), lambda rows: in_time.loc[rows.index]),
        # Who left observation before the window opened was never at risk in it.
        Criterion(
            "followed_into_window", (), lambda rows: rows["entry_days"] < rows["follow_up_days"]
        ),
    ]


def _checked_window(
    approach: str, first: int | str, last: int | str, whole_from: int | str | None
) -> Window:
    opens, closes = _day(first, "-01-01"), _day(last, "-12-31")
    whole = opens if whole_from is None else _day(whole_from, "-01-01")
    are_days = not pd.isna([opens, closes, whole]).any()
    is_hybrid = approach == "hybrid"
    # Comparisons with a day that could not be read are false, so that each fault is told once.
    rules = {
        f"approach: must be one of {', '.join(APPROACHES)}": approach in APPROACHES,
        "first, last, whole_from: must be years or ISO dates": are_days,
        "last: must not be before first": not closes < opens,
        "whole_from: is for hybrid analysis, and must be given there": is_hybrid
        == (whole_from is not None),
        "whole_from: must not be after first": not whole > opens,
    }
    faults = [rule for rule, holds in rules.items() if not holds]
    if faults:
        raise InputError("window of analysis", faults)
    return Window(approach, opens, closes, whole)


def _day(day: int | str, within_year: str) -> pd.Timestamp:
    """A day, or the first or last day of a year; missing where it is neither (a month alone among them)."""
    text = f"{day}{within_year}" if re.fullmatch(r"\d{4}", str(day)) else str(day)
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


def diagnosis_dates(cases: pd.DataFrame) -> pd.Series:
    """The day of each diagnosis; the middle of its year where the day is not known."""
    dates = pd.Series(pd.NaT, index=cases.index, dtype="datetime64[ns]")
    if "diagnosis_date" in cases:
        dates = pd.to_datetime(cases["diagnosis_date"]).astype("datetime64[ns]").dt.normalize()
    else:
        require_columns(cases, ["year"])
    if "year" in cases:
        dates = dates.fillna(middle_of_year(cases["year"]))
    return dates


def _days_between(diagnosed: pd.Series, day: pd.Timestamp) -> pd.Series:
    return (day - diagnosed).dt.days.astype("float64")


def _enter(cases: pd.DataFrame, begins: pd.Series) -> pd.DataFrame:
    entry = (begins - HALF_A_DAY).clip(lower=0)
    if "entry_days" in cases:
        later = cases["entry_days"].astype("float64")
        entry = entry.where(entry >= later, later)
    return cases.assign(entry_days=entry)


def _leave(cases: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    days, event, ends = (
        cases["follow_up_days"].astype("float64"),
        cases["event"],
        ends.clip(lower=HALF_A_DAY),
    )
    by_then = ~(days > ends)
    if isinstance(event.dtype, pd.CategoricalDtype):
        event = event.where(by_then, event.cat.categories[0])
    else:
        event = pd.to_numeric(event, errors="coerce").astype("Int64").where(by_then, 0)
        event = event if event.isna().any() else event.astype("int64")
    return cases.assign(follow_up_days=days.where(by_then, ends), event=event)
