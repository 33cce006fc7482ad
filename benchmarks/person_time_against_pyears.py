"""Time at risk of a million children by sex, age and calendar year, against ``pyears`` of R's survival.

R cuts ages at multiples of 365.25 days, we at birthdays; answers are compared by sex and calendar year, where both
mean the same. R's cutting of the time scales (``tcut``) is part of its time, as the calendar is of ours.
"""

import argparse

import numpy as np
import pandas as pd
from paired import in_r, in_turn, largest_difference, say

from analysis.counts import person_time

R_PREPARE = """
library(survival)
cases <- data.table::fread(file.path(folder, "cases.csv"), data.table = FALSE)
cases$birth_date <- as.Date(cases$birth_date); cases$diagnosis_date <- as.Date(cases$diagnosis_date)
years <- 1970:2070
"""
R_WORK = """
age <- tcut(as.numeric(cases$diagnosis_date - cases$birth_date), 365.25 * 0:80, labels = 0:79)
year <- tcut(as.numeric(cases$diagnosis_date), as.numeric(as.Date(paste0(c(years, 2071), "-01-01"))), labels = years)
fit <- pyears(Surv(follow_up_days, event) ~ sex + age + year, data = cases, scale = 365.25, data.frame = TRUE)
aggregate(cbind(pyears, event) ~ sex + year, data = fit$data, FUN = sum)
"""


def children(rows: int) -> pd.DataFrame:
    """Invented children born 1970–2009, diagnosed before 18, followed for up to thirty years."""
    random = np.random.default_rng(5)
    birth = np.datetime64("1970-01-01") + random.integers(0, 14_600, rows)
    return pd.DataFrame(
        {
            "sex": random.choice(np.array(["female", "male"], dtype=object), rows),
            "birth_date": birth.astype("datetime64[ns]"),
            "diagnosis_date": (birth + random.integers(0, 6_500, rows)).astype("datetime64[ns]"),
            "follow_up_days": random.integers(1, 11_000, rows),
            "event": random.integers(0, 2, rows),
        }
    )


def main() -> None:
    """Read the size, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    cases = children(given.rows)
    taken = in_turn({"ours": lambda: person_time(cases, ["sex"])}, given.rounds)["ours"]
    of_r = in_r(R_WORK, R_PREPARE, {"cases": cases}, max(1, given.rounds // 2))
    say(
        f"person-time of {given.rows} by sex, age and year",
        taken,
        {} if of_r is None else {"R pyears": of_r[0]},
    )
    if of_r is not None:
        own = person_time(cases, ["sex"]).groupby(["sex", "year"])[["person_years", "events"]].sum()
        theirs = of_r[1].set_index(["sex", "year"]).sort_index()
        theirs = theirs[theirs["pyears"] > 0]
        apart = largest_difference(own["person_years"], theirs["pyears"])
        print(f"  R pyears and we differ by at most {apart:.0e} of a number, by sex and year")


if __name__ == "__main__":
    main()
