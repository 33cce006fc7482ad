"""Quality indicators: how many of those who should, did."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.quantities import note_columns
from analysis.strata import number_strata, require_columns, require_list
from analysis.terms import COUNTRIES


def proportion(
    indicator: pd.DataFrame, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """The share of eligible children for whom an indicator is met, with its Wilson interval.

    .. math:: \\frac{p + z^2/2n \\pm z \\sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}

    Reads ``eligible`` and ``met`` (true or false) and the columns of ``by``; adds ``eligible`` and ``met`` (counts),
    ``share``, ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    indicator
        One row a child; or counts, ``eligible`` and ``met`` being numbers of children.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… eligible met share lower upper``, strata in reading order; the share is missing where none is eligible.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        ``eligible`` missing, or ``met`` missing for an eligible child: say first what unknown counts as.

    Notes
    -----
    A child who is not eligible does not count, met or not. Wilson's interval stays within 0 and 1 and does not
    vanish when all or none meet the indicator.

    References
    ----------
    Wilson. J Am Stat Assoc 1927;22:209–212. Brown, Cai, DasGupta. Stat Sci 2001;16:101–133.

    Examples
    --------
    >>> indicator = pd.DataFrame({"eligible": [True, True, True, False], "met": [True, True, False, False]})
    >>> proportion(indicator).round(3)
       eligible  met  share  lower  upper
    0         3    2  0.667  0.208  0.939
    """
    require_list("by", by)
    z = normal_quantile(confidence)
    checked = _checked_indicator(indicator)
    numbers, strata = number_strata(indicator, by)
    eligible, met = (
        np.bincount(numbers, values, minlength=len(strata)).astype(np.int64) for values in checked
    )
    share, lower, upper = _wilson(eligible, met, z)
    return strata.assign(eligible=eligible, met=met, share=share, lower=lower, upper=upper)


def _wilson(
    eligible: np.ndarray, met: np.ndarray, z: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    children = np.where(eligible > 0, eligible, np.nan)
    share = met / children
    centre = share + z**2 / (2 * children)
    margin = z * np.sqrt(share * (1 - share) / children + z**2 / (4 * children**2))
    whole = 1 + z**2 / children
    # At none and all, rounding would leave a limit a hair beyond the share itself.
    lower = np.where(met == 0, share, (centre - margin) / whole)
    upper = np.where(met == eligible, share, (centre + margin) / whole)
    return share, lower, upper


def _checked_indicator(indicator: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    require_columns(indicator, ["eligible", "met"])
    eligible, met = (
        pd.to_numeric(indicator[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for name in ("eligible", "met")
    )
    met = np.where(eligible == 0, 0.0, met)
    # A child who is not eligible does not count, met or not.
    sound = (met >= 0) & (met <= eligible)
    rules = {
        "eligible: must be filled, 0 or more": ~(eligible >= 0),
        "met: must be filled, from 0 to eligible, for those who are eligible": (eligible > 0)
        & ~sound,
    }
    raise_faults("quality indicator", rules)
    return eligible, met


def follow_up_completeness(
    followed: pd.DataFrame, closing_date: str, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """Clark's C: the follow-up observed, as a share of what there would be if nobody had been lost.

    .. math:: C = \\frac{\\sum_i t_i}{\\sum_i t_i^*}

    where :math:`t_i^*` runs from diagnosis to the closing date, or to the event where there was one. Reads
    ``diagnosis_date``, ``follow_up_days`` (days), ``event`` (0/1) and the columns of ``by``; adds ``children``
    (a count), ``share``, ``lower`` and ``upper`` (0–1).

    Parameters
    ----------
    followed
        One row a child, followed to the closing date.
    closing_date
        ISO date.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… children share lower upper``, strata in reading order; missing where there was no time to follow.

    Raises
    ------
    MissingStepError
        A column is not there.

    Notes
    -----
    The interval is that of a ratio estimator (linearised variance), cut off at 0 and 1; with a single child, or
    when nobody was lost, it is the share itself. Emigration counts as follow-up lost.

    References
    ----------
    Clark TG, Altman DG, De Stavola BL. Quantification of the completeness of follow-up. Lancet 2002;359:1309–10.
    Cochran. Sampling Techniques, 3rd ed., 1977, p. 153 (variance of a ratio).

    Examples
    --------
    >>> followed = pd.DataFrame({"diagnosis_date": pd.to_datetime(["2020-01-01"] * 2), "follow_up_days": [731, 366],
    ...     "event": [0, 0]})
    >>> follow_up_completeness(followed, "2022-01-01")["share"].round(3).tolist()
    [0.75]
    """
    require_list("by", by)
    require_columns(followed, ["diagnosis_date", "follow_up_days", "event"])
    z = normal_quantile(confidence)
    numbers, strata = number_strata(followed, by)
    children = np.bincount(numbers, minlength=len(strata))
    observed, potential = _observed_and_potential(followed, closing_date)
    share, error = _ratio_of_sums(numbers, observed, potential, children)
    return strata.assign(
        children=children,
        share=share,
        lower=np.clip(share - z * error, 0, 1),
        upper=np.clip(share + z * error, 0, 1),
    )


def _ratio_of_sums(
    numbers: np.ndarray, observed: np.ndarray, potential: np.ndarray, children: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The ratio of two sums in each stratum, and its standard error."""
    sums = partial(np.bincount, numbers, minlength=len(children))
    whole = sums(potential)
    whole = np.where(whole > 0, whole, np.nan)
    share = sums(observed) / whole
    spread = sums((observed - share[numbers] * potential) ** 2)
    # A single child has no spread: there the interval is the share itself.
    return share, np.sqrt(spread * children / np.maximum(children - 1, 1)) / whole


def _observed_and_potential(
    followed: pd.DataFrame, closing_date: str
) -> tuple[np.ndarray, np.ndarray]:
    """Days that each child was followed, and could have been: after the event there is nothing to follow."""
    observed = followed["follow_up_days"].to_numpy(dtype=float)
    until_closing = (pd.Timestamp(closing_date) - followed["diagnosis_date"]).dt.days
    happened = followed["event"].to_numpy() == 1
    return observed, np.where(
        happened, observed, np.maximum(until_closing.to_numpy(float), observed)
    )


def registry_completeness(
    counts: pd.DataFrame, independent_counts: Mapping[str, int], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Cases registered, as a share of those that an independent source knows, by country.

    Reads ``country`` and ``cases``; adds ``eligible`` (those of the independent source), ``met`` (those
    registered), ``share``, ``lower`` and ``upper`` (Wilson).

    Parameters
    ----------
    counts
        One row a country.
    independent_counts
        From a country to the number of cases, by the same criteria, that another source has counted.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``country eligible met share lower upper`` for the countries that have an independent count. The share is
        missing where the registry has more cases than the other source: that source was not complete itself.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        An independent count of what is no country.

    Examples
    --------
    >>> registry_completeness(pd.DataFrame({"country": ["NO"], "cases": [98]}), {"NO": 100}).round(3)
      country  eligible  met  share  lower  upper
    0      NO       100   98   0.98   0.93  0.994
    """
    require_columns(counts, ["country", "cases"])
    for country in independent_counts:
        require_choice("country of an independent count", country, COUNTRIES)
    counted = counts[counts["country"].isin(list(independent_counts))]
    eligible = counted["country"].map(dict(independent_counts)).astype("int64")
    table = counted[["country"]].assign(eligible=eligible, met=counted["cases"].astype("int64"))
    within = table["met"] <= table["eligible"]
    shares = proportion(table[within], by=["country"], confidence=confidence)
    return table.merge(shares.drop(columns=["eligible", "met"]), on="country", how="left")


def beside_counts(counts: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Counts put in front of the estimates of the same strata, for one table or figure.

    Reads the columns that both have, which are the strata; keeps all others.

    Parameters
    ----------
    counts
        One row a stratum, such as how many children entered.
    estimates
        One row or more a stratum, such as survival at several times.

    Returns
    -------
    pandas.DataFrame
        ``by…``, the columns of ``counts``, then those of ``estimates``; a row for every row of ``estimates`` whose
        stratum has counts, strata in the order of ``counts``. Where both note something of themselves (the
        outcome, what rates are per), the estimates' note stays.

    Raises
    ------
    InputError
        The tables have no column in common, or ``counts`` has several rows a stratum.

    Examples
    --------
    >>> counts = pd.DataFrame({"sex": ["male", "female"], "children": [60, 50]})
    >>> estimates = pd.DataFrame({"sex": ["male", "female"], "years": [5, 5], "survival": [0.8, 0.9]})
    >>> beside_counts(counts, estimates)
          sex  children  years  survival
    0    male        60      5       0.8
    1  female        50      5       0.9
    """
    own = counts.drop(columns=[column for column in note_columns(counts) if column in estimates])
    strata = [column for column in own.columns if column in estimates.columns]
    if not strata or own.duplicated(strata).any():
        raise InputError(
            "counts beside estimates", ["must have one row for each stratum of the estimates"]
        )
    return own.merge(estimates, on=strata)
