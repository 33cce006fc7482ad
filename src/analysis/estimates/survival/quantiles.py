"""By when half of them, or another share, have died."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.survival.event_tables import bounds, counts_of, in_strata, strata_with
from analysis.strata import require_columns

# R's quantile.survfit takes shares within this distance as equal.
SAME_SHARE = 1.5e-8
SIDES = {"quantile_days": "survival", "lower_days": "lower", "upper_days": "upper"}


def median_survival(curve: pd.DataFrame) -> pd.DataFrame:
    """The time by which half have died, with the interval read from the curve's band.

    Reads a curve of ``kaplan_meier``; adds ``median_days``, ``lower_days`` and ``upper_days`` (days).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.

    Returns
    -------
    pandas.DataFrame
        ``by… median_days lower_days upper_days``, one row a stratum. Missing where the curve, or the side of its band,
        does not come down to one half.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.

    Notes
    -----
    Where the curve runs flat at exactly one half, the middle of the flat stretch is taken, as in R.

    References
    ----------
    Brookmeyer, Crowley. Biometrics 1982;38:29–41.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "time_days": [100, 200, 300], "survival": [0.8, 0.5, 0.2], "lower": [0.2, 0.1, 0.0], "upper": [1, 0.9, 0.7],
    ... })
    >>> median_survival(curve)
       median_days  lower_days  upper_days
    0        250.0       100.0         NaN
    """
    half = survival_quantile(curve, [0.5]).drop(columns="probability")
    return half.rename(columns={"quantile_days": "median_days"})


def survival_quantile(
    curve: pd.DataFrame, probabilities: Sequence[float] = (0.25, 0.5, 0.75)
) -> pd.DataFrame:
    """The times by which given shares have died, with intervals read from the curve's band.

    .. math:: t_p = \\min\\{t : S(t) \\le 1 - p\\}

    Reads a curve of ``kaplan_meier``; adds ``probability`` (the share that has died, 0–1), ``quantile_days``,
    ``lower_days`` and ``upper_days`` (days).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it.
    probabilities
        Shares that have died, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        ``by… probability quantile_days lower_days upper_days``, one row a stratum and share. Missing where the
        curve, or the side of its band, does not come down so far.

    Raises
    ------
    MissingStepError
        The table is not a survival curve.
    InputError
        A share that is not between 0 and 1.

    Notes
    -----
    Where the curve runs flat at exactly the share still alive, the middle of the flat stretch is taken, as in R. The
    interval is that of Brookmeyer and Crowley, of the kind and the coverage that the curve was made with: from the day
    on which the lower side of the band first comes down so far to the day on which the upper side does. (A log–log band
    of very few can rise again; R's ``quantile`` sorts it beforehand and then says another day.)

    References
    ----------
    Brookmeyer, Crowley. Biometrics 1982;38:29–41.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "time_days": [100, 200, 300], "survival": [0.8, 0.5, 0.2], "lower": [0.2, 0.1, 0.0], "upper": [1, 0.9, 0.7],
    ... })
    >>> survival_quantile(curve, [0.25, 0.5])
       probability  quantile_days  lower_days  upper_days
    0         0.25          200.0       100.0       300.0
    1         0.50          250.0       100.0         NaN
    """
    require_columns(curve, ["time_days", *SIDES.values()])
    shares = np.atleast_1d(probabilities).astype(float)
    if not ((shares > 0) & (shares < 1)).all():
        raise InputError(
            "quantile of survival", ["probabilities must lie between 0 and 1, as in 0.5"]
        )
    curve, stratum, strata = in_strata(curve)
    times, spans = counts_of(curve, "time_days"), bounds(stratum, strata)
    table = strata_with(strata, probability=shares)
    for name, column in SIDES.items():
        values = counts_of(curve, column).astype(float)
        days = [
            _time_of_share(times[start:end], values[start:end], 1 - share)
            for start, end in spans
            for share in shares
        ]
        table[name] = np.array(days, dtype=float)
    return table


def _time_of_share(times: np.ndarray, values: np.ndarray, alive: float) -> float:
    at_or_below = np.flatnonzero(values <= alive + SAME_SHARE)
    if not at_or_below.size:
        return np.nan
    time, value = times[at_or_below[0]], values[at_or_below[0]]
    below = np.flatnonzero(values < alive - SAME_SHARE)
    end_of_step = times[below[0]] if below.size else times[-1]
    runs_flat_at_share = abs(value - alive) <= SAME_SHARE
    return (time + end_of_step) / 2 if runs_flat_at_share else time
