"""Do groups differ: the log-rank test and its weighted family."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.comparison.groups_at_risk import chi_square_row, quadratic_form, risk_sets
from analysis.estimates.intervals.confidence import require_choice

# From those at risk and the events at each time to the weight of the time.
Weighing = Callable[[np.ndarray, np.ndarray], np.ndarray]


def log_rank_test(
    events: pd.DataFrame,
    strata: Sequence[str] = (),
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    weights: str = "harrington-fleming",
    scores: str | Sequence[float] | None = None,
) -> pd.DataFrame:
    """Whether survival is the same in all groups of an event table.

    .. math:: Z^T V^{-} Z, \\quad Z_k = \\sum_j w_j \\left(d_{jk} - n_{jk} \\frac{d_j}{n_j}\\right), \\quad
              V_{kl} = \\sum_j w_j^2 \\frac{d_j (n_j - d_j)}{n_j - 1} \\frac{n_{jk}}{n_j}
              \\left(\\delta_{kl} - \\frac{n_{jl}}{n_j}\\right)

    Reads ``time_days`` (days), ``events``, ``censored`` (counts), ``entered`` if there, and the stratum columns; adds
    ``strata`` (how many groups were compared), ``test_statistic``, ``degrees_of_freedom`` and ``p_value``.

    Parameters
    ----------
    events
        An event table with stratum columns.
    strata
        Those of its stratum columns within which groups are compared (a stratified test); the groups are formed by
        all its other stratum columns.
    rho, gamma
        Of the Harrington–Fleming weights :math:`S(t-)^\\rho (1 - S(t-))^\\gamma`, S pooled over groups: 0 and 0 is
        the log-rank test, ``rho=1`` gives early deaths more weight, ``gamma=1`` late ones.
    weights
        ``"harrington-fleming"``; or ``"gehan"`` (n), ``"tarone-ware"`` (square root of n), ``"peto-peto"`` (the
        product of 1 − d/(n + 1)), for which ``rho`` and ``gamma`` are not used.
    scores
        None compares groups in no order. ``"order"``, or a number a group in reading order, tests for a trend.

    Returns
    -------
    pandas.DataFrame
        One row: ``strata test_statistic degrees_of_freedom p_value``. Statistic and p-value are missing, with no degree
        of freedom, with fewer than two groups, with no event, or where the first event took everyone.

    Raises
    ------
    MissingStepError
        The table is not an event table, or lacks a column of ``strata``.
    InputError
        Weights that are not known, not one score a group, or a table with delayed entry whose rows do not tell how many
        were at risk.

    Notes
    -----
    A group whose follow-up ends before the first event anywhere is not compared, as in R's ``survdiff``. Groups that
    were never at risk together, such as two that are in strata of their own, are not compared with each other, which
    takes a degree of freedom. With delayed entry (which ``survdiff`` does not offer) a table must have a row for every
    group at each time of an event, with ``events`` 0 where the group had none; one that has not is refused. The
    test compares whole curves and, unweighted, gives every time the same weight; it says little of curves that cross.
    Many tests in one report find differences by chance; so do weights chosen after the curves were seen.

    References
    ----------
    Mantel. Cancer Chemother Rep 1966;50:163–170. Peto, Peto. J R Stat Soc A 1972;135:185–206. Harrington, Fleming.
    Biometrika 1982;69:553–566. Klein, Moeschberger. Survival Analysis, 2nd ed., 2003, chapter 7 (trend, strata).

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
    groups, variance = _compared(events, strata, _weighing(weights, rho, gamma))
    difference = (groups["observed"] - groups["expected"]).to_numpy()
    test = (
        quadratic_form(difference, variance)
        if scores is None
        else _trend(difference, variance, scores)
    )
    return chi_square_row(int((groups["at_risk"] > 0).sum()), *test)


def observed_and_expected(
    events: pd.DataFrame,
    strata: Sequence[str] = (),
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    weights: str = "harrington-fleming",
) -> pd.DataFrame:
    """What the log-rank test compares: events observed in each group, and expected were all groups alike.

    .. math:: O_k = \\sum_j w_j d_{jk}, \\quad E_k = \\sum_j w_j n_{jk} \\frac{d_j}{n_j}

    Reads what ``log_rank_test`` reads; adds ``children``, ``observed`` and ``expected`` (weighted counts; counts of
    events when nothing is weighted) and ``ratio`` (O/E).

    Parameters
    ----------
    events, strata, rho, gamma, weights
        As for ``log_rank_test``.

    Returns
    -------
    pandas.DataFrame
        ``by… children observed expected ratio``, one row a group in reading order, summed over ``strata``; the ratio is
        missing where nothing is expected.

    Raises
    ------
    MissingStepError, InputError
        As ``log_rank_test``.

    Notes
    -----
    Observed and expected sums are equal over all groups. The ratio of two groups' ratios estimates their hazard ratio,
    with some bias toward 1.

    References
    ----------
    Peto et al. Br J Cancer 1977;35:1–39.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "sex": ["male", "male", "female", "female"], "time_days": [1, 2, 3, 4], "at_risk": [2, 1, 2, 1],
    ...     "events": [1, 1, 1, 0], "censored": [0, 0, 0, 1],
    ... })
    >>> observed_and_expected(events).round(3)
          sex  children  observed  expected  ratio
    0    male         2       2.0     0.833  2.400
    1  female         2       1.0     2.167  0.462
    """
    groups, _ = _compared(events, strata, _weighing(weights, rho, gamma))
    ratio = groups["observed"] / groups["expected"].where(groups["expected"] > 0)
    return groups.drop(columns="at_risk").assign(ratio=ratio)


def _compared(
    events: pd.DataFrame, strata: Sequence[str], weigh: Weighing
) -> tuple[pd.DataFrame, np.ndarray]:
    groups, layers = risk_sets(events, strata, ["events"])
    pieces = [_sums(at_risk, died, weigh) for at_risk, died in layers]
    sums = sum((piece[0] for piece in pieces), np.zeros((3, len(groups))))
    variance = sum((piece[1] for piece in pieces), np.zeros((len(groups), len(groups))))
    return groups.assign(observed=sums[0], expected=sums[1], at_risk=sums[2]), variance


def _sums(at_risk: np.ndarray, died: np.ndarray, weigh: Weighing) -> tuple[np.ndarray, np.ndarray]:
    total, deaths = at_risk.sum(axis=0), died.sum(axis=0)
    weight, share = weigh(total, deaths), at_risk / total
    sums = np.array([died @ weight, share @ (weight * deaths), at_risk.any(axis=1)])
    # The hypergeometric variance; at one at risk it is 0, whatever the divisor.
    spread = weight**2 * deaths * (total - deaths) / np.maximum(total - 1, 1)
    return sums, np.diag(share @ spread) - (share * spread) @ share.T


def _weighing(weights: str, rho: float, gamma: float) -> Weighing:
    functions = {
        "harrington-fleming": lambda total, deaths: _harrington_fleming(total, deaths, rho, gamma),
        "gehan": lambda total, deaths: total,
        "tarone-ware": lambda total, deaths: np.sqrt(total),
        "peto-peto": lambda total, deaths: np.cumprod(1 - deaths / (total + 1)),
    }
    require_choice("weights of the log-rank test", weights, functions)
    if not (rho >= 0 and gamma >= 0):
        raise InputError("weights of the log-rank test", ["rho and gamma must not be negative"])
    return functions[weights]


def _harrington_fleming(
    total: np.ndarray, deaths: np.ndarray, rho: float, gamma: float
) -> np.ndarray:
    # The weight of a time must be known before it: survival just before.
    survival = np.cumprod(np.concatenate([np.ones(1), 1 - deaths / total]))[:-1]
    return survival**rho * (1 - survival) ** gamma


def _trend(
    difference: np.ndarray, variance: np.ndarray, scores: str | Sequence[float]
) -> tuple[float, int]:
    in_order = isinstance(scores, str) and scores == "order"
    contrast = np.arange(len(difference)) if in_order else scores
    contrast = np.full(0, np.nan) if isinstance(contrast, str) else np.asarray(contrast, float)
    if contrast.shape != difference.shape or not np.isfinite(contrast).all():
        fault = f'scores: must be "order" or a number for each of {len(difference)} groups'
        raise InputError("trend test", [fault])
    joined = np.where(np.diag(variance) > 0, contrast, np.nan)
    # Without two scores among those compared there is no trend; rounding would leave a variance that is almost 0.
    if np.isnan(joined).all() or np.nanmax(joined) == np.nanmin(joined):
        return np.nan, 0
    return float((contrast @ difference) ** 2 / (contrast @ variance @ contrast)), 1
