"""Rows that contradict themselves, another row of the same person, or repeat one."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.register.checks.durations import age_by_dates, days_between
from analysis.terms import DEATH_CERTIFICATE_ONLY

# Stated days may come from dates that were rounded to a month before they were sent.
A_MONTH = 31
# A day or month that is not known is written as the first or the middle of the month.
ROUNDED_DAYS = (1, 15)
LIVING = ("alive", "lost")
SAME_PERSON = ["birth_date", "sex", "country", "topography", "morphology", "diagnosis_date"]


def inconsistencies(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    """From each check of this page to whether it concerns each row; a check without its columns is silent."""
    # A number is compared faster than a text, and a missing one is told by -1.
    if "person_id" in cases:
        cases = cases.copy(deep=False)
        cases["person_id"] = pd.factorize(cases["person_id"])[0]
    hits = {}
    for name, (columns, concerns) in CHECKS.items():
        if set(columns) <= set(cases.columns):
            hit = np.asarray(concerns(cases))
            if hit.any():
                hits[name] = hit
    return hits


def _before(earlier: str, later: str) -> tuple[tuple[str, str], Callable]:
    """A pair of dates in the wrong order."""
    return (earlier, later), lambda cases: (cases[later] < cases[earlier]).to_numpy()


def _is(cases: pd.DataFrame, column: str, *values: object) -> np.ndarray:
    """Whether a column has one of these values; nowhere where it is absent or missing."""
    if column not in cases:
        return np.zeros(len(cases), dtype=bool)
    places, levels = pd.factorize(cases[column])
    return np.append([level in values for level in levels], False).astype(bool)[places]


def _filled(cases: pd.DataFrame, *columns: str) -> np.ndarray:
    """Whether at least one of these columns is there and filled."""
    filled = np.zeros(len(cases), dtype=bool)
    for column in columns:
        if column in cases:
            filled |= cases[column].notna().to_numpy()
    return filled


def _numbers(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype="float64", na_value=np.nan)


def _differs_by_dates(stated: str, earlier: str, later: str) -> tuple[tuple[str, ...], Callable]:
    """Stated days that are more than a month from those between two dates."""

    def concerns(cases: pd.DataFrame) -> np.ndarray:
        return (
            np.abs(_numbers(cases[stated]) - _numbers(days_between(cases, earlier, later)))
            > A_MONTH
        )

    return (stated, earlier, later), concerns


def _age_gap(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Years between stated age and age by dates, and whether a date's day looks rounded."""
    gap = np.abs(_numbers(cases["age_at_diagnosis"]) - _numbers(age_by_dates(cases)))
    days = [
        cases[name].dt.day.isin(ROUNDED_DAYS).to_numpy()
        for name in ("birth_date", "diagnosis_date")
    ]
    return gap, days[0] | days[1]


def _age_differs(cases: pd.DataFrame) -> np.ndarray:
    gap, rounded = _age_gap(cases)
    return (gap > 1) | ((gap == 1) & ~rounded)


def _age_differs_by_rounding(cases: pd.DataFrame) -> np.ndarray:
    gap, rounded = _age_gap(cases)
    return (gap == 1) & rounded


def _wrong_year(cases: pd.DataFrame) -> np.ndarray:
    return np.abs(_numbers(cases["year"]) - _numbers(cases["diagnosis_date"].dt.year)) > 0


def _undated_status(*statuses: str) -> Callable:
    return lambda cases: (
        _is(cases, "vital_status", *statuses)
        & ~_filled(cases, "last_contact_date", "follow_up_days")
    )


def _followed(cases: pd.DataFrame) -> np.ndarray:
    """Whether a row has follow-up beyond the day of diagnosis."""
    followed = np.zeros(len(cases), dtype=bool)
    days = days_between(cases, "diagnosis_date", "last_contact_date")
    if days is not None:
        followed |= _numbers(days) > 0
    if "follow_up_days" in cases:
        followed |= _numbers(cases["follow_up_days"]) > 0
    return followed


def _by_certificate(cases: pd.DataFrame) -> np.ndarray:
    return _is(cases, "basis_of_diagnosis", DEATH_CERTIFICATE_ONLY)


def _at_autopsy(cases: pd.DataFrame) -> np.ndarray:
    return _is(cases, "autopsy_only", "yes")


def _of_several_rows(cases: pd.DataFrame) -> np.ndarray:
    """Positions of the rows of persons who have more than one; only they can contradict or repeat each other."""
    person = cases["person_id"]
    return np.flatnonzero((person.duplicated(keep=False) & (person >= 0)).to_numpy())


def _spread(positions: np.ndarray, concerned: pd.Series, cases: pd.DataFrame) -> np.ndarray:
    """What was found in some rows, told for all."""
    whole = np.zeros(len(cases), dtype=bool)
    whole[positions[concerned.to_numpy()]] = True
    return whole


def _differs_within_person(*columns: str) -> Callable:
    """Rows of a person whose filled values of a column are not all one; an unknown value contradicts none."""

    def concerns(cases: pd.DataFrame) -> np.ndarray:
        several = _of_several_rows(cases)
        some = cases.iloc[several]
        differs = pd.Series(False, index=some.index)
        for column in (name for name in columns if name in cases):
            known = some[column].where(some[column] != "unknown")
            differs |= known.groupby(some["person_id"]).transform("nunique") > 1
        return _spread(several, differs, cases)

    return concerns


def _diagnosed_after_death(cases: pd.DataFrame) -> np.ndarray:
    several = _of_several_rows(cases)
    some = cases.iloc[several]
    death = some["last_contact_date"].where(_is(some, "vital_status", "dead"))
    first_death = death.groupby(some["person_id"]).transform("min")
    return _spread(several, some["diagnosis_date"] > first_death, cases)


def _same_row(cases: pd.DataFrame) -> np.ndarray:
    several = _of_several_rows(cases)
    repeated = cases.iloc[several].drop(columns="case_id", errors="ignore").duplicated(keep=False)
    return _spread(several, repeated, cases)


def _same_tumour(cases: pd.DataFrame) -> np.ndarray:
    """Same morphology in the same three-character site; identical rows have a check of their own."""
    # ICD-O counts tumours of one morphology in one site (three characters) as a single tumour.
    several = _of_several_rows(cases)
    some = cases[["person_id", "topography", "morphology"]].iloc[several]
    some = some.assign(topography=some["topography"].astype("string").str.slice(0, 3))
    repeated = some.duplicated(keep=False) & some.notna().all(axis=1)
    return _spread(several, repeated, cases) & ~_same_row(cases)


def _same_person(cases: pd.DataFrame) -> np.ndarray:
    """Two persons who share all that tells persons apart; rows that share both dates are few, and looked at alone."""
    dates = cases[["birth_date", "diagnosis_date"]]
    twice = np.flatnonzero((dates.duplicated(keep=False) & dates.notna().all(axis=1)).to_numpy())
    some = cases[[*SAME_PERSON, "person_id"]].iloc[twice]
    some = some[some.notna().all(axis=1)]
    persons = some.groupby(SAME_PERSON, observed=True)["person_id"].transform("nunique")
    return _spread(twice, (persons > 1).reindex(cases.index[twice], fill_value=False), cases)


CHECKS: dict[str, tuple[tuple[str, ...], Callable[[pd.DataFrame], np.ndarray]]] = {
    "birth_before_diagnosis": _before("birth_date", "diagnosis_date"),
    "diagnosis_before_contact": _before("diagnosis_date", "last_contact_date"),
    "diagnosis_before_relapse": _before("diagnosis_date", "relapse_date"),
    "relapse_before_contact": _before("relapse_date", "last_contact_date"),
    "year_of_diagnosis": (("year", "diagnosis_date"), _wrong_year),
    "age_by_dates": (("age_at_diagnosis", "birth_date", "diagnosis_date"), _age_differs),
    "age_by_rounded_dates": (
        ("age_at_diagnosis", "birth_date", "diagnosis_date"),
        _age_differs_by_rounding,
    ),
    "age_days_by_dates": _differs_by_dates("age_at_diagnosis_days", "birth_date", "diagnosis_date"),
    "follow_up_by_dates": _differs_by_dates(
        "follow_up_days", "diagnosis_date", "last_contact_date"
    ),
    "relapse_by_dates": _differs_by_dates("relapse_days", "diagnosis_date", "relapse_date"),
    "diagnosis_dated": ((), lambda cases: ~_filled(cases, "diagnosis_date", "year", "period")),
    "dead_dated": (("vital_status",), _undated_status("dead")),
    "alive_dated": (("vital_status",), _undated_status(*LIVING)),
    "cause_of_the_dead": (
        ("cause_of_death", "vital_status"),
        lambda cases: _filled(cases, "cause_of_death") & _is(cases, "vital_status", *LIVING),
    ),
    "certificate_only_dead": (
        ("basis_of_diagnosis", "vital_status"),
        lambda cases: _by_certificate(cases) & _is(cases, "vital_status", *LIVING),
    ),
    "certificate_only_followed": (
        ("basis_of_diagnosis",),
        lambda cases: _by_certificate(cases) & _followed(cases),
    ),
    "autopsy_only_dead": (
        ("autopsy_only", "vital_status"),
        lambda cases: _at_autopsy(cases) & _is(cases, "vital_status", *LIVING),
    ),
    "autopsy_only_followed": (
        ("autopsy_only",),
        lambda cases: _at_autopsy(cases) & _followed(cases),
    ),
    "autopsy_or_certificate": (
        ("autopsy_only", "basis_of_diagnosis"),
        lambda cases: _at_autopsy(cases) & _by_certificate(cases),
    ),
    "relapse_dated": (
        ("relapse",),
        lambda cases: (
            _is(cases, "relapse", "yes") & ~_filled(cases, "relapse_date", "relapse_days")
        ),
    ),
    "relapse_said": (
        ("relapse",),
        lambda cases: _is(cases, "relapse", "no") & _filled(cases, "relapse_date", "relapse_days"),
    ),
    "person_birth": (("person_id", "birth_date"), _differs_within_person("birth_date")),
    "person_sex": (("person_id", "sex"), _differs_within_person("sex")),
    "person_status": (
        ("person_id", "vital_status"),
        _differs_within_person("vital_status", "last_contact_date"),
    ),
    "diagnosed_after_death": (
        ("person_id", "vital_status", "diagnosis_date", "last_contact_date"),
        _diagnosed_after_death,
    ),
    "duplicate_row": (("case_id", "person_id"), _same_row),
    "duplicate_tumour": (("person_id", "topography", "morphology"), _same_tumour),
    "possible_same_person": (("person_id", *SAME_PERSON), _same_person),
}
