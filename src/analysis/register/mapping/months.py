"""Dates that a registry knows to the month: the middle of the month, and never before what comes first."""

from collections.abc import Collection

import pandas as pd

IN_ORDER = (
    "birth_date",
    "diagnosis_date",
    "registration_date",
    "relapse_date",
    "last_contact_date",
)
TO_MID_MONTH = pd.Timedelta(days=14)


def is_to_the_month(form: str) -> bool:
    """Whether a date's form names a month and no day.

    Examples
    --------
    >>> is_to_the_month("%Y-%m"), is_to_the_month("%d.%m.%Y")
    (True, False)
    """
    return not any(directive in form for directive in ("%d", "%j", "%x", "%c", "%D", "%F"))


def settle_months(dates: pd.DataFrame, to_the_month: Collection[str]) -> pd.DataFrame:
    """Move a date that is known to its month where another day of that month has it out of order.

    Reads those of ``birth_date diagnosis_date registration_date relapse_date last_contact_date`` that are
    there. A date known to the month stands on the 15th; where a date that must not come after it (or
    before it) lies in the same month, it takes that day.

    Parameters
    ----------
    dates
        One row a tumour.
    to_the_month
        Columns that are known to the month only.

    Notes
    -----
    A child who is diagnosed in the month of birth would else be diagnosed before birth. Dates in other
    months, and dates known to the day, are never moved: if they run backwards, that is a fault.

    Examples
    --------
    >>> child = pd.DataFrame({"birth_date": ["2010-05-20"], "diagnosis_date": ["2010-05-15"]}).apply(pd.to_datetime)
    >>> settle_months(child, ["diagnosis_date"])["diagnosis_date"].dt.day.tolist()
    [20]
    """
    settled = dates.copy()
    present = [
        name
        for name in IN_ORDER
        if name in settled and pd.api.types.is_datetime64_any_dtype(settled[name])
    ]
    for position, earlier in enumerate(present):
        for later in present[position + 1 :]:
            moved, stays = (later, earlier) if later in to_the_month else (earlier, later)
            if moved in to_the_month:
                same_month = settled[earlier].dt.to_period("M") == settled[later].dt.to_period("M")
                backwards = same_month & (settled[later] < settled[earlier])
                settled[moved] = settled[moved].mask(backwards, settled[stays])
    return settled
