"""From a million cases to a standardised rate table, against polars, DuckDB and R's data.table.

Each does the same work in turn, in one run: count the cases by country, year, sex, ICCC-3 group and age group; stand
every population stratum beside every diagnostic group, with no case where there is none; standardise to the world
population with Fay's and Feuer's interval. Polars and DuckDB have no gamma quantile: theirs comes from scipy, as ours
does; R has its own. Each begins with the cases in a table of its own, as text and whole numbers, in memory.
"""

import argparse
import importlib.util

import numpy as np
import pandas as pd
from paired import in_r, in_turn, largest_difference, say
from scipy.special import gammainccinv, gammaincinv

from analysis.cases import add_age, classify_iccc3
from analysis.counts import person_years, rate_table
from analysis.estimates import age_standardised_rate
from analysis.register import read_extract, read_population

STRATA = ["country", "year", "sex", "iccc3_group"]
AGES = ["0", "1-4", "5-9", "10-14", "15-17"]
# The world weights of five-year groups, spread over single years: 12, 10, 9, 9 of 100.
WEIGHTS = np.array([12 / 5, 12 * 4 / 5, 10, 9, 9 * 3 / 5])
WEIGHTS = WEIGHTS / WEIGHTS.sum()

DUCK = f"""
with counted as (select {", ".join(STRATA)}, age_group, count(*) as cases from cases group by all),
grid as (select * from population cross join (select distinct iccc3_group from counted)),
cell as (
  select grid.*, coalesce(counted.cases, 0) as cases, weight / person_years as share from grid
  join weights using (age_group) left join counted using ({", ".join(STRATA)}, age_group)
)
select {", ".join(STRATA)}, sum(cases) as cases, sum(share * cases) as rate, sum(share * share * cases) as variance,
max(share) as largest from cell group by all order by all
"""

R_WORK = """
counted <- cases[, .(cases = .N), by = .(country, year, sex, iccc3_group, age_group)]
groups <- unique(counted$iccc3_group)
grid <- population[rep(seq_len(.N), length(groups))][, iccc3_group := rep(groups, each = nrow(population))]
grid[counted, on = .(country, year, sex, iccc3_group, age_group), cases := i.cases][is.na(cases), cases := 0L]
grid[weights, on = "age_group", share := i.weight / person_years]
answer <- grid[, .(cases = sum(cases), rate = sum(share * cases), variance = sum(share^2 * cases),
                   largest = max(share)), keyby = .(country, year, sex, iccc3_group)]
answer[, lower := ifelse(rate == 0, 0, qgamma(0.025, shape = rate^2 / variance, scale = variance / rate))]
answer[, upper := qgamma(0.975, shape = (rate + largest)^2 / (variance + largest^2),
                         scale = (variance + largest^2) / (rate + largest))]
answer
"""
R_PREPARE = """
suppressMessages(library(data.table))
read <- function(name) fread(file.path(folder, paste0(name, ".csv")), colClasses = list(character = "age_group"))
cases <- read("cases"); population <- read("population"); weights <- read("weights")
"""


def children(rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The demonstration's children, drawn again and again, and its person-years by age group."""
    cases = add_age(classify_iccc3(read_extract("demo")))
    cases = cases[
        cases["age_group"].notna()
        & cases["iccc3_group"].notna()
        & cases["sex"].isin(["male", "female"])
    ]
    by = [*STRATA, "age_group"]
    drawn = (
        cases[by]
        .astype({"year": "int64", "age_group": object})
        .sample(rows, replace=True, random_state=1)
    )
    population = person_years(read_population("demo"), ["country", "year", "sex", "age_group"])
    return drawn.reset_index(drop=True), population.astype({"year": "int64", "age_group": object})


def ours(cases: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """The two steps of a chapter on incidence."""
    return age_standardised_rate(
        rate_table(cases, population, by=[*STRATA, "age_group"]), by=STRATA, per=1
    )


def with_interval(summed: pd.DataFrame) -> pd.DataFrame:
    """Fay's and Feuer's interval, for the peers that have no gamma quantile."""
    rate, variance, largest = (summed[name].to_numpy() for name in ("rate", "variance", "largest"))
    with np.errstate(all="ignore"):
        lower = np.where(rate == 0, 0, gammaincinv(rate**2 / variance, 0.025) * variance / rate)
    raised, spread = rate + largest, variance + largest**2
    return summed.assign(
        lower=lower, upper=gammainccinv(raised**2 / spread, 0.025) * spread / raised
    )


def with_polars(cases: pd.DataFrame, population: pd.DataFrame, weights: pd.DataFrame):
    """The same work in polars."""
    import polars as pl

    cases, population, weights = (pl.from_pandas(table) for table in (cases, population, weights))

    def work() -> pd.DataFrame:
        counted = cases.lazy().group_by([*STRATA, "age_group"]).agg(pl.len().alias("cases"))
        counted = counted.collect().lazy()
        cell = (
            population.lazy()
            .join(counted.select("iccc3_group").unique(), how="cross")
            .join(counted, on=[*STRATA, "age_group"], how="left")
            .join(weights.lazy(), on="age_group")
            .with_columns(
                pl.col("cases").fill_null(0),
                (pl.col("weight") / pl.col("person_years")).alias("share"),
            )
        )
        summed = cell.group_by(STRATA).agg(
            pl.col("cases").sum(),
            (pl.col("share") * pl.col("cases")).sum().alias("rate"),
            (pl.col("share") ** 2 * pl.col("cases")).sum().alias("variance"),
            pl.col("share").max().alias("largest"),
        )
        return with_interval(summed.sort(STRATA).collect().to_pandas())

    return work


def with_duckdb(cases: pd.DataFrame, population: pd.DataFrame, weights: pd.DataFrame):
    """The same work in DuckDB."""
    import duckdb

    connection = duckdb.connect()
    for name, table in {"cases": cases, "population": population, "weights": weights}.items():
        connection.register("given", table)
        connection.execute(f"create table {name} as select * from given")
    return lambda: with_interval(connection.sql(DUCK).df())


def compare(rows: int, rounds: int) -> None:
    """Time all, hold their answers against each other, print."""
    cases, population = children(rows)
    weights = pd.DataFrame({"age_group": AGES, "weight": WEIGHTS})
    actions = {"ours": lambda: ours(cases, population)}
    for name, peer in {"polars": with_polars, "duckdb": with_duckdb}.items():
        if importlib.util.find_spec(name) is None:
            print(f"  {name} is not installed: not compared")
        else:
            actions[name] = peer(cases, population, weights)
    taken = in_turn(actions, rounds)
    answers = {name: action() for name, action in actions.items()}
    tables = {"cases": cases, "population": population, "weights": weights}
    if (of_r := in_r(R_WORK, R_PREPARE, tables, rounds)) is not None:
        taken["R data.table"], answers["R data.table"] = of_r
    answers = {
        name: answer.sort_values(STRATA).reset_index(drop=True) for name, answer in answers.items()
    }
    own = answers.pop("ours")
    strata = len(own)
    say(f"{rows} cases to {strata} standardised rates", taken.pop("ours"), taken)
    for name, answer in answers.items():
        columns = ("cases", "rate", "lower", "upper")
        apart = max(largest_difference(own[column], answer[column]) for column in columns)
        print(f"  {name} and we differ by at most {apart:.0e} of a number")


def main() -> None:
    """Read the size, compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    compare(given.rows, given.rounds)


if __name__ == "__main__":
    main()
