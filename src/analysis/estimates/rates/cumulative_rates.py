"""How many fall ill before an age: the cumulative rate and the cumulative risk."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.of_counts import weighted_sum
from analysis.estimates.rates.ages import OLDEST_AGE, counts_by_age, select_ages


def cumulative_rate(
    counts: pd.DataFrame,
    to_age: int = 15,
    by: Sequence[str] = (),
    *,
    ages: tuple[int, int] | None = None,
    interval: str = "fay-feuer",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The cumulative rate from birth to an age, and the risk of falling ill before it, in each stratum.

    .. math:: C = \\sum_a b_a \\frac{d_a}{y_a}, \\quad var = \\sum_a b_a^2 \\frac{d_a}{y_a^2}, \\quad risk = 1 - e^{-C}

    with :math:`b_a` the years of age in a band. Reads ``cases`` (d, a count), ``person_years`` (y, years), the columns
    of ``by`` and the age, as ``age_standardised_rate`` does. Adds ``cumulative_rate`` and ``cumulative_risk`` (0–1,
    per person) with their limits.

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up, older ages left aside.
    to_age
        The birthday that it is counted to: 15 for ages 0–14, 18 for ages 0–17.
    by
        Stratum columns; empty for the whole.
    ages
        First and last completed year instead, for a cumulative rate that does not begin at birth.
    interval
        ``"fay-feuer"`` (gamma), ``"tiwari"`` (modified gamma), ``"dobson"``, ``"normal"`` or ``"log-normal"``.
    confidence
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``by… cases person_years cumulative_rate lower upper cumulative_risk risk_lower risk_upper``, one row a
        stratum, in reading order. Missing where an age is absent from a stratum, or without person-years there.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A band of ages that straddles the age, or ages before it that the table lacks; an age that is missing,
        unreadable or overlaps another; an interval that is not known; a diagnosis column outside ``by``.

    Notes
    -----
    A cumulative rate is a directly standardised rate in which every year of age weighs one, and its intervals are
    those; the limits of the risk are those of the rate, transformed. The risk is that of a child who does not die of
    anything else. No case gives 0, with 0 as its lower limit and an upper limit by the gamma methods.

    References
    ----------
    Day. In: Cancer Incidence in Five Continents VI, 1992, pp. 862–864 (cumulative rate and risk). Fay, Feuer. Stat Med
    1997;16:791–801.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "age_group": ["0-4", "5-9", "10-14"], "cases": [40, 25, 20], "person_years": [200_000, 210_000, 220_000],
    ... })
    >>> cumulative_rate(counts, to_age=15)[["cumulative_rate", "lower", "upper", "cumulative_risk"]].round(5)
       cumulative_rate    lower    upper  cumulative_risk
    0          0.00205  0.00164  0.00254          0.00205
    """
    inside = select_ages(counts, (0, _years_before(to_age)) if ages is None else ages)
    by_age = counts_by_age(inside, by)
    widths = np.array([band.last - band.first + 1 for band in by_age.bands])
    # Every year of age weighs one: a band adds its rate as often as it has years.
    case_weight = widths / np.where(by_age.person_years > 0, by_age.person_years, np.nan)
    rate, lower, upper = weighted_sum(by_age.cases, case_weight, interval, confidence)
    return by_age.totals().assign(
        cumulative_rate=rate,
        lower=lower,
        upper=upper,
        cumulative_risk=-np.expm1(-rate),
        risk_lower=-np.expm1(-lower),
        risk_upper=-np.expm1(-upper),
    )


def _years_before(to_age: int) -> int:
    # Days or half years are no birthday.
    if to_age != to_age // 1 or not 0 < to_age <= OLDEST_AGE:
        raise InputError(
            "cumulative rate", [f"to_age: must be a birthday from 1 to {OLDEST_AGE}, as in 15"]
        )
    return int(to_age) - 1
