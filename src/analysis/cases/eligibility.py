"""Who is counted: named criteria, and the flow of those who are not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from numbers import Integral

import pandas as pd

from analysis.calendar import iso_day
from analysis.cases.followup import require_outcome
from analysis.errors import InputError
from analysis.strata import require_columns
from analysis.terms import COUNTRIES, DEATH_CERTIFICATE_ONLY, ICCC3_GROUPS, is_count_table

REGISTERED = "registered"
OPTED_OUT = "opted_out"
COUNTRY_CODE = r"[A-Z]{2}"
# As in the data contract; years beyond them are a slip of the keyboard, not a limit.
AGES, CALENDAR_YEARS = (0, 120), (1900, 2099)


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
    cases: pd.DataFrame, criteria: Sequence[Criterion], *, opted_out: int | None = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the tumours that meet every criterion, and say how many leave at each.

    Parameters
    ----------
    cases
        One row a tumour, or a table of counts.
    criteria
        In the order in which they are applied; a tumour leaves at the first that it does not meet.

    opted_out
        Tumours of persons who have opted out, whom intake left out (``analysis.register.read_opted_out``); None where
        they are too few to be told. Give it where a flow begins with all registered cases.

    Returns
    -------
    tuple
        The eligible cases, and the inclusion flow: ``criterion left_out remaining``, its first row
        ``registered``. ``left_out`` and the last ``remaining`` add up to those registered. Where persons
        have opted out, the second row is ``opted_out``, and those registered are counted with them; too few to be told,
        they are counted nowhere and their ``left_out`` is missing.

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
    flow = _start(remaining, opted_out)
    for criterion in criteria:
        applies = not is_count_table(cases) or set(criterion.reads) <= set(cases.columns)
        if applies:
            require_columns(cases, criterion.reads)
            cases = cases[criterion.keeps(cases).fillna(False).astype(bool)]
        flow.append((criterion.name, remaining - _tumours(cases), _tumours(cases)))
        remaining = _tumours(cases)
    return cases.reset_index(drop=True), pd.DataFrame(
        flow, columns=["criterion", "left_out", "remaining"]
    )


def _start(remaining: int, opted_out: int | None) -> list[tuple[str, int | None, int]]:
    if opted_out == 0:
        return [(REGISTERED, 0, remaining)]
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

    Where an extract says of children that they were not ``resident`` there, they leave; where it says nothing,
    the registry has made the choice.

    Raises
    ------
    InputError
        A single string, or a country that is not written as ISO 3166 does: ``["Norway"]``.
    """
    if isinstance(countries, str):
        # Each letter would be taken for a country, and nobody would be left.
        rule = f'countries: must be a list of countries; write countries=["{countries}"]'
        raise InputError("argument", [rule])
    unknown = [country for country in countries if not re.fullmatch(COUNTRY_CODE, str(country))]
    if unknown:
        named = ", ".join(map(repr, unknown))
        known = ", ".join(COUNTRIES)
        rule = f"countries: must be two capital letters as in {known} (ISO 3166); not {named}"
        raise InputError("argument", [rule])
    return Criterion(
        "in_countries",
        ("country",),
        lambda cases: cases["country"].isin(list(countries)) & ~_equals(cases, "resident", "no"),
    )


def age_below(limit: int) -> Criterion:
    """Younger than ``limit`` in completed years; an age group must end below it."""
    _require_years("limit", limit, AGES)

    def keeps(cases: pd.DataFrame) -> pd.Series:
        for age in ("age_at_diagnosis", "age"):
            # A registry may send the column empty beside age groups that are filled.
            if age in cases and (cases[age].notna().any() or "age_group" not in cases):
                return cases[age] < limit
        require_columns(cases, ["age_group"])
        oldest = cases["age_group"].astype(str).str.extract(r"(\d+)$", expand=False)
        return oldest.astype("Int64") < limit

    return Criterion(f"age_below_{limit}", (), keeps)


def age_from(first: int) -> Criterion:
    """Diagnosed on the birthday ``first`` or later."""
    _require_years("first", first, AGES)
    return Criterion(
        f"age_from_{first}", ("age_at_diagnosis",), lambda cases: cases["age_at_diagnosis"] >= first
    )


def diagnosed_between(first_year: int | None, last_year: int | None) -> Criterion:
    """Diagnosed in these calendar years, both included; None for no limit.

    Raises
    ------
    InputError
        What is no calendar year of four digits, or a last year before the first.
    """
    for name, year in (("first_year", first_year), ("last_year", last_year)):
        if year is not None:
            _require_years(name, year, CALENDAR_YEARS)
    first = CALENDAR_YEARS[0] if first_year is None else first_year
    last = CALENDAR_YEARS[1] if last_year is None else last_year
    if last < first:
        rule = f"last_year: must not be before first_year; {last} is before {first}"
        raise InputError("argument", [rule])

    def keeps(cases: pd.DataFrame) -> pd.Series:
        if first_year is None and last_year is None:
            # All are kept, those without a year of diagnosis too.
            return pd.Series(True, index=cases.index)
        if "year" not in cases and "period" in cases:
            # A period counts when it lies within the years as a whole: its cases cannot be divided.
            years = cases["period"].astype(str).str.extract(r"^(\d{4}).(\d{4})$").astype("Int64")
            return (years[0] >= first) & (years[1] <= last)
        require_columns(cases, ["year"])
        return cases["year"].between(first, last)

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
    """In one ICCC-3 main group ("III").

    Raises
    ------
    InputError
        The classification has no such main group: ``"Ia"``, ``"XIV"``.
    """
    if group not in ICCC3_GROUPS:
        known = ", ".join(ICCC3_GROUPS)
        rule = f"group: {group!r} is no ICCC-3 main group; choose one of {known}"
        raise InputError("argument", [rule])
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


def followed_up(closing_date: str | date | None = None, outcome: str = "death") -> Criterion:
    """Diagnosed by the closing date, with a known outcome and a known end of follow-up.

    Parameters
    ----------
    closing_date
        ISO date on which follow-up ends; None where the source has closed it.
    outcome
        ``"death"`` or ``"relapse"``.

    Raises
    ------
    InputError
        A closing date that is no ISO date, or an outcome that is not known.
    """
    closing = iso_day("closing_date", closing_date)
    require_outcome(outcome)
    status = "vital_status" if outcome == "death" else "relapse"

    def keeps(cases: pd.DataFrame) -> pd.Series:
        dated = _filled(cases, "diagnosis_date") & _filled(cases, "last_contact_date")
        followed = dated | _filled(cases, "follow_up_days")
        followed &= _filled(cases, status) & ~_equals(cases, status, "unknown")
        if closing is not None and "diagnosis_date" in cases:
            followed &= ~(cases["diagnosis_date"] > closing)
        return followed

    return Criterion("followed_up", (), keeps)


def _require_years(argument: str, years: object, limits: tuple[int, int]) -> None:
    whole = isinstance(years, Integral) and not isinstance(years, bool)
    if not (whole and limits[0] <= years <= limits[1]):
        rule = f"{argument}: must be a whole number from {limits[0]} to {limits[1]}; is {years!r}"
        raise InputError("argument", [rule])


def _filled(cases: pd.DataFrame, column: str) -> pd.Series:
    return cases[column].notna() if column in cases else pd.Series(False, index=cases.index)


def _equals(cases: pd.DataFrame, column: str, value: object) -> pd.Series:
    if column not in cases:
        return pd.Series(False, index=cases.index)
    return (cases[column] == value).fillna(False).astype(bool)
