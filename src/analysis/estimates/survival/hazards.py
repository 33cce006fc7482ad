"""How great the hazard has been so far: the Nelson–Aalen estimate, and survival from it."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.intervals.of_survival import survival_interval
from analysis.estimates.survival.event_tables import beside, event_rows
from analysis.estimates.survival.running_sums import running_sum


def nelson_aalen(
    events: pd.DataFrame,
    *,
    ties: str = "nelson-aalen",
    interval: str = "log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Cumulative hazard after each time of follow-up, in each stratum.

    .. math:: H(t) = \\sum_{t_j \\le t} \\frac{d_j}{n_j}, \\quad se^2(t) = \\sum_{t_j \\le t} \\frac{d_j}{n_j^2};
              \\quad \\text{with tied deaths one after the other} \\quad
              H(t) = \\sum_{t_j \\le t} \\sum_{i=0}^{d_j - 1} \\frac{1}{n_j - i}

    Reads ``time_days`` (days), ``at_risk`` (n), ``events`` (d) and the stratum columns, which are all the others;
    adds ``cumulative_hazard``, ``standard_error`` (of the cumulative hazard), ``lower`` and ``upper``.

    Parameters
    ----------
    events
        An event table, as ``analysis.counts.event_table`` gives it.
    ties
        ``"nelson-aalen"``: deaths at one time happen at once (``ctype = 1`` of R's ``survfit``).
        ``"fleming-harrington"``: one after the other, as if time were only known coarsely (``ctype = 2``).
    interval
        ``"log"``, ``"plain"`` (no lower than 0) or ``"arcsin"``.
    confidence
        Coverage of the pointwise interval.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table, strata in reading order and times rising, with the four columns added. The
        interval is [0, 0] where nobody has died.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        A choice that is not known, counts that contradict each other.

    Notes
    -----
    A cumulative hazard is no probability and may exceed one. Unlike survival it does not end when a risk set empties
    early under delayed entry: it goes on with the next event. Weighted deaths come one after the other too, the last
    of them in part.

    References
    ----------
    Nelson. Technometrics 1972;14:945–966. Aalen. Ann Stat 1978;6:701–726. Fleming, Harrington. Commun Stat Theory
    Methods 1984;13:2469–2486. Bie, Borgan, Liestøl. Scand J Stat 1987;14:221–233 (intervals).

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [10, 20, 30], "at_risk": [5, 4, 1], "events": [1, 2, 0]})
    >>> nelson_aalen(events)[["time_days", "cumulative_hazard", "standard_error"]].round(3)
       time_days  cumulative_hazard  standard_error
    0         10                0.2           0.200
    1         20                0.7           0.406
    2         30                0.7           0.406
    >>> nelson_aalen(events, ties="fleming-harrington")["cumulative_hazard"].round(3).tolist()
    [0.2, 0.783, 0.783]
    """
    require_choice("interval of a cumulative hazard", interval, INTERVALS)
    table, hazard, error = _cumulative(events, ties)
    with np.errstate(all="ignore"):
        limits = INTERVALS[interval](hazard, normal_quantile(confidence) * error)
    lower, upper = (np.where(hazard > 0, limit, 0.0) for limit in limits)
    estimates = {"cumulative_hazard": hazard, "standard_error": error}
    return beside(table, estimates | {"lower": lower, "upper": upper})


def exponential_survival(
    events: pd.DataFrame,
    *,
    ties: str = "nelson-aalen",
    interval: str = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Survival from the cumulative hazard (the estimate of Breslow, or of Fleming and Harrington).

    .. math:: S(t) = \\exp(-H(t)), \\quad se(t) = S(t)\\, se_H(t)

    Reads what ``kaplan_meier`` reads and adds the same columns, so that every summary of a curve takes it.

    Parameters
    ----------
    events
        An event table.
    ties
        As for ``nelson_aalen``.
    interval, confidence
        As for ``kaplan_meier``.

    Returns
    -------
    pandas.DataFrame
        The rows of the event table with ``survival standard_error lower upper`` (0–1), as R's ``survfit`` gives them
        with ``stype = 2``.

    Raises
    ------
    MissingStepError
        The table is not an event table.
    InputError
        A choice that is not known, counts that contradict each other.

    Notes
    -----
    Never below Kaplan–Meier, and never quite 0. It is the curve to show where a risk set empties early under delayed
    entry, since Kaplan–Meier is 0 from there on.

    References
    ----------
    Breslow. J R Stat Soc B 1972;34:216–217. Fleming, Harrington. Commun Stat Theory Methods 1984;13:2469–2486.

    Examples
    --------
    >>> events = pd.DataFrame({"time_days": [10, 20], "at_risk": [2, 1], "events": [1, 1]})
    >>> exponential_survival(events)["survival"].round(3).tolist()
    [0.607, 0.223]
    """
    table, hazard, error_of_hazard = _cumulative(events, ties)
    survival = np.exp(-hazard)
    error = survival * error_of_hazard
    lower, upper = survival_interval(survival, error, confidence, interval)
    estimates = {"survival": survival, "standard_error": error}
    return beside(table, estimates | {"lower": lower, "upper": upper})


def _cumulative(events: pd.DataFrame, ties: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    require_choice("ties of a cumulative hazard", ties, TIES)
    table, stratum, (at_risk, died) = event_rows(events, ["events"])
    steps, variances = TIES[ties](np.where(at_risk > 0, at_risk, 1).astype(float), died)
    return table, running_sum(stratum, steps), np.sqrt(running_sum(stratum, variances))


def _at_once(at_risk: np.ndarray, died: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return died / at_risk, died / at_risk**2


def _one_after_the_other(at_risk: np.ndarray, died: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    deaths = np.ceil(died).astype(np.int64)
    row = np.repeat(np.arange(len(died)), deaths)
    gone = np.arange(len(row)) - np.repeat(np.cumsum(deaths) - deaths, deaths)
    # The last of a weighted number of deaths happens in part.
    share, left = np.minimum(died[row] - gone, 1), at_risk[row] - gone
    return tuple(np.bincount(row, share / left**power, minlength=len(died)) for power in (1, 2))


def _log(hazard: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    factor = np.exp(margin / hazard)
    return hazard / factor, hazard * factor


def _plain(hazard: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(hazard - margin, 0), hazard + margin


def _arcsin(hazard: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centre, margin = np.arcsin(np.exp(-hazard / 2)), margin / 2 / np.sqrt(np.expm1(hazard))
    ends = np.minimum(centre + margin, np.pi / 2), np.maximum(centre - margin, 0)
    lower, upper = (-2 * np.log(np.sin(end)) for end in ends)
    return lower, upper


TIES: dict[str, Callable] = {"nelson-aalen": _at_once, "fleming-harrington": _one_after_the_other}
INTERVALS: dict[str, Callable] = {"log": _log, "plain": _plain, "arcsin": _arcsin}
