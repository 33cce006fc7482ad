"""Days of birth, diagnosis and last contact, as far as an extract tells."""

import numpy as np
import pandas as pd

from analysis.calendar import middle_of_year
from analysis.errors import InputError, raise_faults
from analysis.strata import require_columns
from analysis.terms import DAYS_PER_YEAR, is_count_table

HALF_A_YEAR = 184  # days


def days_known(cases: pd.DataFrame) -> pd.DataFrame:
    """One row a tumour: ``born diagnosed last_contact`` (days), how far last contact is ``rounded``, ``dead alive``.

    From dates where they are sent; else from ``year`` (1 July), ``follow_up_days`` and ``age_at_diagnosis_days`` or
    ``age_at_diagnosis`` (the middle of the year of age). Keeps the index of ``cases``.
    """
    _require_tumours(cases)
    diagnosed, last_contact, born = (
        _sent_day(cases, name) for name in ("diagnosis_date", "last_contact_date", "birth_date")
    )
    rounded = diagnosed.isna() & last_contact.isna()
    diagnosed = diagnosed.fillna(middle_of_year(_number(cases, "year")))
    last_contact = last_contact.fillna(diagnosed + _days(_number(cases, "follow_up_days")))
    middle_of_age = (_number(cases, "age_at_diagnosis") + 0.5) * DAYS_PER_YEAR
    born = born.fillna(diagnosed - _days(_number(cases, "age_at_diagnosis_days")))
    born = born.fillna(diagnosed - _days(middle_of_age))
    _refuse_unknown(cases["person_id"], diagnosed)
    status = cases["vital_status"].astype(object)
    return pd.DataFrame(
        {
            "born": born,
            "diagnosed": diagnosed,
            "last_contact": last_contact,
            "rounded": pd.to_timedelta(np.where(rounded, HALF_A_YEAR, 0), unit="D"),
            "dead": (status == "dead").fillna(False).astype(bool),
            "alive": (status == "alive").fillna(False).astype(bool),
        },
        index=cases.index,
    )


def _require_tumours(cases: pd.DataFrame) -> None:
    if is_count_table(cases):
        fault = "one row a tumour is needed; a count table does not say who is alive"
        raise InputError("prevalence", [fault])
    require_columns(cases, ["person_id", "vital_status"])
    for sent, instead in (("diagnosis_date", "year"), ("last_contact_date", "follow_up_days")):
        require_columns(cases, [] if instead in cases.columns else [sent])


def _refuse_unknown(person: pd.Series, diagnosed: pd.Series) -> None:
    rules = {
        "person_id: must be filled": person.isna(),
        "diagnosis_date or year: must be filled": diagnosed.isna(),
    }
    raise_faults("prevalence", rules)


def _sent_day(cases: pd.DataFrame, name: str) -> pd.Series:
    sent = cases[name] if name in cases.columns else pd.Series(pd.NaT, index=cases.index)
    return pd.to_datetime(sent).astype("datetime64[s]").dt.normalize()


def _number(cases: pd.DataFrame, name: str) -> pd.Series:
    sent = cases[name] if name in cases.columns else pd.Series(np.nan, index=cases.index)
    return sent.astype("Float64").astype("float64")


def _days(number: pd.Series) -> pd.Series:
    # Whole numbers first: pandas works on uninitialised memory where floats are missing, and warns by chance.
    days = (
        np.floor(number.fillna(0))
        .astype("int64")
        .to_numpy()
        .astype("timedelta64[D]")
        .astype("timedelta64[s]")
    )
    return pd.Series(days, index=number.index).mask(number.isna())
