"""Indicators of data quality: one frame with ``eligible`` and ``met``, so that both come from the same children."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analysis.terms import DEATH_CERTIFICATE_ONLY, MICROSCOPIC_BASIS

UNKNOWN_BASIS = 9
UNSPECIFIED = "XII(b)"
IN_TIME_DAYS = 365


@dataclass(frozen=True)
class Indicator:
    """What an indicator reads, for which tumours it is defined, and which of those meet it."""

    reads: tuple[str, ...]
    eligible: Callable[[pd.DataFrame], pd.Series]
    met: Callable[[pd.DataFrame], pd.Series]


def _all(cases: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=cases.index)


def _days_to_registration(cases: pd.DataFrame) -> pd.Series:
    return (cases["registration_date"] - cases["diagnosis_date"]).dt.days


INDICATORS = {
    "microscopically_verified": Indicator(
        ("basis_of_diagnosis",),
        _all,
        lambda cases: cases["basis_of_diagnosis"].isin(MICROSCOPIC_BASIS),
    ),
    "death_certificate_only": Indicator(
        ("basis_of_diagnosis",),
        _all,
        lambda cases: cases["basis_of_diagnosis"] == DEATH_CERTIFICATE_ONLY,
    ),
    "unknown_basis": Indicator(
        ("basis_of_diagnosis",),
        _all,
        lambda cases: (
            cases["basis_of_diagnosis"].isna() | (cases["basis_of_diagnosis"] == UNKNOWN_BASIS)
        ),
    ),
    "unspecified_tumour": Indicator(
        ("iccc3_subgroup",), _all, lambda cases: cases["iccc3_subgroup"] == UNSPECIFIED
    ),
    "stage_missing": Indicator(
        ("toronto_cancer", "toronto_stage"),
        lambda cases: cases["toronto_cancer"].notna(),
        lambda cases: cases["toronto_stage"].isna(),
    ),
    "registered_in_time": Indicator(
        ("registration_date", "diagnosis_date"),
        lambda cases: _days_to_registration(cases).notna(),
        lambda cases: _days_to_registration(cases) <= IN_TIME_DAYS,
    ),
}


def quality_indicators(cases: pd.DataFrame) -> pd.DataFrame:
    """Stand the cases once under each indicator of data quality that their columns allow.

    Reads ``basis_of_diagnosis``, ``iccc3_subgroup``, ``toronto_cancer`` and ``toronto_stage``,
    ``registration_date`` and ``diagnosis_date``, each where it is there; adds ``indicator``,
    ``eligible`` and ``met``.

    Notes
    -----
    Microscopically verified: basis 5, 6 or 7 (cytology, histology of a metastasis or of the primary).
    Basis unknown: code 9, or not filled. Unspecified: ICCC-3 XII(b). Stage missing: of the cancers that
    the Toronto guidelines stage, those without one. Registered in time: within 365 days of diagnosis,
    of those whose date of registration is known.

    References
    ----------
    Bray F, Parkin DM. Evaluation of data quality in the cancer registry: principles and methods,
    part I. Eur J Cancer 2009;45:747–55.

    Examples
    --------
    >>> tumours = pd.DataFrame({"basis_of_diagnosis": [7, 0]})
    >>> quality_indicators(tumours).groupby("indicator")["met"].sum().to_dict()
    {'death_certificate_only': 1, 'microscopically_verified': 1, 'unknown_basis': 0}
    """
    pieces = []
    for name, indicator in INDICATORS.items():
        if set(indicator.reads) <= set(cases.columns):
            # Both from the same rows: a numerator is never larger than its denominator.
            eligible, met = (_known(marks(cases)) for marks in (indicator.eligible, indicator.met))
            pieces.append(cases.assign(indicator=name, eligible=eligible, met=met & eligible))
    if pieces:
        return pd.concat(pieces, ignore_index=True)
    return cases.iloc[:0].assign(indicator="", eligible=True, met=True)


def _known(marks: pd.Series) -> pd.Series:
    return marks.fillna(False).astype(bool)


def filled_columns(cases: pd.DataFrame) -> pd.DataFrame:
    """Say for every tumour and column whether it is filled.

    Returns
    -------
    pandas.DataFrame
        ``column eligible met``, one row a tumour and column; "unknown" is not filled.

    Examples
    --------
    >>> filled_columns(pd.DataFrame({"sex": ["male", "unknown"]}))["met"].tolist()
    [True, False]
    """
    pieces = [
        pd.DataFrame(
            {
                "column": name,
                "eligible": True,
                "met": (cases[name].notna() & (cases[name] != "unknown")),
            }
        )
        for name in cases.columns
    ]
    return pd.concat(pieces, ignore_index=True).astype({"met": bool})
