"""How many cases: in each stratum, from one row a tumour or from counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.counts.engines import count_in_engine
from analysis.errors import raise_faults
from analysis.strata import number_strata, require_list
from analysis.terms import is_count_table


def case_counts(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Registered cases in each stratum.

    Reads the columns of ``by``; adds ``cases`` (a count).

    Parameters
    ----------
    cases
        One row a tumour, or a count table (a ``cases`` column, which is then summed). A pandas frame, or any that
        narwhals knows, which is then counted where it lies.
    by
        Stratum columns; empty for all cases together. A missing value is a stratum of its own.

    Returns
    -------
    pandas.DataFrame
        ``by… cases``, strata in reading order. Only strata that occur; ``rate_table`` fills in zeros.

    Raises
    ------
    MissingStepError
        A column of ``by`` is not there.
    InputError
        A count table has a missing or negative count.

    Examples
    --------
    >>> case_counts(pd.DataFrame({"sex": ["male", "female", "male"]}), ["sex"])
          sex  cases
    0    male      2
    1  female      1
    """
    require_list("by", by)
    cases, _ = count_in_engine(cases, by)
    numbers, strata = number_strata(cases, by)
    return strata.assign(cases=count_cases(cases, numbers, len(strata)))


def count_cases(cases: pd.DataFrame, numbers: np.ndarray, size: int) -> np.ndarray:
    """The cases of each number below ``size``: the rows that bear it, or what a count table says of them."""
    if not is_count_table(cases):
        return np.bincount(numbers, minlength=size)
    counts = cases["cases"].to_numpy(dtype=float, na_value=np.nan)
    raise_faults("count table", {"cases: must be 0 or more": ~(counts >= 0)})
    return np.bincount(numbers, counts, minlength=size).round().astype(np.int64)
