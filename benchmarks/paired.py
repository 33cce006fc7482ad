"""Timing in turn: every peer does the same work once a round, and the medians of the rounds are compared.

R is timed by R itself, inside one process, so that neither its start nor its reading of the file counts; its answer
comes back as a file, to be held against ours.
"""

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

R_FRAME = """
args <- commandArgs(trailingOnly = TRUE); rounds <- as.integer(args[1]); folder <- args[2]
work <- function() {{ {work} }}
{prepare}
taken <- numeric(rounds)
for (number in seq_len(rounds)) {{
  gc(FALSE); started <- proc.time()[["elapsed"]]; answer <- work(); taken[number] <- proc.time()[["elapsed"]] - started
}}
write.csv(answer, file.path(folder, "answer.csv"), row.names = FALSE)
cat(median(taken))
"""


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turn(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median time of each action, all of them done once before (imports, caches) and then once a round."""
    for action in actions.values():
        action()
    taken = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            taken[name].append(seconds(action))
    return {name: statistics.median(times) for name, times in taken.items()}


def in_r(
    work: str, prepare: str, tables: dict[str, pd.DataFrame], rounds: int
) -> tuple[float, pd.DataFrame] | None:
    """Median time of R code that reads ``<table>.csv`` of ``folder``, and its answer; None where R cannot do it."""
    if shutil.which("Rscript") is None:
        print("  R is not installed: not compared")
        return None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for table, rows in tables.items():
            rows.to_csv(folder / f"{table}.csv", index=False)
        (folder / "work.R").write_text(R_FRAME.format(work=work, prepare=prepare), encoding="utf-8")
        command = ["Rscript", "--vanilla", str(folder / "work.R"), str(rounds), name]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            print(f"  R cannot do it here: {ended.stderr.strip().splitlines()[-1]}")
            return None
        return json.loads(ended.stdout), pd.read_csv(
            folder / "answer.csv", keep_default_na=False, na_values=["", "NA"]
        )


def largest_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference of two answers, relative to the larger number; missing must meet missing."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if ours.shape != theirs.shape or (np.isnan(ours) != np.isnan(theirs)).any():
        return np.inf
    known = ~np.isnan(ours)
    scale = np.maximum(np.maximum(np.abs(ours), np.abs(theirs)), 1e-300)
    return float((np.abs(ours - theirs) / scale)[known].max(initial=0))


def say(name: str, ours: float, theirs: dict[str, float]) -> None:
    """Print our time beside each peer's, and the ratio."""
    print(f"{name}: {ours * 1000:.0f} ms")
    for peer, taken in theirs.items():
        print(f"  {peer} {taken * 1000:.0f} ms: ours takes {ours / taken:.2f} times as long")
