"""Codes that do not go together. The rules are data: ``combinations.csv`` and ``morphology_sites.csv``."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.register.checks.durations import age_in_years

NUMBERS = ("topography", "morphology", "behaviour", "age", "basis_of_diagnosis", "grade")
SITES_OF_A_CATEGORY = 10
NO_CODE = -1


def unlikely_combinations(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    """From each check of ``combinations.csv`` to whether it concerns each row.

    Reads ``topography morphology behaviour sex basis_of_diagnosis grade laterality`` and the age at
    diagnosis, each where there. A missing value meets no rule.
    """
    columns = _columns_by_level(cases)
    hits: dict[str, np.ndarray] = {}
    for check, conditions in _rules():
        if not set(conditions) <= set(columns):
            continue
        rows = _rows_that_meet(conditions, columns)
        if len(rows):
            hits.setdefault(check, np.zeros(len(cases), dtype=bool))[rows] = True
    return hits


def _columns_by_level(cases: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each column as the place of each row's value among its few values, and those values; -1 where missing."""
    known = {
        name: cases[name]
        for name in (*NUMBERS, "sex", "laterality")
        if name in cases and name != "age"
    }
    age = age_in_years(cases)
    if age is not None:
        known["age"] = age
    columns = {}
    for name, column in known.items():
        places, values = pd.factorize(column)
        columns[name] = (
            places,
            _code_numbers(pd.Series(values)) if name in NUMBERS else np.asarray(values, object),
        )
    return columns


def _code_numbers(values: pd.Series) -> np.ndarray:
    """C71.6 and C716 as 716, everything else as the number that it is; what is no number as -1."""
    text = (
        values.astype("string")
        .str.strip()
        .str.upper()
        .str.replace(r"^C(\d\d)\.?(\d)$", r"\1\2", regex=True)
    )
    return pd.to_numeric(text, errors="coerce").astype("float64").fillna(NO_CODE).to_numpy()


def _rows_that_meet(conditions: dict, columns: dict) -> np.ndarray:
    """Positions of the rows that meet every condition; each condition looks only at what the others left."""
    rows = None
    for name, (negated, wanted) in conditions.items():
        places, values = columns[name]
        meets = np.append(
            _are_among(values, wanted) != negated, False
        )  # the last is for a missing value
        if not meets.any():
            return np.zeros(0, dtype=np.int64)
        rows = np.flatnonzero(meets[places]) if rows is None else rows[meets[places[rows]]]
    return rows


def _are_among(values: np.ndarray, wanted: tuple) -> np.ndarray:
    among = np.zeros(len(values), dtype=bool)
    for one in wanted:
        among |= (
            (values >= one[0]) & (values <= one[1]) if isinstance(one, tuple) else values == one
        )
    return among


@cache
def _rules() -> list[tuple[str, dict]]:
    """Each rule as its check and its conditions, from a column to whether it is turned round and what it lists."""
    rules = []
    for row in _read("combinations").to_dict("records"):
        rules.append(
            (row.pop("check"), {name: _condition(text) for name, text in row.items() if text})
        )
    families = _read("morphology_sites")
    for family in families[families["topography"] != ""].itertuples():
        negated, sites = _condition(family.topography)
        conditions = {
            "morphology": _condition(family.morphology),
            "topography": (not negated, sites),
        }
        rules.append(("site_morphology", conditions))
    listed = tuple(span for text in families["morphology"] for span in _condition(text)[1])
    return [*rules, ("morphology_code", {"morphology": (True, listed)})]


def _read(name: str) -> pd.DataFrame:
    with files("analysis.register.checks").joinpath(f"{name}.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines, dtype=str, comment="#", keep_default_na=False)


def _condition(text: str) -> tuple[bool, tuple]:
    """``"not C51-C58 C76.2"`` as ``(True, ((510, 589), (762, 762)))``; words stay words."""
    negated = text.startswith("not ")
    words = text.removeprefix("not ").split()
    return negated, tuple(_span(word) if word[-1].isdigit() else word for word in words)


def _span(word: str) -> tuple[int, int]:
    first, _, last = word.partition("-")
    last = last or first
    return _lowest(first), _lowest(last) + (SITES_OF_A_CATEGORY - 1 if _is_category(last) else 0)


def _lowest(code: str) -> int:
    number = int(code.removeprefix("C").replace(".", ""))
    return number * SITES_OF_A_CATEGORY if _is_category(code) else number


def _is_category(code: str) -> bool:
    return code.startswith("C") and "." not in code
