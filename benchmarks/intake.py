"""Intake against reading alone: an extract of invented children, read, held to the contract, checked,
classified, selected and followed up, as a multiple of ``pandas.read_csv`` on the same file.

Both are timed in turn, in one run, on the same file; the ratio is of the medians. ``--rows`` sets the
size. ``--memory`` validates the extract in a process of its own and prints that process's peak memory,
which is how an extract of ten million rows is measured::

    python benchmarks/intake.py --rows 10000000 --memory
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from analysis.cases import (
    add_age,
    add_follow_up,
    add_tumour_sequence,
    age_below,
    classify_iccc3,
    counted_tumour,
    diagnosed_between,
    first_primary,
    followed_up,
    not_autopsy_only,
    not_death_certificate_only,
    select_eligible,
)
from analysis.register import prepare_sources, read_extract, registry_checks

PIECE = 100_000
CLOSING_DATE = "2023-12-31"
GIB = 2**20  # of the kilobytes that Linux counts in


def write_extract(path: Path, rows: int) -> None:
    """The demonstration's children over and over, each with an identifier of its own."""
    cases = read_extract("demo")
    piece = pd.concat([cases] * (PIECE // len(cases) + 1), ignore_index=True).head(min(PIECE, rows))
    with path.open("w", encoding="utf-8") as lines:
        for start in range(0, rows, PIECE):
            part = piece.head(rows - start)
            names = [f"demo-{number}" for number in range(start, start + len(part))]
            part.assign(case_id=names, person_id=names).to_csv(
                lines, index=False, header=start == 0
            )


def take_in(path: Path) -> pd.DataFrame:
    """From the file to children with follow-up, as a chapter on survival has them."""
    cases = read_extract(path)
    registry_checks(cases)
    tumours = add_tumour_sequence(add_age(classify_iccc3(cases)))
    criteria = [
        diagnosed_between(1985, 2023), age_below(18), counted_tumour(), not_death_certificate_only(),
        not_autopsy_only(), first_primary(), followed_up(CLOSING_DATE),
    ]  # fmt: skip
    eligible, _ = select_eligible(tumours, criteria)
    return add_follow_up(eligible, CLOSING_DATE)


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compare(path: Path, rounds: int) -> str:
    """Time both in turn and say the ratio."""
    take_in(path)  # what is imported and cached once is not intake
    pairs = [
        (seconds(lambda: pd.read_csv(path, low_memory=False)), seconds(lambda: take_in(path)))
        for _ in range(rounds)
    ]
    alone, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    best = min(whole / alone for alone, whole in pairs)
    ratio = f"{whole / alone:.1f} times as long (best pair {best:.1f})"
    return f"read_csv alone {alone:.2f} s, intake {whole:.2f} s: {ratio}"


def prepare(path: Path) -> tuple[float, float]:
    """Seconds and peak memory (GiB) of validating an extract and writing it for the chapters."""
    with tempfile.TemporaryDirectory() as folder:
        taken = seconds(
            lambda: prepare_sources({"cases": {"file": str(path)}}, Path(folder) / "cohort")
        )
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB


def main() -> None:
    """Write an extract, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--memory", action="store_true", help="peak memory of validating it, in place of the ratio"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "cases.csv"
        write_extract(path, given.rows)
        if given.memory:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                taken, peak = pool.submit(prepare, path).result()
            print(
                f"{given.rows} rows validated and written in {taken:.0f} s, peak memory {peak:.2f} GiB"
            )
        else:
            print(f"{given.rows} rows: {compare(path, given.rounds)}")


if __name__ == "__main__":
    main()
