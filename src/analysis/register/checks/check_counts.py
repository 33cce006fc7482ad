"""What the registry checks found in a prepared cohort, in numbers that may leave the registry; no row, no value."""

from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from analysis.register.checks.check_list import found_rows, known_checks
from analysis.register.sources.extracts import read_extract
from analysis.terms import is_count_table

# Beyond this the cohort is not held in memory for checks alone.
MOST_ROWS = 1_000_000
DECADE = 10


def summarise_checks(cases: str | Path, minimum: int, most_rows: int = MOST_ROWS) -> dict:
    """Ask the registry checks of a prepared cohort, and tell how many tumours each concerns.

    Parameters
    ----------
    cases
        Of the intake, as `prepare_sources` writes it.
    minimum
        Smallest number that is told; 1 to ``minimum`` − 1 is told as ``"<5"``.
    most_rows
        The checks are not made of a cohort with more tumours.

    Returns
    -------
    dict
        Plain values. ``made``: ``"yes"``, or why not, ``"counts"`` or ``"too_large"``; ``tumours``; ``asked``, the
        checks that found nothing, and ``found``, those that did, each with ``check severity action source``.
        Of ``found`` also ``tumours``, as text, and ``countries`` and ``years`` (ten years of diagnosis together),
        pairs of name and number; None where a number among them may not be told.

    Notes
    -----
    A breakdown is told whole or not at all: the number of a check less all others of its breakdown is the one left
    out. Sums over checks are not told, since one tumour may concern several.
    """
    # The number of rows stands in the file's own description, without reading any of them.
    rows = parquet.read_metadata(cases).num_rows
    if rows > most_rows:
        return {"made": "too_large", "tumours": rows, "asked": [], "found": []}
    tumours = read_extract(cases)
    if is_count_table(tumours):
        return {"made": "counts", "tumours": rows, "asked": [], "found": []}
    positions = found_rows(tumours)
    silent, findings = [], []
    for check in known_checks().to_dict("records"):
        concerned = positions.get(check["check"])
        if concerned is None:
            silent.append(check)
        else:
            findings.append(check | _numbers(tumours.iloc[concerned], minimum))
    return {"made": "yes", "tumours": rows, "asked": silent, "found": findings}


def _numbers(concerned: pd.DataFrame, minimum: int) -> dict:
    number = len(concerned)
    return {
        "tumours": str(number) if number >= minimum else f"<{minimum}",
        "countries": _breakdown(concerned.get("country"), minimum),
        "years": _breakdown(_decades(concerned), minimum),
    }


def _decades(concerned: pd.DataFrame) -> pd.Series | None:
    """Ten years of diagnosis together, by name."""
    if "diagnosis_date" in concerned:
        years = concerned["diagnosis_date"].dt.year
    elif "year" in concerned:
        years = pd.to_numeric(concerned["year"])
    else:
        return None
    first = (years.astype("Float64") // DECADE * DECADE).dropna().astype(int)
    return first.astype(str) + "–" + (first + DECADE - 1).astype(str)


def _breakdown(values: pd.Series | None, minimum: int) -> list[list] | None:
    """Name and number of each value; None where one of them, or what has no value, is a small number."""
    if values is None:
        return None
    counted = values.dropna().astype(str).value_counts().sort_index()
    # Those without a value are what is left over for a reader who subtracts.
    rest = len(values) - int(counted.sum())
    if counted.empty or np.any(counted < minimum) or 0 < rest < minimum:
        return None
    return [[name, int(number)] for name, number in counted.items()]
