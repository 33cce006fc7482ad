"""ICD-10 from ICD-O-3, for reports by ICD-10. The rules are data: ``icd10.csv``, the first that matches wins."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.strata import require_columns
from analysis.terms import is_count_table

OWN_SITE = "site"
NO_CODE = -1
Spans = tuple[tuple[int, int], ...]
CODES = ("topography", "morphology", "behaviour")


def add_icd10(cases: pd.DataFrame) -> pd.DataFrame:
    """Add the three-character category of ICD-10, for registries that report by it.

    Reads ``topography``, ``morphology`` and ``behaviour``; adds ``icd10`` ("C71", "C91", "D33"). It is
    missing where a code is no ICD-O-3 code, or where ICD-10 has no category of that behaviour at that site
    (in situ in bone).

    Notes
    -----
    Leukaemias, lymphomas and related diseases are classified by morphology wherever they lie; melanoma,
    mesothelioma, Kaposi sarcoma and sarcomas of the skin by morphology and site; other malignant tumours by
    site. The conversion sends bone tumours outside bone, extraskeletal Ewing sarcoma among them, to bone
    (C40, C41). ICD-10 counts pilocytic astrocytoma, behaviour 1 in ICD-O-3, as uncertain (D43).

    References
    ----------
    Ferlay J, Burkhard C, Whelan S, Parkin DM. Check and conversion programs for cancer registries
    (IARC/IACR tools). IARC Technical Report 42, Lyon 2005; tables of CanReg5. ICD-10, WHO 2019, chapter II.

    Examples
    --------
    >>> tumours = pd.DataFrame({"topography": ["C71.6", "C42.1", "C71.0"], "morphology": ["9470", "9811", "9421"],
    ...     "behaviour": [3, 3, 1]})
    >>> add_icd10(tumours)["icd10"].tolist()
    ['C71', 'C91', 'D43']
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, CODES)
    site, morphology, behaviour = (_code_numbers(cases[column]) for column in CODES)
    valid = (
        (site >= 0)
        & (morphology >= 0)
        & (morphology < 10_000)
        & (behaviour >= 0)
        & (behaviour < 10)
    )
    keys = np.where(valid, (site * 10_000 + morphology) * 10 + behaviour, NO_CODE)
    tumours, position = np.unique(keys, return_inverse=True)
    return cases.assign(
        icd10=pd.Series(_categories(tumours)[position], index=cases.index, dtype=object)
    )


def _code_numbers(codes: pd.Series) -> np.ndarray:
    """Codes as integers (716 for C71.6), -1 for what is none; each distinct code is read once."""
    positions, levels = pd.factorize(codes, use_na_sentinel=False)
    text = pd.Series(levels).astype("string").str.strip().str.upper()
    text = text.str.replace(r"^C(\d\d)\.?(\d)$", r"\1\2", regex=True).str.removesuffix(".0")
    text = text.where(text.str.isdecimal())
    return pd.to_numeric(text).astype("Float64").fillna(NO_CODE).to_numpy(np.int64)[positions]


def _categories(tumours: np.ndarray) -> np.ndarray:
    """The category of each distinct tumour, None where no rule takes it."""
    coded, behaviour = np.divmod(tumours, 10)
    site, morphology = np.divmod(coded, 10_000)
    category_of = np.full(len(tumours), None, dtype=object)
    # From the last rule to the first, so that the first that takes a tumour is the one that stands.
    for behaviours, sites, morphologies, category in reversed(_rules()):
        takes = (
            _within(behaviour, behaviours)
            & _within(site, sites)
            & _within(morphology, morphologies)
        )
        category_of[takes] = (
            [f"C{number // 10:02d}" for number in site[takes]] if category == OWN_SITE else category
        )
    category_of[tumours == NO_CODE] = None
    return category_of


def _within(codes: np.ndarray, spans: Spans) -> np.ndarray:
    return np.logical_or.reduce([(codes >= first) & (codes <= last) for first, last in spans])


@cache
def _rules() -> list[tuple]:
    with files("analysis.cases").joinpath("icd10.csv").open(encoding="utf-8") as lines:
        rules = pd.read_csv(lines, dtype=str, comment="#")
    return [
        (_spans(rule.behaviour), _spans(rule.topography), _spans(rule.morphology), rule.icd10)
        for rule in rules.itertuples()
    ]


def _spans(codes: str) -> Spans:
    """``"C000-C419 C422"`` as ((0, 419), (422, 422))."""
    pairs = [code.replace("C", "").split("-") for code in codes.split()]
    return tuple((int(pair[0]), int(pair[-1])) for pair in pairs)
