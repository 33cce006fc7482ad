"""Observed survival with each child weighted to the standard's ages at diagnosis."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.age_standardisation import AGE, Standard, standard_weights_of
from analysis.estimates.survival.running_sums import running_product, running_sum
from analysis.strata import curve_strata, number_strata, require_columns

WEIGHTED = ("weight_left", "weight_died", "squared_weight_died")


def weighted_kaplan_meier(
    events: pd.DataFrame,
    standard: Standard,
    *,
    interval: str = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Observed survival of each stratum were its ages at diagnosis those of the standard, as Brenner proposed.

    .. math:: S(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{\\sum_a k_a d_{ja}}{\\sum_a k_a n_{ja}}\\right), \\quad
              k_a = w_a \\Big/ \\frac{n_a}{n}

    Reads an event table with ``age_group`` among its strata; ``time_days`` (days), ``events``, ``censored``; adds
    ``survival``, ``standard_error``, ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    events
        An event table, as ``analysis.counts.event_table`` gives it by ``age_group`` and other columns.
    standard
        As for ``age_standardised_survival``.
    interval
        As for ``kaplan_meier``.
    confidence
        Coverage of the pointwise interval.

    Returns
    -------
    pandas.DataFrame
        ``by… time_days at_risk events censored survival standard_error lower upper``, without ``age_group``; counts are
        those of children, not of weights. Missing in a stratum without a child of some age group.

    Raises
    ------
    MissingStepError
        The table is not an event table by age group.
    InputError
        Delayed entry; or as for ``age_standardised_survival``.

    Notes
    -----
    The variance adds up :math:`\\sum_a k_a^2 d_{ja} / (n^w_j (n^w_j - d^w_j))` of the weighted counts, which is
    Greenwood's where all weights are 1.

    References
    ----------
    Brenner, Arndt, Gefeller, Hakulinen. Eur J Cancer 2004;40:2317–2322.

    Examples
    --------
    >>> events = pd.DataFrame({"age_group": ["0-4", "5-9", "5-9"], "time_days": [10, 20, 30], "at_risk": [1, 2, 1],
    ...                        "events": [1, 0, 0], "censored": [0, 1, 1]})
    >>> weighted_kaplan_meier(events, {"0-4": 1, "5-9": 3})["survival"].tolist()
    [0.75, 0.75, 0.75]
    """
    require_columns(events, ["time_days", "events", "censored", AGE])
    _refuse_delayed_entry(events)
    by = [column for column in curve_strata(events) if column != AGE]
    exits, strata = _exits(events, by, standard)
    stratum = exits["stratum"].to_numpy()
    survival, error = _weighted_product_limit(
        stratum, *(exits[name].to_numpy(dtype=float) for name in WEIGHTED)
    )
    lower, upper = survival_interval(survival, error, confidence, interval)
    events, censored = (exits[name].round().astype(np.int64) for name in ("events", "censored"))
    at_risk = _still_there(stratum, (events + censored).to_numpy()).astype(np.int64)
    curve = strata.iloc[stratum].reset_index(drop=True)
    counts = {"at_risk": at_risk, "events": events, "censored": censored}
    curve = curve.assign(time_days=exits["time_days"], **counts)
    return curve.assign(survival=survival, standard_error=error, lower=lower, upper=upper)


def _refuse_delayed_entry(events: pd.DataFrame) -> None:
    if "entered" in events.columns:
        fault = "entered: weights are for follow-up from diagnosis"
        raise InputError("standardised survival", [fault])


def _weighted_product_limit(
    stratum: np.ndarray, left: np.ndarray, died: np.ndarray, squared: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Survival and its standard error, from weights of those who left and who died at each time."""
    at_risk = _still_there(stratum, left)
    survival = running_product(stratum, 1 - died / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(squared == 0, 0.0, squared / (at_risk * (at_risk - died)))
        return survival, survival * np.sqrt(running_sum(stratum, terms))


def _exits(
    events: pd.DataFrame, by: list[str], standard: Standard
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deaths and exits at each time of each stratum, as children, weighted, and by the square of the weights."""
    died, censored = (events[name].to_numpy(dtype=float) for name in ("events", "censored"))
    weight = standard_weights_of(events, standard, by, died + censored)
    stratum, strata = number_strata(events, by)
    rows = pd.DataFrame(
        {
            "stratum": stratum,
            "time_days": events["time_days"].to_numpy(dtype=float),
            "events": died,
            "censored": censored,
            "weight_died": weight * died,
            "weight_left": weight * (died + censored),
            "squared_weight_died": weight**2 * died,
        }
    )
    # A stratum without a child of some age group has no weights: its sums stay missing, not 0.
    return rows.groupby(["stratum", "time_days"]).sum(min_count=1).reset_index(), strata


def _still_there(stratum: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Who leaves at each time or later, in each stratum."""
    return running_sum(stratum[::-1], leaving[::-1])[::-1]
