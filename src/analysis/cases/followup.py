"""Time at risk and outcome at the closing date."""

import numpy as np
import pandas as pd

from analysis.calendar import iso_day
from analysis.errors import InputError, raise_faults
from analysis.strata import require_columns

HALF_A_DAY = 0.5
OUTCOMES = ("death", "relapse")


def add_follow_up(
    cases: pd.DataFrame, closing_date: str | None = None, outcome: str = "death"
) -> pd.DataFrame:
    """Add the days from diagnosis to the outcome or the end of follow-up, and whether it happened.

    Reads ``diagnosis_date``, ``last_contact_date`` and ``vital_status`` (for relapse ``relapse`` and
    ``relapse_date``); where dates are not sent, ``follow_up_days`` (and ``relapse_days``) as they are.
    Adds ``follow_up_days`` (days), ``event`` (1 it happened, 0 censored) and ``outcome``, the same in each row, which
    event tables and survival estimates hand on.

    Parameters
    ----------
    cases
        One row a child; see `analysis.cases.followed_up` for those without follow-up.
    closing_date
        ISO date on which follow-up ends for all; what happened later is not known then. It cannot
        be applied to an extract that sends days instead of dates, which its source has closed. None
        where the source has closed it.
    outcome
        ``"death"`` from any cause, or ``"relapse"`` (deaths without relapse are censored).

    Raises
    ------
    InputError
        Follow-up would be negative or is missing, the rows are listed; a closing date that is no ISO
        date, an outcome that is not known.

    Notes
    -----
    Emigration and loss to follow-up censor at last contact. Follow-up of no days counts as half a
    day, so that a child who dies on the day of diagnosis has been at risk.

    Examples
    --------
    >>> children = pd.DataFrame({"diagnosis_date": pd.to_datetime(["2020-01-01", "2020-01-01"]),
    ...     "last_contact_date": pd.to_datetime(["2020-01-01", "2021-06-01"]), "vital_status": ["dead", "dead"]})
    >>> add_follow_up(children, "2020-12-31")[["follow_up_days", "event"]].values.tolist()
    [[0.5, 1.0], [365.0, 0.0]]
    """
    require_outcome(outcome)
    happened = _happened(cases, outcome)
    days = _sent_days(cases, happened, outcome)
    if {"diagnosis_date", "last_contact_date"} <= set(cases.columns):
        dated, happened = _dated_days(cases, happened, closing_date, outcome)
        days = dated if days is None else dated.fillna(days)
    if days is None:
        require_columns(cases, ["follow_up_days"])
    wrong = days.isna() | (days < 0)
    raise_faults("follow-up", {"must be known and not negative; is not": wrong})
    # A child who dies on the day of diagnosis has been at risk: at nought days nobody is.
    return cases.assign(
        follow_up_days=days.mask(days == 0, HALF_A_DAY),
        event=happened.astype("int64"),
        # Goes along with the rows, so that no page can call survival without relapse survival.
        outcome=pd.Categorical.from_codes(np.zeros(len(cases), dtype=np.int8), [outcome]),
    )


def require_outcome(outcome: str) -> None:
    """Refuse an outcome that is not known, and list those that are.

    Raises
    ------
    InputError
        It is none of ``OUTCOMES``.
    """
    if outcome not in OUTCOMES:
        known = ", ".join(OUTCOMES)
        raise InputError("argument", [f"outcome: {outcome!r} is not known; choose one of {known}"])


def _happened(cases: pd.DataFrame, outcome: str) -> pd.Series:
    column, value = ("vital_status", "dead") if outcome == "death" else ("relapse", "yes")
    require_columns(cases, [column])
    return (cases[column] == value).fillna(False).astype(bool)


def _sent_days(cases: pd.DataFrame, happened: pd.Series, outcome: str) -> pd.Series | None:
    if "follow_up_days" not in cases:
        return None
    days = cases["follow_up_days"].astype("float64")
    # Days to last contact end with the relapse only where its own days are known.
    if outcome == "relapse" and "relapse_days" in cases:
        days = days.mask(
            happened & cases["relapse_days"].notna(), cases["relapse_days"].astype("float64")
        )
    return days


def _dated_days(
    cases: pd.DataFrame, happened: pd.Series, closing_date: str | None, outcome: str
) -> tuple[pd.Series, pd.Series]:
    end = cases["last_contact_date"]
    if outcome == "relapse" and "relapse_date" in cases:
        end = end.mask(happened & cases["relapse_date"].notna(), cases["relapse_date"])
    closing = iso_day("closing_date", closing_date)
    if closing is not None:
        # What happened after the closing date is not known at it, though the extract tells of it.
        happened = happened & ~(end > closing)
        end = end.clip(upper=closing)
    return (end - cases["diagnosis_date"]).dt.days.astype("float64"), happened
