"""What they die of: cumulative incidence with competing causes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.intervals.of_survival import survival_interval, survival_interval_quantile
from analysis.estimates.survival.event_tables import ROUNDING, beside, event_rows
from analysis.estimates.survival.kaplan_meier_curve import surviving_share
from analysis.estimates.survival.running_sums import (
    just_before,
    running_product,
    running_sum,
    step_curve,
)

ESTIMATES = ("cumulative_incidence", "standard_error", "lower", "upper")


def cumulative_incidence_function(
    events: pd.DataFrame,
    cause: str,
    *,
    variance: str = "greenwood",
    interval: str = "log-log",
    confidence: float = 0.95,
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
    variance
        ``"greenwood"``: multinomial at each time, as R's ``survfit`` and ``etm`` give it. ``"aalen"``: from the
        counting processes of the two kinds of event, with Gray's correction for ties, as ``cmprsk::cuminc`` gives it.
    interval
        As for ``kaplan_meier``, of the cumulative incidence itself; [0, 0] before the first event of the cause.
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
    _require_cause(events, cause)

    def aalen_johansen(stratum, at_risk, died, of_cause):
        survival = running_product(stratum, surviving_share(at_risk, died))
        before = just_before(stratum, survival, at_start=1.0)
        at_risk = np.where(at_risk > 0, at_risk, 1).astype(float)
        incidence = running_sum(stratum, before * of_cause / at_risk)
        course = _Course(stratum, at_risk, died, of_cause, before, incidence)
        error = np.sqrt(np.maximum(VARIANCES[variance](course), 0))
        return incidence, error, *_limits(incidence, error, confidence, interval)

    table, stratum, counts = event_rows(events, ["events", f"events_{cause}"])
    return beside(table, step_curve(ESTIMATES, aalen_johansen, stratum, counts))


def cumulative_incidence_by_cause(
    events: pd.DataFrame,
    *,
    variance: str = "greenwood",
    interval: str = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The cumulative incidence of every cause of an event table, one below the other.

    Reads an event table made from a categorical ``event``; adds ``cause`` and the four columns of
    `cumulative_incidence_function`.

    Parameters
    ----------
    events
        As for `cumulative_incidence_function`, as are ``variance``, ``interval`` and ``confidence``.

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
        fault = "the event table tells no causes apart: make it of a categorical"
        raise InputError("cumulative incidence", [fault])
    curves = []
    for cause in causes:
        curve = cumulative_incidence_function(
            events, cause, variance=variance, interval=interval, confidence=confidence
        )
        curve["events"] = curve[f"events_{cause}"]
        name = pd.Categorical([cause] * len(curve), causes)
        curve.insert(curve.columns.get_loc("time_days"), "cause", name)
        curves.append(curve.drop(columns=[f"events_{other}" for other in causes]))
    return pd.concat(curves, ignore_index=True)


def _require_cause(events: pd.DataFrame, cause: str) -> None:
    causes = _causes(events)
    if str(cause) not in causes:
        choices = ", ".join(causes) or "none"
        fault = f"cause: {cause!r} is not a cause of the table: {choices}"
        raise InputError("cumulative incidence", [fault])


def _causes(events: pd.DataFrame) -> list[str]:
    columns = [str(name) for name in events.columns]
    return [name.removeprefix("events_") for name in columns if name.startswith("events_")]


def _limits(
    incidence: np.ndarray, error: np.ndarray, confidence: float, interval: str
) -> list[np.ndarray]:
    limits = survival_interval(incidence, error, confidence, interval)
    limits = [np.where(incidence > 0, limit, 0.0) for limit in limits]
    return [np.where(incidence < 1 - ROUNDING, limit, np.nan) for limit in limits]


@dataclass(frozen=True)
class _Course:
    """What has happened by each time: counts, all-cause survival just before, cumulative incidence."""

    stratum: np.ndarray
    at_risk: np.ndarray
    died: np.ndarray
    of_cause: np.ndarray
    before: np.ndarray
    incidence: np.ndarray


def _greenwood(course: _Course) -> np.ndarray:
    died, of_cause = course.died / course.at_risk, course.of_cause / course.at_risk
    left = surviving_share(course.at_risk, course.died)
    odds = np.where(left > 0, died / np.where(left > 0, left, 1.0), 0.0)
    own = course.before**2 * of_cause * (1 - of_cause) / course.at_risk
    crossed = -2 * course.before * of_cause / course.at_risk
    return _added_up(course, own, crossed, odds / course.at_risk)


def _aalen(course: _Course) -> np.ndarray:
    left = course.before * surviving_share(course.at_risk, course.died)
    weight = np.where(left > 0, 1 / np.where(left > 0, left, 1.0), 0.0)
    own, others = (
        course.before**2 * _tied(course.at_risk, count) / course.at_risk**2
        for count in (course.of_cause, course.died - course.of_cause)
    )
    # Once nobody is left, a death of another cause takes nothing from what was still to come.
    others = np.where(left > 0, others, 0.0)
    return _added_up(course, own, -2 * own * weight, (own + others) * weight**2)


def _added_up(
    course: _Course, constant: np.ndarray, linear: np.ndarray, square: np.ndarray
) -> np.ndarray:
    # Each time s adds constant + linear·(F(t) - F(s)) + square·(F(t) - F(s))²: three running sums serve every t.
    stratum, incidence = course.stratum, course.incidence
    total = running_sum(stratum, constant - linear * incidence + square * incidence**2)
    slope = running_sum(stratum, linear - 2 * square * incidence)
    return total + incidence * slope + incidence**2 * running_sum(stratum, square)


def _tied(at_risk: np.ndarray, count: np.ndarray) -> np.ndarray:
    # Gray's correction: of several at one time, the variance of a draw without replacement.
    return count * np.where(count > 1, 1 - (count - 1) / np.maximum(at_risk - 1, 1), 1.0)


VARIANCES = {"greenwood": _greenwood, "aalen": _aalen}
