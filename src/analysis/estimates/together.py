"""Counts and estimates of the same strata in one table."""

import pandas as pd

from analysis.errors import InputError


def beside_counts(counts: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Counts put in front of the estimates of the same strata, for one table or figure.

    Reads the columns that both have, which are the strata; keeps all others.

    Parameters
    ----------
    counts
        One row a stratum, such as how many children entered.
    estimates
        One row or more a stratum, such as survival at several times.

    Returns
    -------
    pandas.DataFrame
        ``by…``, the columns of ``counts``, then those of ``estimates``; a row for every row of ``estimates`` whose
        stratum has counts, strata in the order of ``counts``. What the estimates note of themselves (the outcome,
        what rates are per) goes along, which a plain merge would lose.

    Raises
    ------
    InputError
        The tables have no column in common, or ``counts`` has several rows a stratum.

    Examples
    --------
    >>> counts = pd.DataFrame({"sex": ["male", "female"], "children": [60, 50]})
    >>> estimates = pd.DataFrame({"sex": ["male", "female"], "years": [5, 5], "survival": [0.8, 0.9]})
    >>> beside_counts(counts, estimates)
          sex  children  years  survival
    0    male        60      5       0.8
    1  female        50      5       0.9
    """
    strata = [column for column in counts.columns if column in estimates.columns]
    if not strata or counts.duplicated(strata).any():
        raise InputError(
            "counts beside estimates", ["must have one row for each stratum of the estimates"]
        )
    together = counts.merge(estimates, on=strata)
    together.attrs = {**counts.attrs, **estimates.attrs}
    return together
