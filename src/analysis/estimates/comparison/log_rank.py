"""Do groups differ: the log-rank test and its weighted family."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.errors import InputError, rows_phrase
from analysis.estimates.intervals.confidence import require_choice
from analysis.strata import curve_strata, number_strata, require_columns


def log_rank_test(
    events: pd.DataFrame,
    strata: Sequence[str] = (),
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


def chi_square_row(groups: int, statistic: float, degrees: int) -> pd.DataFrame:
    """One row with a chi-square test; missing without a degree of freedom."""
    p_value = float(chdtrc(degrees, statistic)) if degrees else np.nan
    row = {
        "strata": groups,
        "test_statistic": statistic,
        "degrees_of_freedom": degrees,
        "p_value": p_value,
    }
    return pd.DataFrame(row, index=[0])


def quadratic_form(difference: np.ndarray, variance: np.ndarray) -> tuple[float, int]:
    """Z' V⁻ Z and its degrees of freedom, where the rows of V sum to zero over groups at risk together.

    Of each set of groups that covariances join, one is left out; what remains has full rank.
    """
    groups = np.arange(len(variance))
    joined = (variance != 0) | (groups[:, None] == groups)
    for _ in range(len(groups).bit_length()):
        joined = joined.astype(float) @ joined > 0
    kept = joined.argmax(axis=1) != groups if len(groups) else np.zeros(0, dtype=bool)
    if not kept.any():
        return np.nan, 0
    part = difference[kept]
    return float(part @ np.linalg.solve(variance[np.ix_(kept, kept)], part)), int(kept.sum())


def _compared(
    events: pd.DataFrame, strata: Sequence[str], weigh: Callable
) -> tuple[pd.DataFrame, np.ndarray]:
    groups, layers = risk_sets(events, strata, ["events"])
    pieces = [_sums(at_risk, died, weigh) for at_risk, died in layers]
    sums = sum((piece[0] for piece in pieces), np.zeros((3, len(groups))))
    variance = sum((piece[1] for piece in pieces), np.zeros((len(groups), len(groups))))
    return groups.assign(observed=sums[0], expected=sums[1], at_risk=sums[2]), variance


def risk_sets(
    events: pd.DataFrame, strata: Sequence[str], counted: Sequence[str]
) -> tuple[pd.DataFrame, list[tuple[np.ndarray, ...]]]:
    """Groups with their ``children``; and within each of ``strata`` how many are at risk and have the events counted.

    The groups are formed by the stratum columns that are not among ``strata``. Each array has a row a group and a
    column a time at which any of ``counted`` happened to anyone in the stratum.
    """
    require_columns(events, ["time_days", "events", "censored", *strata, *counted])
    numbers, groups = number_strata(
        events, [column for column in curve_strata(events) if column not in strata]
    )
    layers, _ = number_strata(events, strata)
    names = dict.fromkeys(["time_days", "events", "censored", *counted])
    rows = pd.DataFrame({name: events[name].to_numpy(dtype=float) for name in names})
    rows = rows.assign(
        group=numbers, row=np.arange(1, len(rows) + 1), leaving=rows["events"] + rows["censored"]
    )
    rows["entered"] = (
        events["entered"].to_numpy(dtype=float) if "entered" in events.columns else 0.0
    )
    children = np.bincount(numbers, rows["leaving"], minlength=len(groups)).round().astype(np.int64)
    pieces = [
        _at_risk_and_counted(layer, len(groups), counted) for _, layer in rows.groupby(layers)
    ]
    return groups.assign(children=children), pieces


def _at_risk_and_counted(
    rows: pd.DataFrame, groups: int, counted: Sequence[str]
) -> tuple[np.ndarray, ...]:
    group, time = rows["group"].to_numpy(), rows["time_days"].to_numpy()
    times = np.unique(time[rows[list(counted)].to_numpy().any(axis=1)])

    def spread(counts: str, side: str) -> np.ndarray:
        cell = group * (len(times) + 1) + np.searchsorted(times, time, side=side)
        table = np.bincount(cell, rows[counts].to_numpy(), minlength=groups * (len(times) + 1))
        return table.reshape(groups, -1)[:, 1:]

    def now_and_later(table: np.ndarray) -> np.ndarray:
        return table[:, ::-1].cumsum(axis=1)[:, ::-1]

    at_risk = now_and_later(spread("leaving", "right"))
    if rows["entered"].any():
        _refuse_unknown_entry(rows, times)
        at_risk -= now_and_later(spread("entered", "left"))
    happened = rows[list(counted)].to_numpy().any(axis=1)
    return at_risk, *(_of_times(times, rows[happened], groups, name) for name in counted)


def _of_times(times: np.ndarray, rows: pd.DataFrame, groups: int, counts: str) -> np.ndarray:
    cell = rows["group"].to_numpy() * len(times) + np.searchsorted(
        times, rows["time_days"].to_numpy()
    )
    return np.bincount(cell, rows[counts].to_numpy(), minlength=groups * len(times)).reshape(
        groups, -1
    )


def _refuse_unknown_entry(rows: pd.DataFrame, times: np.ndarray) -> None:
    ordered = rows.sort_values(["group", "time_days"])
    before = ordered.groupby("group")["time_days"].shift(fill_value=-np.inf)
    between = np.searchsorted(times, ordered["time_days"], "left") > np.searchsorted(
        times, before, "right"
    )
    unknown = ordered.loc[between & (ordered["entered"] > 0), "row"]
    if len(unknown):
        rule = "entered: with delayed entry each group must have a row at every time of an event, not so before"
        raise InputError("log-rank test", [f"{rule} {rows_phrase(unknown)}"])


def _sums(at_risk: np.ndarray, died: np.ndarray, weigh: Callable) -> tuple[np.ndarray, np.ndarray]:
    total, deaths = at_risk.sum(axis=0), died.sum(axis=0)
    weight, share = weigh(total, deaths), at_risk / total
    sums = np.array([died @ weight, share @ (weight * deaths), at_risk.any(axis=1)])
    spread = weight**2 * deaths * (total - deaths) / np.maximum(total - 1, 1)
    return sums, np.diag(share @ spread) - (share * spread) @ share.T


def _weighing(weights: str, rho: float, gamma: float) -> Callable:
    known = {
        "harrington-fleming": lambda total, deaths: _harrington_fleming(total, deaths, rho, gamma),
        "gehan": lambda total, deaths: total,
        "tarone-ware": lambda total, deaths: np.sqrt(total),
        "peto-peto": lambda total, deaths: np.cumprod(1 - deaths / (total + 1)),
    }
    require_choice("weights of the log-rank test", weights, known)
    if not (rho >= 0 and gamma >= 0):
        raise InputError("weights of the log-rank test", ["rho and gamma must not be negative"])
    return known[weights]


def _harrington_fleming(
    total: np.ndarray, deaths: np.ndarray, rho: float, gamma: float
) -> np.ndarray:
    survival = np.cumprod(np.concatenate([np.ones(1), 1 - deaths / total]))[:-1]
    return survival**rho * (1 - survival) ** gamma


def _trend(
    difference: np.ndarray, variance: np.ndarray, scores: str | Sequence[float]
) -> tuple[float, int]:
    contrast = (
        np.arange(len(difference), dtype=float)
        if isinstance(scores, str)
        else np.asarray(scores, dtype=float)
    )
    in_order = not isinstance(scores, str) or scores == "order"
    if not in_order or contrast.shape != difference.shape or not np.isfinite(contrast).all():
        raise InputError(
            "trend test",
            [f'scores: must be "order" or a number for each of {len(difference)} groups'],
        )
    joined = np.where(np.diag(variance) > 0, contrast, np.nan)
    # Without two scores among those compared there is no trend; rounding would leave a variance that is almost 0.
    if np.isnan(joined).all() or np.nanmax(joined) == np.nanmin(joined):
        return np.nan, 0
    return float((contrast @ difference) ** 2 / (contrast @ variance @ contrast)), 1
