"""Survival made comparable: standardised for age at diagnosis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.errors import InputError, faults_in_rows, raise_faults
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.intervals.of_net_survival import net_survival_interval
from analysis.estimates.rates.ages import AGE_BAND, OLDEST_AGE
from analysis.strata import number_strata, require_columns, strata_columns

AGE = "age_group"
MEASURES = ("survival", "net_survival")
READ = (*MEASURES, AGE, "at_risk", "events", "censored", "standard_error", "lower", "upper")
Standard = str | Mapping | pd.DataFrame


@dataclass(frozen=True)
class _Shares:
    """The age group of each row, by number, and the share of the standard that each age group has."""

    age: np.ndarray
    of_age: np.ndarray


@cache
def _standards() -> pd.DataFrame:
    path = files("analysis.estimates.survival").joinpath("survival_standards.csv")
    with path.open(encoding="utf-8") as lines:
        return pd.read_csv(lines)


def survival_standard(standard: str = "icss-1") -> pd.DataFrame:
    """The weights of a standard population of cancer patients, in its own age groups.

    Parameters
    ----------
    standard
        ``"icss-1"`` (cancers whose incidence rises with age), ``"icss-2"`` (broadly constant incidence), ``"icss-3"``
        (mainly young adults), or ``"concord-children"`` (0–4, 5–9 and 10–14 alike).

    Returns
    -------
    pandas.DataFrame
        ``age_from age_to weight source``; the last age is missing for an open group.

    Raises
    ------
    InputError
        The standard is not known; the known ones are listed.

    References
    ----------
    Corazziari, Quinn, Capocaccia. Eur J Cancer 2004;40:2307–2316. Allemani et al. Lancet 2018;391:1023–1075.

    Examples
    --------
    >>> survival_standard("icss-1").head(2)[["age_from", "age_to", "weight"]]
       age_from  age_to  weight
    0        15    19.0     164
    1        20    24.0     215
    """
    require_choice("standard of survival", standard, _standards()["standard"].unique())
    chosen = _standards()[_standards()["standard"] == standard]
    return chosen.drop(columns="standard").reset_index(drop=True)


def age_standardised_survival(
    estimates: pd.DataFrame,
    standard: Standard,
    *,
    interval: str = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Survival as it would be with the standard's ages at diagnosis: the weighted mean of age-specific survival.

    .. math:: S = \\sum_a w_a S_a, \\quad se^2 = \\sum_a w_a^2\\, se_a^2, \\quad \\sum_a w_a = 1

    Reads ``age_group`` (completed years, ``"0"``, ``"1-4"``, ``"75+"``), ``survival`` or ``net_survival`` (0–1) with
    ``standard_error``, and the stratum columns, which are all the others (``years`` among them); gives the same measure
    with ``standard_error``, ``lower`` and ``upper``.

    Parameters
    ----------
    estimates
        One row a stratum, time and age group, as ``survival_at`` or ``net_survival_at`` gives it.
    standard
        The name of a standard (see ``survival_standard``); a mapping from age group to weight; or a frame with
        ``age_group`` and ``weight`` or ``cases``, such as the case counts of the whole (internal weights).
    interval
        ``"log-log"``, ``"log"`` or ``"plain"``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        The stratum columns, the measure, ``standard_error lower upper``: one row a stratum, in reading order. Missing
        where an age group of the table has no estimate in the stratum.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        An unknown standard or interval; age groups that cannot be read, have no weight, or come twice in a stratum.

    Notes
    -----
    A weight of a named standard is spread evenly over its single years, and weights are rescaled to the age groups of
    the table. An age group that is missing is not filled in: pool groups before, where they are small.

    References
    ----------
    Corazziari, Quinn, Capocaccia. Eur J Cancer 2004;40:2307–2316.

    Examples
    --------
    >>> estimates = pd.DataFrame({"age_group": ["0-4", "5-9"], "years": 5, "survival": [0.8, 0.9],
    ...                           "standard_error": [0.03, 0.04]})
    >>> age_standardised_survival(estimates, {"0-4": 3, "5-9": 1}).round(4)
       years  survival  standard_error   lower   upper
    0      5     0.825          0.0246  0.7705  0.8677
    """
    measure = next((name for name in MEASURES if name in estimates.columns), "survival")
    require_columns(estimates, [AGE, measure, "standard_error"])
    shares = _shares(estimates[AGE], standard)
    stratum, strata = number_strata(estimates, strata_columns(estimates, READ))
    _refuse_repeated(stratum, shares.age)

    def by_age(column: str) -> np.ndarray:
        cells = np.full((len(strata), len(shares.of_age)), np.nan)
        cells[stratum, shares.age] = estimates[column].to_numpy(dtype=float, na_value=np.nan)
        return cells

    survival, error_of_log = _weighted_mean(by_age(measure), by_age("standard_error"), shares)
    lower, upper = net_survival_interval(survival, error_of_log, confidence, interval)
    table = strata.assign(**{measure: survival}, standard_error=survival * error_of_log)
    return table.assign(lower=lower, upper=upper)


def _weighted_mean(
    survival: np.ndarray, error: np.ndarray, shares: _Shares
) -> tuple[np.ndarray, np.ndarray]:
    """The weighted mean over the ages of each stratum, and the standard error of its logarithm."""
    if not len(shares.of_age):
        return np.full((2, len(survival)), np.nan)
    # Nobody left alive has no standard error; the others' still has to be known.
    error = np.where(survival == 0, 0, error)
    mean = (survival * shares.of_age).sum(axis=1)
    error_of_mean = np.sqrt((error**2 * shares.of_age**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean, np.where(mean > 0, error_of_mean / mean, np.nan)


def _refuse_repeated(stratum: np.ndarray, age: np.ndarray) -> None:
    repeated = pd.DataFrame({"stratum": stratum, "age": age}).duplicated(keep=False)
    once = f"{AGE}: must come once in a stratum; does not"
    raise_faults("age-standardised survival", {once: repeated})


def add_standard_weights(
    cases: pd.DataFrame, standard: Standard, *, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Add the weight that gives each child's age group the standard's share of its stratum, as Brenner proposed.

    .. math:: k_i = w_{a(i)} \\Big/ \\frac{n_{a(i)}}{n}

    Reads ``age_group`` and the columns of ``by``; adds ``standard_weight``, which ``net_survival`` reads.

    Parameters
    ----------
    cases
        One row a child.
    standard
        As for ``age_standardised_survival``.
    by
        The stratum columns that net survival will be computed by.

    Returns
    -------
    pandas.DataFrame
        The children, with ``standard_weight``: missing in a stratum without a child of some age group, where what is
        computed from it will then be missing.

    Raises
    ------
    MissingStepError
        ``age_group`` or a column of ``by`` is not there.
    InputError
        As for ``age_standardised_survival``.

    Notes
    -----
    Weighting children needs no estimate in each age group, only a child; it standardises the ages at diagnosis, while
    the weighted mean standardises survival at each time. The two differ once survival differs much between ages.

    References
    ----------
    Brenner, Arndt, Gefeller, Hakulinen. Eur J Cancer 2004;40:2317–2322.

    Examples
    --------
    >>> children = pd.DataFrame({"age_group": ["0-4", "0-4", "0-4", "5-9"]})
    >>> add_standard_weights(children, {"0-4": 1, "5-9": 1})["standard_weight"].round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    return cases.assign(
        standard_weight=standard_weights_of(cases, standard, by, np.ones(len(cases)))
    )


def standard_weights_of(
    frame: pd.DataFrame, standard: Standard, by: Sequence[str], children: np.ndarray
) -> np.ndarray:
    """The weight of each row of a frame whose rows stand for so many children each."""
    require_columns(frame, [AGE])
    shares = _shares(frame[AGE], standard)
    stratum, strata = number_strata(frame, by)
    shape = len(strata), len(shares.of_age)
    counts = np.zeros(shape)
    np.add.at(counts, (stratum, shares.age), children)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = shares.of_age * counts.sum(axis=1, keepdims=True) / counts
    weights[(counts == 0).any(axis=1)] = np.nan
    return weights[stratum, shares.age]


def _shares(column: pd.Series, standard: Standard) -> _Shares:
    age, groups = pd.factorize(column.astype(object))
    faults = faults_in_rows({f"{AGE}: must be filled": age < 0})
    weights = np.array([_weight_of(group, standard) for group in groups], dtype=float)
    without = groups[~(weights > 0)]
    faults += [f"{AGE}: {group} has no weight in the standard" for group in without]
    if faults:
        raise InputError("age-standardised survival", faults)
    return _Shares(age, weights / weights.sum() if len(groups) else weights)


def _weight_of(group: object, standard: Standard) -> float:
    """The weight that the standard gives to an age group of the table; missing or 0 where it gives none."""
    if isinstance(standard, pd.DataFrame):
        weight = "weight" if "weight" in standard.columns else "cases"
        require_columns(standard, [AGE, weight])
        is_group = (standard[AGE] == group).fillna(False).astype(bool)
        return float(standard.loc[is_group, weight].sum())
    if isinstance(standard, Mapping):
        return float(standard.get(group, np.nan))
    band = AGE_BAND.fullmatch(str(group))
    if not band:
        return np.nan
    first, last = int(band[1]), OLDEST_AGE if band[3] else int(band[2] or band[1])
    return _weight_of_ages(survival_standard(standard), first, last)


def _weight_of_ages(weights: pd.DataFrame, first: int, last: int) -> float:
    """The weight of some ages, those of the standard's groups being spread evenly over single years."""
    age_from, age_to = weights["age_from"], weights["age_to"].fillna(OLDEST_AGE)
    years = (np.minimum(age_to, last) - np.maximum(age_from, first) + 1).clip(lower=0)
    return float((weights["weight"] * years / (age_to - age_from + 1)).sum())
