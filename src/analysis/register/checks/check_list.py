"""Registry checks: what a registrar would ask about a cohort, with the published source of each question."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.errors import SHOWN_ROWS, InputError
from analysis.register.checks.combinations import unlikely_combinations
from analysis.register.checks.consistency import inconsistencies
from analysis.terms import is_count_table, label

SEVERITIES = ("error", "warning", "query")
FOUND = ["check", "severity", "rows", "examples", "what_holds", "what_to_do", "source"]


def registry_checks(
    cases: pd.DataFrame, language: str = "en", rows: np.ndarray | None = None
) -> pd.DataFrame:
    """Ask of every tumour what registries ask: dates, codes, combinations of codes, duplicates, status.

    Reads the columns of the data contract that are there; a check whose columns are absent, or whose
    values are missing, is silent. Adds nothing to the cases.

    Parameters
    ----------
    cases
        One row a tumour, typed by `validate_cases` or `read_extract`. A table of counts has no finding.
    language
        ``"en"`` or ``"nb"``, of the sentences.
    rows
        The row number of each row in its source; counted from 1 when not given.

    Returns
    -------
    pandas.DataFrame
        One row a check that found something, errors first: ``check severity rows examples what_holds
        what_to_do source``. ``rows`` is how many, ``examples`` the first five row numbers as text.

    Raises
    ------
    InputError
        ``rows`` has not one number for each of the cases.

    Notes
    -----
    An *error* cannot be true. A *warning* is rarely true. A *query* meets true cases in childhood and
    adolescence: a medulloblastoma at 16 is confirmed, not corrected. Whether a tumour has an ICCC-3
    class, and whether it is a further primary, is said by `analysis.cases`.

    References
    ----------
    Ferlay J, Burkhard C, Whelan S, Parkin DM. Check and conversion programs for cancer registries.
    IARC Technical Report 42. Lyon, 2005. Martos C et al. A proposal on cancer data quality checks: one
    common procedure for European cancer registries. JRC/ENCR, 2018.

    Examples
    --------
    >>> children = pd.DataFrame({"topography": ["C56.9"], "morphology": ["9071"], "behaviour": [3], "sex": ["male"]})
    >>> registry_checks(children)[["check", "severity", "rows", "examples"]].values.tolist()[0]
    ['sex_topography', 'error', 1, '1']
    """
    if rows is not None and len(rows) != len(cases):
        raise InputError("argument", ["rows: must have one number for each of the cases"])
    positions = found_rows(cases)
    numbers = np.arange(1, len(cases) + 1) if rows is None else np.asarray(rows)
    table = list_checks(language)
    table = table[table["check"].isin(positions)].reset_index(drop=True)
    concerned = [numbers[positions[name]] for name in table["check"]]
    counted = [len(rows_of_check) for rows_of_check in concerned]
    examples = [", ".join(map(str, rows_of_check[:SHOWN_ROWS])) for rows_of_check in concerned]
    # Types are set by hand, since a table without findings has nothing to tell them from.
    return table.assign(
        rows=pd.array(counted, dtype="int64"), examples=pd.Series(examples, dtype=object)
    )[FOUND]


def list_checks(language: str = "en") -> pd.DataFrame:
    """Every registry check: ``check severity what_holds what_to_do source``, errors first.

    Examples
    --------
    >>> list_checks()["severity"].unique().tolist()
    ['error', 'warning', 'query']
    """
    checks = known_checks()
    return pd.DataFrame(
        {
            "check": checks["check"],
            "severity": checks["severity"],
            "what_holds": [label(f"check.{name}", language) for name in checks["check"]],
            "what_to_do": [label(f"check_action.{name}", language) for name in checks["action"]],
            "source": checks["source"],
        }
    )


def found_rows(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    """From each check that found something to the positions of its rows."""
    if is_count_table(cases) or cases.empty:
        return {}
    hits = unlikely_combinations(cases) | inconsistencies(cases)
    positions = {name: np.flatnonzero(hit) for name, hit in hits.items()}
    return {name: rows for name, rows in positions.items() if len(rows)}


@cache
def known_checks() -> pd.DataFrame:
    """Every registry check: ``check severity action source``, errors first; it must not be changed."""
    with files("analysis.register.checks").joinpath("checks.csv").open(encoding="utf-8") as lines:
        checks = pd.read_csv(lines, dtype=str)
    # Stable: within a severity the order of the file is an order by subject.
    order = checks["severity"].map(SEVERITIES.index)
    return checks.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
