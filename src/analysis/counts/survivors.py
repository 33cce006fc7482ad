"""Who is alive on a day: survivors of childhood cancer, counted once each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.calendar import completed_years
from analysis.counts.known_days import days_known
from analysis.errors import InputError
from analysis.strata import number_strata, require_list

# First completed years of age on the day; 18 apart, where care passes from children's to adults' wards.
ATTAINED_AGE_GROUPS = {
    0: "0-9",
    10: "10-17",
    18: "18-29",
    30: "30-39",
    40: "40-49",
    50: "50-59",
    60: "60+",
}
OLDEST_AGE = 150
STATUS = ["dead", "alive", "rounded"]
ON_DAY = ["attained_age", "attained_age_group", "years_since_diagnosis", "known_alive"]


def prevalent_cases(
    cases: pd.DataFrame, index_date: str, within_years: int | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Persons alive on a day who had been diagnosed by then: those known to be, and those of whom it is not known.

    Reads ``person_id``, ``diagnosis_date``, ``last_contact_date``, ``vital_status``, ``birth_date`` (for ages) and the
    columns of ``by``; where dates are not sent ``year``, ``follow_up_days`` (days) and ``age_at_diagnosis_days`` or
    ``age_at_diagnosis``. Adds ``cases`` and ``status_unknown`` (counts of persons).

    Parameters
    ----------
    cases
        One row a tumour that is counted, all of a person's among them: tumours selected by year count survivors of
        those years alone.
    index_date
        ISO date; the count is that at the end of the day.
    within_years
        Limited duration: only persons whose first tumour was diagnosed in the last so many years. Left out, all since
        registration began.
    by
        Stratum columns: those of the first tumour, ``attained_age`` (completed years on the day),
        ``attained_age_group`` or ``years_since_diagnosis`` (completed years).

    Returns
    -------
    pandas.DataFrame
        ``by… cases status_unknown``, strata in reading order, those that occur. ``cases`` are known to be alive;
        ``status_unknown`` were last heard of before the day (emigrated, lost, or followed to an earlier date), alive.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A count table; a row without person or date of diagnosis; a negative number of years.

    Notes
    -----
    A person counts once, by the first tumour given. Someone who dies or emigrates on the day is no longer counted; one
    diagnosed on it is; ``within_years=5`` on 31 December 2023 reaches back to 1 January 2019. This is
    observed prevalence, limited to registration: survivors from before the registry began are not seen (see
    ``analysis.estimates.completeness_index``). Without dates a diagnosis stands at 1 July of its year and a birthday in
    the middle of the year of age, which may move a person by a year; someone alive whose follow-up comes within half a
    year of the day counts as followed to it.

    References
    ----------
    Capocaccia, De Angelis. Stat Med 1997;16:425–440 (complete and limited duration). Gail, Kessler, Midthune, Scoppa.
    Biometrics 1999;55:1137–1144.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["a", "b", "c"], "vital_status": ["alive", "dead", "lost"],
    ...     "birth_date": pd.to_datetime(["2001-05-17", "2002-01-01", "2003-03-03"]),
    ...     "diagnosis_date": pd.to_datetime(["2010-01-01", "2012-01-01", "2013-01-01"]),
    ...     "last_contact_date": pd.to_datetime(["2024-06-30", "2014-02-01", "2020-01-01"])})
    >>> prevalent_cases(tumours, "2023-12-31", by=["attained_age"])
       attained_age  cases  status_unknown
    0            20      0               1
    1            22      1               0
    """
    require_list("by", by)
    if within_years is not None and not within_years > 0:
        raise InputError("prevalence", ["within_years: must be above 0"])
    on_day = _persons(cases, pd.Timestamp(index_date))
    if within_years is not None:
        on_day = on_day[
            on_day["diagnosed"] > pd.Timestamp(index_date) - pd.DateOffset(years=within_years)
        ]
    numbers, strata = number_strata(on_day, by)
    known = on_day["known_alive"].to_numpy(dtype=bool)
    count = [np.bincount(numbers[chosen], minlength=len(strata)) for chosen in (known, ~known)]
    return strata.assign(cases=count[0], status_unknown=count[1])


def survivor_times(cases: pd.DataFrame, index_date: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """How long each person not known to have died has been followed, and how long they have lived if alive on a day.

    Reads what ``prevalent_cases`` reads; adds ``from_days`` (days from diagnosis to last contact, or to the index date
    for those known to be alive on it), ``to_days`` (days from diagnosis to the index date) and ``cases`` (persons).

    Parameters
    ----------
    cases
        As for ``prevalent_cases``.
    index_date
        ISO date; may lie in the future of the follow-up.
    by
        Stratum columns: those by which survival is estimated, and any others.

    Returns
    -------
    pandas.DataFrame
        ``by… from_days to_days cases``, sorted. Persons who died by the index date are not among them.

    Raises
    ------
    MissingStepError, InputError
        As ``prevalent_cases``.

    Notes
    -----
    A row is often one person: this is personal data, as an event table is. Emigrants and those lost to follow-up are
    carried on too, as persons who live somewhere; leave them out before, by ``vital_status``, to project residents. A
    person without a last contact is followed from the day of diagnosis.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["a", "b"], "vital_status": ["alive", "alive"],
    ...     "diagnosis_date": pd.to_datetime(["2020-01-01", "2020-01-01"]),
    ...     "last_contact_date": pd.to_datetime(["2020-01-11", "2024-01-01"])})
    >>> survivor_times(tumours, "2021-01-01")
       from_days  to_days  cases
    0         10      366      1
    1        366      366      1
    """
    require_list("by", by)
    on_day = _persons(cases, pd.Timestamp(index_date))
    to_days = (pd.Timestamp(index_date) - on_day["diagnosed"]).dt.days
    followed = (on_day["last_contact"] - on_day["diagnosed"]).dt.days.fillna(0).clip(lower=0)
    from_days = followed.where(~on_day["known_alive"], to_days).clip(upper=to_days).astype(np.int64)
    timed = on_day.assign(from_days=from_days, to_days=to_days.astype(np.int64))
    numbers, strata = number_strata(timed, [*by, "from_days", "to_days"])
    return strata.assign(cases=np.bincount(numbers, minlength=len(strata)))


def attained_age_group(age: pd.Series) -> pd.Series:
    """The group of an attained age in completed years: ``"0-9"`` … ``"60+"``; missing where the age is."""
    edges = [first - 1 for first in ATTAINED_AGE_GROUPS] + [OLDEST_AGE]
    return pd.cut(age.astype("float64"), edges, labels=list(ATTAINED_AGE_GROUPS.values())).astype(
        object
    )


def _persons(cases: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row a person diagnosed by the day and not known to have died by it: the first tumour, and the status then."""
    days = days_known(cases.reset_index(drop=True))
    tumours = (
        cases.reset_index(drop=True)
        .drop(columns=[*ON_DAY, *days.columns], errors="ignore")
        .join(days)
    )
    firsts = tumours[tumours["diagnosed"] <= day].sort_values("diagnosed", kind="stable")
    firsts = firsts.drop_duplicates("person_id").drop(columns=["last_contact", *STATUS])
    persons = firsts.join(_latest_status(tumours), on="person_id")
    later, last_contact = persons["last_contact"] > day, persons["last_contact"]
    known_alive = later | (persons["alive"] & (last_contact + persons["rounded"] >= day))
    persons = persons.assign(known_alive=known_alive)[~(persons["dead"] & (last_contact <= day))]
    age = completed_years(persons["born"], day)
    since = completed_years(persons["diagnosed"], day)
    return persons.assign(
        attained_age=age, attained_age_group=attained_age_group(age), years_since_diagnosis=since
    )


def _latest_status(tumours: pd.DataFrame) -> pd.DataFrame:
    """When each person was last heard of by any tumour, and the status then: dead, where both are said of one day."""
    latest = tumours.sort_values(["last_contact", "dead"], na_position="first", kind="stable")
    latest = latest.drop_duplicates("person_id", keep="last")
    return latest.set_index("person_id")[["last_contact", *STATUS]]
