"""How much groups differ in survival at a fixed time, and whether by more than chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.survival_at_times import survival_at
from analysis.strata import curve_strata, each_stratum, require_columns

FEWEST_AT_RISK = 10
# A row on groups too few to be compared, in the order of its columns.
NOT_COMPARED = {
    "groups": 0,
    "test_statistic": np.nan,
    "degrees_of_freedom": 0,
    "p_value": np.nan,
    "i_squared": np.nan,
    "lower": np.nan,
    "upper": np.nan,
    "tau_squared": np.nan,
}


def survival_differences(
    curve: pd.DataFrame,
    years: float | Sequence[float],
    between: str = "country",
    *,
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
        As ``kaplan_meier`` gives it, with the column ``between`` among its strata.
    years
        Time since diagnosis, or several.
    between
        The stratum column whose values are compared, within strata of the others and at each time.
    reference
        One value of ``between``; or None, for the mean of all groups weighted by the inverse of their variance.
    confidence
        Coverage of the interval.
    fewest_at_risk
        Where fewer are still followed at the time, survival and difference are missing.

    Returns
    -------
    pandas.DataFrame
        ``by… <between> years at_risk survival difference lower upper``, a row a group in reading order within each
        stratum and time. The reference's own row has a difference of 0 and no interval. Missing where survival is not
        estimated in the group or the reference; without interval where either has none, since nobody or everybody has
        died.

    Raises
    ------
    MissingStepError
        The table is not a survival curve, or lacks ``between``.
    InputError
        A reference that is no value of ``between``; times that cannot be years.

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
    normal_quantile(confidence)
    table, by = _at(curve, years, between, fewest_at_risk)
    if reference is not None and len(table) and not (table[between] == reference).any():
        levels = list(table[between].dropna().unique())
        require_choice(f"reference of {between}", reference, levels)

    def of_stratum(rows: pd.DataFrame) -> pd.DataFrame:
        if reference is None:
            compared = _against_mean(rows, confidence)
        else:
            is_reference = (rows[between] == reference).to_numpy(dtype=bool, na_value=False)
            compared = _against(rows, is_reference, confidence)
        return compared[[between, "at_risk", "survival", "difference", "lower", "upper"]]

    differences = each_stratum(table, by, of_stratum)
    in_front = [*by[:-1], between, "years"]
    return differences[[*in_front, *(name for name in differences if name not in in_front)]]


def survival_heterogeneity(
    curve: pd.DataFrame,
    years: float | Sequence[float],
    between: str = "country",
    *,
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
    curve, years, between, fewest_at_risk
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
        The table is not a survival curve, or lacks ``between``.
    InputError
        A scale that is not known; times that cannot be years.

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
    table, by = _at(curve, years, between, fewest_at_risk)
    return each_stratum(table, by, lambda rows: _heterogeneity(rows, scale, confidence))


def _at(
    curve: pd.DataFrame, years: float | Sequence[float], between: str, fewest_at_risk: int
) -> tuple[pd.DataFrame, list[str]]:
    """Survival at the times, and the columns within which groups are compared."""
    require_columns(curve, [between])
    table = survival_at(curve, np.atleast_1d(years))
    table.loc[table["at_risk"] < fewest_at_risk, ["survival", "standard_error"]] = np.nan
    return table, [*(column for column in curve_strata(curve) if column != between), "years"]


def _against(rows: pd.DataFrame, is_reference: np.ndarray, confidence: float) -> pd.DataFrame:
    """Each group's survival less that of the reference, its interval put together from those of the two."""
    survival, error = rows["survival"].to_numpy(), rows["standard_error"].to_numpy()
    # Where nobody has died the interval would be a point and read as certainty.
    error = np.where(error > 0, error, np.nan)
    limits = survival_interval(survival, error, confidence, "log-log")
    lower, upper = (np.where(np.isnan(error), np.nan, limit) for limit in limits)
    base, base_lower, base_upper = (
        values[is_reference][0] if is_reference.any() else np.nan
        for values in (survival, lower, upper)
    )
    difference = survival - base
    below = np.hypot(survival - lower, base_upper - base)
    above = np.hypot(upper - survival, base - base_lower)
    return rows.assign(
        difference=difference,
        lower=np.where(is_reference, np.nan, difference - below),
        upper=np.where(is_reference, np.nan, difference + above),
    )


def _against_mean(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    survival, variance = rows["survival"].to_numpy(), rows["standard_error"].to_numpy() ** 2
    counted = variance > 0
    # A group without variance has no weight: nobody in it has died, or everybody.
    weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=counted)
    total = weight.sum() or np.nan
    difference = survival - weight[counted] @ survival[counted] / total
    # The mean of one group is the group itself.
    alone = counted.sum() < 2
    margin = np.where(counted & ~alone, np.sqrt(np.maximum(variance - 1 / total, 0)), np.nan)
    margin = normal_quantile(confidence) * margin
    return rows.assign(difference=difference, lower=difference - margin, upper=difference + margin)


def _heterogeneity(rows: pd.DataFrame, scale: str, confidence: float) -> pd.DataFrame:
    inside = rows["survival"].between(0, 1, inclusive="neither")
    compared = rows[(rows["standard_error"] > 0) & inside]
    value, error = compared["survival"].to_numpy(), compared["standard_error"].to_numpy()
    if scale == "log-log":
        # The standard error on the scale of the log of the cumulative hazard, by the delta method.
        value, error = np.log(-np.log(value)), error / (value * -np.log(value))
    freedom = max(len(value) - 1, 0)
    counted = {"groups": len(value), "degrees_of_freedom": freedom}
    spread = _spread(value, error**-2.0, freedom, confidence) if freedom else {}
    return pd.DataFrame([{**NOT_COMPARED, **counted, **spread}])


def _spread(
    value: np.ndarray, weight: np.ndarray, freedom: int, confidence: float
) -> dict[str, float]:
    """Cochran's Q, and how much of it is more than chance."""
    total = weight.sum()
    q = float(weight @ (value - weight @ value / total) ** 2)
    lower, upper = _share_interval(q, freedom, confidence)
    return {
        "test_statistic": q,
        "p_value": float(chdtrc(freedom, q)),
        "i_squared": max(0.0, 1 - freedom / q) if q > 0 else 0.0,
        "lower": lower,
        "upper": upper,
        "tau_squared": max(0.0, (q - freedom) / (total - weight @ weight / total)),
    }


def _share_interval(q: float, freedom: int, confidence: float) -> tuple[float, float]:
    """The test-based interval of I² by Higgins and Thompson, from that of log H with H² = Q / (K − 1)."""
    if freedom < 2 or q <= 0:
        return np.nan, np.nan
    groups = freedom + 1
    if q > groups:
        spread = np.sqrt(2 * q) - np.sqrt(2 * groups - 3)
        error = 0.5 * (np.log(q) - np.log(freedom)) / spread
    else:
        error = np.sqrt(1 / (2 * (groups - 2)) * (1 - 1 / (3 * (groups - 2) ** 2)))
    margin = np.array([-1, 1]) * normal_quantile(confidence) * error
    h_squared = np.exp(2 * (0.5 * np.log(q / freedom) + margin))
    return tuple(np.maximum(0.0, 1 - 1 / h_squared).tolist())
