"""Who is counted: named criteria, and the flow of those who are not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.strata import require_columns
from analysis.terms import DEATH_CERTIFICATE_ONLY, is_count_table

REGISTERED = "registered"
OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Criterion:
    """One reason to count a tumour.

    Attributes
    ----------
    name
        Key of its label (``criterion.<name>``).
    reads
        Columns that it reads. A table of counts that lacks them is taken as its source made it.
    keeps
        From the rows to whether each is kept; a missing value keeps nothing.
    """

    name: str
    reads: tuple[str, ...]
    keeps: Callable[[pd.DataFrame], pd.Series]


def select_eligible(
    cases: pd.DataFrame, criteria: Sequence[Criterion]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the tumours that meet every criterion, and say how many leave at each.

    Parameters
    ----------
    cases
        One row a tumour, or a table of counts.
    criteria
        In the order in which they are applied; a tumour leaves at the first that it does not meet.

    Returns
    -------
    tuple
        The eligible cases, and the inclusion flow: ``criterion left_out remaining``, its first row
        ``registered``. ``left_out`` and the last ``remaining`` add up to those registered. Where intake
        left out persons who have opted out (``attrs["opted_out"]``), the second row is ``opted_out``, and
        those registered are counted with them; too few to be told (None), they are counted nowhere and
        their ``left_out`` is missing.

    Raises
    ------
    MissingStepError
        A criterion reads a column that no step has added yet.

    Examples
    --------
    >>> children = pd.DataFrame({"age_at_diagnosis": [3, 17, 21]})
    >>> eligible, flow = select_eligible(children, [age_below(18)])
    >>> flow.values.tolist()
    [['registered', 0, 3], ['age_below_18', 1, 2]]
    """
    remaining = _tumours(cases)
    flow = _start(cases.attrs, remaining)
    for criterion in criteria:
        applies = not is_count_table(cases) or set(criterion.reads) <= set(cases.columns)
        if applies:
            require_columns(cases, criterion.reads)
            cases = cases[criterion.keeps(cases).fillna(False).astype(bool)]
        flow.append((criterion.name, remaining - _tumours(cases), _tumours(cases)))
        remaining = _tumours(cases)
    # Who opted out is counted once: what is selected from the eligible does not begin with them again.
    eligible = cases.reset_index(drop=True)
    eligible.attrs = {name: value for name, value in cases.attrs.items() if name != OPTED_OUT}
    return eligible, pd.DataFrame(flow, columns=["criterion", "left_out", "remaining"])


def _start(known: Mapping, remaining: int) -> list[tuple[str, int | None, int]]:
    if OPTED_OUT not in known:
        return [(REGISTERED, 0, remaining)]
    opted_out = known[OPTED_OUT]
    return [(REGISTERED, 0, remaining + (opted_out or 0)), (OPTED_OUT, opted_out, remaining)]


def select_population(population: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """The population in which the eligible cases arose: the same criteria, so that the denominator fits.

    Parameters
    ----------
    population
        Persons or person-years by country, year or period, sex and age or age group.
    criteria
        Those of the cases that concern persons: `in_countries`, `diagnosed_between`, `age_below`.

    Examples
    --------
    >>> population = pd.DataFrame({"country": ["NO", "SE"], "age": [3, 3], "persons": [60_000, 110_000]})
    >>> select_population(population, [in_countries(["NO"]), age_below(15)])["persons"].tolist()
    [60000]
    """
    return select_eligible(population, criteria)[0]


def _tumours(cases: pd.DataFrame) -> int:
    return int(cases["cases"].sum()) if is_count_table(cases) else len(cases)


def in_countries(countries: Sequence[str]) -> Criterion:
    """Resident in one of these countries (ISO alpha-2) at diagnosis.

    Where an extract says of a child that she was not ``resident`` there, she leaves; where it says nothing,
    the registry has made the choice.
    """
    return Criterion(
        "in_countries",
        ("country",),
        lambda cases: cases["country"].isin(list(countries)) & ~_equals(cases, "resident", "no"),
    )


def age_below(limit: int) -> Criterion:
    """Younger than ``limit`` in completed years; an age group must end below it."""

    def keeps(cases: pd.DataFrame) -> pd.Series:
        for age in ("age_at_diagnosis", "age"):
            if age in cases and (cases[age].notna().any() or "age_group" not in cases):
                return cases[age] < limit
        require_columns(cases, ["age_group"])
        return (
            cases["age_group"].astype(str).str.extract(r"(\d+)$", expand=False).astype("Int64")
            < limit
        )

    return Criterion(f"age_below_{limit}", (), keeps)


def age_from(first: int) -> Criterion:
    """Diagnosed on the birthday ``first`` or later."""
    return Criterion(
        f"age_from_{first}", ("age_at_diagnosis",), lambda cases: cases["age_at_diagnosis"] >= first
    )


def diagnosed_between(first_year: int, last_year: int) -> Criterion:
    """Diagnosed in these calendar years, both included; 0 for no limit."""
    last = last_year or 9999

    def keeps(cases: pd.DataFrame) -> pd.Series:
        if not first_year and not last_year:
            return pd.Series(True, index=cases.index)
        if "year" not in cases and "period" in cases:
            years = cases["period"].astype(str).str.extract(r"^(\d{4}).(\d{4})$").astype("Int64")
            return (years[0] >= first_year) & (years[1] <= last)
        require_columns(cases, ["year"])
        return cases["year"].between(first_year, last)

    return Criterion("diagnosed_between", (), keeps)


def counted_tumour(non_malignant_cns: bool = True) -> Criterion:
    """A tumour that ICCC-3 takes; without the non-malignant ones of the central nervous system on request."""
    if non_malignant_cns:
        return Criterion(
            "counted_tumour", ("iccc3_group",), lambda cases: cases["iccc3_group"].notna()
        )
    return Criterion(
        "malignant_tumour",
        ("iccc3_group", "behaviour"),
        lambda cases: cases["iccc3_group"].notna() & (cases["behaviour"] == 3),
    )


def in_group(group: str) -> Criterion:
    """In one ICCC-3 main group ("III")."""
    return Criterion("in_group", ("iccc3_group",), lambda cases: cases["iccc3_group"] == group)


def not_death_certificate_only() -> Criterion:
    """Known from more than a death certificate: such a case has no survival time."""
    return Criterion(
        "not_death_certificate_only",
        (),
        lambda cases: ~_equals(cases, "basis_of_diagnosis", DEATH_CERTIFICATE_ONLY),
    )


def not_autopsy_only() -> Criterion:
    """Not found at autopsy only: such a case has no survival time."""
    return Criterion("not_autopsy_only", (), lambda cases: ~_equals(cases, "autopsy_only", "yes"))


def first_primary() -> Criterion:
    """The child's first tumour: survival is counted once a child."""
    return Criterion(
        "first_primary", ("tumour_sequence",), lambda cases: cases["tumour_sequence"] == 1
    )


def followed_up(closing_date: str = "", outcome: str = "death") -> Criterion:
    """Diagnosed by the closing date, with a known outcome and a known end of follow-up."""

    def keeps(cases: pd.DataFrame) -> pd.Series:
        dated = _filled(cases, "diagnosis_date") & _filled(cases, "last_contact_date")
        known = dated | _filled(cases, "follow_up_days")
        status = "vital_status" if outcome == "death" else "relapse"
        known &= _filled(cases, status) & ~_equals(cases, status, "unknown")
        if closing_date and "diagnosis_date" in cases:
            known &= ~(cases["diagnosis_date"] > pd.Timestamp(closing_date))
        return known

    return Criterion("followed_up", (), keeps)


def _filled(cases: pd.DataFrame, column: str) -> pd.Series:
    return cases[column].notna() if column in cases else pd.Series(False, index=cases.index)


def _equals(cases: pd.DataFrame, column: str, value: object) -> pd.Series:
    if column not in cases:
        return pd.Series(False, index=cases.index)
    return (cases[column] == value).fillna(False).astype(bool)
