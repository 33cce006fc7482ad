"""Stage at diagnosis by the Toronto guidelines. What each cancer may have is data: ``toronto.csv``."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.strata import require_columns
from analysis.terms import is_count_table

READ = ["iccc3_extended", "topography", "stage"]
ADDED = ["toronto_cancer", "toronto_system", "toronto_tier", "toronto_stage", "toronto_reason"]
NO_SYSTEM = "the guidelines do not stage this cancer"
NOT_RECORDED = "no stage is recorded"
OTHER_CODE = "the code is not a stage of this cancer"
UNKNOWN = ("", "UNKNOWN", "X", "9", "99", "NA")
# Where the tiers have a code in common, it says as much as Tier 2 asks.
TIERS = (2, 1)


def add_toronto_stage(cases: pd.DataFrame) -> pd.DataFrame:
    """Add the stage at diagnosis by the Toronto guidelines, with its staging system and tier.

    Reads ``stage`` and ``iccc3_extended`` with ``topography``; adds ``toronto_cancer``, ``toronto_system`` (INRGSS, Ann
    Arbor, …), ``toronto_tier`` (2 for the detailed codes, 1 for the simple ones), ``toronto_stage`` in one
    spelling, and, where that is missing, ``toronto_reason``: the guidelines do not stage this cancer, no stage
    is recorded, or the code is not a stage of this cancer.

    Parameters
    ----------
    cases
        One row a tumour, classified. A table of counts comes back as it is.

    Raises
    ------
    MissingStepError
        ``stage``, ``topography`` or ``iccc3_extended`` is absent.

    Notes
    -----
    The sixteen cancers of the guidelines' first edition. "Stage II", "ii" and "2" are one code; a code that both
    tiers have (MS, or localised osteosarcoma) counts as Tier 2. Substages of TNM, FIGO and IRSS count as their
    stage; A and B of Ann Arbor are kept. Stage V, bilateral Wilms tumour, is kept where a registry has it.

    The codes are as secondary sources give them, and await a comparison with the papers' own tables.

    References
    ----------
    Gupta S, Aitken JF, Bartels U, et al. Lancet Oncol 2016;17:e163–72. Aitken JF, Youlden DR, Moore AS, et al.
    Lancet Child Adolesc Health 2018;2:173–9.

    Examples
    --------
    >>> tumours = pd.DataFrame({"iccc3_extended": ["IV(a)", "V", "IV(a)"], "topography": "C74.9",
    ...     "stage": ["ms", "0", "II"]})
    >>> add_toronto_stage(tumours)[["toronto_system", "toronto_stage", "toronto_reason"]].values.tolist()
    [['INRGSS', 'MS', None], ['IRSS', '0', None], ['INRGSS', None, 'the code is not a stage of this cancer']]
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, READ)
    distinct, position = _distinct_tumours(cases)
    answers = [_answer(*tumour) for tumour in distinct.itertuples(index=False)]
    table = pd.DataFrame(answers, columns=ADDED, dtype=object).astype({"toronto_tier": "Int64"})
    return cases.assign(
        **{name: table[name].take(position).set_axis(cases.index) for name in ADDED}
    )


def _distinct_tumours(cases: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The few different tumours as text, and which of them each row is."""
    keys = np.zeros(len(cases), dtype=np.int64)
    for column in READ:
        place, levels = pd.factorize(cases[column], use_na_sentinel=False)
        keys = keys * len(levels) + place
    _, first, position = np.unique(keys, return_index=True, return_inverse=True)
    return cases[READ].iloc[first].astype("string").fillna(""), position


def _answer(extended: str, topography: str, stage: str) -> tuple:
    """The added columns of one kind of tumour."""
    row = next((row for row in _cancers() if _takes(row, extended, topography)), None)
    if row is None:
        return None, None, None, None, NO_SYSTEM
    named = row["cancer"], row["system"]
    code = _spelling(stage)
    # "X" and "9" are unknown, but for a cancer that has a stage of that name.
    if code in UNKNOWN and code not in row["tiers"][2]:
        return *named, None, None, NOT_RECORDED
    # The detailed tier first: what both tiers have counts as Tier 2.
    for tier in TIERS:
        if code in row["tiers"][tier]:
            return *named, tier, row["tiers"][tier][code], None
    return *named, None, None, OTHER_CODE


def _takes(row: dict, extended: str, topography: str) -> bool:
    subgroup = extended.partition(".")[0]
    site = topography.replace(".", "").upper()
    inside = not row["sites"] or row["sites"][0] <= site <= row["sites"][-1]
    return inside and (extended in row["iccc3"] or subgroup in row["iccc3"])


def _spelling(code: str) -> str:
    """One spelling of a code: "Stage y-II" and "y-ii" are Y-II, "CNS negative" is CNSNEGATIVE."""
    return "".join(code.upper().replace("STAGE", "").replace("_", "").split())


@cache
def _cancers() -> tuple[dict, ...]:
    with files("analysis.cases").joinpath("toronto.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, dtype=str, comment="#", keep_default_na=False)
    return tuple(
        {
            "cancer": row.cancer,
            "system": row.system,
            "iccc3": frozenset(row.iccc3.split()),
            "sites": tuple(row.topography.split("-")) if row.topography else (),
            "tiers": {1: _codes(row.tier_1), 2: _codes(row.tier_2)},
        }
        for row in rows.itertuples()
    )


def _codes(text: str) -> dict[str, str]:
    """From every spelling of a code to the code."""
    codes = [code.split("|") for code in text.split()]
    return {_spelling(spelling): code[0].replace("_", " ") for code in codes for spelling in code}
