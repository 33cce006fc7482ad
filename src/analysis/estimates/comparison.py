"""Do groups differ: the log-rank test (the only file that knows lifelines)."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.survival import in_strata
from analysis.strata import require_columns


def log_rank_test(events: pd.DataFrame) -> pd.DataFrame:
    """Whether survival is the same in all strata of an event table.

    .. math:: Z^T V^{-1} Z, \\quad Z_k = \\sum_j \\left(d_{jk} - n_{jk} \\frac{d_j}{n_j}\\right)

    Reads ``time_days``, ``events``, ``censored`` and the stratum columns; adds ``strata`` (how many were compared),
    ``test_statistic``, ``degrees_of_freedom`` and ``p_value``.

    Parameters
    ----------
    events
        An event table with stratum columns, without delayed entry.

    Returns
    -------
    pandas.DataFrame
        One row: ``strata test_statistic degrees_of_freedom p_value``. Statistic and p-value are missing with fewer
        than two strata, with no event, or where the first event took everyone.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        The table has delayed entry (``entered``).

    Notes
    -----
    A stratum whose follow-up ends before the first event anywhere is not compared, as in R's ``survdiff``. The test
    compares whole curves and gives every time the same weight; it says little of curves that cross. Many
    tests in one report find differences by chance.

    References
    ----------
    Mantel. Cancer Chemother Rep 1966;50:163–170. Peto, Peto. J R Stat Soc A 1972;135:185–206.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "sex": ["male", "male", "female", "female"], "time_days": [1, 2, 3, 4], "at_risk": [2, 1, 2, 1],
    ...     "events": [1, 1, 1, 0], "censored": [0, 0, 0, 1],
    ... })
    >>> log_rank_test(events).round(3)
       strata  test_statistic  degrees_of_freedom  p_value
    0       2           2.882                   1     0.09
    """
    require_columns(events, ["time_days", "events", "censored"])
    if "entered" in events.columns:
        raise InputError("log-rank test", ["entered: the test is for follow-up from diagnosis, without delayed entry"])
    table, numbers, _ = in_strata(events)
    first_event = table.loc[table["events"] > 0, "time_days"].min()
    still_followed = table["time_days"] >= first_event
    table, numbers = table[still_followed], numbers[still_followed]
    compared, survivors = len(np.unique(numbers)), _left_after(table, first_event)
    statistic, p_value = _multivariate(table, numbers) if compared > 1 and survivors else (np.nan, np.nan)
    return pd.DataFrame(
        {
            "strata": [compared],
            "test_statistic": [statistic],
            "degrees_of_freedom": [max(compared - 1, 0)],
            "p_value": [p_value],
        }
    )


def _left_after(table: pd.DataFrame, first_event: float) -> int:
    died = table.loc[table["time_days"] == first_event, "events"].sum()
    return int(table[["events", "censored"]].to_numpy().sum() - died)


def _multivariate(table: pd.DataFrame, numbers: np.ndarray) -> tuple[float, float]:
    from lifelines.statistics import multivariate_logrank_test

    children = np.concatenate([table["events"], table["censored"]])
    counted = children > 0
    died = np.repeat([1, 0], len(table))
    result = multivariate_logrank_test(
        np.tile(table["time_days"].to_numpy(dtype=float), 2)[counted],
        np.tile(numbers, 2)[counted],
        died[counted],
        weights=children[counted],
    )
    return float(result.test_statistic), float(result.p_value)
