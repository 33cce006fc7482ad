"""What they die of: cumulative incidence with competing causes."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.intervals.of_survival import survival_interval, survival_interval_quantile
from analysis.estimates.survival.kaplan_meier_curve import (
    ROUNDING,
    beside,
    changes_of_curve,
    event_rows,
    pieces,
    running,
    surviving_share,
)

ESTIMATED = ("cumulative_incidence", "standard_error", "lower", "upper")


def cumulative_incidence_function(
    events: pd.DataFrame,
    cause: str,
    confidence: float = 0.95,
    interval: str = "log-log",
    variance: str = "greenwood",
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
    variance
        ``"greenwood"``: multinomial at each time, as R's ``survfit`` and ``etm`` give it. ``"aalen"``: from the
        counting processes of the two kinds of event, with Gray's correction for ties, as ``cmprsk::cuminc`` gives it.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        A cause that is not in the table, an interval or a variance that is not known, counts that cannot be.

    Notes
    -----
    One minus Kaplan–Meier with other causes censored is larger: it is no probability of anything observable. The
    two variances agree in large numbers and differ in the third decimal of the standard error in small ones; say which
    was used. Where everyone has had the event of the cause, the interval is missing.

    References
    ----------
    Aalen, Johansen. Scand J Stat 1978;5:141–150. Aalen. Ann Stat 1978;6:534–545. Gray. Ann Stat 1988;16:1141–1154.
    Therneau, Grambsch. Modeling Survival Data, 2000.

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
    require_choice("variance of cumulative incidence", variance, VARIANCES)
    survival_interval_quantile(confidence, interval)
    if f"events_{cause}" not in events.columns:
        known = ", ".join(_causes(events)) or "none"
        raise InputError(
            "cumulative incidence", [f"{cause!r} is not a cause of the table: {known}"]
        )
    curve, numbers, counts = event_rows(events, ["events", f"events_{cause}"])
    estimated = np.empty((len(ESTIMATED), len(curve)))
    for rows in pieces(numbers):
        changes, latest = changes_of_curve(numbers[rows], counts[1][rows])
        incidence, error = _aalen_johansen(
            numbers[rows][changes], *(n[rows][changes] for n in counts), variance
        )
        limits = _limits(incidence, error, confidence, interval)
        for values, held in zip((incidence, error, *limits), estimated[:, rows], strict=True):
            values.take(latest, out=held, mode="clip")
    return beside(curve, dict(zip(ESTIMATED, estimated, strict=True)))


def cumulative_incidence_by_cause(
    events: pd.DataFrame,
    confidence: float = 0.95,
    interval: str = "log-log",
    variance: str = "greenwood",
) -> pd.DataFrame:
    """The cumulative incidence of every cause of an event table, one below the other.

    Reads an event table made from a categorical ``event``; adds ``cause`` and the four columns of
    `cumulative_incidence_function`.

    Parameters
    ----------
    events
        As for `cumulative_incidence_function`, as are ``confidence``, ``interval`` and ``variance``.

    Returns
    -------
    pandas.DataFrame
        ``by… cause time_days at_risk events censored cumulative_incidence standard_error lower upper``; causes in the
        order of the table, ``events`` those of the cause. At each time the causes and survival add up to one.

    Raises
    ------
    InputError
        The table tells no causes apart.

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [10, 20], "at_risk": [4, 2], "events": [1, 1], "censored": [1, 1],
    ...                        "events_cancer": [1, 0], "events_other": [0, 1]})
    >>> cumulative_incidence_by_cause(events)[["cause", "time_days", "events", "cumulative_incidence"]]
        cause  time_days  events  cumulative_incidence
    0  cancer         10       1                 0.250
    1  cancer         20       0                 0.250
    2   other         10       0                 0.000
    3   other         20       1                 0.375
    """
    causes = _causes(events)
    if not causes:
        raise InputError(
            "cumulative incidence",
            ["the event table tells no causes apart: make it of a categorical"],
        )
    curves = []
    for cause in causes:
        curve = cumulative_incidence_function(events, cause, confidence, interval, variance)
        curve["events"] = curve[f"events_{cause}"]
        curve.insert(
            curve.columns.get_loc("time_days"),
            "cause",
            pd.Categorical([cause] * len(curve), causes),
        )
        curves.append(curve.drop(columns=[f"events_{name}" for name in causes]))
    together = pd.concat(curves, ignore_index=True)
    together.attrs = dict(events.attrs)
    return together


def _causes(events: pd.DataFrame) -> list[str]:
    return [
        str(name).removeprefix("events_")
        for name in events.columns
        if str(name).startswith("events_")
    ]


def _limits(
    incidence: np.ndarray, error: np.ndarray, confidence: float, interval: str
) -> list[np.ndarray]:
    limits = survival_interval(incidence, error, confidence, interval)
    limits = [np.where(incidence > 0, limit, 0.0) for limit in limits]
    return [np.where(incidence < 1 - ROUNDING, limit, np.nan) for limit in limits]


def _aalen_johansen(numbers, at_risk, died, of_cause, variance):
    survival = running(np.cumprod, numbers, surviving_share(at_risk, died))
    before = np.where(np.diff(numbers, prepend=-1) != 0, 1.0, np.roll(survival, 1))
    some = np.where(at_risk > 0, at_risk, 1)
    incidence = running(np.cumsum, numbers, before * of_cause / some)
    squared = VARIANCES[variance](numbers, some.astype(float), died, of_cause, before, incidence)
    return incidence, np.sqrt(np.maximum(squared, 0))


def _sums_for_every_end(numbers, incidence, constant, linear, square):
    # Each time s adds constant + linear·(F(t) - F(s)) + square·(F(t) - F(s))²: three running sums serve every t.
    total = running(np.cumsum, numbers, constant - linear * incidence + square * incidence**2)
    slope = running(np.cumsum, numbers, linear - 2 * square * incidence)
    return total + incidence * slope + incidence**2 * running(np.cumsum, numbers, square)


def _greenwood(numbers, at_risk, died, of_cause, before, incidence):
    all_causes, this_cause = died / at_risk, of_cause / at_risk
    left = surviving_share(at_risk, died)
    odds = np.where(left > 0, all_causes / np.where(left > 0, left, 1.0), 0.0) / at_risk
    own = before**2 * this_cause * (1 - this_cause) / at_risk
    return _sums_for_every_end(numbers, incidence, own, -2 * before * this_cause / at_risk, odds)


def _aalen(numbers, at_risk, died, of_cause, before, incidence):
    left = before * surviving_share(at_risk, died)
    weight = np.where(left > 0, 1 / np.where(left > 0, left, 1.0), 0.0)
    own, other = (
        before**2 * _tied(at_risk, count) / at_risk**2 for count in (of_cause, died - of_cause)
    )
    other = np.where(left > 0, other, 0.0)
    return _sums_for_every_end(
        numbers, incidence, own, -2 * own * weight, (own + other) * weight**2
    )


def _tied(at_risk: np.ndarray, count: np.ndarray) -> np.ndarray:
    # Gray's correction: of several at one time, the variance of a draw without replacement.
    return count * np.where(count > 1, 1 - (count - 1) / np.maximum(at_risk - 1, 1), 1.0)


VARIANCES = {"greenwood": _greenwood, "aalen": _aalen}
