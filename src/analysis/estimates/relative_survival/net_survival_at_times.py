"""What a curve of net survival says: at fixed times, among long-term survivors, and in its other form."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.intervals.of_net_survival import net_survival_estimates
from analysis.estimates.survival.event_tables import bounds, in_strata
from analysis.estimates.survival.fixed_times import days_since_diagnosis
from analysis.estimates.survival.survival_at_times import survival_at
from analysis.strata import curve_strata, require_columns

COUNTS = ("time_days", "at_risk", "events", "censored")
ESTIMATED = ("net_survival", "standard_error", "lower", "upper")


def net_survival_at(
    curve: pd.DataFrame, years: Sequence[float] = (1, 5, 10), extend: bool = False
) -> pd.DataFrame:
    """Net survival at fixed times after diagnosis, in each stratum.

    Reads a curve of ``net_survival`` or ``conditional_net_survival``; adds ``years`` (years of 365.25 days).

    Parameters
    ----------
    curve
        As ``net_survival`` gives it.
    years
        Times since diagnosis.
    extend
        Carry the last value beyond the last follow-up.

    Returns
    -------
    pandas.DataFrame
        ``by… years at_risk net_survival standard_error lower upper``, one row a stratum and time; missing beyond the
        last follow-up of the stratum.

    Raises
    ------
    MissingStepError
        The table is not a curve of net survival.
    InputError
        Years that are negative, or more than 120.

    Notes
    -----
    The value is that of the last row at or before the time: for Pohar Perme whole years are rows of their own, for the
    other methods the population's hazard since the last exit is left out, as in R's relsurv.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [300, 2000], "at_risk": [9, 5], "events": [1, 0], "censored": [0, 5],
    ...     "net_survival": [0.9, 0.91], "standard_error": 0.1, "lower": [0.7, 0.7], "upper": [1.1, 1.1]})
    >>> net_survival_at(curve, years=[5])
       years  at_risk  net_survival  standard_error  lower  upper
    0      5        5           0.9             0.1    0.7    1.1
    """
    require_columns(curve, ["time_days", "at_risk", *ESTIMATED])
    # What else stands beside a curve (counts, hazards) is not of a fixed time.
    estimates = curve[[*curve_strata(curve), "time_days", "at_risk", *ESTIMATED]]
    as_survival = estimates.rename(columns={"net_survival": "survival"})
    table = survival_at(as_survival, years, extend)
    return table.rename(columns={"survival": "net_survival"})


def conditional_net_survival(
    curve: pd.DataFrame, given_years: float = 5, *, interval: str = "log", confidence: float = 0.95
) -> pd.DataFrame:
    """Net survival among those who have already survived some years: the long-term survivors' curve.

    .. math:: S_E(t \\mid t_0) = S_E(t) / S_E(t_0), \\quad
              var \\log S_E(t \\mid t_0) = var \\log S_E(t) - var \\log S_E(t_0)

    Reads a curve of ``net_survival``; adds ``given_years`` (years of 365.25 days).

    Parameters
    ----------
    curve
        As ``net_survival`` gives it.
    given_years
        Years already survived.
    interval
        As for ``net_survival``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… given_years time_days at_risk events censored net_survival standard_error lower upper``: the rows after
        the years given, times still counted from diagnosis. ``net_survival_at`` reads it at 10, 15, 20 or 25 years.

    Raises
    ------
    MissingStepError
        The table is not a curve of net survival.
    InputError
        Years that are negative or more than 120, or an interval that is not known.

    Notes
    -----
    A curve at 1 says that long-term survivors die no more often than others of their age and sex. A stratum that
    nobody has survived so long has no rows.

    References
    ----------
    Janssen-Heijnen et al. Br J Cancer 2007;97:1–4. Hieke et al. Clin Cancer Res 2015;21:1530–1536.

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [300, 2000], "at_risk": [9, 8], "events": [1, 1], "censored": [0, 7],
    ...     "net_survival": [0.9, 0.81], "standard_error": [0.09, 0.1], "lower": 0.5, "upper": 1.1})
    >>> conditional_net_survival(curve)[["given_years", "time_days", "at_risk", "net_survival"]].round(3)
       given_years  time_days  at_risk  net_survival
    0            5       2000        8           0.9
    """
    _, given_days = days_since_diagnosis("given_years", given_years)
    require_columns(curve, [*COUNTS, *ESTIMATED])
    table, stratum, strata = in_strata(curve)
    later = table["time_days"].to_numpy(dtype=float) > given_days[0]
    latest = _latest_of_stratum(later, bounds(stratum, strata))[later]
    survival, variance = table["net_survival"].to_numpy(dtype=float), _variance_of_log(table)
    # Place -1 is that of the value appended: who has no row so early has lost nobody.
    reached, spent = np.append(survival, 1.0)[latest], np.append(variance, 0.0)[latest]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(reached > 0, survival[later] / reached, np.nan)
    error_of_log = np.sqrt(np.maximum(variance[later] - spent, 0))
    rows = _of_given_years(table[later], given_years)
    return rows.assign(**net_survival_estimates(ratio, error_of_log, confidence, interval))


def _of_given_years(curve: pd.DataFrame, given_years: float) -> pd.DataFrame:
    by = curve_strata(curve)
    rows = curve[[*by, *COUNTS]].reset_index(drop=True)
    rows.insert(len(by), "given_years", given_years)
    return rows


def _variance_of_log(curve: pd.DataFrame) -> np.ndarray:
    survival, error = (
        curve[name].to_numpy(dtype=float) for name in ("net_survival", "standard_error")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(survival > 0, (error / survival) ** 2, np.nan)


def _latest_of_stratum(later: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """For each row the last one of its stratum that is not ``later``; -1 where all are."""
    latest = np.full(len(later), -1)
    for start, end in spans:
        before = np.flatnonzero(~later[start:end])
        if before.size:
            latest[start:end] = start + before[-1]
    return latest


def fleming_harrington_form(
    curve: pd.DataFrame, *, interval: str = "log", confidence: float = 0.95
) -> pd.DataFrame:
    """Net survival as the exponential of the excess hazard, where ``net_survival`` gives a product.

    .. math:: S_E(t) = e^{-\\Lambda_E(t)}

    Reads ``excess_hazard``, ``net_survival`` and ``standard_error`` of a curve of ``net_survival``; gives
    ``net_survival``, ``standard_error``, ``lower`` and ``upper`` anew.

    Parameters
    ----------
    curve
        As ``net_survival`` gives it.
    interval
        As for ``net_survival``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        The rows of the curve.

    Raises
    ------
    MissingStepError
        The table is not a curve of net survival.

    Notes
    -----
    The two forms differ where few are at risk: after the last child's death the product is near 0, the exponential is
    not.

    References
    ----------
    Fleming, Harrington. Commun Stat Theory Methods 1984;13:2469–2486.

    Examples
    --------
    >>> curve = pd.DataFrame({"net_survival": [0.5], "standard_error": [0.25], "excess_hazard": [0.5]})
    >>> fleming_harrington_form(curve)[["net_survival", "standard_error"]].round(3)
       net_survival  standard_error
    0         0.607           0.303
    """
    require_columns(curve, ["excess_hazard", "net_survival", "standard_error"])
    survival = np.exp(-curve["excess_hazard"].to_numpy(dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        error_of_log = (curve["standard_error"] / curve["net_survival"]).to_numpy(dtype=float)
    return curve.assign(**net_survival_estimates(survival, error_of_log, confidence, interval))
