"""What they die of: cumulative incidence with competing causes."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals import survival_interval
from analysis.estimates.survival import in_strata, running
from analysis.strata import require_columns


def cumulative_incidence_function(
    events: pd.DataFrame, cause: str, confidence: float = 0.95, interval: str = "log-log"
) -> pd.DataFrame:
    """The probability of an event of one cause by each time, other causes competing (Aalen–Johansen).

    .. math:: F_k(t) = \\sum_{t_j \\le t} S(t_j-) \\frac{d_{jk}}{n_j}

    Reads ``time_days`` (days), ``at_risk`` (n), ``events`` (d, all causes), ``events_<cause>`` and the stratum columns;
    adds ``cumulative_incidence``, ``standard_error``, ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    events
        An event table made from a categorical ``event``.
    cause
        One of its causes.
    confidence
        Coverage of the pointwise interval.
    interval
        As for ``kaplan_meier``, of the cumulative incidence itself; [0, 0] before the first event of the cause.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        A cause that is not in the table.

    Notes
    -----
    One minus Kaplan–Meier with other causes censored is larger: it is no probability of anything observable. The
    variance is Greenwood's for two causes (multinomial at each time).

    References
    ----------
    Aalen, Johansen. Scand J Stat 1978;5:141–150. Therneau, Grambsch. Modeling Survival Data, 2000.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "time_days": [10, 20], "at_risk": [4, 2], "events": [1, 1], "events_cancer": [1, 0], "events_other": [0, 1],
    ... })
    >>> cumulative_incidence_function(events, "other")[["time_days", "cumulative_incidence", "standard_error"]].round(3)
       time_days  cumulative_incidence  standard_error
    0         10                 0.000           0.000
    1         20                 0.375           0.286
    """
    require_columns(events, ["time_days", "at_risk", "events"])
    column = f"events_{cause}"
    if column not in events.columns:
        known = [name.removeprefix("events_") for name in events.columns if str(name).startswith("events_")]
        raise InputError(
            "cumulative incidence", [f"{cause!r} is not a cause of the table: {', '.join(known) or 'none'}"]
        )
    curve, numbers, _ = in_strata(events)
    at_risk = curve["at_risk"].to_numpy(dtype=float)
    all_causes, this_cause = (
        curve["events"].to_numpy(dtype=float) / at_risk,
        curve[column].to_numpy(dtype=float) / at_risk,
    )
    before = _before(numbers, running(np.cumprod, numbers, 1 - all_causes))
    incidence = running(np.cumsum, numbers, before * this_cause)
    error = np.sqrt(_variance(numbers, at_risk, all_causes, this_cause, before, incidence))
    limits = survival_interval(incidence, error, confidence, interval)
    lower, upper = (np.where(incidence == 0, 0.0, limit) for limit in limits)
    return curve.assign(cumulative_incidence=incidence, standard_error=error, lower=lower, upper=upper)


def _before(numbers: np.ndarray, survival: np.ndarray) -> np.ndarray:
    first = np.diff(numbers, prepend=-1) != 0
    return np.where(first, 1.0, np.roll(survival, 1))


def _variance(numbers, at_risk, all_causes, this_cause, before, incidence):
    # With c = F(t) - F(s), the time s adds (a² h₁(1-h₁) - 2 a c h₁ + c² h/(1-h)) / n; sums over s for every t at once.
    left = np.where(all_causes < 1, 1 - all_causes, 1.0)
    odds = np.where(all_causes < 1, all_causes / left, 0.0) / at_risk
    own = before**2 * this_cause * (1 - this_cause) / at_risk
    cross = before * this_cause / at_risk
    total = running(np.cumsum, numbers, own + 2 * cross * incidence + odds * incidence**2)
    slope = running(np.cumsum, numbers, cross + odds * incidence)
    square = running(np.cumsum, numbers, odds)
    return np.maximum(total - 2 * incidence * slope + incidence**2 * square, 0)
