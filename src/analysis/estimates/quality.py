"""Quality indicators: how many of those who should, did."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, rows_phrase
from analysis.estimates.intervals import normal_quantile
from analysis.strata import number_strata, require_columns


def proportion(indicator: pd.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pd.DataFrame:
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
    eligible, met = _checked_indicator(indicator)
    numbers, strata = number_strata(indicator, by)
    eligible = np.bincount(numbers, eligible, minlength=len(strata)).astype(np.int64)
    met = np.bincount(numbers, met, minlength=len(strata)).astype(np.int64)
    z = normal_quantile(confidence)
    children = np.where(eligible > 0, eligible, np.nan)
    share = met / children
    centre = share + z**2 / (2 * children)
    margin = z * np.sqrt(share * (1 - share) / children + z**2 / (4 * children**2))
    whole = 1 + z**2 / children
    # At none and all, rounding would leave a limit a hair beyond the share itself.
    lower = np.where(met == 0, share, (centre - margin) / whole)
    upper = np.where(met == eligible, share, (centre + margin) / whole)
    return strata.assign(eligible=eligible, met=met, share=share, lower=lower, upper=upper)


def _checked_indicator(indicator: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    require_columns(indicator, ["eligible", "met"])
    eligible, met = (
        pd.to_numeric(indicator[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for name in ("eligible", "met")
    )
    met = np.where(eligible == 0, 0.0, met)
    rules = {
        "eligible: must be filled, 0 or more": ~(eligible >= 0),
        "met: must be filled, from 0 to eligible, for those who are eligible": (eligible > 0)
        & ~((met >= 0) & (met <= eligible)),
    }
    faults = [f"{rule} in {rows_phrase(np.flatnonzero(broken) + 1)}" for rule, broken in rules.items() if broken.any()]
    if faults:
        raise InputError("quality indicator", faults)
    return eligible, met
