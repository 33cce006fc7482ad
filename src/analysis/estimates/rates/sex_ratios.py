"""Boys beside girls."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.rates.ages import whole_numbers
from analysis.estimates.rates.crude_rates import checked_counts, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns, require_list


def sex_ratio(
    counts: pd.DataFrame, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """The incidence rate of boys over that of girls, with its exact conditional interval, in each stratum.

    .. math:: SR = \\frac{d_m / y_m}{d_f / y_f}, \\quad d_m \\mid d_m + d_f \\sim Bin(d_m + d_f, \\pi), \\quad
              SR = \\frac{\\pi}{1 - \\pi} \\frac{y_f}{y_m}

    Reads ``sex``, ``cases`` (d, a count), ``person_years`` (y, years) and the columns of ``by``. Adds ``male_cases``,
    ``female_cases``, ``male_person_years``, ``female_person_years``, ``sex_ratio``, ``lower`` and ``upper``.

    Parameters
    ----------
    counts
        One row a stratum and sex, as ``rate_table`` gives it; further rows are added up, other sexes left aside.
    by
        Stratum columns, ``sex`` not among them; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… male_cases female_cases male_person_years female_person_years sex_ratio lower upper``, one row a stratum,
        in reading order.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A negative count; ``sex`` in ``by``; a diagnosis column outside ``by``, whose person-years would be counted
        several times.

    Notes
    -----
    The interval is that of Clopper and Pearson for the share of boys among the cases, carried over to the ratio. No
    boy: the ratio is 0, with an upper limit. No girl: the ratio is not estimable, yet has a lower limit. No case at
    all, or no person-years of one sex: all are missing. The ratio is not adjusted for age, in which boys and girls of
    one stratum hardly differ.

    References
    ----------
    Clopper, Pearson. Biometrika 1934;26:404–413. Breslow, Day. Statistical Methods in Cancer Research II, 1987, p. 93.

    Examples
    --------
    >>> counts = pd.DataFrame({"sex": ["male", "female"], "cases": [60, 50], "person_years": [3.1e6, 2.9e6]})
    >>> sex_ratio(counts)[["male_cases", "female_cases", "sex_ratio", "lower", "upper"]].round(2)
       male_cases  female_cases  sex_ratio  lower  upper
    0          60            50       1.12   0.76   1.67
    """
    require_list("by", by)
    if "sex" in by:
        raise InputError("sex ratio", ["by: must not hold sex, which is compared"])
    require_columns(counts, ["sex", "cases", "person_years", *by])
    normal_quantile(confidence)
    refuse_repeated_person_years(counts, [*by, "sex"])
    numbers, strata = number_strata(counts, by)
    boys, boy_years = _of_sex(counts, numbers, len(strata), "male")
    girls, girl_years = _of_sex(counts, numbers, len(strata), "female")
    with np.errstate(all="ignore"):
        years = np.where((boy_years > 0) & (girl_years > 0), girl_years / boy_years, np.nan)
        lower, upper = (years * odds for odds in _odds_limits(boys, girls, confidence))
        ratio = np.where(girls > 0, boys / girls, np.nan) * years
    return strata.assign(
        male_cases=whole_numbers(boys),
        female_cases=whole_numbers(girls),
        male_person_years=boy_years,
        female_person_years=girl_years,
        sex_ratio=ratio,
        lower=lower,
        upper=upper,
    )


def _of_sex(counts: pd.DataFrame, numbers: np.ndarray, strata: int, sex: str) -> list[np.ndarray]:
    # A categorical would compare with a missing sex as missing, not as false.
    rows = (counts["sex"].astype(object) == sex).to_numpy(dtype=bool, na_value=False)
    return [
        np.bincount(numbers[rows], values[rows], minlength=strata)
        for values in checked_counts(counts)
    ]


def _odds_limits(
    boys: np.ndarray, girls: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - confidence) / 2
    # The limits of Clopper and Pearson for the share of boys, as odds.
    low, high = betaincinv(boys, girls + 1, tail), betaincinv(boys + 1, girls, 1 - tail)
    lower = np.where(boys > 0, low / (1 - low), 0)
    upper = np.where(girls > 0, high / (1 - high), np.nan)
    # Without a case the interval would be from 0 to infinity, which tells nothing.
    nobody = boys + girls == 0
    return np.where(nobody, np.nan, lower), np.where(nobody, np.nan, upper)
