"""How many are still alive: the Kaplan–Meier curve."""

import numpy as np
import pandas as pd

from analysis.estimates.intervals.of_survival import survival_interval, survival_interval_quantile
from analysis.estimates.survival.event_tables import ROUNDING, beside, event_rows
from analysis.estimates.survival.running_sums import running_product, running_sum, step_curve

ESTIMATES = ("survival", "standard_error", "lower", "upper")


def kaplan_meier(
    events: pd.DataFrame, *, interval: str = "log-log", confidence: float = 0.95
) -> pd.DataFrame:
    """Observed survival after each time of follow-up, in each stratum.

    .. math:: S(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{d_j}{n_j}\\right), \\quad
              se(t) = S(t) \\sqrt{\\sum_{t_j \\le t} \\frac{d_j}{n_j (n_j - d_j)}}

    Reads ``time_days`` (days), ``at_risk`` (n), ``events`` (d) and the stratum columns, which are all the others;
    adds ``survival``, ``standard_error`` (Greenwood's, of survival), ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    events
        An event table, as ``analysis.counts.event_table`` gives it.
    interval
        ``"log-log"``, ``"log"``, ``"plain"``, ``"logit"`` or ``"arcsin"``: the ``conf.type`` of R's ``survfit``.
    confidence
        Coverage of the pointwise interval.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        An interval that is not known; counts that are missing, negative or larger than those at risk; two rows of one
        stratum at the same time.

    Notes
    -----
    Where survival has reached 0 the standard error and the interval are undefined, hence missing; where nobody has
    died yet the interval is [1, 1]. With delayed entry the risk set can empty early: survival is then 0 for ever, and
    `analysis.estimates.emptied_risk_sets` tells where. Counts need not be whole: weighted ones are taken as
    frequencies, also in the variance.

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
    survival_interval_quantile(confidence, interval)

    def product_limit(stratum, at_risk, died):
        survival = running_product(stratum, surviving_share(at_risk, died))
        variance_of_log = running_sum(stratum, greenwood_terms(at_risk, died))
        with np.errstate(invalid="ignore"):
            standard_error = survival * np.sqrt(variance_of_log)
        limits = survival_interval(survival, standard_error, confidence, interval)
        return survival, standard_error, *limits

    table, stratum, counts = event_rows(events, ["events"])
    return beside(table, step_curve(ESTIMATES, product_limit, stratum, counts))


def surviving_share(at_risk: np.ndarray, died: np.ndarray) -> np.ndarray:
    """The share of those at risk that each time leaves alive; 0 where all die, rounding of weighted counts apart."""
    with np.errstate(invalid="ignore"):
        share = 1 - died / at_risk
    share[share < ROUNDING] = 0
    share[at_risk == 0] = 1
    return share


def greenwood_terms(at_risk: np.ndarray, died: np.ndarray) -> np.ndarray:
    """What each time adds to the variance of log survival; infinite where the last at risk die."""
    left = at_risk - died
    left[left < ROUNDING * at_risk] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = died / (at_risk * left)
    terms[at_risk == 0] = 0
    return terms
