"""Indicators of data quality: one frame with ``eligible`` and ``met``, so that both come from the same children."""

import pandas as pd

from analysis.terms import DEATH_CERTIFICATE_ONLY, MICROSCOPIC_BASIS

UNKNOWN_BASIS = 9
UNSPECIFIED = ("I(e)", "II(e)", "III(f)", "VI(c)", "VII(c)", "VIII(e)", "IX(e)", "XII(b)")

# What each indicator reads, and when a tumour meets it.
INDICATORS = {
    "microscopically_verified": ("basis_of_diagnosis", lambda basis: basis.isin(MICROSCOPIC_BASIS)),
    "death_certificate_only": ("basis_of_diagnosis", lambda basis: basis == DEATH_CERTIFICATE_ONLY),
    "unknown_basis": ("basis_of_diagnosis", lambda basis: basis.isna() | (basis == UNKNOWN_BASIS)),
    "unspecified_tumour": ("iccc3_subgroup", lambda subgroup: subgroup.isin(UNSPECIFIED)),
}


def quality_indicators(cases: pd.DataFrame) -> pd.DataFrame:
    """Stand the cases once under each indicator of data quality that their columns allow.

    Reads ``basis_of_diagnosis`` and ``iccc3_subgroup``; adds ``indicator``, ``eligible`` and ``met``.
    Every tumour is eligible; a basis that is not filled counts as unknown.

    Notes
    -----
    Microscopically verified: basis 5, 6 or 7 (cytology, histology of a metastasis or of the primary).
    Unspecified tumour: an ICCC-3 subgroup for tumours that are not further specified.

    References
    ----------
    Bray F, Parkin DM. Evaluation of data quality in the cancer registry: principles and methods,
    part I. Eur J Cancer 2009;45:747–55.

    Examples
    --------
    >>> tumours = pd.DataFrame({"basis_of_diagnosis": [7, 0]})
    >>> quality_indicators(tumours).groupby("indicator")["met"].sum().to_dict()
    {'death_certificate_only': 1, 'microscopically_verified': 1, 'unknown_basis': 0}
    """
    pieces = []
    for name, (column, meets) in INDICATORS.items():
        if column in cases:
            met = meets(cases[column]).fillna(False).astype(bool)
            pieces.append(cases.assign(indicator=name, eligible=True, met=met))
    if pieces:
        return pd.concat(pieces, ignore_index=True)
    return cases.iloc[:0].assign(indicator="", eligible=True, met=True)


def filled_columns(cases: pd.DataFrame) -> pd.DataFrame:
    """Say for every tumour and column whether it is filled.

    Returns
    -------
    pandas.DataFrame
        ``column eligible met``, one row a tumour and column; "unknown" is not filled.

    Examples
    --------
    >>> filled_columns(pd.DataFrame({"sex": ["male", "unknown"]}))["met"].tolist()
    [True, False]
    """
    pieces = [
        pd.DataFrame({"column": name, "eligible": True, "met": (cases[name].notna() & (cases[name] != "unknown"))})
        for name in cases.columns
    ]
    return pd.concat(pieces, ignore_index=True).astype({"met": bool})
