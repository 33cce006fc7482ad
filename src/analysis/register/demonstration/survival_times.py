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
DAYS_TO_AGE_LIMIT = int(AGE_LIMIT * DAYS_PER_YEAR) - 1


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
    closing = (CLOSING_DATE - children["diagnosis_date"]).dt.days.to_numpy()
    death = np.minimum(disease, background)
    days = np.minimum(np.minimum(np.floor(death), np.floor(emigration)), closing)
    status = np.select(
        [np.floor(death) == days, np.floor(emigration) == days], ["dead", "lost"], "alive"
    )
    of_disease = (status == "dead") & (disease <= background)
    found_late = np.where(of_disease, rng.random(len(children)), 1.0)
    at_autopsy = (found_late >= CERTIFICATE_ONLY) & (found_late < CERTIFICATE_ONLY + AUTOPSY_ONLY)
    no_follow_up = (status == "alive") & (rng.random(len(children)) < NO_FOLLOW_UP)
    days[(found_late < CERTIFICATE_ONLY) | at_autopsy | no_follow_up] = 0
    return children.assign(
        last_contact_date=children["diagnosis_date"] + pd.to_timedelta(days, unit="D"),
        vital_status=np.where(no_follow_up, "unknown", status).astype(object),
        cause_of_death=_cause_of_death(status == "dead", of_disease, rng),
        certificate_only=found_late < CERTIFICATE_ONLY,
        autopsy_only=np.where(at_autopsy, "yes", "no").astype(object),
        disease_days=disease,
    )


def five_year_survival(children: pd.DataFrame) -> np.ndarray:
    """Disease-specific survival five years after diagnosis by subgroup, year, age and country."""
    survival = read_demonstration("survival").set_index("subgroup")
    given = [column for column in survival.columns if column.startswith("survival_")]
    known = [int(column.removeprefix("survival_")) for column in given]
    by_year = np.array([np.interp(YEARS, known, row) for row in survival[given].to_numpy(float)])
    subgroup = survival.index.get_indexer(children["subgroup"])
    hazard_ratio = np.select(
        [children["age"] == 0, children["age"] >= ADOLESCENT],
        [
            survival["infant_hazard_ratio"].to_numpy()[subgroup],
            survival["adolescent_hazard_ratio"].to_numpy()[subgroup],
        ],
        1.0,
    )
    country = read_demonstration("countries").set_index("country")["disease_hazard_ratio"]
    return by_year[subgroup, children["year"] - FIRST_YEAR] ** (
        hazard_ratio * children["country"].map(country)
    )


def draw_second_primaries(children: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Second tumours of a few children, a year or more after the first and below the age limit.

    The child keeps her birth, area, last contact and status; what was recorded of the first tumour is
    not carried over.
    """
    last_day = np.minimum(
        children["last_contact_date"] - pd.Timedelta(days=30),
        children["birth_date"] + pd.Timedelta(days=DAYS_TO_AGE_LIMIT),
    )
    open_days = (last_day - children["diagnosis_date"]).dt.days - FIRST_DAYS_WITHOUT
    chosen = (open_days > 0) & (rng.random(len(children)) < SECOND_PRIMARY)
    carried = "person_id country region sex birth_date last_contact_date vital_status cause_of_death autopsy_only"
    second = children.loc[chosen, carried.split()]
    days = FIRST_DAYS_WITHOUT + np.floor(rng.random(len(second)) * open_days[chosen])
    second["diagnosis_date"] = children.loc[chosen, "diagnosis_date"] + pd.to_timedelta(
        days, unit="D"
    )
    second["year"] = second["diagnosis_date"].dt.year
    second["age"] = completed_years(second["birth_date"], second["diagnosis_date"])
    kinds = read_demonstration("second_primaries")
    second["subgroup"] = rng.choice(kinds["subgroup"], len(second), p=kinds["share"])
    # A tumour of the first one's group would be its relapse.
    another = _main_group(second["subgroup"]) != _main_group(children.loc[chosen, "subgroup"])
    return second[another].assign(certificate_only=False, relapse="no")


def _main_group(subgroup: pd.Series) -> pd.Series:
    return subgroup.str.partition("(")[0]


def _disease_days(children: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Days to death of the disease, infinite in the cured."""
    median = read_demonstration("survival").set_index("subgroup")["median_years_to_death"]
    median = children["subgroup"].map(median).to_numpy()
    dead_by_five = ndtr(np.log(5 / median) / SPREAD)
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
    table = life_table.sort_values(["country", "sex", "year", "age"])
    countries, sexes = sorted(table["country"].unique()), sorted(table["sex"].unique())
    rates = (
        table["mortality_rate"]
        .to_numpy()
        .reshape(len(countries), len(sexes), len(YEARS), OLDEST_AGE + 1)
    )
    further = np.arange(len(YEARS))
    country = np.searchsorted(countries, children["country"])[:, None]
    sex = np.searchsorted(sexes, children["sex"])[:, None]
    year = np.minimum(children["year"].to_numpy()[:, None] - FIRST_YEAR + further, len(YEARS) - 1)
    hazard = rates[country, sex, year, children["age"].to_numpy()[:, None] + further]
    cumulative = np.cumsum(hazard, axis=1)
    drawn = rng.exponential(size=len(children))
    whole = (cumulative < drawn[:, None]).sum(axis=1)
    inside = np.minimum(whole, len(YEARS) - 1)
    left = drawn - (cumulative - hazard)[np.arange(len(children)), inside]
    years = whole + left / hazard[np.arange(len(children)), inside]
    return np.where(whole < len(YEARS), DAYS_PER_YEAR * years, np.inf)


def _cause_of_death(
    dead: np.ndarray, of_disease: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    drawn = rng.random(len(dead))
    unknown = drawn < UNKNOWN_CAUSE
    of_treatment = drawn > 1 - TREATMENT_DEATH
    cause = np.select([unknown, of_disease & ~of_treatment], ["unknown", "cancer"], "other").astype(
        object
    )
    return np.where(dead, cause, None)
