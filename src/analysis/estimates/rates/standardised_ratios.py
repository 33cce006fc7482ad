"""How much more often: ratios of age-standardised rates."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.rates.ages import counts_by_age, whole_numbers, within_ages
from analysis.estimates.rates.crude_rates import note_unit, refuse_repeated_person_years
from analysis.estimates.rates.standard_populations import Standard
from analysis.estimates.rates.standardisation import PER, case_weight
from analysis.strata import number_strata, require_columns


@within_ages
def standardised_rate_ratio(
    counts: pd.DataFrame,
    compared: str,
    reference: object = None,
    by: Sequence[str] = (),
    standard: Standard = "world-1960",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The age-standardised rate of each stratum over that of a reference, or over that of all the others.

    .. math:: SRR = \\frac{R_1}{R_0}, \\quad
              \\exp\\Big(\\log SRR \\pm z \\sqrt{\\frac{var(R_1)}{R_1^2} + \\frac{var(R_0)}{R_0^2}}\\Big)

    Reads what ``age_standardised_rate`` reads, and the column ``compared``. Adds ``rate`` and ``reference_rate``
    (age-standardised, cases per million person-years), ``standardised_rate_ratio``, ``lower``, ``upper`` and
    ``p_value`` (two-sided).

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up.
    compared
        The column whose strata are compared: ``"country"``.
    reference
        The stratum that the others are compared with, ``"NO"``; None to compare each with all the others together.
    by
        Further stratum columns, within which the comparison is made.
    standard
        A standard population by name, or weights of your own, as in ``age_standardised_rate``.
    confidence
        Coverage of the interval.
    ages
        First and last completed year, both included; None for all ages of the table.

    Returns
    -------
    pandas.DataFrame
        ``by… compared cases person_years rate reference_rate standardised_rate_ratio lower upper p_value``, one row a
        stratum, in reading order. The reference itself has ratio 1, without limits or p value. Without a case in the
        stratum the ratio is 0, without limits; without one in the reference it is missing.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        The reference is not among the strata compared; ``compared`` stands in ``by`` as well, or is a diagnosis and
        has no reference, as all diagnoses share their person-years; and as ``age_standardised_rate``.

    Notes
    -----
    The interval is log-normal, its variance by the delta method from Poisson counts, the two rates taken as
    independent. Others together are added up within each age and then standardised. With few cases the interval is
    approximate: read it beside ``cases``. Ratios of standardised rates depend on the standard; a ratio that is the
    same at all ages does not.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, pp. 58–65. Boyle, Parkin. In: Jensen et al., Cancer
    Registration: Principles and Methods, 1991, chapter 11.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "country": ["NO", "NO", "SE", "SE"], "age_group": ["0-4", "5-9"] * 2, "cases": [60, 40, 80, 50],
    ...     "person_years": [3e5, 3e5, 5e5, 5e5],
    ... })
    >>> ratios = standardised_rate_ratio(counts, compared="country", reference="NO")
    >>> ratios[["country", "cases", "standardised_rate_ratio", "lower", "upper"]].round(2)
      country  cases  standardised_rate_ratio  lower  upper
    0      NO    100                     1.00    NaN    NaN
    1      SE    130                     0.78    0.6   1.02
    """
    if compared in by:
        raise InputError(
            "standardised rate ratio", [f"by: must not hold {compared}, which is compared"]
        )
    z = normal_quantile(confidence)
    require_columns(counts, [compared, *by, "cases", "person_years"])
    if reference is None:
        # All the others together add up person-years, which must not be those that every diagnosis shares.
        refuse_repeated_person_years(counts, by)
    strata, bands, cases, person_years = counts_by_age(counts, [*by, compared])
    group, _ = number_strata(strata, by)
    other_cases, other_years, is_reference = _others(
        strata[compared], group, (cases, person_years), reference
    )
    rate, error = _rate_and_error(cases, case_weight(standard, bands, person_years))
    other_rate, other_error = _rate_and_error(
        other_cases, case_weight(standard, bands, other_years)
    )
    with np.errstate(all="ignore"):
        ratio = np.where(other_rate > 0, rate / other_rate, np.nan)
        error = np.where((ratio > 0) & ~is_reference, np.hypot(error, other_error), np.nan)
        p_value = 2 * ndtr(-np.abs(np.log(ratio)) / error)
    table = strata.assign(
        cases=whole_numbers(cases.sum(axis=1)), person_years=person_years.sum(axis=1)
    )
    table = table.assign(
        rate=PER * rate, reference_rate=PER * other_rate, standardised_rate_ratio=ratio
    )
    limits = {"lower": ratio * np.exp(-z * error), "upper": ratio * np.exp(z * error)}
    return note_unit(table.assign(**limits, p_value=p_value), PER)


def _others(
    compared: pd.Series, group: np.ndarray, counts: tuple[np.ndarray, np.ndarray], reference: object
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cases and person-years, by age, that each stratum is compared with; whether it is the reference itself."""
    if reference is None:
        rest = [_sums_of_groups(values, group) - values for values in counts]
        return *rest, np.zeros(len(group), dtype=bool)
    is_reference = (compared.astype(object) == reference).to_numpy(dtype=bool, na_value=False)
    if len(compared) and not is_reference.any():
        raise InputError(
            "standardised rate ratio", [f"reference: {reference!r} is not in {compared.name}"]
        )
    own = [_sums_of_groups(np.where(is_reference[:, None], values, 0), group) for values in counts]
    return *own, is_reference


def _sums_of_groups(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    sums = np.zeros((group.max(initial=-1) + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return sums[group]


def _rate_and_error(cases: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The standardised rate and the standard error of its logarithm."""
    rate = (weight * cases).sum(axis=1) if cases.shape[1] else np.full(len(cases), np.nan)
    with np.errstate(all="ignore"):
        return rate, np.sqrt((weight**2 * cases).sum(axis=1)) / rate
