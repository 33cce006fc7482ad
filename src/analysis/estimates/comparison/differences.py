"""How much groups differ in survival at a fixed time, and whether by more than chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.survival_at_times import survival_at
from analysis.strata import curve_strata, each_stratum, require_columns

FEWEST_AT_RISK = 10


def survival_differences(
    curve: pd.DataFrame,
    years: float | Sequence[float],
    group: str = "country",
    reference: object = None,
    confidence: float = 0.95,
    fewest_at_risk: int = FEWEST_AT_RISK,
) -> pd.DataFrame:
    """How far survival at a fixed time lies above or below that of a reference, in each group.

    .. math:: \\Delta_k = S_k(t) - S_0(t), \\quad
              \\left[\\Delta_k - \\sqrt{(S_k - l_k)^2 + (u_0 - S_0)^2}, \\;
              \\Delta_k + \\sqrt{(u_k - S_k)^2 + (S_0 - l_0)^2}\\right]

    Reads a curve of ``kaplan_meier``; adds ``years`` (years of 365.25 days), ``survival`` (0–1), ``difference``,
    ``lower`` and ``upper`` (of the difference, −1 to 1).

    Parameters
    ----------
    curve
        As ``kaplan_meier`` gives it, with the column ``group`` among its strata.
    years
        Time since diagnosis, or several.
    group
        The stratum column whose values are compared, within strata of the others and at each time.
    reference
        One value of ``group``; or None, for the mean of all groups weighted by the inverse of their variance.
    confidence
        Coverage of the interval.
    fewest_at_risk
        Where fewer are still followed at the time, survival and difference are missing.

    Returns
    -------
    pandas.DataFrame
        ``by… group years at_risk survival difference lower upper``, a row a group in reading order within each stratum
        and time.
        The reference's own row has a difference of 0 and no interval. Missing where survival is not estimated in the
        group or the reference; without interval where either has none, since nobody or everybody has died.

    Raises
    ------
    MissingStepError
        The table is not a survival curve, or lacks ``group``.
    InputError
        A reference that is no value of ``group``.

    Notes
    -----
    The interval is put together from the log–log intervals of the two (MOVER), which holds its coverage in small groups
    where a standard error of the difference does not. Against the mean of all groups, of which each is a part, it is
    the difference plus or minus z times the root of :math:`v_k - 1 / \\sum 1 / v`. Intervals of many
    groups against one reference are not independent of each other.

    References
    ----------
    Zou, Donner. Stat Med 2008;27:1693–1702. Newcombe. Stat Med 1998;17:873–890.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "country": ["NO", "SE"], "time_days": [1461] * 2, "at_risk": [50, 90],
    ...     "survival": [0.8, 0.85], "standard_error": [0.04, 0.03], "lower": [0.7, 0.78], "upper": [0.87, 0.9],
    ... })
    >>> survival_differences(curve, years=4, reference="SE").round(3)
      country  years  at_risk  survival  difference  lower  upper
    0      NO      4       50      0.80       -0.05 -0.155  0.046
    1      SE      4       90      0.85        0.00    NaN    NaN
    """
    table, by = _at(curve, years, group, fewest_at_risk)
    if reference is not None and len(table) and not (table[group] == reference).any():
        raise InputError(
            "survival differences", [f"reference: must be one of the values of {group}"]
        )

    def compared(rows: pd.DataFrame) -> pd.DataFrame:
        found = (
            _against_mean(rows, confidence)
            if reference is None
            else _against(rows, group, reference, confidence)
        )
        return found[[group, "at_risk", "survival", "difference", "lower", "upper"]]

    differences = each_stratum(table, by, compared)
    return differences[[*by[:-1], group, "years", *differences.columns[len(by) + 1 :]]]


def survival_heterogeneity(
    curve: pd.DataFrame,
    years: float | Sequence[float],
    group: str = "country",
    scale: str = "log-log",
    confidence: float = 0.95,
    fewest_at_risk: int = FEWEST_AT_RISK,
) -> pd.DataFrame:
    """Whether survival at a fixed time varies between groups by more than chance, and how much of it does.

    .. math:: Q = \\sum_k \\frac{(y_k - \\bar y)^2}{v_k}, \\quad I^2 = \\max\\left(0, 1 - \\frac{K - 1}{Q}\\right),
              \\quad \\tau^2 = \\max\\left(0, \\frac{Q - (K - 1)}{\\sum w - \\sum w^2 / \\sum w}\\right),
              \\quad w_k = 1 / v_k

    Reads a curve of ``kaplan_meier``; adds ``years``, ``groups`` (K, those compared), ``test_statistic`` (Q),
    ``degrees_of_freedom``, ``p_value``, ``i_squared`` (0–1) with ``lower`` and ``upper``, and ``tau_squared`` (variance
    between groups on the scale chosen).

    Parameters
    ----------
    curve, years, group, fewest_at_risk
        As for ``survival_differences``.
    scale
        Of y: ``"log-log"``, the logarithm of the cumulative hazard −log S; or ``"plain"``, survival itself.
    confidence
        Coverage of the interval of :math:`I^2`.

    Returns
    -------
    pandas.DataFrame
        ``by… years groups test_statistic degrees_of_freedom p_value i_squared lower upper tau_squared``, a row a
        stratum and time. Missing with fewer than two groups that can be compared; the interval with fewer than three.

    Raises
    ------
    MissingStepError
        The table is not a survival curve, or lacks ``group``.
    InputError
        A scale that is not known.

    Notes
    -----
    A group in which nobody or everybody has died by then has no variance and is not compared; with many such groups the
    log-rank test, which counts them, says more. With a handful of countries Q has little power and the interval of
    :math:`I^2` is wide: print it.

    References
    ----------
    Cochran. Biometrics 1954;10:101–129. Higgins, Thompson. Stat Med 2002;21:1539–1558. DerSimonian, Laird. Control Clin
    Trials 1986;7:177–188.

    Examples
    --------
    >>> curve = pd.DataFrame({
    ...     "country": ["DK", "NO", "SE"], "time_days": [1461] * 3, "at_risk": [50, 60, 90],
    ...     "survival": [0.7, 0.8, 0.85],
    ...     "standard_error": [0.04, 0.04, 0.03], "lower": [0.6, 0.7, 0.78], "upper": [0.78, 0.87, 0.9],
    ... })
    >>> row = survival_heterogeneity(curve, years=4).round(3)
    >>> row[["groups", "test_statistic", "p_value", "i_squared", "lower", "upper", "tau_squared"]]
       groups  test_statistic  p_value  i_squared  lower  upper  tau_squared
    0       3           9.035    0.011      0.779  0.284  0.932        0.139
    """
    require_choice("scale of survival", scale, ("log-log", "plain"))
    normal_quantile(confidence)
    table, by = _at(curve, years, group, fewest_at_risk)
    return each_stratum(table, by, lambda rows: _heterogeneity(rows, scale, confidence))


def _at(
    curve: pd.DataFrame, years: float | Sequence[float], group: str, fewest_at_risk: int
) -> tuple[pd.DataFrame, list[str]]:
    require_columns(curve, [group])
    table = survival_at(curve, np.atleast_1d(years))
    table.loc[table["at_risk"] < fewest_at_risk, ["survival", "standard_error"]] = np.nan
    return table, [*(column for column in curve_strata(curve) if column != group), "years"]


def _against(rows: pd.DataFrame, group: str, reference: object, confidence: float) -> pd.DataFrame:
    survival, error = rows["survival"].to_numpy(), rows["standard_error"].to_numpy()
    lower, upper = survival_interval(
        survival, np.where(error > 0, error, np.nan), confidence, "log-log"
    )
    # Where nobody has died the interval would be a point and read as certainty.
    lower, upper = (np.where(error > 0, limit, np.nan) for limit in (lower, upper))
    own = (rows[group] == reference).to_numpy(dtype=bool, na_value=False)
    base, base_lower, base_upper = (
        values[own][0] if own.any() else np.nan for values in (survival, lower, upper)
    )
    difference = survival - base
    below = np.where(own, np.nan, np.hypot(survival - lower, base_upper - base))
    above = np.where(own, np.nan, np.hypot(upper - survival, base - base_lower))
    return rows.assign(difference=difference, lower=difference - below, upper=difference + above)


def _against_mean(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    survival, variance = rows["survival"].to_numpy(), rows["standard_error"].to_numpy() ** 2
    counted = variance > 0
    weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=counted)
    total = weight.sum() or np.nan
    difference = survival - weight[counted] @ survival[counted] / total
    alone = counted.sum() < 2
    margin = np.where(counted & ~alone, np.sqrt(np.maximum(variance - 1 / total, 0)), np.nan)
    margin = normal_quantile(confidence) * margin
    return rows.assign(difference=difference, lower=difference - margin, upper=difference + margin)


def _heterogeneity(rows: pd.DataFrame, scale: str, confidence: float) -> pd.DataFrame:
    compared = rows[
        (rows["standard_error"] > 0) & rows["survival"].between(0, 1, inclusive="neither")
    ]
    value, error = compared["survival"].to_numpy(), compared["standard_error"].to_numpy()
    if scale == "log-log":
        value, error = np.log(-np.log(value)), error / (value * -np.log(value))
    freedom, weight = max(len(value) - 1, 0), error**-2.0
    q = i_squared = lower = upper = tau_squared = np.nan
    if freedom:
        q = float(weight @ (value - weight @ value / weight.sum()) ** 2)
        i_squared = max(0.0, 1 - freedom / q) if q > 0 else 0.0
        lower, upper = _share_interval(q, freedom, confidence)
        tau_squared = max(0.0, (q - freedom) / (weight.sum() - weight @ weight / weight.sum()))
    return pd.DataFrame(
        {
            "groups": [len(value)],
            "test_statistic": [q],
            "degrees_of_freedom": [freedom],
            "p_value": [float(chdtrc(freedom, q)) if freedom else np.nan],
            "i_squared": [i_squared],
            "lower": [lower],
            "upper": [upper],
            "tau_squared": [tau_squared],
        }
    )


def _share_interval(q: float, freedom: int, confidence: float) -> tuple[float, float]:
    """The test-based interval of I² by Higgins and Thompson, from that of log H with H² = Q / (K − 1)."""
    if freedom < 2 or q <= 0:
        return np.nan, np.nan
    groups = freedom + 1
    if q > groups:
        error = 0.5 * (np.log(q) - np.log(freedom)) / (np.sqrt(2 * q) - np.sqrt(2 * groups - 3))
    else:
        error = np.sqrt(1 / (2 * (groups - 2)) * (1 - 1 / (3 * (groups - 2) ** 2)))
    h_squared = np.exp(
        2 * (0.5 * np.log(q / freedom) + np.array([-1, 1]) * normal_quantile(confidence) * error)
    )
    return tuple(np.maximum(0.0, 1 - 1 / h_squared).tolist())
