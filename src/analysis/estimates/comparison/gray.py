"""Do groups differ in what happens to them: Gray's test of cumulative incidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.comparison.groups_at_risk import chi_square_row, quadratic_form, risk_sets
from analysis.strata import require_columns


def gray_test(
    events: pd.DataFrame, cause: str, strata: Sequence[str] = (), *, rho: float = 0.0
) -> pd.DataFrame:
    """Whether the cumulative incidence of one cause is the same in all groups, other causes competing.

    .. math:: Z_k = \\sum_j \\left(1 - F(t_j-)\\right)^\\rho \\left(d_{jk} - d_j \\frac{R_{jk}}{\\sum_l R_{jl}}\\right),
              \\quad R_{jk} = n_{jk} \\frac{1 - F_k(t_j-)}{S_k(t_j-)}

    Reads ``time_days`` (days), ``events`` (all causes), ``censored``, ``events_<cause>`` (counts) and the stratum
    columns; adds ``strata`` (how many groups were compared), ``test_statistic``, ``degrees_of_freedom`` and
    ``p_value``.

    Parameters
    ----------
    events
        An event table made from a categorical ``event``, with stratum columns and without delayed entry.
    cause
        One of its causes.
    strata
        Those of its stratum columns within which groups are compared; the groups are formed by all others.
    rho
        0 gives every time the same weight, 1 more weight to early events.

    Returns
    -------
    pandas.DataFrame
        One row: ``strata test_statistic degrees_of_freedom p_value``; statistic and p-value are missing, with no degree
        of freedom, where there is nothing to compare.

    Raises
    ------
    MissingStepError
        The table is not an event table, or lacks a column of ``strata``.
    InputError
        A cause that is not in the table, a negative rho, or a table with delayed entry.

    Notes
    -----
    It compares the subdistribution hazards, that is what a child may expect to happen, and so answers another question
    than the log-rank test of one cause with the others censored, which compares how fast the cause acts on those still
    at risk: groups can differ in one and not in the other. Agrees with ``cuminc`` of R's cmprsk.

    References
    ----------
    Gray. Ann Stat 1988;16:1141–1154.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "sex": ["male"] * 3 + ["female"] * 3, "time_days": [1, 2, 4, 3, 5, 6], "at_risk": [3, 2, 1] * 2,
    ...     "events": [1, 1, 1, 1, 1, 0], "censored": [0, 0, 0, 0, 0, 1],
    ...     "events_cancer": [1, 1, 0, 0, 1, 0], "events_other": [0, 0, 1, 1, 0, 0],
    ... })
    >>> gray_test(events, "cancer").round(3)
       strata  test_statistic  degrees_of_freedom  p_value
    0       2           2.438                   1    0.118
    """
    require_columns(events, ["time_days", "events", "censored"])
    _refuse_unfit(events, cause, rho)
    groups, layers = risk_sets(events, strata, ["events", f"events_{cause}"])
    score, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    compared = np.zeros(len(groups), dtype=bool)
    for at_risk, died, of_cause in layers:
        curves = _curves(at_risk, of_cause, died - of_cause)
        pooled = _pooled(curves, rho)
        score = score + _score(curves, pooled)
        for group in np.flatnonzero((at_risk > 0).any(axis=1)):
            variance += _variance_from(group, curves, pooled)
        compared |= at_risk[:, of_cause.any(axis=0)].any(axis=1)
    return chi_square_row(int(compared.sum()), *quadratic_form(score, variance))


def _refuse_unfit(events: pd.DataFrame, cause: str, rho: float) -> None:
    prefix = "events_"
    names = [str(name) for name in events.columns]
    causes = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    faults = []
    if str(cause) not in causes:
        faults.append(f"{cause!r} is not a cause of the table: {', '.join(causes) or 'none'}")
    if "entered" in events:
        faults.append("entered: the test is for follow-up from diagnosis, without delayed entry")
    if not rho >= 0:
        faults.append("rho must not be negative")
    if faults:
        raise InputError("Gray's test", faults)


@dataclass(frozen=True)
class GroupCurves:
    """Groups (rows) at the times of events (columns) of one stratum.

    ``survival`` and ``before`` are those of all causes after and before the time; ``whole`` is what the risk set would
    be had nobody left it, n / S(t-), and ``present`` its part without an event of the cause.
    """

    at_risk: np.ndarray
    of_cause: np.ndarray
    of_other: np.ndarray
    survival: np.ndarray
    before: np.ndarray
    whole: np.ndarray
    present: np.ndarray


@dataclass(frozen=True)
class Pooled:
    """All groups together at each time: events of the cause, ``whole`` of all groups, incidence, weight and hazard."""

    deaths: np.ndarray
    total: np.ndarray
    incidence: np.ndarray
    weight: np.ndarray
    hazard: np.ndarray


def _curves(at_risk: np.ndarray, of_cause: np.ndarray, of_other: np.ndarray) -> GroupCurves:
    followed = at_risk > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(followed, 1 - (of_cause + of_other) / at_risk, 1), axis=1)
        before = _lagged(survival, 1.0)
        incidence = np.cumsum(np.where(followed, before * of_cause / at_risk, 0), axis=1)
        whole = np.where(followed, at_risk / before, 0)
    present = whole * (1 - _lagged(incidence, 0.0))
    return GroupCurves(at_risk, of_cause, of_other, survival, before, whole, present)


def _pooled(curves: GroupCurves, rho: float) -> Pooled:
    deaths, total = curves.of_cause.sum(axis=0), curves.whole.sum(axis=0)
    incidence = np.cumsum(deaths / total)
    left = np.maximum(1 - _lagged(incidence, 0.0), 0)
    hazard = np.divide(deaths, total * left, out=np.zeros_like(left), where=left > 0)
    return Pooled(deaths, total, incidence, left**rho, hazard)


def _score(curves: GroupCurves, pooled: Pooled) -> np.ndarray:
    present = np.maximum(curves.present.sum(axis=0), np.finfo(float).tiny)
    expected = pooled.deaths * curves.present / present
    return (curves.of_cause - expected) @ pooled.weight


def _variance_from(group: int, curves: GroupCurves, pooled: Pooled) -> np.ndarray:
    """What one group's events add to the covariance of all scores."""
    # How the score of every group depends on this group's risk set: at each time, and at all later ones.
    own = (np.arange(len(curves.at_risk)) == group)[:, None]
    effect = pooled.weight * curves.whole[group] * (own - curves.whole / pooled.total)
    scaled = effect * pooled.hazard
    later = np.cumsum(scaled[:, ::-1], axis=1)[:, ::-1] - scaled
    passed_on, size = _own_cause(group, curves, pooled)
    from_cause = _crossed(effect + passed_on * later, size)
    passed_on, size = _other_causes(group, curves, pooled)
    return from_cause + _crossed(passed_on * later, size)


def _own_cause(group: int, curves: GroupCurves, pooled: Pooled) -> tuple[np.ndarray, np.ndarray]:
    """Of a death of the cause: how far it moves the group's later risk sets, and the variance that it adds."""
    at_risk, deaths = curves.at_risk[group], pooled.deaths
    survival, before = curves.survival[group], curves.before[group]
    with np.errstate(divide="ignore", invalid="ignore"):
        passed_on = np.where(survival > 0, 1 - (1 - pooled.incidence) / survival, 1.0)
        ties = np.where(deaths > 1, 1 - (deaths - 1) / (pooled.total * before - 1), 1.0)
        variance = ties * before * deaths / (pooled.total * at_risk)
    return passed_on, np.where((at_risk > 0) & (deaths > 0), variance, 0.0)


def _other_causes(group: int, curves: GroupCurves, pooled: Pooled) -> tuple[np.ndarray, np.ndarray]:
    """The same of a death of another cause, which moves risk sets only."""
    at_risk, deaths = curves.at_risk[group], curves.of_other[group]
    survival, before = curves.survival[group], curves.before[group]
    counted = (survival > 0) & (deaths > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        passed_on = np.where(counted, -(1 - pooled.incidence) / survival, 0.0)
        ties = np.where(deaths > 1, 1 - (deaths - 1) / (at_risk - 1), 1.0)
        variance = ties * before**2 * deaths / at_risk**2
    return passed_on, np.where(counted, variance, 0.0)


def _crossed(effect: np.ndarray, size: np.ndarray) -> np.ndarray:
    return (effect * size) @ effect.T


def _lagged(columns: np.ndarray, start: float) -> np.ndarray:
    first = np.full((*columns.shape[:-1], 1), start)
    return np.concatenate([first, columns], axis=-1)[..., :-1]
