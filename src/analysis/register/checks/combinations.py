"""Codes that do not go together. The rules are data: ``combinations.csv`` and ``morphology_sites.csv``."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.register.checks.durations import age_in_years

NUMBERS = ("topography", "morphology", "behaviour", "age", "basis_of_diagnosis", "grade")
SITES_OF_A_CATEGORY = 10
NO_CODE = -1

# What a condition lists: words, and spans of numbers with both ends in them.
Listed = tuple[str | tuple[int, int], ...]


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
    asked_about = {name: cases.get(name) for name in (*NUMBERS, "sex", "laterality")}
    # A population has a column "age" too; that of a child is reckoned from what the extract tells.
    asked_about["age"] = age_in_years(cases)
    columns = {}
    for name, column in asked_about.items():
        if column is not None:
            places, levels = pd.factorize(column)
            is_number = name in NUMBERS
            values = _code_numbers(pd.Series(levels)) if is_number else np.asarray(levels, object)
            columns[name] = places, values
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
    for name, (negated, listed) in conditions.items():
        places, values = columns[name]
        # The last element answers for a missing value, whose place is -1: no rule is about it.
        meets = np.append(_are_among(values, listed) != negated, False)
        if not meets.any():
            return np.zeros(0, dtype=np.int64)
        rows = np.flatnonzero(meets[places]) if rows is None else rows[meets[places[rows]]]
    return rows


def _are_among(values: np.ndarray, listed: Listed) -> np.ndarray:
    """Whether each value lies in one of the spans, or is one of the words."""
    among = np.zeros(len(values), dtype=bool)
    for item in listed:
        if isinstance(item, str):
            among |= values == item
        else:
            first, last = item
            among |= (values >= first) & (values <= last)
    return among


@cache
def _rules() -> list[tuple[str, dict]]:
    """Each rule as its check and its conditions, from a column to whether it is turned round and what it lists."""
    rules = []
    for row in _read("combinations").to_dict("records"):
        rules.append(
            (row.pop("check"), {name: _condition(text) for name, text in row.items() if text})
        )
    # Families without sites may stand anywhere; they are listed for their codes alone.
    families = _read("morphology_sites")
    for family in families[families["topography"] != ""].itertuples():
        negated, sites = _condition(family.topography)
        conditions = {
            "morphology": _condition(family.morphology),
            "topography": (not negated, sites),
        }
        rules.append(("site_morphology", conditions))
    # A morphology that no family lists is no code of ICD-O-3.2.
    listed = tuple(span for text in families["morphology"] for span in _condition(text)[1])
    return [*rules, ("morphology_code", {"morphology": (True, listed)})]


def _read(name: str) -> pd.DataFrame:
    with files("analysis.register.checks").joinpath(f"{name}.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines, dtype=str, comment="#", keep_default_na=False)


def _condition(text: str) -> tuple[bool, Listed]:
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
