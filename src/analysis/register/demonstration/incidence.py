"""Who falls ill: children of the demonstration, drawn from incidence rates and populations."""

import numpy as np
import pandas as pd

from analysis.register.demonstration.population import AGE_LIMIT, read_demonstration

TREND_ENDS = 2000
ADOLESCENT = 15
PER = 1_000_000


def draw_children(population: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a child: where, when and at what age she fell ill, and of which subgroup.

    Adds ``subgroup``, ``age`` (completed years), ``birth_date`` and ``diagnosis_date`` to the area,
    year and sex of the population row. Counts are Poisson in every cell.
    """
    subgroups = read_demonstration("incidence")["subgroup"].to_numpy()
    counts = rng.poisson(expected_cases(population))
    row, column = np.nonzero(counts)
    repeats = counts[row, column]
    places = population[["country", "region", "sex", "year", "age"]]
    children = places.iloc[np.repeat(row, repeats)].reset_index(drop=True)
    children["region"] = children["region"].astype(object).where(children["region"].notna(), None)
    children["subgroup"] = subgroups[np.repeat(column, repeats)]
    diagnosis = _day_of_year(children["year"].to_numpy(), rng)
    children["birth_date"] = _birth_date(diagnosis, children["age"].to_numpy(), rng)
    children["diagnosis_date"] = diagnosis.astype("datetime64[ns]")
    return children


def expected_cases(population: pd.DataFrame) -> np.ndarray:
    r"""Expected registered cases: rows of the population × ICCC-3 subgroups.

    .. math:: \mu = n \, r(a) \, f_s \, (1 + t)^{\min(y, 2000) - 2000} \, c_k \, w

    with persons :math:`n`, rate :math:`r` at age :math:`a`, the sex's factor :math:`f_s` (mean 1), the
    subgroup's yearly trend :math:`t`, the country's ratio :math:`c_k` and, for adolescents, the share
    :math:`w` that was registered.
    """
    incidence = read_demonstration("incidence")
    # Factors of boys and girls with mean 1: the rates of the table are those of both together.
    girls = 2 / (1 + incidence["boys_per_girl"].to_numpy())
    by_sex = np.array([2 - girls, girls])[(population["sex"] == "female").to_numpy(int)]
    years_before = np.minimum(population["year"].to_numpy() - TREND_ENDS, 0)[:, None]
    trend = (1 + incidence["trend_percent"].to_numpy() / 100) ** years_before
    rates = _rates_by_age(incidence)[population["age"].to_numpy()]
    ratio = read_demonstration("countries").set_index("country")["incidence_ratio"]
    country_ratio = population["country"].map(ratio)
    persons = population["persons"] * country_ratio * _registered_share(population)
    return persons.to_numpy()[:, None] * rates * by_sex * trend / PER


def _rates_by_age(incidence: pd.DataFrame) -> np.ndarray:
    """Single years of age × subgroups, by straight lines between the ages of the table."""
    columns = [column for column in incidence.columns if column.startswith("age_")]
    ages = [int(column.removeprefix("age_")) for column in columns]
    every_age = np.arange(AGE_LIMIT)
    return np.array(
        [np.interp(every_age, ages, row) for row in incidence[columns].to_numpy(float)]
    ).T


def _registered_share(population: pd.DataFrame) -> np.ndarray:
    # Registers of childhood cancer took in adolescents later, in some countries not all at once.
    share = np.ones(len(population))
    for country, coverage in read_demonstration("coverage").groupby("country"):
        rows = ((population["country"] == country) & (population["age"] >= ADOLESCENT)).to_numpy()
        years = population["year"].to_numpy()[rows]
        share[rows] = np.interp(years, coverage["year"], coverage["adolescents_registered"])
    return share


def _day_of_year(year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    following = (year - 1969).astype("datetime64[Y]").astype("datetime64[D]")
    return first + _uniform_days(following - first, rng)


def _birth_date(diagnosis: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A birthday that gives this age in completed calendar years on the day of diagnosis."""
    youngest = _years_before(diagnosis, age)
    oldest = _years_before(diagnosis, age + 1) + 1
    return (oldest + _uniform_days(youngest - oldest + 1, rng)).astype("datetime64[ns]")


def _years_before(day: np.ndarray, years: np.ndarray) -> np.ndarray:
    """The same day of an earlier year; 28 February where that year has no 29th."""
    month = day.astype("datetime64[M]")
    earlier = month - 12 * years
    last_day = (earlier + 1).astype("datetime64[D]") - 1
    return np.minimum(
        earlier.astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last_day
    )


def _uniform_days(span: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.floor(rng.random(len(span)) * span.astype(int)).astype("timedelta64[D]")
