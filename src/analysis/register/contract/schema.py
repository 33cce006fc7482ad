"""The data contract: what a table of cases, population, life table or counts must hold.

One description of each column validates an extract and writes the data dictionary
(``docs/data-dictionary.md``), so that the two cannot differ.
"""

import pandera.pandas as pa

from analysis.register.contract.fields import code, day, either, number, ordered, rule, text
from analysis.terms import BASIS_OF_DIAGNOSIS, SEXES, VITAL_STATUS, YES_NO

OLDEST_AGE = 120
ONE_ROW = "case_id: must be on one row only"


_COUNTRY = text(
    "Country, ISO 3166 alpha-2",
    r"[A-Z]{2}",
    "must be two capital letters (ISO 3166)",
    required=True,
)
_REGION = text("Region of residence at diagnosis, as the registry names it")
_SEX = code("Sex", SEXES)
_AGE_GROUP = text(
    "Age group in completed years, first and last age",
    r"\d{1,3}([-–]\d{1,3})?",
    "must be an age span such as 0-4",
)
_PERIOD = text(
    "Calendar period, where the source gives no year",
    r"\d{4}[-–]\d{4}",
    "must be years such as 2008-2012",
)
_YEAR = number("Calendar year", 1900, 2099)

CASES = pa.DataFrameSchema(
    {
        "case_id": text("Tumour, one row each; no other row has it", required=True),
        "person_id": text(
            "Pseudonym of the child; two tumours of one child share it", required=True
        ),
        "country": _COUNTRY,
        "region": _REGION,
        "resident": code("Resident in the country at diagnosis", YES_NO),
        "hospital": text("Treating hospital"),
        "sex": _SEX,
        "birth_date": day("Date of birth"),
        "diagnosis_date": day("Date of diagnosis (incidence date)"),
        "registration_date": day("Date on which the tumour first reached the registry"),
        "last_contact_date": day("Date of death, emigration or last known to be alive"),
        "year": number("Year of diagnosis, where the full date is not sent", 1900, 2099),
        "period": _PERIOD,
        "age_at_diagnosis": number(
            "Completed years at diagnosis, where dates are not sent", 0, OLDEST_AGE
        ),
        "age_at_diagnosis_days": number(
            "Days from birth to diagnosis, where dates are not sent", 0, 366 * OLDEST_AGE
        ),
        "follow_up_days": number(
            "Days from diagnosis to last contact, where dates are not sent", 0, 366 * 120
        ),
        "vital_status": code(
            "Status at last contact; lost = emigrated or lost to follow-up", VITAL_STATUS
        ),
        "cause_of_death": code("Cause of death", ("cancer", "other", "unknown")),
        "topography": text(
            "ICD-O-3 topography",
            r"C[0-8]\d\.\d",
            "must be an ICD-O-3 site, C00.0–C80.9",
            required=True,
        ),
        "morphology": text(
            "ICD-O-3 morphology",
            r"[89]\d{3}",
            "must be an ICD-O-3 morphology, 8000–9999",
            required=True,
        ),
        "behaviour": code("ICD-O-3 behaviour", (0, 1, 2, 3), required=True),
        "basis_of_diagnosis": code("Basis of diagnosis (ENCR)", BASIS_OF_DIAGNOSIS),
        "stage": text("Stage by the Toronto guidelines, as coded for the cancer"),
        "laterality": code(
            "Laterality", ("left", "right", "bilateral", "unilateral", "none", "unknown")
        ),
        "grade": text("ICD-O-3 grade or lineage", r"[1-9]", "must be one digit 1–9"),
        "autopsy_only": code("Found at autopsy only", YES_NO),
        "surgery": code("Surgery in primary treatment", YES_NO),
        "chemotherapy": code("Chemotherapy in primary treatment", YES_NO),
        "radiotherapy": code("Radiotherapy in primary treatment", YES_NO),
        "mdt_meeting": code(
            "Discussed in a multidisciplinary team meeting before treatment", YES_NO
        ),
        "study_protocol": code("Treated in a study protocol", YES_NO),
        "relapse": code("Relapse or progression after first treatment", YES_NO),
        "relapse_date": day("Date of the first relapse"),
        "relapse_days": number(
            "Days from diagnosis to the first relapse, where dates are not sent", 0, 366 * 120
        ),
    },
    checks=[
        rule(
            ONE_ROW,
            "case_id",
            holds=lambda frame: ~frame["case_id"].duplicated(keep=False),
        ),
        ordered("birth_date", "diagnosis_date"),
        ordered("diagnosis_date", "last_contact_date"),
        ordered("diagnosis_date", "relapse_date"),
        ordered("diagnosis_date", "registration_date"),
        rule(
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
        "year": number("Calendar year", 1900, 2099, required=True),
        "sex": code("Sex", SEXES, required=True),
        "age": number("Completed years of age", 0, OLDEST_AGE),
        "age_group": _AGE_GROUP,
        "persons": number(
            "Mean population of the year", 0, float("inf"), kind="decimal", required=True
        ),
    },
    checks=[either("age or age_group must be filled", "age", "age_group")],
    name="population",
)

LIFE_TABLE = pa.DataFrameSchema(
    {
        "country": _COUNTRY,
        "year": _YEAR,
        "period": _PERIOD,
        "sex": code("Sex", SEXES, required=True),
        "age": number("Completed years of age", 0, OLDEST_AGE, required=True),
        "mortality_rate": number("Deaths per person-year", 0, 10, kind="decimal", required=True),
    },
    checks=[either("year or period must be filled", "year", "period")],
    name="life table",
)

COUNTS = pa.DataFrameSchema(
    {
        "country": _COUNTRY,
        "region": _REGION,
        "year": _YEAR,
        "period": _PERIOD,
        "sex": code("Sex", SEXES, required=True),
        "age_group": text(
            _AGE_GROUP.description, r"\d{1,3}([-–]\d{1,3})?", "must be an age span", required=True
        ),
        "iccc3_group": text(
            "ICCC-3 main group, I to XII", r"[IVX]+", "must be a Roman numeral I–XII"
        ),
        "site": text("Cancer as the source groups it, where it does not give ICCC-3"),
        "cases": number("Registered tumours in the stratum", 0, float("inf"), required=True),
        "person_years": number(
            "Person-years in the stratum", 0, float("inf"), kind="decimal", required=True
        ),
    },
    checks=[either("year or period must be filled", "year", "period")],
    name="counts",
)

SCHEMAS = {"cases": CASES, "population": POPULATION, "life_table": LIFE_TABLE, "counts": COUNTS}
