"""Do groups differ in what happens to them: Gray's test of cumulative incidence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.comparison.log_rank import chi_square_row, quadratic_form, risk_sets
from analysis.strata import require_columns


def gray_test(
    events: pd.DataFrame, cause: str, strata: Sequence[str] = (), rho: float = 0.0
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
        of_layer = _score_and_variance(at_risk, of_cause, died - of_cause, rho)
        score, variance = score + of_layer[0], variance + of_layer[1]
        compared |= at_risk[:, of_cause.any(axis=0)].any(axis=1)
    return chi_square_row(int(compared.sum()), *quadratic_form(score, variance))


def _refuse_unfit(events: pd.DataFrame, cause: str, rho: float) -> None:
    causes = [
        str(name).removeprefix("events_")
        for name in events.columns
        if str(name).startswith("events_")
    ]
    faults = [f"{cause!r} is not a cause of the table: {', '.join(causes) or 'none'}"] * (
        str(cause) not in causes
    )
    faults += ["entered: the test is for follow-up from diagnosis, without delayed entry"] * (
        "entered" in events
    )
    faults += ["rho must not be negative"] * (not rho >= 0)
    if faults:
        raise InputError("Gray's test", faults)


def _score_and_variance(
    at_risk: np.ndarray, of_cause: np.ndarray, of_other: np.ndarray, rho: float
) -> tuple[np.ndarray, np.ndarray]:
    followed = at_risk > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(followed, 1 - (of_cause + of_other) / at_risk, 1), axis=1)
        before = _lagged(survival, 1.0)
        incidence = np.cumsum(np.where(followed, before * of_cause / at_risk, 0), axis=1)
        # What the risk set would be had nobody left it: n / S(t-).
        whole = np.where(followed, at_risk / before, 0)
    present = whole * (1 - _lagged(incidence, 0.0))
    cause_deaths, total = of_cause.sum(axis=0), whole.sum(axis=0)
    pooled = np.cumsum(cause_deaths / total)
    left = np.maximum(1 - _lagged(pooled, 0.0), 0)
    weight = left**rho
    score = (
        of_cause - cause_deaths * present / np.maximum(present.sum(axis=0), np.finfo(float).tiny)
    ) @ weight
    hazard = np.divide(cause_deaths, total * left, out=np.zeros_like(left), where=left > 0)
    variance = np.zeros((len(at_risk), len(at_risk)))
    for group in np.flatnonzero(followed.any(axis=1)):
        # How the score of every group depends on this group's risk set: at each time, and at all later ones.
        own = (np.arange(len(at_risk)) == group)[:, None]
        effect = weight * whole[group] * (own - whole / total)
        later = np.cumsum((effect * hazard)[:, ::-1], axis=1)[:, ::-1] - effect * hazard
        passed_on, size = _own_cause(
            at_risk[group], cause_deaths, total, before[group], survival[group], pooled
        )
        variance += _crossed(effect + passed_on * later, size)
        passed_on, size = _other_causes(
            at_risk[group], of_other[group], before[group], survival[group], pooled
        )
        variance += _crossed(passed_on * later, size)
    return score, variance


def _own_cause(at_risk, deaths, total, before, survival, pooled) -> tuple[np.ndarray, np.ndarray]:
    """Of a death of the cause: how far it moves the group's later risk sets, and the variance that it adds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        passed_on = np.where(survival > 0, 1 - (1 - pooled) / survival, 1.0)
        ties = np.where(deaths > 1, 1 - (deaths - 1) / (total * before - 1), 1.0)
        size = np.where(
            (at_risk > 0) & (deaths > 0), ties * before * deaths / (total * at_risk), 0.0
        )
    return passed_on, size


def _other_causes(at_risk, deaths, before, survival, pooled) -> tuple[np.ndarray, np.ndarray]:
    """The same of a death of another cause, which moves risk sets only."""
    counted = (survival > 0) & (deaths > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        passed_on = np.where(counted, -(1 - pooled) / survival, 0.0)
        ties = np.where(deaths > 1, 1 - (deaths - 1) / (at_risk - 1), 1.0)
        size = np.where(counted, ties * before**2 * deaths / at_risk**2, 0.0)
    return passed_on, size


def _crossed(effect: np.ndarray, size: np.ndarray) -> np.ndarray:
    return (effect * size) @ effect.T


def _lagged(columns: np.ndarray, start: float) -> np.ndarray:
    first = np.full((*columns.shape[:-1], 1), start)
    return np.concatenate([first, columns], axis=-1)[..., :-1]
