"""The data contract: what a table of cases, population, life table or counts must hold.

One description of each column validates an extract and writes the data dictionary
(``docs/data-dictionary.md``), so that the two cannot differ.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import InputError
from analysis.register.coercion import coerce_column
from analysis.register.faults import Fault, broken_rules, fault_in
from analysis.terms import BASIS_OF_DIAGNOSIS, SEXES, VITAL_STATUS, YES_NO

OLDEST_AGE = 120
ONE_ROW = "case_id: must be on one row only"


def _text(description: str, pattern: str = r".+", must: str = "must be filled text", **options) -> pa.Column:
    check = pa.Check.str_matches(rf"^(?:{pattern})$", error=must)
    return _column("text", description, check, must, **options)


def _code(description: str, codes: tuple, **options) -> pa.Column:
    values = ", ".join(str(code) for code in codes)
    kind = "text" if isinstance(codes[0], str) else "whole"
    return _column(kind, description, pa.Check.isin(codes, error=f"must be one of {values}"), values, **options)


def _date(description: str, **options) -> pa.Column:
    check = pa.Check.in_range(pd.Timestamp("1850-01-01"), pd.Timestamp("2100-01-01"), error="must lie in 1850–2099")
    return _column("date", description, check, "date, YYYY-MM-DD", **options)


def _number(description: str, lowest: float, highest: float, kind: str = "whole", **options) -> pa.Column:
    span = f"from {lowest:g}" + (f" to {highest:g}" if highest != float("inf") else "")
    check = pa.Check.in_range(lowest, highest, error=f"must be a {kind} number {span}")
    return _column(kind, description, check, f"{kind} number {span}", **options)


def _column(kind: str, description: str, check: pa.Check, values: str, required: bool = False) -> pa.Column:
    return pa.Column(
        None,
        check,
        nullable=not required,
        required=required,
        description=description,
        metadata={"kind": kind, "values": values},
    )


def _rule(error: str, *columns: str, holds: Callable[[pd.DataFrame], pd.Series]) -> pa.Check:
    """A rule over several columns; it speaks only where all of them are filled."""

    def check(frame: pd.DataFrame) -> pd.Series:
        if any(column not in frame for column in columns):
            return pd.Series(True, index=frame.index)
        return holds(frame).fillna(True).astype(bool) | frame[list(columns)].isna().any(axis=1)

    return pa.Check(check, error=error, ignore_na=False)


def _either(error: str, *choices: str) -> pa.Check:
    """At least one of these columns is filled in every row."""

    def check(frame: pd.DataFrame) -> pd.Series:
        present = [column for column in choices if column in frame]
        return frame[present].notna().any(axis=1) if present else pd.Series(False, index=frame.index)

    return pa.Check(check, error=error, ignore_na=False)


def _ordered(earlier: str, later: str) -> pa.Check:
    return _rule(
        f"{later} must not be before {earlier}", earlier, later, holds=lambda frame: frame[later] >= frame[earlier]
    )


_COUNTRY = _text("Country, ISO 3166 alpha-2", r"[A-Z]{2}", "must be two capital letters (ISO 3166)", required=True)
_REGION = _text("Region of residence at diagnosis, as the registry names it")
_SEX = _code("Sex", SEXES)
_AGE_GROUP = _text(
    "Age group in completed years, first and last age", r"\d{1,3}([-–]\d{1,3})?", "must be an age span such as 0-4"
)
_PERIOD = _text("Calendar period, where the source gives no year", r"\d{4}[-–]\d{4}", "must be years such as 2008-2012")
_YEAR = _number("Calendar year", 1900, 2099)

CASES = pa.DataFrameSchema(
    {
        "case_id": _text("Tumour, one row each; no other row has it", required=True),
        "person_id": _text("Pseudonym of the child; two tumours of one child share it", required=True),
        "country": _COUNTRY,
        "region": _REGION,
        "hospital": _text("Treating hospital"),
        "sex": _SEX,
        "birth_date": _date("Date of birth"),
        "diagnosis_date": _date("Date of diagnosis (incidence date)"),
        "registration_date": _date("Date on which the tumour first reached the registry"),
        "last_contact_date": _date("Date of death, emigration or last known to be alive"),
        "year": _number("Year of diagnosis, where the full date is not sent", 1900, 2099),
        "period": _PERIOD,
        "age_at_diagnosis": _number("Completed years at diagnosis, where dates are not sent", 0, OLDEST_AGE),
        "age_at_diagnosis_days": _number("Days from birth to diagnosis, where dates are not sent", 0, 366 * OLDEST_AGE),
        "follow_up_days": _number("Days from diagnosis to last contact, where dates are not sent", 0, 366 * 120),
        "vital_status": _code("Status at last contact; lost = emigrated or lost to follow-up", VITAL_STATUS),
        "cause_of_death": _code("Cause of death", ("cancer", "other", "unknown")),
        "topography": _text(
            "ICD-O-3 topography", r"C[0-8]\d\.\d", "must be an ICD-O-3 site, C00.0–C80.9", required=True
        ),
        "morphology": _text(
            "ICD-O-3 morphology", r"[89]\d{3}", "must be an ICD-O-3 morphology, 8000–9999", required=True
        ),
        "behaviour": _code("ICD-O-3 behaviour", (0, 1, 2, 3), required=True),
        "basis_of_diagnosis": _code("Basis of diagnosis (ENCR)", BASIS_OF_DIAGNOSIS),
        "stage": _text("Stage by the Toronto guidelines, as coded for the cancer"),
        "laterality": _code("Laterality", ("left", "right", "bilateral", "unilateral", "none", "unknown")),
        "grade": _text("ICD-O-3 grade or lineage", r"[1-9]", "must be one digit 1–9"),
        "autopsy_only": _code("Found at autopsy only", YES_NO),
        "surgery": _code("Surgery in primary treatment", YES_NO),
        "chemotherapy": _code("Chemotherapy in primary treatment", YES_NO),
        "radiotherapy": _code("Radiotherapy in primary treatment", YES_NO),
        "mdt_meeting": _code("Discussed in a multidisciplinary team meeting before treatment", YES_NO),
        "study_protocol": _code("Treated in a study protocol", YES_NO),
        "relapse": _code("Relapse or progression after first treatment", YES_NO),
        "relapse_date": _date("Date of the first relapse"),
        "relapse_days": _number("Days from diagnosis to the first relapse, where dates are not sent", 0, 366 * 120),
    },
    checks=[
        _rule(
            ONE_ROW,
            "case_id",
            holds=lambda frame: ~frame["case_id"].duplicated(keep=False),
        ),
        _ordered("birth_date", "diagnosis_date"),
        _ordered("diagnosis_date", "last_contact_date"),
        _ordered("diagnosis_date", "relapse_date"),
        _ordered("diagnosis_date", "registration_date"),
        _rule(
            "year must be the year of diagnosis_date",
            "year",
            "diagnosis_date",
            holds=lambda frame: frame["year"] == frame["diagnosis_date"].dt.year,
        ),
    ],
    name="cases",
)

POPULATION = pa.DataFrameSchema(
    {
        "country": _COUNTRY,
        "region": _REGION,
        "year": _number("Calendar year", 1900, 2099, required=True),
        "sex": _code("Sex", SEXES, required=True),
        "age": _number("Completed years of age", 0, OLDEST_AGE),
        "age_group": _AGE_GROUP,
        "persons": _number("Mean population of the year", 0, float("inf"), kind="decimal", required=True),
    },
    checks=[_either("age or age_group must be filled", "age", "age_group")],
    name="population",
)

LIFE_TABLE = pa.DataFrameSchema(
    {
        "country": _COUNTRY,
        "year": _YEAR,
        "period": _PERIOD,
        "sex": _code("Sex", SEXES, required=True),
        "age": _number("Completed years of age", 0, OLDEST_AGE, required=True),
        "mortality_rate": _number("Deaths per person-year", 0, 10, kind="decimal", required=True),
    },
    checks=[_either("year or period must be filled", "year", "period")],
    name="life table",
)

COUNTS = pa.DataFrameSchema(
    {
        "country": _COUNTRY,
        "region": _REGION,
        "year": _YEAR,
        "period": _PERIOD,
        "sex": _code("Sex", SEXES, required=True),
        "age_group": _text(_AGE_GROUP.description, r"\d{1,3}([-–]\d{1,3})?", "must be an age span", required=True),
        "iccc3_group": _text("ICCC-3 main group, I to XII", r"[IVX]+", "must be a Roman numeral I–XII"),
        "site": _text("Cancer as the source groups it, where it does not give ICCC-3"),
        "cases": _number("Registered tumours in the stratum", 0, float("inf"), required=True),
        "person_years": _number("Person-years in the stratum", 0, float("inf"), kind="decimal", required=True),
    },
    checks=[_either("year or period must be filled", "year", "period")],
    name="counts",
)

SCHEMAS = {"cases": CASES, "population": POPULATION, "life_table": LIFE_TABLE, "counts": COUNTS}


def validate_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Check a table of cases (one row a tumour) and return it with its columns typed.

    Columns of the contract are read and typed (dates, whole numbers, text); others are left out.

    Parameters
    ----------
    cases
        Columns by the names of the data dictionary; ISO dates may be text.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order, columns in the dictionary's order.

    Raises
    ------
    InputError
        Listing every fault: column, what must hold, how many rows, which first.

    Examples
    --------
    >>> validate_cases(pd.DataFrame({"case_id": ["1"], "behaviour": [7]}))
    Traceback (most recent call last):
    ...
    analysis.errors.InputError: cases: 5 faults
      - person_id: is required and absent
      - country: is required and absent
      - topography: is required and absent
      - morphology: is required and absent
      - behaviour: must be one of 0, 1, 2, 3; does not hold in 1 row (1)
    """
    return _raise_faults("cases", *find_faults(cases, "cases"))


def validate_population(population: pd.DataFrame) -> pd.DataFrame:
    """Check a population table (persons by country, year, sex and age); see `validate_cases`."""
    return _raise_faults("population", *find_faults(population, "population"))


def validate_life_table(life_table: pd.DataFrame) -> pd.DataFrame:
    """Check a life table (yearly mortality rate by country, year, sex and age); see `validate_cases`."""
    return _raise_faults("life table", *find_faults(life_table, "life_table"))


def validate_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Check a table of counts (cases and person-years by stratum); see `validate_cases`."""
    return _raise_faults("counts", *find_faults(counts, "counts"))


def find_faults(frame: pd.DataFrame, table: str, rows: np.ndarray | None = None) -> tuple[pd.DataFrame, list[Fault]]:
    """Type the columns of one of the four tables and list its faults, none raised.

    Parameters
    ----------
    frame
        Any index.
    table
        ``"cases"``, ``"population"``, ``"life_table"`` or ``"counts"``.
    rows
        The row number of each row in its source; counted from 1 when not given.
    """
    schema = SCHEMAS[table]
    rows = np.arange(1, len(frame) + 1) if rows is None else rows
    if frame.empty:
        return frame, [Fault("has no rows")]
    faults = [
        absent_fault(name) for name, column in schema.columns.items() if column.required and name not in frame.columns
    ]
    typed = {}
    for name in (name for name in schema.columns if name in frame.columns):
        typed[name], found = _typed_column(frame[name], schema.columns[name], name, rows)
        faults += found
    whole = pd.DataFrame(typed, index=pd.RangeIndex(len(frame)))
    return whole, faults + broken_rules(whole, schema.checks, rows)


def _typed_column(cells: pd.Series, column: pa.Column, name: str, rows: np.ndarray) -> tuple[pd.Series, list[Fault]]:
    """One column typed, and its faults: what has not its type, what is not allowed, what is not filled."""
    kind, check = column.metadata["kind"], column.checks[0]
    typed, untyped, refused = coerce_column(
        cells, kind, name, lambda levels: check(levels).check_output.to_numpy(dtype=bool)
    )
    empty = np.setdiff1d(np.flatnonzero(typed.isna()), untyped) if column.required else []
    return typed.reset_index(drop=True), [
        *fault_in(f"{name}: {check.error}; does not hold in", rows[refused]),
        *fault_in(f"{name}: must be filled; does not hold in", rows[empty] if len(empty) else []),
        *fault_in(f"{name}: must be {_KINDS[kind]}; is not in", rows[untyped]),
    ]


def absent_fault(column: str) -> Fault:
    """What is said of a required column that is not there."""
    return Fault(f"{column}: is required and absent")


_KINDS = {"text": "text", "date": "a date (YYYY-MM-DD)", "whole": "a whole number", "decimal": "a number"}


def _raise_faults(what: str, frame: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    if faults:
        raise InputError(what, [fault.told() for fault in faults])
    return frame
