"""Event tables of any size: a Parquet file larger than memory, reduced to counts where it lies, and its peak memory.

The file is written in pieces beside the system's temporary files and deleted afterwards; a hundred million rows take
about a gigabyte of disk. The table is made in a process of its own, so that its peak memory is its own::

    python benchmarks/event_tables.py --rows 100000000 --engine polars
"""

import argparse
import resource
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from paired import seconds

from analysis.counts import add_event_tables, event_table

PIECE = 1_000_000
BYTES_PER_ROW = 16
GIB = 2**20  # of the kilobytes that Linux counts in
COUNTRIES = np.array(["DK", "FI", "IS", "NO", "SE", "EE", "LV", "LT"])
GROUPS = np.array(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"])
BY = ["country", "iccc3_group"]
FIFTEEN_YEARS = 5479


def piece_of(number: int, rows: int) -> pd.DataFrame:
    """Invented children: 96 strata, follow-up in days up to fifteen years, one death in five."""
    random = np.random.default_rng(number)
    return pd.DataFrame(
        {
            "country": COUNTRIES[random.integers(0, len(COUNTRIES), rows)].astype(object),
            "iccc3_group": GROUPS[random.integers(0, len(GROUPS), rows)].astype(object),
            "follow_up_days": random.integers(1, FIFTEEN_YEARS, rows).astype("int32"),
            "event": (random.random(rows) < 0.2).astype("int8"),
        }
    )


def write_parquet(path: Path, rows: int) -> None:
    """All pieces, one after another, in one file."""
    writer = None
    for number, start in enumerate(range(0, rows, PIECE)):
        table = pa.Table.from_pandas(
            piece_of(number, min(PIECE, rows - start)), preserve_index=False
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def scan(path: Path, engine: str):
    """The file as a frame that has not been read."""
    if engine == "polars":
        import polars as pl

        return pl.scan_parquet(path)
    import duckdb

    return duckdb.connect(config={"memory_limit": "1GB"}).read_parquet(str(path))


def reduce_file(path: Path, engine: str) -> tuple[float, float, pd.DataFrame]:
    """Seconds and peak memory (GiB) of the event table, and what it counts in all."""
    made = []
    if engine == "pieces":
        batches = pq.ParquetFile(path).iter_batches(PIECE)
        taken = seconds(
            lambda: made.append(add_event_tables(event_table(b.to_pandas(), BY) for b in batches))
        )
    else:
        taken = seconds(lambda: made.append(event_table(scan(path, engine), BY)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    return taken, peak, made[0]


def measure(rows: int, engines: list[str]) -> None:
    """Write the file, make the table by each engine, compare, print."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < 2 * rows * BYTES_PER_ROW:
        raise SystemExit(
            f"{rows} rows need {2 * rows * BYTES_PER_ROW >> 20} MB of disk, and {free >> 20} MB are free"
        )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "cases.parquet"
        write_parquet(path, rows)
        print(f"{rows} rows, {path.stat().st_size >> 20} MB of Parquet")
        first = None
        for engine in engines:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                taken, peak, table = pool.submit(reduce_file, path, engine).result()
            first = table if first is None else first
            pd.testing.assert_frame_equal(table, first, check_dtype=False)
            left = table["events"].sum() + table["censored"].sum()
            print(
                f"  {engine}: {len(table)} rows of counts, {left} children, {taken:.0f} s, peak {peak:.2f} GiB"
            )


def main() -> None:
    """Read the size, measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--engine", action="append", choices=["polars", "duckdb", "pieces"])
    given = parser.parse_args()
    measure(given.rows, given.engine or ["polars", "duckdb", "pieces"])


if __name__ == "__main__":
    main()
