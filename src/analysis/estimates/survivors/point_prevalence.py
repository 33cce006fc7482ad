"""How many of us live after childhood cancer: prevalence on a day, and what registration has not seen of it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from analysis.errors import InputError, raise_faults
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.rates.crude_rates import checked_counts, note_unit
from analysis.strata import curve_strata, each_stratum, require_columns
from analysis.terms import DAYS_PER_YEAR

PARTS = 12  # of a year of age, when survival is averaged over it
MOST_YEARS = 150
LEAST = 0.5  # of all survivors that registration must have seen for the rest to be estimated


def prevalence(
    counts: pd.DataFrame, per: float = 100_000, *, confidence: float = 0.95
) -> pd.DataFrame:
    """The share of a population that is alive after a diagnosis, with its exact interval, in each row.

    .. math:: prevalence = per \\cdot \\frac{c}{n}

    Reads ``cases`` (c, persons alive on the index date) and ``persons`` (n, the population on it); adds ``prevalence``,
    ``lower`` and ``upper`` (persons per ``per``).

    Parameters
    ----------
    counts
        One row a stratum, such as an attained age, as ``prevalence_table`` gives it.
    per
        Persons that the prevalence is expressed in.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        The rows given, in their order, with ``prevalence lower upper``; missing where there is no population.

    Raises
    ------
    MissingStepError
        ``cases`` or ``persons`` is not there.
    InputError
        A negative number, or more survivors than persons.

    Notes
    -----
    Clopper and Pearson's interval, that of a share in a population like this one; with no case its lower limit is 0. It
    says nothing of survivors not seen: those whose status is unknown (``status_unknown``), and those diagnosed before
    registration began (see ``completeness_index``). Print what it is limited to.

    References
    ----------
    Clopper, Pearson. Biometrika 1934;26:404–413.

    Examples
    --------
    >>> counts = pd.DataFrame({"attained_age": [20, 21], "cases": [80, 0], "persons": [60_000, 61_000]})
    >>> prevalence(counts).round(1)
       attained_age  cases  persons  prevalence  lower  upper     per
    0            20     80    60000       133.3  105.7  165.9  100000
    1            21      0    61000         0.0    0.0    6.0  100000
    """
    require_columns(counts, ["cases", "persons"])
    normal_quantile(confidence)
    cases, persons = (
        counts[name].to_numpy(dtype=float, na_value=np.nan) for name in ("cases", "persons")
    )
    rules = {
        "cases: must be 0 or more": cases < 0,
        "persons: must be 0 or more": persons < 0,
        "cases: must not be more than persons": (persons > 0) & (cases > persons),
    }
    raise_faults("prevalence", rules)
    persons, tail = np.where(persons > 0, persons, np.nan), (1 - confidence) / 2
    with np.errstate(all="ignore"):
        share = cases / persons
        lower = np.where(cases == 0, share, betaincinv(cases, persons - cases + 1, tail))
        upper = np.where(cases == persons, share, betaincinv(cases + 1, persons - cases, 1 - tail))
    shares = {"prevalence": per * share, "lower": per * lower, "upper": per * upper}
    return note_unit(counts.assign(**shares), per)


def completeness_index(
    rates: pd.DataFrame,
    curve: pd.DataFrame,
    registered_years: float,
    attained_ages: Sequence[int] = range(85),
) -> pd.DataFrame:
    """At each attained age, the share of all survivors of childhood cancer whom registration can have seen.

    .. math:: R(x) = \\sum_{a \\le x} \\lambda_a \\int S(t)\\,1[t \\le L] \\Big/ \\sum_{a \\le x} \\lambda_a \\int S(t)

    with :math:`\\lambda_a` the incidence rate at age a, S survival, L the years registered before the index date, and t
    from diagnosis at age a to attained age x, over the year of each. Reads of the rates ``age_at_diagnosis`` (completed
    years, single), ``cases`` and ``person_years``; of the curve ``time_days`` and ``survival``.

    Parameters
    ----------
    rates
        One row an age at diagnosis and stratum; further rows are added up. Its last age is that up to which survivors
        are counted: 14 or 17.
    curve
        As ``kaplan_meier`` gives it; its stratum columns, which the rates have too, are strata here.
    registered_years
        Years from the start of registration to the index date.
    attained_ages
        Completed years.

    Returns
    -------
    pandas.DataFrame
        ``by… attained_age completeness_index`` (0–1): 1 up to the attained age that registration has followed from
        birth, 0 where all were diagnosed before it. Missing without a case.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A negative number of years, or days for years; a negative count.

    Notes
    -----
    Up to L years of age nothing is assumed: prevalence is complete. Above, incidence and survival are taken to have
    been the same before registration as in it, and survival to stay where the curve ends; survival was lower, so that
    the index is too small and a count divided by it too large. A curve of the first years of registration lessens that.

    References
    ----------
    Capocaccia, De Angelis. Stat Med 1997;16:425–440. Simonetti, Gigli, Capocaccia, Mariotto. Stat Med 2008;27:990–1007
    (cancers diagnosed in childhood).

    Examples
    --------
    >>> rates = pd.DataFrame({"age_at_diagnosis": [0, 1], "cases": [10, 10], "person_years": [1e5, 1e5]})
    >>> curve = pd.DataFrame({"time_days": [365.25], "survival": [0.8]})
    >>> completeness_index(rates, curve, registered_years=30, attained_ages=[29, 30, 31, 32]).round(3)
       attained_age  completeness_index
    0            29                1.00
    1            30                0.75
    2            31                0.25
    3            32                0.00
    """
    require_columns(curve, ["time_days", "survival"])
    by = curve_strata(curve)
    require_columns(rates, [*by, "age_at_diagnosis"])
    checked_counts(rates)
    if not 0 <= registered_years <= MOST_YEARS:
        fault = f"registered_years: must be years, from 0 to {MOST_YEARS}, and not days"
        raise InputError("completeness index", [fault])
    ages = np.asarray(attained_ages, dtype=np.int64)

    def of_stratum(rows: pd.DataFrame) -> pd.DataFrame:
        own = curve
        for column in by:
            level = rows[column].iloc[0] if len(rows) else None
            own = own[own[column].isna() if pd.isna(level) else own[column] == level]
        index = _seen(_rates_by_age(rows), own, registered_years, ages)
        return pd.DataFrame({"attained_age": ages, "completeness_index": index})

    return each_stratum(rates, by, of_stratum)


def completed_prevalence(
    prevalent: pd.DataFrame, completeness: pd.DataFrame, least: float = LEAST
) -> pd.DataFrame:
    """Observed survivors at each attained age raised to all survivors, where registration has seen most of them.

    .. math:: c / R(x)

    Reads ``attained_age``, ``cases`` (c, persons) and the columns shared with ``completeness``; adds
    ``completeness_index`` (R, 0–1) and ``completed_cases`` (persons, estimated).

    Parameters
    ----------
    prevalent
        As ``prevalent_cases`` gives it by ``attained_age``.
    completeness
        As ``completeness_index`` gives it.
    least
        Smallest index by which a count is divided.

    Returns
    -------
    pandas.DataFrame
        The rows of ``prevalent``, in their order, with the two columns. ``completed_cases`` are missing where the index
        is below ``least``: there the answer would come from assumptions and not from persons.

    Raises
    ------
    MissingStepError
        A column is not there.

    Examples
    --------
    >>> prevalent = pd.DataFrame({"attained_age": [29, 30, 31], "cases": [40, 30, 10]})
    >>> index = pd.DataFrame({"attained_age": [29, 30, 31], "completeness_index": [1, 0.75, 0.25]})
    >>> completed_prevalence(prevalent, index)
       attained_age  cases  completeness_index  completed_cases
    0            29     40                1.00             40.0
    1            30     30                0.75             40.0
    2            31     10                0.25              NaN
    """
    require_columns(prevalent, ["attained_age", "cases"])
    require_columns(completeness, ["attained_age", "completeness_index"])
    keys = [column for column in completeness.columns if column != "completeness_index"]
    require_columns(prevalent, keys)
    # A categorical and plain numbers must meet as the same stratum.
    ours, theirs = prevalent[keys].astype(object), completeness.astype(dict.fromkeys(keys, object))
    met = ours.merge(theirs, on=keys, how="left")
    index = met["completeness_index"].to_numpy(dtype=float, na_value=np.nan)
    cases = prevalent["cases"].to_numpy(dtype=float, na_value=np.nan)
    is_seen = index >= least
    completed = np.where(is_seen, cases / np.where(is_seen, index, np.nan), np.nan)
    return prevalent.assign(completeness_index=index, completed_cases=completed)


def _rates_by_age(rows: pd.DataFrame) -> np.ndarray:
    """The rate at each completed year of age from 0 to the last; 0 where there are no person-years."""
    age = rows["age_at_diagnosis"].to_numpy(dtype=float, na_value=np.nan)
    filled = ~np.isnan(age)
    cases, years = (
        np.bincount(age[filled].astype(np.int64), values[filled]) for values in checked_counts(rows)
    )
    return np.divide(cases, years, out=np.zeros(len(years)), where=years > 0)


def _seen(
    rates: np.ndarray, curve: pd.DataFrame, registered_years: float, ages: np.ndarray
) -> np.ndarray:
    """The index at each attained age: months of birth, diagnosis and attained age are all as likely."""
    # Counted in whole parts of a year, so that what is equal is found equal.
    part = np.arange(PARTS)
    at_diagnosis = (np.arange(len(rates))[:, None] * PARTS + part).ravel()
    since = (ages[:, None] * PARTS + part)[:, :, None] - at_diagnosis
    alive = _survival_after(curve, since * (DAYS_PER_YEAR / PARTS)) * np.repeat(rates, PARTS)
    # Half of a cell of time lies on each side of its middle: there diagnosis and attained age are of one month.
    lived = _weighed(alive, since > 0, since == 0)
    registered = registered_years * PARTS
    seen = _weighed(lived, since < registered, since == registered).sum(axis=(1, 2))
    whole = lived.sum(axis=(1, 2))
    return np.divide(seen, whole, out=np.full(len(ages), np.nan), where=whole > 0)


def _survival_after(curve: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    in_time = curve.sort_values("time_days")
    survival = np.append(1.0, in_time["survival"].to_numpy(dtype=float))
    times = in_time["time_days"].to_numpy(dtype=float)
    return survival[np.searchsorted(times, days, side="right")]


def _weighed(values: np.ndarray, wholly: np.ndarray, by_half: np.ndarray) -> np.ndarray:
    return np.where(wholly, values, np.where(by_half, values / 2, 0))
