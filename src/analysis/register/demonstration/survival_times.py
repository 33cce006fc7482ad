"""How it goes: death of the disease, death of other causes, emigration, second primaries.

A mixture: a share of the children dies of the disease after a log-normal time, the others are
cured, so that the curves level off as real ones do. The share is set so that survival five years
after diagnosis is that of ``demonstration/survival.csv``.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.calendar import completed_years
from analysis.register.demonstration.incidence import ADOLESCENT
from analysis.register.demonstration.population import (
    AGE_LIMIT,
    FIRST_YEAR,
    LAST_YEAR,
    OLDEST_AGE,
    YEARS,
    read_demonstration,
)
from analysis.terms import DAYS_PER_YEAR

CLOSING_DATE = pd.Timestamp(LAST_YEAR, 12, 31)
SPREAD = 0.9  # standard deviation of the logarithm of the time to death of the disease
LARGEST_FATAL_SHARE = 0.98
EMIGRATION_RATE = 0.001  # per person-year
# Shares of the deaths of the disease that were known from the death certificate alone, or at autopsy.
CERTIFICATE_ONLY, AUTOPSY_ONLY = 0.006, 0.004
TREATMENT_DEATH, UNKNOWN_CAUSE = 0.04, 0.02
NO_FOLLOW_UP = 0.0007
SECOND_PRIMARY = 0.011  # of the children who have a year and more before the age limit
FIRST_DAYS_WITHOUT = 365
# A tumour in the last month before death or emigration would hardly have been diagnosed.
LAST_DAYS_WITHOUT = 30
DAYS_TO_AGE_LIMIT = int(AGE_LIMIT * DAYS_PER_YEAR) - 1
OF_THE_CHILD = [
    "person_id",
    "country",
    "region",
    "sex",
    "birth_date",
    "last_contact_date",
    "vital_status",
    "cause_of_death",
    "autopsy_only",
]


def add_fate(
    children: pd.DataFrame, life_table: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Follow every child to death, emigration or the closing date.

    Reads ``subgroup country sex year age stage_risk diagnosis_date``; adds ``last_contact_date``,
    ``vital_status``, ``cause_of_death``, ``autopsy_only``, and for the steps after it
    ``certificate_only`` and ``disease_days`` (infinite where the tumour is not fatal).
    """
    disease = _disease_days(children, rng)
    background = _background_days(children, life_table, rng)
    emigration = rng.exponential(DAYS_PER_YEAR / EMIGRATION_RATE, len(children))
    days, status = _end_of_follow_up(children, np.minimum(disease, background), emigration)
    dead = status == "dead"
    of_disease = dead & (disease <= background)
    by_certificate, at_autopsy = _found_after_death(of_disease, rng)
    no_follow_up = (status == "alive") & (rng.random(len(children)) < NO_FOLLOW_UP)
    followed = pd.to_timedelta(
        np.where(by_certificate | at_autopsy | no_follow_up, 0, days), unit="D"
    )
    return children.assign(
        last_contact_date=children["diagnosis_date"] + followed,
        vital_status=np.where(no_follow_up, "unknown", status).astype(object),
        cause_of_death=_cause_of_death(dead, of_disease, rng),
        certificate_only=by_certificate,
        autopsy_only=np.where(at_autopsy, "yes", "no").astype(object),
        disease_days=disease,
    )


def _end_of_follow_up(
    children: pd.DataFrame, death: np.ndarray, emigration: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole days to what ends follow-up first, and the status then."""
    death, emigration = np.floor(death), np.floor(emigration)
    closing = (CLOSING_DATE - children["diagnosis_date"]).dt.days.to_numpy()
    days = np.minimum(np.minimum(death, emigration), closing)
    # Death is asked about first: a death on the closing date is a death.
    return days, np.select([death == days, emigration == days], ["dead", "lost"], "alive")


def _found_after_death(
    of_disease: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Whose tumour is known from the death certificate alone, and whose from autopsy."""
    # One draw decides between the certificate, autopsy and neither, so that no child has both.
    discovery = np.where(of_disease, rng.random(len(of_disease)), 1.0)
    by_certificate = discovery < CERTIFICATE_ONLY
    return by_certificate, ~by_certificate & (discovery < CERTIFICATE_ONLY + AUTOPSY_ONLY)


def five_year_survival(children: pd.DataFrame) -> np.ndarray:
    """Disease-specific survival five years after diagnosis by subgroup, year, age and country."""
    survival = read_demonstration("survival").set_index("subgroup")
    columns = [column for column in survival.columns if column.startswith("survival_")]
    years = [int(column.removeprefix("survival_")) for column in columns]
    by_year = np.array([np.interp(YEARS, years, row) for row in survival[columns].to_numpy(float)])
    subgroup = survival.index.get_indexer(children["subgroup"])
    infants = survival["infant_hazard_ratio"].to_numpy()[subgroup]
    adolescents = survival["adolescent_hazard_ratio"].to_numpy()[subgroup]
    ages = [children["age"] == 0, children["age"] >= ADOLESCENT]
    hazard_ratio = np.select(ages, [infants, adolescents], 1.0)
    country = read_demonstration("countries").set_index("country")["disease_hazard_ratio"]
    hazard_ratio = hazard_ratio * children["country"].map(country)
    # A ratio of hazards is an exponent of survival.
    return by_year[subgroup, children["year"] - FIRST_YEAR] ** hazard_ratio


def draw_second_primaries(children: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Second tumours of a few children, a year or more after the first and below the age limit.

    The child keeps her birth, area, last contact and status; what was recorded of the first tumour is
    not carried over.
    """
    open_days = _days_open_to_a_second(children)
    chosen = (open_days > 0) & (rng.random(len(children)) < SECOND_PRIMARY)
    first = children[chosen]
    second = first[OF_THE_CHILD].copy()
    days = FIRST_DAYS_WITHOUT + np.floor(rng.random(len(second)) * open_days[chosen])
    second["diagnosis_date"] = first["diagnosis_date"] + pd.to_timedelta(days, unit="D")
    second["year"] = second["diagnosis_date"].dt.year
    second["age"] = completed_years(second["birth_date"], second["diagnosis_date"])
    kinds = read_demonstration("second_primaries")
    second["subgroup"] = rng.choice(kinds["subgroup"], len(second), p=kinds["share"])
    # A tumour of the first one's group would be its relapse.
    another = _main_group(second["subgroup"]) != _main_group(first["subgroup"])
    return second[another].assign(certificate_only=False, relapse="no")


def _days_open_to_a_second(children: pd.DataFrame) -> pd.Series:
    """Days on which a second tumour could be found; negative where there are none."""
    before_contact = children["last_contact_date"] - pd.Timedelta(days=LAST_DAYS_WITHOUT)
    before_limit = children["birth_date"] + pd.Timedelta(days=DAYS_TO_AGE_LIMIT)
    last_day = np.minimum(before_contact, before_limit)
    return (last_day - children["diagnosis_date"]).dt.days - FIRST_DAYS_WITHOUT


def _main_group(subgroup: pd.Series) -> pd.Series:
    return subgroup.str.partition("(")[0]


def _disease_days(children: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Days to death of the disease, infinite in the cured."""
    median = read_demonstration("survival").set_index("subgroup")["median_years_to_death"]
    median = children["subgroup"].map(median).to_numpy()
    dead_by_five = ndtr(np.log(5 / median) / SPREAD)
    # Survival at five years misses the deaths that come later: the share of all is larger.
    fatal_share = (1 - five_year_survival(children)) / dead_by_five * children["stage_risk"]
    fatal = _balanced_draw(np.minimum(fatal_share, LARGEST_FATAL_SHARE), rng)
    days = DAYS_PER_YEAR * median * np.exp(SPREAD * rng.standard_normal(len(children)))
    return np.where(fatal, days, np.inf)


def _balanced_draw(chance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Yes with each child's own chance; in any run of children as many as the chances add up to, but one.

    The children come by country and year, so that survival there follows ``survival.csv`` closely; by
    sex, region and subgroup it varies as independent draws would.
    """
    passed = np.floor(rng.random() + np.concatenate([[0.0], np.cumsum(chance)]))
    return np.diff(passed) > 0


def _background_days(
    children: pd.DataFrame, life_table: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Days to death at the life table's rates, infinite beyond the years of the demonstration."""
    hazard = _hazard_by_year(children, life_table)
    cumulative = np.cumsum(hazard, axis=1)
    # Death comes when the hazard that a child has met adds up to a number drawn beforehand.
    drawn = rng.exponential(size=len(children))
    whole_years = (cumulative < drawn[:, None]).sum(axis=1)
    year_of_death = np.minimum(whole_years, len(YEARS) - 1)
    child = np.arange(len(children))
    left = drawn - (cumulative - hazard)[child, year_of_death]
    years = whole_years + left / hazard[child, year_of_death]
    return np.where(whole_years < len(YEARS), DAYS_PER_YEAR * years, np.inf)


def _hazard_by_year(children: pd.DataFrame, life_table: pd.DataFrame) -> np.ndarray:
    """Each child's mortality in each year after diagnosis: children × years."""
    table = life_table.sort_values(["country", "sex", "year", "age"])
    countries, sexes = sorted(table["country"].unique()), sorted(table["sex"].unique())
    shape = len(countries), len(sexes), len(YEARS), OLDEST_AGE + 1
    rates = table["mortality_rate"].to_numpy().reshape(shape)
    after_diagnosis = np.arange(len(YEARS))
    country = np.searchsorted(countries, children["country"])[:, None]
    sex = np.searchsorted(sexes, children["sex"])[:, None]
    age = children["age"].to_numpy()[:, None] + after_diagnosis
    year = children["year"].to_numpy()[:, None] - FIRST_YEAR + after_diagnosis
    # After the closing date nobody is followed; rates of the last year stand there for none.
    return rates[country, sex, np.minimum(year, len(YEARS) - 1), age]


def _cause_of_death(
    dead: np.ndarray, of_disease: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    drawn = rng.random(len(dead))
    unknown = drawn < UNKNOWN_CAUSE
    of_treatment = drawn > 1 - TREATMENT_DEATH
    # A death of the treatment is, as registries code it, not one of the cancer.
    conditions = [unknown, of_disease & ~of_treatment]
    cause = np.select(conditions, ["unknown", "cancer"], "other").astype(object)
    return np.where(dead, cause, None)
