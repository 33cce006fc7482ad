"""Survivors carried forward to a day: those last heard of before it, and those yet to be diagnosed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.survival.kaplan_meier_curve import greenwood_terms
from analysis.strata import curve_strata, number_strata, require_columns, require_list

LEAST_SHARE = 1e-300  # stands for nobody left, so that its logarithm is a number


def projected_survivors(
    survivors: pd.DataFrame,
    curve: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    new_cases: pd.DataFrame | None = None,
    index_date: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How many survivors there will be on a day, each carried on from last contact by conditional survival.

    .. math:: N = \\sum_i n_i p_i, \\quad p_i = S(t_i) / S(f_i), \\quad
              var(N) = \\sum_i n_i p_i (1 - p_i) + \\sum_j \\left(\\sum_{i: f_i < t_j \\le t_i} n_i p_i\\right)^2
              \\frac{d_j}{n_j (n_j - d_j)}

    with f days followed and t days from diagnosis to the day: the first part is chance, the second that S is estimated.
    A new case has f = 0 and adds :math:`m p` instead of :math:`m p (1 - p)`, as its own number varies as a Poisson
    count. Reads ``from_days``, ``to_days`` (days), ``cases`` (persons) and the stratum columns of the curve; of the
    curve ``time_days``, ``at_risk`` and ``events``.

    Parameters
    ----------
    survivors
        As ``survivor_times`` gives it for the day.
    curve
        As ``kaplan_meier`` gives it, from the persons' own follow-up; strata as fine as survival differs.
    by
        Which of the curve's stratum columns the answer keeps; the others are added up.
    new_cases
        Cases expected in years to come: ``year``, ``cases`` (a number, expected) and the curve's stratum columns.
        Diagnoses are spread evenly over the year, and counted up to the index date.
    index_date
        ISO date; needed with ``new_cases``.
    confidence
        Probability that the number lies in the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… known_alive carried new_cases survivors standard_error lower upper carried_beyond``: persons known to be
        alive, persons carried on, new cases expected, survivors expected of the three together, with the standard error
        and the prediction interval, and how many of the carried go further than the curve does.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        New cases without an index date; survivors or new cases in a stratum that the curve does not have; missing or
        negative numbers.

    Notes
    -----
    Beyond the end of the curve survival is taken to stay where it is, which overstates survivors a little; the last
    column tells of how many. The normal interval stays among those known to be alive and, without new cases, all. It
    does not hold that survival of new cases may be better, or that their number may change: give ``new_cases`` by more
    than one assumption.

    References
    ----------
    Verdecchia, De Angelis, Capocaccia. Stat Med 2002;21:3511–3526. Hieke, Kleber, König, Engelhardt, Schumacher. Clin
    Cancer Res 2015;21:1530–1536 (conditional survival).

    Examples
    --------
    >>> curve = pd.DataFrame({"time_days": [100, 500, 900], "at_risk": [40, 30, 20], "events": [4, 3, 0],
    ...                       "survival": [0.9, 0.81, 0.81]})
    >>> survivors = pd.DataFrame({"from_days": [200, 700], "to_days": [600, 700], "cases": [10, 25]})
    >>> projected_survivors(survivors, curve).drop(columns="carried_beyond").round(2)
       known_alive  carried  new_cases  survivors  standard_error  lower  upper
    0           25       10        0.0       34.0             1.1  31.85   35.0
    """
    require_list("by", by)
    require_columns(curve, ["time_days", "at_risk", "events", *by])
    z = normal_quantile(confidence)
    strata_of_curve = curve_strata(curve)
    persons = _persons(survivors, new_cases, index_date, strata_of_curve)
    parts, strata = _in_each_stratum(persons, curve, strata_of_curve)
    numbers, answer = number_strata(strata, by)
    whole = np.zeros((len(answer), len(PARTS)))
    np.add.at(whole, numbers, parts)
    return _with_interval(answer.assign(**dict(zip(PARTS, whole.T, strict=True))), z)


PARTS = ("known_alive", "carried", "new_cases", "survivors", "variance", "carried_beyond")


def _with_interval(totals: pd.DataFrame, z: float) -> pd.DataFrame:
    error = np.sqrt(totals.pop("variance"))
    # Nobody known to be alive can be lost; without new cases nobody can be added.
    most = (totals["known_alive"] + totals["carried"]).where(totals["new_cases"] == 0, np.inf)
    lower = (totals["survivors"] - z * error).clip(lower=totals["known_alive"])
    upper = (totals["survivors"] + z * error).clip(upper=most)
    beyond = totals.pop("carried_beyond")
    totals = totals.assign(standard_error=error, lower=lower, upper=upper, carried_beyond=beyond)
    return totals.astype(dict.fromkeys(("known_alive", "carried", "carried_beyond"), np.int64))


def _in_each_stratum(
    persons: pd.DataFrame, curve: pd.DataFrame, by: list[str]
) -> tuple[np.ndarray, pd.DataFrame]:
    """The parts of the answer (columns) in each stratum of the curve (rows); the strata."""
    joined = pd.concat([curve[by].astype(object), persons[by].astype(object)])
    numbers, strata = number_strata(joined, by)
    of_curve, of_persons = numbers[: len(curve)], numbers[len(curve) :]
    if not np.isin(of_persons, of_curve).all():
        fault = "survivors or new cases stand in strata that the curve does not have"
        raise InputError("projected survivors", [fault])
    parts = [
        _projected(persons[of_persons == number], curve[of_curve == number])
        for number in range(len(strata))
    ]
    return np.array(parts).reshape(-1, len(PARTS)), strata


def _persons(
    survivors: pd.DataFrame,
    new_cases: pd.DataFrame | None,
    index_date: str | None,
    strata: list[str],
) -> pd.DataFrame:
    """One row a number of persons, from so many to so many days after diagnosis; new ones marked."""
    require_columns(survivors, [*strata, "from_days", "to_days", "cases"])
    persons = survivors[[*strata, "from_days", "to_days", "cases"]].assign(new=False)
    if new_cases is not None:
        if index_date is None:
            raise InputError("projected survivors", ["index_date: is needed with new_cases"])
        require_columns(new_cases, [*strata, "year", "cases"])
        coming = _spread_over_years(new_cases, pd.Timestamp(index_date), strata)
        persons = pd.concat([persons, coming])
    numbers = persons[["from_days", "to_days", "cases"]].to_numpy(dtype=float, na_value=np.nan)
    if not (numbers >= 0).all():
        fault = "from_days, to_days and cases: must be filled, 0 or more"
        raise InputError("projected survivors", [fault])
    return persons.reset_index(drop=True)


def _spread_over_years(
    new_cases: pd.DataFrame, day: pd.Timestamp, strata: list[str]
) -> pd.DataFrame:
    first = pd.to_datetime(new_cases["year"].astype("Int64").astype("string") + "-01-01")
    length = (first + pd.DateOffset(years=1) - first).dt.days.to_numpy()
    row = np.repeat(np.arange(len(new_cases)), length)
    day_of_year = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    to_days = (day - first).dt.days.to_numpy()[row] - day_of_year
    cases = new_cases["cases"].to_numpy(dtype=float, na_value=np.nan)[row] / length[row]
    spread = new_cases[strata].iloc[row]
    spread = spread.assign(from_days=0.0, to_days=to_days, cases=cases, new=True)
    return spread[to_days >= 0]


@dataclass(frozen=True)
class Passage:
    """Numbers of persons, and the steps of the curve between which each passes; what kind of persons they are."""

    number: np.ndarray
    first: np.ndarray
    last: np.ndarray
    is_new: np.ndarray
    is_carried: np.ndarray
    is_beyond: np.ndarray


def _passage(persons: pd.DataFrame, times: np.ndarray) -> Passage:
    start, end, number = (
        persons[name].to_numpy(dtype=float) for name in ("from_days", "to_days", "cases")
    )
    is_new = persons["new"].to_numpy(dtype=bool)
    # Those known to be alive after the day stay: no time passes for them.
    first = np.searchsorted(times, np.minimum(start, end), side="right")
    last = np.searchsorted(times, end, side="right")
    is_carried = (start < end) & ~is_new
    return Passage(number, first, last, is_new, is_carried, end > times.max(initial=0))


def _projected(persons: pd.DataFrame, curve: pd.DataFrame) -> list[float]:
    curve = curve.sort_values("time_days")
    times, at_risk, died = (
        curve[name].to_numpy(dtype=float) for name in ("time_days", "at_risk", "events")
    )
    passage = _passage(persons, times)
    share = _shares_alive(at_risk, died, passage)
    alive = passage.number * share
    # A new case's own number varies as a Poisson count; a person's survival as a coin.
    chance = np.where(passage.is_new, alive, alive * (1 - share)).sum()
    of_curve = _variance_of_curve(at_risk, died, passage, alive)
    parts = {
        "known_alive": passage.number[~passage.is_carried & ~passage.is_new],
        "carried": passage.number[passage.is_carried],
        "new_cases": passage.number[passage.is_new],
        "survivors": alive,
        "variance": np.array([chance, of_curve]),
        "carried_beyond": passage.number[passage.is_carried & passage.is_beyond],
    }
    return [float(parts[name].sum()) for name in PARTS]


def _shares_alive(at_risk: np.ndarray, died: np.ndarray, passage: Passage) -> np.ndarray:
    """Survival from one step of the curve to another."""
    steps = np.log(np.maximum(1 - died / at_risk, LEAST_SHARE))
    log_survival = np.append(0.0, np.cumsum(steps))
    return np.exp(log_survival[passage.last] - log_survival[passage.first])


def _variance_of_curve(
    at_risk: np.ndarray, died: np.ndarray, passage: Passage, alive: np.ndarray
) -> float:
    """What it adds that the curve is estimated: all who pass a step of it are wrong together."""
    passing = np.zeros(len(at_risk) + 1)
    np.add.at(passing, passage.first, alive)
    np.add.at(passing, passage.last, -alive)
    spread = greenwood_terms(at_risk, died)
    terms = np.cumsum(passing)[:-1] ** 2 * np.nan_to_num(spread, posinf=0)
    return np.where(np.isfinite(spread), terms, 0).sum()
