"""How many are still alive: the Kaplan–Meier curve."""

from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.estimates.intervals import survival_interval
from analysis.strata import curve_strata, number_strata, require_columns


def kaplan_meier(events: pd.DataFrame, confidence: float = 0.95, interval: str = "log-log") -> pd.DataFrame:
    """Observed survival after each time of follow-up, in each stratum.

    .. math:: S(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{d_j}{n_j}\\right), \\quad
              se(t) = S(t) \\sqrt{\\sum_{t_j \\le t} \\frac{d_j}{n_j (n_j - d_j)}}

    Reads ``time_days`` (days), ``at_risk`` (n), ``events`` (d) and the stratum columns, which are all the others;
    adds ``survival``, ``standard_error`` (Greenwood's, of survival), ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    events
        An event table, as ``analysis.counts.event_table`` gives it.
    confidence
        Coverage of the pointwise interval.
    interval
        ``"log-log"``, ``"log"``, ``"plain"``, ``"logit"`` or ``"arcsin"``: the ``conf.type`` of R's ``survfit``.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        An interval that is not known.

    Notes
    -----
    Where survival has reached 0 the standard error and the interval are undefined, hence missing; where nobody has
    died yet the interval is [1, 1]. With delayed entry the risk set can empty early: survival is then 0 for ever.

    References
    ----------
    Kaplan, Meier. J Am Stat Assoc 1958;53:457–481. Kalbfleisch, Prentice. The Statistical Analysis of Failure Time
    Data, 2nd ed., 2002, section 1.4 (log–log interval).

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [10, 20, 30], "at_risk": [4, 3, 1], "events": [1, 1, 0]})
    >>> kaplan_meier(events)[["time_days", "survival", "standard_error", "lower", "upper"]].round(3)
       time_days  survival  standard_error  lower  upper
    0         10      0.75           0.217  0.128  0.961
    1         20      0.50           0.250  0.058  0.845
    2         30      0.50           0.250  0.058  0.845
    """
    require_columns(events, ["time_days", "at_risk", "events"])
    curve, numbers, _ = in_strata(events)
    at_risk, died = curve["at_risk"].to_numpy(dtype=float), curve["events"].to_numpy(dtype=float)
    survival = running(np.cumprod, numbers, 1 - died / at_risk)
    variance_of_log = running(np.cumsum, numbers, greenwood_terms(at_risk, died))
    with np.errstate(invalid="ignore"):
        standard_error = survival * np.sqrt(variance_of_log)
    lower, upper = survival_interval(survival, standard_error, confidence, interval)
    return curve.assign(survival=survival, standard_error=standard_error, lower=lower, upper=upper)


def in_strata(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """A table sorted by stratum and time; the stratum number of its rows; the strata."""
    numbers, strata = number_strata(table, curve_strata(table))
    order = np.lexsort((table["time_days"].to_numpy(dtype=float), numbers))
    return table.iloc[order].reset_index(drop=True), numbers[order], strata


def bounds(numbers: np.ndarray, strata: pd.DataFrame) -> list[tuple[int, int]]:
    """First row and row after the last of each stratum, in a table that ``in_strata`` sorted."""
    edges = np.searchsorted(numbers, np.arange(len(strata) + 1))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def running(accumulate: np.ufunc, numbers: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """A running sum or product that starts anew in each stratum.

    One short run a stratum keeps full precision; differences of one long sum would not.
    """
    result = np.empty(len(terms))
    edges = np.flatnonzero(np.diff(numbers, prepend=-1, append=-1))
    for start, end in pairwise(edges):
        result[start:end] = accumulate(terms[start:end])
    return result


def greenwood_terms(at_risk: np.ndarray, died: np.ndarray) -> np.ndarray:
    """What each time adds to the variance of log survival; infinite where the last at risk die."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(died > 0, died / (at_risk * (at_risk - died)), 0.0)
