"""Net survival (Pohar Perme) against R's relsurv and popEpi: the same invented children and life table, in one run.

Each is timed from a data frame to the estimate with its interval; the answers are compared at 1, 5 and 10 years. popEpi
works by months, the others by days. ``--children`` sets the size::

    python benchmarks/net_survival_against_peers.py --children 100000
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.estimates import net_survival, net_survival_at
from analysis.register import read_life_table

PEERS = Path(__file__).with_suffix(".R")
CLOSING = pd.Timestamp("2021-12-31")
YEARS = (1, 5, 10)


def invent_children(size: int) -> pd.DataFrame:
    """Children diagnosed 1990–2020, three quarters of them alive after ten years, followed for ten years at most."""
    random = np.random.default_rng(2012)
    diagnosed = pd.Timestamp("1990-01-01") + pd.to_timedelta(random.integers(0, 11_300, size), "D")
    until = np.minimum((CLOSING - diagnosed).days, 3653)
    dies = np.ceil(random.exponential(365.25 * 35, size)).astype(int)
    return pd.DataFrame(
        {
            "sex": random.choice(["male", "female"], size),
            "birth_date": diagnosed - pd.to_timedelta(random.integers(0, 18 * 365, size), "D"),
            "diagnosis_date": diagnosed,
            "follow_up_days": np.minimum(dies, until),
            "event": (dies <= until).astype(int),
        }
    )


def ask_peers(children: pd.DataFrame, life_table: pd.DataFrame) -> pd.DataFrame:
    """What relsurv and popEpi answer, and how long each took."""
    with tempfile.TemporaryDirectory() as folder:
        children.to_csv(Path(folder) / "children.csv", index=False)
        life_table.to_csv(Path(folder) / "life_table.csv", index=False)
        subprocess.run(["Rscript", str(PEERS), folder], check=True)
        return pd.read_csv(Path(folder) / "answers.csv")


def main() -> None:
    """Time all three and print the answers and ratios."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--children", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    children = invent_children(given.children)
    life_table = read_life_table("demo").query("country == 'NO'").drop(columns="country")
    began = time.perf_counter()
    net_survival(children, life_table)
    first, rounds = time.perf_counter() - began, []
    for _ in range(given.rounds):
        began = time.perf_counter()
        curve = net_survival(children, life_table)
        rounds.append(time.perf_counter() - began)
    ours = statistics.median(rounds)
    answers = net_survival_at(curve, YEARS)["net_survival"].to_numpy()
    print(f"{given.children} children: {ours:.3f} s (first call {first:.3f} s)")
    for peer, rows in ask_peers(children, life_table).groupby("peer"):
        difference = np.abs(rows["net_survival"].to_numpy() - answers).max()
        seconds = rows["seconds"].iloc[0]
        print(
            f"{peer}: {seconds:.2f} s, {seconds / ours:.0f} times as long; answers differ by up to {difference:.1e}"
        )


if __name__ == "__main__":
    main()
