"""Survivors carried forward to a day: those last heard of before it, and those yet to be diagnosed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.survival.kaplan_meier_curve import greenwood_terms
from analysis.strata import curve_strata, number_strata, require_columns

LEAST_SHARE = 1e-300  # stands for nobody left, so that its logarithm is a number


def projected_survivors(
    survivors: pd.DataFrame,
    curve: pd.DataFrame,
    by: Sequence[str] = (),
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
    require_columns(curve, ["time_days", "at_risk", "events"])
    z, strata_of_curve = normal_quantile(confidence), curve_strata(curve)
    require_columns(curve, by)
    persons = _persons(survivors, new_cases, index_date, strata_of_curve)
    joined = pd.concat(
        [curve[strata_of_curve].astype(object), persons[strata_of_curve].astype(object)]
    )
    numbers, strata = number_strata(joined, strata_of_curve)
    of_curve, of_persons = numbers[: len(curve)], numbers[len(curve) :]
    if not np.isin(of_persons, of_curve).all():
        raise InputError(
            "projected survivors",
            ["survivors or new cases stand in strata that the curve does not have"],
        )
    parts = [
        _projected(persons[of_persons == one], curve[of_curve == one]) for one in range(len(strata))
    ]
    kept, answer = number_strata(strata, by)
    whole = np.zeros((len(answer), len(PARTS)))
    np.add.at(whole, kept, np.array(parts).reshape(-1, len(PARTS)))
    totals = answer.assign(**dict(zip(PARTS, whole.T, strict=True)))
    error = np.sqrt(totals.pop("variance"))
    most = (totals["known_alive"] + totals["carried"]).where(totals["new_cases"] == 0, np.inf)
    lower = (totals["survivors"] - z * error).clip(lower=totals["known_alive"])
    upper = (totals["survivors"] + z * error).clip(upper=most)
    beyond = totals.pop("carried_beyond")
    totals = totals.assign(standard_error=error, lower=lower, upper=upper, carried_beyond=beyond)
    return totals.astype({"known_alive": np.int64, "carried": np.int64, "carried_beyond": np.int64})


PARTS = ("known_alive", "carried", "new_cases", "survivors", "variance", "carried_beyond")


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
        persons = pd.concat(
            [persons, _spread_over_years(new_cases, pd.Timestamp(index_date), strata)]
        )
    numbers = persons[["from_days", "to_days", "cases"]].to_numpy(dtype=float, na_value=np.nan)
    if not (numbers >= 0).all():
        raise InputError(
            "projected survivors", ["from_days, to_days and cases: must be filled, 0 or more"]
        )
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
    spread = (
        new_cases[strata].iloc[row].assign(from_days=0.0, to_days=to_days, cases=cases, new=True)
    )
    return spread[to_days >= 0]


def _projected(persons: pd.DataFrame, curve: pd.DataFrame) -> list[float]:
    curve = curve.sort_values("time_days")
    times, at_risk, died = (
        curve[name].to_numpy(dtype=float) for name in ("time_days", "at_risk", "events")
    )
    start, end, number = (
        persons[name].to_numpy(dtype=float) for name in ("from_days", "to_days", "cases")
    )
    new = persons["new"].to_numpy(dtype=bool)
    known = (start >= end) & ~new
    log_survival = np.append(0.0, np.cumsum(np.log(np.maximum(1 - died / at_risk, LEAST_SHARE))))
    first, last = (
        np.searchsorted(times, edge, side="right") for edge in (np.minimum(start, end), end)
    )
    share = np.exp(log_survival[last] - log_survival[first])
    alive = number * share
    passing = np.zeros(len(times) + 1)
    np.add.at(passing, first, alive)
    np.add.at(passing, last, -alive)
    spread = greenwood_terms(at_risk, died)
    estimated = np.where(
        np.isfinite(spread), np.cumsum(passing)[:-1] ** 2 * np.nan_to_num(spread, posinf=0), 0
    ).sum()
    chance = np.where(new, alive, alive * (1 - share)).sum()
    beyond = end > times.max(initial=0)
    sums = (
        number[known],
        number[~known & ~new],
        number[new],
        alive,
        [chance, estimated],
        number[~known & ~new & beyond],
    )
    return [float(np.sum(values)) for values in sums]
